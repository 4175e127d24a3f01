"""What departments may manage: their regions, what they are able to, up to which amount.

Decisions read it as it stands on their day and keep what they read; it has no versions of its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.accounts import departments
from crm.accounts.models import Department
from crm.events.record import Actor, event, record
from crm.refusal import Fault, Refused
from customers.models import Capability, Contract, Territory
from customers.places import place

MOST = 500  # places or lines of one department
PLACE_LENGTH, LINE_LENGTH = 40, 60


class Place(NamedTuple):
    """A province, or one city of it."""

    province: str
    city: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, self))


class Ability(NamedTuple):
    """A product kind, and a line of it or all of them ("")."""

    product_kind: str
    line: str = ""


@dataclass(frozen=True)
class Remit:
    """What is to be changed of a department; None leaves it as it is."""

    territories: Sequence[Place] | None = None
    capabilities: Sequence[Ability] | None = None
    terms: dict[str, Any] = field(default_factory=dict)  # authority_amount, is_key_account


class Overlap(NamedTuple):
    """One place that several departments call theirs, so that their load alone decides."""

    place: Place
    departments: tuple[str, ...]


def give(
    department: Department, *, remit: Remit, version: int, by: Actor, at: datetime, on: date
) -> Department:
    """Change what a department may manage; the places and abilities given replace all it had.

    Refused: territories required, max_length, too_many; capabilities invalid_choice, max_length, too_many;
    authority_amount out_of_range. Conflict stale when somebody changed the department after `version`.
    """
    _judge(remit)
    told: dict[str, Any] = {"by": by, "at": at, "on": on}
    held = departments.edit(department, changes=remit.terms, version=version, **told)
    changed = {
        **_replace(held, Territory, Place, remit.territories),
        **_replace(held, Capability, Ability, remit.capabilities),
    }
    if changed:
        if held.version == version:
            held.touch().save(update_fields=["version", "updated_at"])
        data = {"name": held.name, **changed}
        record(event("department.remit_given", subject=held.pk, data=data, **told))
    return held


def _replace(held: Department, model: Any, kind: Any, wanted: Sequence[Any] | None) -> dict[str, Any]:
    """Make the rows of a department those that are wanted; what was added and taken away, for the event."""
    if wanted is None:
        return {}
    names = kind._fields
    rows = {
        kind(*(getattr(row, name) for name in names)): row for row in model.objects.filter(department=held)
    }
    keep = dict.fromkeys(_clean(one) for one in wanted)
    added, gone = [one for one in keep if one not in rows], [one for one in rows if one not in keep]
    model.objects.filter(pk__in=[rows[one].pk for one in gone]).delete()
    model.objects.bulk_create(model(department=held, **one._asdict()) for one in added)
    what = "territories" if model is Territory else "capabilities"
    return {what: {"added": _plain(added), "removed": _plain(gone)}} if added or gone else {}


def _plain(rows: Iterable[Any]) -> list[str]:
    return [" ".join(filter(None, row)) for row in rows]


def _clean(one: Any) -> Any:
    if isinstance(one, Place):
        return Place(place(one.province), place(one.city))
    return Ability(one.product_kind, one.line.strip())


def _judge(remit: Remit) -> None:
    faults = []
    for where in remit.territories or ():
        if not where.province.strip():
            faults.append(Fault("territories", "required", _("A city stands below its province.")))
        if max(len(where.province), len(where.city)) > PLACE_LENGTH:
            faults.append(Fault("territories", "max_length", _("The name of a place is too long.")))
    for able in remit.capabilities or ():
        if able.product_kind not in Contract.ProductKind.values:
            faults.append(Fault("capabilities", "invalid_choice", _("There is no such product kind.")))
        if len(able.line) > LINE_LENGTH:
            faults.append(Fault("capabilities", "max_length", _("The name of a product line is too long.")))
    for name, rows in (("territories", remit.territories), ("capabilities", remit.capabilities)):
        if len(rows or ()) > MOST:
            many = _("At most %(most)s of them.") % {"most": MOST}
            faults.append(Fault(name, "too_many", many))
    amount = remit.terms.get("authority_amount")
    if amount is not None and not 0 <= amount < 10**13:
        words = _("The authority is an amount of at most 13 digits.")
        faults.append(Fault("authority_amount", "out_of_range", words))
    if faults:
        raise Refused(*{(fault.field, fault.code): fault for fault in faults}.values())


def all_departments() -> "QuerySet[Department]":
    """The active departments with what each may manage, and how many customers in force it has."""
    busy = Q(customers__standing__contracts_in_force__gt=0)
    rows = Department.objects.filter(is_active=True).annotate(in_force=Count("customers", filter=busy))
    return rows.prefetch_related(
        Prefetch("territories", Territory.objects.order_by("province", "city")),
        Prefetch("capabilities", Capability.objects.order_by("product_kind", "line")),
    ).order_by("code")


def overlaps(rows: Iterable[Department]) -> list[Overlap]:
    """Places that more than one of the departments has, with their territories fetched."""
    whose: dict[Place, list[str]] = defaultdict(list)
    for row in rows:
        for where in {Place(place(t.province), place(t.city)) for t in row.territories.all()}:
            whose[where].append(row.name)
    return [Overlap(where, tuple(names)) for where, names in sorted(whose.items()) if len(names) > 1]
