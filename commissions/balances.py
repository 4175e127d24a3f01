"""What each payee brings into a month: his entries summed, and the balances of the month before. In 分."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, Sum

from commissions.calculation.shares import RULED
from commissions.models import Entitlement, LedgerEntry, Period, Statement
from commissions.models.entry import MEMO_KINDS, OF_A_MONTH, SETTLED
from commissions.models.period import State
from crm.accounts.models import Member
from crm.events.models import Event
from crm.money import to_fen
from crm.tenancy import statements as sql

# What each payee has of the month: above and below zero by source event, whether the rules hold for him.
PARTS = """
SELECT member_id, department_id, coalesce(sum(amount) FILTER (WHERE amount > 0), 0),
       coalesce(sum(amount) FILTER (WHERE amount < 0), 0), bool_or(ruled)
FROM (
  SELECT member_id, department_id, sum(amount) FILTER (WHERE kind <> ALL (%(memo)s)) AS amount,
         bool_or(component = ANY (%(ruled)s)) AS ruled
  FROM commissions_ledgerentry
  WHERE tenant_id = %(tenant)s AND posting_period = %(month)s
    AND NOT (contract_id IS NULL AND kind = ANY (%(settled)s))
  GROUP BY member_id, department_id, contract_id, source_event
) parts
GROUP BY member_id, department_id
"""


class Payee(NamedTuple):
    """Who is paid: one of the two."""

    member_id: UUID | None
    department_id: UUID | None


@dataclass
class Account:
    """`ruled`: caps, floor and minimum hold for him; `guaranteed`: so does the amount of the floor."""

    opening: int = 0
    draw_due: int = 0
    paid_this_year: int = 0
    above: int = 0
    below: int = 0
    ruled: bool = False
    guaranteed: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether nothing comes in and nothing is owed."""
        return not (self.opening or self.draw_due or self.above or self.below)


def accounts(period: Period, *, floor: bool) -> dict[Payee, Account]:
    """Everybody with entries in the month or a balance from the one before; with a floor all it may cover."""
    found = _before(period)
    values = {"month": period.month, "memo": list(MEMO_KINDS), "ruled": list(RULED)}
    values["settled"] = list(OF_A_MONTH)
    for member, department, above, below, ruled in sql.run(PARTS, values):
        account = found.setdefault(Payee(member, department), Account())
        account.above, account.below = to_fen(above), to_fen(below)
        account.ruled = account.ruled or bool(ruled)
    if floor:
        _guarantee(period, found)
    for payee, amount in _paid_this_year(period).items():
        if payee in found:
            found[payee].paid_this_year = to_fen(amount)
    return found


def kinds(period: Period) -> dict[Payee, dict[str, Decimal]]:
    """The entries of the month but for those of its settlement, summed by payee and kind."""
    rows = LedgerEntry.objects.filter(posting_period=period.month).exclude(SETTLED).order_by()
    sums = rows.values_list("member_id", "department_id", "kind").annotate(Sum("amount"))
    found: dict[Payee, dict[str, Decimal]] = {}
    for member, department, kind, amount in sums:
        found.setdefault(Payee(member, department), {})[kind] = amount
    return found


def _before(period: Period) -> dict[Payee, Account]:
    """The balances that the last month with statements left, and to whom."""
    rows = Statement.objects.filter(period__month__lt=period.month).order_by("-period__month")
    last = rows.values_list("period_id", flat=True).first()
    owing = ~Q(closing_carry=0) | ~Q(draw_due=0)
    return {
        Payee(row.member_id, row.department_id): Account(
            to_fen(row.closing_carry), to_fen(row.draw_due), ruled=row.ruled
        )
        for row in Statement.objects.filter(owing, period=last)
    }


def _guarantee(period: Period, found: dict[Payee, Account]) -> None:
    """A floor is for everybody with a contract signed by then, even in a month without entries.

    It is not for who had left before the end of the month: his draw is recovered from all that comes.
    """
    rows = Entitlement.objects.filter(component__in=RULED, contract__signed_on__lte=period.last_day)
    covered, gone = rows.order_by().values_list("member_id", "department_id").distinct(), _gone(period)
    for payee in (Payee(*row) for row in covered):
        if payee.member_id not in gone:
            found.setdefault(payee, Account()).ruled = True
    for payee, account in found.items():
        account.guaranteed = payee.member_id not in gone


def _gone(period: Period) -> set[UUID | None]:
    """Who has left, but for those who left after the month."""
    later = Event.objects.filter(
        name="member.edited", on__gt=period.last_day, data__changes__status__1="LEFT"
    )
    rows = Member.objects.filter(status=Member.Status.LEFT).exclude(pk__in=later.values("subject_id"))
    return set(rows.values_list("pk", flat=True))


def _paid_this_year(period: Period) -> dict[Payee, Decimal]:
    """What the calendar year has paid before the month: by statements, and elsewhere before they began."""
    months = Q(period__month__startswith=period.month[:4], period__month__lt=period.month)
    rows = Statement.objects.filter(months).order_by().values_list("member_id", "department_id")
    found = {Payee(member, dept): amount for member, dept, amount in rows.annotate(Sum("payable"))}
    for payee, amount in _settled_elsewhere(period).items():
        found[payee] = found.get(payee, Decimal(0)) + amount
    return found


def _settled_elsewhere(period: Period) -> dict[Payee, Decimal]:
    months = Period.objects.filter(state=State.ELSEWHERE, month__startswith=period.month[:4])
    rows = LedgerEntry.objects.filter(posting_period__in=months.values("month")).exclude(kind__in=MEMO_KINDS)
    sums = rows.order_by().values_list("member_id", "department_id").annotate(Sum("amount"))
    return {Payee(member, dept): amount for member, dept, amount in sums}
