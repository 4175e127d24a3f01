"""Versions of a tenant's rules: each holds over [valid_from, valid_to), a change is the next one.

Serves every model with `valid_from`, `valid_to`, most with a `code`: a version that has begun is never
changed or taken away, and the next one ends the last.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.events.record import Actor, event, record
from crm.periods import contains
from crm.refusal import Conflict, Fault, Refused
from crm.tenancy.models import VersionedModel

LONG_AGO = date(2000, 1, 1)
CODE_LENGTH = 40
OVERLAP = _("A version that begins then or later exists already.")
TOMORROW = _("New rules begin tomorrow at the earliest.")
NEXT_NIGHT = _("A version begins tomorrow at the earliest: the night of that day applies it.")


def on_day(model: Any, on: date) -> QuerySet:
    """The versions that hold on a day: one, or one for each thing that has versions of its own."""
    found: QuerySet = model.objects.filter(valid_from__lte=on).exclude(valid_to__lte=on)
    return found


def hold(model: Any) -> dict[Any, Any]:
    """All versions by id, locked: whoever changes them does so one after the other."""
    return {row.pk: row for row in model.objects.select_for_update().order_by("id")}


def begins_from(model: Any, day: date) -> bool:
    """Whether a version begins on a day or later."""
    return bool(model.objects.filter(valid_from__gte=day).exists())


def of_code(model: Any, code: str) -> list[Fault]:
    """What stands against the name of a new version: required, max_length, duplicate."""
    if not code:
        return [Fault("code", "required", _("Give the version a name."))]
    if len(code) > CODE_LENGTH:
        words = _("The name has at most %(most)s characters.") % {"most": CODE_LENGTH}
        return [Fault("code", "max_length", words)]
    if model.objects.filter(code=code).exists():
        return [Fault("code", "duplicate", _("Another version has this name."))]
    return []


def of_day(model: Any, valid_from: date, on: date, words: Any = NEXT_NIGHT) -> list[Fault]:
    """What stands against its first day: not_later (it begins tomorrow at the earliest), version_overlap."""
    if valid_from <= on:
        return [Fault("valid_from", "not_later", words)]
    if begins_from(model, valid_from):
        return [Fault("valid_from", "version_overlap", OVERLAP)]
    return []


def end_last(model: Any, valid_from: date) -> None:
    """Let the version without end hold until the next one begins."""
    model.objects.filter(valid_to__isnull=True).update(valid_to=valid_from, version=F("version") + 1)


def of_numbers(policy: Any, names: Iterable[str], most: int) -> list[Fault]:
    """What stands against numbers of days that have to be from 1 to `most`: out_of_range."""
    words = _("Write a number from 1 to %(most)s.") % {"most": most}
    return [Fault(name, "out_of_range", words) for name in names if not 1 <= getattr(policy, name) <= most]


def lay_down(
    policy: Any,
    faults: list[Fault],
    name: str,
    told: Iterable[str],
    *,
    by: Actor | None,
    at: datetime,
    on: date,
) -> None:
    """Let a version without a name hold from its first day on; the one in force until then ends there.

    Told as event `name` with the fields `told`. Refused: valid_from in_past, and the `faults` of the
    policy's own rules. Conflict version_overlap: a version begins on that day or later.
    """
    model = type(policy)
    if policy.valid_from <= on:
        faults = [Fault("valid_from", "in_past", TOMORROW), *faults]
    if faults:
        raise Refused(*faults)
    if begins_from(model, policy.valid_from):
        raise Conflict(Fault("valid_from", "version_overlap", OVERLAP))
    end_last(model, policy.valid_from)
    policy.save(force_insert=True)
    data = {field: _plain(getattr(policy, field)) for field in ("valid_from", *told)}
    record(event(name, subject=policy.pk, data=data, by=by, at=at, on=on))


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int) else str(value)


def latest(model: Any, now: Any, today: date, most: int) -> list[tuple[Any, bool]]:
    """The latest versions, each with whether it is in force; `now` has the defaults if there is none."""
    found = list(model.objects.order_by("-valid_from")[:most])
    shown = found if now in found or len(found) == most else [*found, now]
    return [(one, contains(one.valid_from, one.valid_to, today)) for one in shown]


def withdraw(version: VersionedModel, name: str, *, by: Actor | None, at: datetime, on: date) -> None:
    """Take back a version that has not begun, told as event `name`; the one before it goes on in its place.

    Raises Conflict when it has begun: a version that has decided is never taken away.
    """
    model: Any = type(version)
    versions = hold(model)
    found = versions.get(version.pk)
    if found is None or found.valid_from <= on:
        raise Conflict(Fault("", "begun", _("This version has begun: make a new one instead.")))
    before = [row.pk for row in versions.values() if row.valid_to == found.valid_from]
    data = {"code": found.code, "valid_from": found.valid_from.isoformat()}
    record(event(name, at=at, on=on, by=by, subject=found.pk, data=data))
    found.delete()
    model.objects.filter(pk__in=before).update(valid_to=found.valid_to, version=F("version") + 1)
