"""Segments: saved filters of the customer list, counted live within a reach and nightly over the company."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.events.record import event, record
from crm.refusal import Conflict, Fault, Refused
from crm.tenancy.statements import by_whole_sets, within
from customers.faults import of_fields
from customers.filters.records import CustomerFilters
from customers.models import Customer, Segment, SegmentCount

MOST = 200
LONGEST = 2000
MAKERS = (Right.CUSTOMER_EDIT, Right.FOLLOW_UP_ASSIGN, Right.POLICY_EDIT)
SHARERS = (Right.FOLLOW_UP_ASSIGN, Right.POLICY_EDIT)
EDITABLE = ("name", "note", "query", "is_shared")
# Words that a segment cannot keep: what is found depends on the reader, or on segments themselves.
NOT_KEPT = frozenset({"search", "segment", "late_by_strategy"})
SHAPING = frozenset({"view", "ordering", "cursor", "fields", "expand", "limit", "count"})
OWN = re.compile(r"(^|,)me(?=,|$)")


def make(
    *, name: str, query: str, by: Viewer, at: datetime, on: date, note: str = "", is_shared: bool = False
) -> Segment:
    """A new segment of the one who acts; `me` in its filter becomes that person.

    Refused: name required, max_length, duplicate; query required, unknown_filter and what the filters
    refuse; is_shared not_allowed; too_many.
    """
    row = Segment(name=name, note=note, query=query, is_shared=is_shared, owner_id=by.id)
    _judge(row, by, on)
    if Segment.objects.count() >= MOST:
        raise Refused(Fault("", "too_many", _("There are %(most)s segments already.") % {"most": MOST}))
    _save(row)
    data = {"name": row.name, "query": row.query, "is_shared": row.is_shared}
    record(event("segment.made", at=at, on=on, by=by, subject=row.pk, data=data))
    return row


def edit(
    segment: Segment, *, changes: Mapping[str, Any], version: int, by: Viewer, at: datetime, on: date
) -> Segment:
    """Change fields of EDITABLE; `version` is that of the row the changes were made on.

    Refused as in `make`; Conflict stale when the row was changed meanwhile.
    """
    fresh = _held(segment, version)
    before = {name: getattr(fresh, name) for name in EDITABLE}
    for name in EDITABLE:
        if name in changes:
            setattr(fresh, name, changes[name])
    _judge(fresh, by, on, shared_before=before["is_shared"])
    data: dict[str, Any] = {
        n: [before[n], getattr(fresh, n)] for n in EDITABLE if before[n] != getattr(fresh, n)
    }
    if data:
        _save(fresh.touch())
        data["name"] = data.get("name", fresh.name)
        record(event("segment.edited", at=at, on=on, by=by, subject=fresh.pk, data=data))
    return fresh


def remove(segment: Segment, *, by: Viewer, at: datetime, on: date) -> None:
    """Delete a segment with its counts; Conflict when a strategy asks for it."""
    key, name = segment.pk, segment.name
    try:
        segment.delete()
    except ProtectedError:
        words = _("A strategy asks for this segment: end the strategy first.")
        raise Conflict(Fault("", "in_use", words)) from None
    record(event("segment.removed", at=at, on=on, by=by, subject=key, data={"name": name}))


def may_change(viewer: Viewer, segment: Segment) -> bool:
    """Whether the viewer may change or delete it: its maker, and whoever edits policies."""
    return viewer.may(Right.POLICY_EDIT) or (segment.owner_id == viewer.id and any(map(viewer.may, MAKERS)))


def members(segment: Segment, rows: QuerySet[Customer], on: date) -> QuerySet[Customer]:
    """Those of the rows that are in the segment on a day; the reach is that of the rows."""
    return CustomerFilters(QueryDict(segment.query), rows, viewer=None, on=on).rows()


def numbers(segments: Sequence[Segment], rows: QuerySet[Customer], on: date) -> dict[UUID, int]:
    """How many of the rows are in each of the segments on a day: one statement."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    for number, segment in enumerate(segments):
        sql, given = within(members(segment, rows, on), f"s{number}_")
        parts.append(f"(SELECT count(*) FROM ({sql}) AS rows_{number})")
        values |= given
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return dict(zip((segment.pk for segment in segments), cursor.fetchone(), strict=True))


def count_all(on: date, at: datetime) -> int:
    """Night step: count every segment over the whole company; returns how many counts were written."""
    with by_whole_sets():
        found = numbers(list(Segment.objects.all()), Customer.objects.order_by(), on)
    written = dict(SegmentCount.objects.filter(on=on).values_list("segment", "number"))
    fresh = [
        SegmentCount(segment_id=key, on=on, number=number)
        for key, number in found.items()
        if written.get(key) != number
    ]
    SegmentCount.objects.bulk_create(
        fresh,
        update_conflicts=True,
        unique_fields=["tenant_id", "segment", "on"],
        update_fields=["number"],
    )
    return len(fresh)


def needs(names: Iterable[str]) -> list[str]:
    """The rights that filters of these names take."""
    secrets = CustomerFilters.secrets
    return sorted({str(secrets[n.partition("__")[0]]) for n in names if n.partition("__")[0] in secrets})


def _judge(row: Segment, by: Viewer, on: date, *, shared_before: bool = False) -> None:
    row.name, row.note = " ".join(row.name.split()), row.note.strip()
    words = _cleaned(row.query, by)
    row.query, row.needs = words.urlencode(), needs(words)
    faults = [*of_fields(row, "name", "note"), *_of_filter(words, by, on)]
    if row.is_shared and not shared_before and not any(map(by.may, SHARERS)):
        faults.append(Fault("is_shared", "not_allowed", _("Only a head or an admin shares a segment.")))
    if faults:
        raise Refused(*faults)


def _cleaned(query: str, by: Viewer) -> QueryDict:
    """The words of a filter in one order, without empty ones and those that only shape a list."""
    given, words = QueryDict(query.removeprefix("?")), QueryDict(mutable=True)
    for name in sorted(given):
        values = [value for value in given.getlist(name) if value.strip()]
        if values and name not in SHAPING:
            own = {"owner": by.id, "department": by.department_id}.get(name)
            words.setlist(name, [OWN.sub(rf"\g<1>{own}", value) for value in values] if own else values)
    return words


def _of_filter(words: QueryDict, by: Viewer, on: date) -> list[Fault]:
    if not words:
        return [Fault("query", "required", _("A segment needs at least one filter."))]
    if len(words.urlencode()) > LONGEST:
        return [Fault("query", "max_length", _("This is too much for one segment."))]
    offered = CustomerFilters.offered(by)
    unknown = [name for name in words if name not in offered or name in NOT_KEPT]
    if unknown:
        told = _("A segment cannot ask for “%s”.")
        return [Fault("query", "unknown_filter", told % name) for name in unknown]
    try:
        CustomerFilters(words, Customer.objects.none(), viewer=by, on=on).rows()
    except Refused as refused:
        return [Fault("query", each.code, f"{each.field}: {each.message}") for each in refused.faults]
    return []


def _held(segment: Segment, version: int) -> Segment:
    fresh = Segment.objects.select_for_update().get(pk=segment.pk)
    fresh.refuse_stale(version)
    return fresh


def _save(row: Segment) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as problem:
        raise Refused(Fault("name", "duplicate", _("Another segment has this name."))) from problem
