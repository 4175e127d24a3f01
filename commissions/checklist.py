"""What stands between a month and its close, each point with the rows behind it.

Read by those who see the commission of the whole company; nothing here writes.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, QuerySet, Sum, When
from django.utils.translation import gettext_lazy as _

from commissions import accrual, closing, payouts, settlement
from commissions.models import Adjustment, LineDispute, Period, PoolDistribution
from commissions.models.period import ENDED, State
from customers import confirming
from customers.models import Contract, OwnershipDispute, Payment, Receivable
from customers.receivables import banking


@dataclass(frozen=True)
class Point:
    """One point of the list: `blocks` tells whether the next step waits for it, `rows` what is behind it."""

    key: str
    label: Any
    count: int = 0
    blocks: bool = True
    note: Any = ""

    @property
    def is_open(self) -> bool:
        return bool(self.count)


def of(period: Period, on: date) -> list[Point]:
    """The points of a month as they stand on a day; one that is shut only waits for the month before it."""
    if period.state == State.ELSEWHERE:
        return []
    if period.is_shut:
        return [_previous(period), *_by_hand(period)]
    return [
        Point("over", _("The month is over"), int(on <= period.last_day)),
        _previous(period),
        Point("accruals", _("Every contract is worked out"), accruals(period, on).count(), note=AT_ONCE),
        Point("bank", _("Every bank line is matched"), banking.unmatched(period.last_day).count()),
        Point("advances", _("Cash is settled against instalments"), len(advances(period)), blocks=False),
        Point("disputes", _("Nobody disputes whose a customer is"), disputes(period).count(), blocks=False),
        *_held(period),
        *_by_hand(period),
        *_of_statements(period),
    ]


AT_ONCE = _("Calculating works them out first.")


def _previous(period: Period) -> Point:
    """To calculate, the month before has to be approved; to close, closed."""
    last = closing.before(period)
    if period.is_shut:
        return Point("previous", _("The month before is closed"), int(bool(last and last.state not in ENDED)))
    return Point("previous", _("The month before is approved"), int(bool(last and not last.is_shut)))


def _held(period: Period) -> list[Point]:
    """What keeps commission of the month held; it posts later when somebody has decided."""
    return [
        Point("splits", _("Every split is confirmed"), splits(period).count(), blocks=False),
        Point("pools", _("Every department pool is distributed"), pools(period).count(), blocks=False),
    ]


def _of_statements(period: Period) -> list[Point]:
    if period.state == State.OPEN:
        return []
    return [
        Point("fresh", _("Nothing came since the calculation"), int(settlement.is_stale(period))),
        Point("reviews", _("Every statement is reviewed"), len(closing.unreviewed(period))),
    ]


def _by_hand(period: Period) -> list[Point]:
    """What people still decide; nothing waits for it: lines are held, adjustments post when they come."""
    kept = payouts.kept_out(period)
    note = _("%(amount)s kept out of the payout") % {"amount": f"{kept:,.2f}"} if kept else ""
    disputed, proposed = line_disputes(period).count(), adjustments(period).count()
    points = [Point("line_disputes", _("Every disputed line is answered"), disputed, blocks=False, note=note)]
    if not period.is_shut:  # none posts in it any more
        points.append(Point("adjustments", _("Every adjustment is decided"), proposed, blocks=False))
    return points


def line_disputes(period: Period) -> QuerySet[LineDispute]:
    """Disputes of lines of the month, and of months before it, that await an answer."""
    until = {"statement__period__month__lte": period.month}
    rows = LineDispute.objects.filter(state__in=LineDispute.PENDING, **until)
    return rows.order_by("due_on", "id")


def adjustments(period: Period) -> QuerySet[Adjustment]:
    """Adjustments of the month, and of months before it, that somebody has to decide."""
    rows = Adjustment.objects.filter(state=Adjustment.State.PROPOSED, effective_on__lte=period.last_day)
    return rows.order_by("proposed_at", "id")


def accruals(period: Period, on: date) -> QuerySet[Contract]:
    """Contracts whose facts are newer than their accrual."""
    return Contract.objects.filter(pk__in=accrual.outstanding(on)).order_by("number")


def advances(period: Period) -> list[tuple[Contract, Decimal]]:
    """Contracts to which cash came in the month that have more by its end than instalments to settle."""
    until = Payment.objects.filter(received_on__lte=period.last_day).order_by()
    recent = Payment.objects.filter(received_on__gte=period.first_day, received_on__lte=period.last_day)
    signed = Case(When(kind=Payment.Kind.REFUND, then=-F("amount")), default=F("amount"))
    came = until.filter(contract__in=recent.values("contract")).values_list("contract")
    due = Receivable.objects.filter(contract__in=recent.values("contract")).order_by().values_list("contract")
    wanted = dict(due.annotate(sum=Sum(F("amount") - F("waived") - F("written_off"))))
    over = {
        key: amount - wanted[key]
        for key, amount in came.annotate(sum=Sum(signed))
        if key in wanted and amount > wanted[key]
    }
    contracts = Contract.objects.select_related("customer").in_bulk(list(over))
    return sorted(((contracts[key], over[key]) for key in over), key=lambda pair: pair[0].number)


def splits(period: Period) -> QuerySet[Contract]:
    """Contracts signed by the end of the month whose split waits for the heads of its payees."""
    return confirming.unconfirmed(period.last_day)


def pools(period: Period) -> QuerySet[PoolDistribution]:
    """Department pools opened by the end of the month that nobody has distributed."""
    rows = PoolDistribution.objects.filter(distributed_on=None, opened_on__lte=period.last_day)
    return rows.order_by("due_on", "id")


def disputes(period: Period) -> QuerySet[OwnershipDispute]:
    """Claims to customers that hold commission until they are ruled."""
    rows = OwnershipDispute.objects.filter(state__in=OwnershipDispute.LIVE, opened_on__lte=period.last_day)
    return rows.order_by("due_on", "id")
