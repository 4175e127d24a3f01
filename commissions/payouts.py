"""What a payout hands over: what the statements pay, less what disputes keep out of it, and what they free.

A statement never changes by a dispute: opening carry + posted = payable + closing carry, and beside it
payable + freed = paid out + kept out (decision 017).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from commissions.models import LineDispute, Period, Statement
from commissions.models.entry import MEMO_KINDS, LedgerEntry
from commissions.models.period import State

ZERO = Decimal("0.00")
MONEY = DecimalField(max_digits=15, decimal_places=2)


@dataclass(frozen=True)
class Payout:
    """What a month hands over to a payee; `freed` was kept out of the payout of an earlier month."""

    payable: Decimal
    kept_out: Decimal = ZERO
    freed: Decimal = ZERO

    @property
    def paid(self) -> Decimal:
        return self.payable + self.freed - self.kept_out

    @property
    def differs(self) -> bool:
        """Whether a dispute has to do with it."""
        return bool(self.kept_out or self.freed)


def of_statement(row: Statement) -> Payout:
    """What the payout of a statement's month hands over to its payee: one query."""
    mine: Any = (
        _changed(row.period).filter(member=row.member_id) if row.member_id else LineDispute.objects.none()
    )
    return Payout(row.payable, *next((sums for _member, *sums in mine), (ZERO, ZERO)))


def changes(period: Period) -> dict[UUID, tuple[Decimal, Decimal]]:
    """By payee what disputes keep out of a month's payout, and what they free with it: one query."""
    return {member: (kept, freed) for member, kept, freed in _changed(period)}


def _changed(period: Period) -> QuerySet:
    own, freed = Q(statement__period=period), Q(paid_with=period)
    rows = LineDispute.objects.filter(own | freed, withheld__gt=0).exclude(own & freed).order_by()
    return rows.values_list("member_id").annotate(
        kept=Sum("withheld", filter=own, default=ZERO), freed=Sum("withheld", filter=freed, default=ZERO)
    )


def beside(rows: QuerySet[Statement]) -> QuerySet[Statement]:
    """Statements with their payout: `kept_out`, `freed`, `paid_out`."""
    own, freed = Q(statement__period=OuterRef("period")), Q(paid_with=OuterRef("period"))
    mine = LineDispute.objects.filter(member=OuterRef("member"), withheld__gt=0).order_by().values("member")

    def summed(found: QuerySet) -> Any:
        return Coalesce(Subquery(found.annotate(sum=Sum("withheld")).values("sum")), ZERO, output_field=MONEY)

    kept = summed(mine.filter(own & (Q(paid_with=None) | ~Q(paid_with=OuterRef("period")))))
    found = rows.annotate(kept_out=kept, freed=summed(mine.filter(freed & ~own)))
    return found.annotate(paid_out=F("payable") + F("freed") - F("kept_out"))


def kept_out(period: Period) -> Decimal:
    """What disputes keep out of a month's payout in all."""
    return sum((kept for kept, _freed in changes(period).values()), ZERO)


def to_keep_out(row: Statement, entry: LedgerEntry) -> Decimal:
    """What a dispute of this line keeps out of the payout: as much of the line as the statement still pays.

    Nothing once the month is paid out, of a line that takes away, and of one that is not paid.
    """
    if row.period.state != State.APPROVED or entry.kind in MEMO_KINDS:
        return ZERO
    before = row.disputes.filter(paid_with=None).aggregate(sum=Sum("withheld", default=ZERO))["sum"]
    return max(ZERO, min(entry.amount, row.payable - before))
