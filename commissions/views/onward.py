"""Where a line of the ledger leads on: to its dispute or adjustment, and to disputing or adjusting it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from commissions.linedisputes import cases
from commissions.models import Adjustment, LedgerEntry, LineDispute, Statement
from commissions.models.entry import BY_HAND, Kind
from crm.accounts.rights import Right
from crm.web.access import PageRequest
from crm.web.why import Link


def links(request: PageRequest, entry: LedgerEntry) -> Iterator[Link]:
    """What beside its rows the explanation of an entry offers the reader."""
    if entry.is_by_hand:
        url = reverse("commissions:adjustment", args=[entry.source_event.removeprefix(BY_HAND)])
        yield Link(_("The adjustment"), url)
    if entry.member_id == request.viewer.id:
        if _is_disputable(request, entry):
            yield Link(_("I disagree"), reverse("commissions:dispute-new", args=[entry.pk]))
    elif request.viewer.may(Right.ADJUSTMENT_PROPOSE) and entry.kind != Kind.CARRY:
        yield Link(_("Adjust this line"), f"{reverse('commissions:adjustment-new')}?line={entry.pk}")


def _is_disputable(request: PageRequest, entry: LedgerEntry) -> bool:
    if entry.kind == Kind.CARRY or not request.viewer.may(Right.COMMISSION_OWN):
        return False
    mine = Statement.objects.filter(member_id=request.viewer.id, period__month=entry.posting_period)
    row = mine.first()
    return row is not None and cases.against(row, entry, request.today) is None


class Led(NamedTuple):
    """What hangs on a line of a statement."""

    dispute: LineDispute | None
    adjustment: UUID | None
    is_disputable: bool


def of_lines(request: PageRequest, statement: Statement, entries: Sequence[LedgerEntry]) -> dict[UUID, Led]:
    """The disputes and adjustments of the lines of a statement, and which can be disputed: two queries."""
    ids = [entry.pk for entry in entries]
    live = statement.disputes.exclude(state=LineDispute.State.WITHDRAWN)
    disputes = {row.entry_id: row for row in live}
    posted = dict(Adjustment.objects.filter(entry__in=ids).values_list("entry_id", "pk"))
    until = statement.disputable_until
    open_ = statement.member_id == request.viewer.id and until is not None and request.today <= until
    open_ = open_ and request.viewer.may(Right.COMMISSION_OWN)
    return {key: Led(disputes.get(key), posted.get(key), open_ and key not in disputes) for key in ids}
