"""A payee's own commission: what is expected, what was posted, by contract and by month."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from commissions.models import Entitlement, LedgerEntry
from commissions.models.entry import MEMO_KINDS
from customers.models import Contract

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Line:
    """One contract of a payee; `expected` is T′ in all, `posted` what the ledger holds payable."""

    contract: Contract
    expected: Decimal
    posted: Decimal
    forfeited: Decimal

    @property
    def open(self) -> Decimal:
        return self.expected - self.posted - self.forfeited


@dataclass(frozen=True)
class Sums:
    """The three figures on top of the page."""

    month: Decimal
    year: Decimal
    open: Decimal


def payable(member_id: UUID) -> QuerySet[LedgerEntry]:
    """Entries that are paid out to a member; HOLD and FORFEIT are memo rows (D14)."""
    return LedgerEntry.objects.filter(member_id=member_id).exclude(kind__in=MEMO_KINDS)


def sums(member_id: UUID, month: str) -> Sums:
    """Posted in the month (YYYY-MM) and in its year, and what is still to come."""
    posted = payable(member_id).aggregate(
        month=Sum("amount", filter=Q(posting_period=month), default=ZERO),
        year=Sum("amount", filter=Q(posting_period__startswith=month[:4]), default=ZERO),
    )
    to_come = sum((line.open for line in lines(member_id)), ZERO)
    return Sums(posted["month"], posted["year"], to_come)


def lines(member_id: UUID) -> list[Line]:
    """Every contract that pays the member, the one with most still to come first."""
    expected = dict(
        Entitlement.objects.filter(member_id=member_id)
        .values_list("contract")
        .annotate(sum=Sum("amount"))
        .order_by()
    )
    rows = LedgerEntry.objects.filter(member_id=member_id).values_list("contract").order_by()
    posted = {
        contract: (paid, lost)
        for contract, paid, lost in rows.annotate(
            paid=Sum("amount", filter=~Q(kind__in=MEMO_KINDS), default=ZERO),
            lost=Sum("amount", filter=Q(kind="FORFEIT"), default=ZERO),
        )
    }
    contracts = Contract.objects.filter(id__in=expected.keys() | posted.keys()).select_related("customer")
    found = [Line(c, expected.get(c.id, ZERO), *posted.get(c.id, (ZERO, ZERO))) for c in contracts]
    return sorted(found, key=lambda line: (-line.open, line.contract.number))


def entries(member_id: UUID, month: str = "") -> QuerySet[LedgerEntry]:
    """The member's ledger, newest first, of one posting month or of all."""
    rows = LedgerEntry.objects.filter(member_id=member_id).select_related("contract", "customer")
    if month:
        rows = rows.filter(posting_period=month)
    return rows.order_by("-effective_date", "-id")
