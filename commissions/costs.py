"""Commission as the cost of obtaining contracts (ASC 340-40, IFRS 15.91 to 94): an export, no bookkeeping.

Each contract and component with what was posted up to a month and how much of it is amortised by then, in
equal parts over the term. A new-business commission that renewals do not match obtains more than its first
term: `benefit_months` says over how many months those are amortised instead.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Sum

from commissions import plans
from commissions.calculation.plan import Plan, factor_at
from commissions.models import LedgerEntry, Period
from commissions.models.entry import Component
from commissions.statement import PAYABLE
from crm.money import from_fen, round_half_up, to_fen
from crm.periods import add_months, last_day, term_months

ONE_YEAR = 12
UNCHANGED = 10_000  # q of a renewal at the same price


@dataclass(frozen=True)
class Cost:
    """The commission of a contract's component; `months` is what it is amortised over."""

    contract: str
    customer: str
    component: str
    starts_on: date
    last_on: date
    term: Fraction
    months: Fraction
    commensurate: bool
    cost: Decimal
    amortised: Decimal
    currency: str

    @property
    def carrying(self) -> Decimal:
        """What is still an asset."""
        return self.cost - self.amortised

    @property
    def may_be_expensed(self) -> bool:
        """The practical expedient: amortised within a year it may be an expense at once."""
        return self.months <= ONE_YEAR


KEYS = ("contract__number", "customer__name", "component", "contract__starts_on", "contract__ends_on")


def costs(period: Period, benefit_months: int | None = None) -> Iterator[Cost]:
    """Every contract and component posted up to the end of the month; one query beside the plans."""
    book = plans.Book()
    rows = LedgerEntry.objects.filter(PAYABLE, contract__isnull=False, posting_period__lte=period.month)
    keys = (*KEYS, "contract__responsible_dept", "contract__signed_on", "currency")
    sums: Any = rows.order_by("contract__number", "component").values_list(*keys).annotate(sum=Sum("amount"))
    for *about, department, signed_on, currency, amount in sums:
        same = _commensurate(book.of(department, signed_on).plan, about[2], signed_on)
        yield _cost(about, same, amount, currency, period, benefit_months)


def _cost(
    about: list[Any], commensurate: bool, amount: Decimal, currency: str, period: Period, benefit: int | None
) -> Cost:
    number, customer, component, starts_on, ends_on = about
    term = term_months(starts_on, ends_on)
    months = term if commensurate or benefit is None else max(term, Fraction(benefit))
    until = add_months(period.first_day, 1)
    passed = term_months(starts_on, until) if until > starts_on else Fraction(0)
    gone = round_half_up(to_fen(amount) * min(passed, months) / months)
    return Cost(
        *(number, customer, component, starts_on, last_day(ends_on), term, months, commensurate),
        *(amount, from_fen(gone), currency),
    )


def _commensurate(plan: Plan, component: str, signed_on: date) -> bool:
    """Whether a renewal at the same price would be paid at the same rate as this commission."""
    version = plan.on(signed_on)
    if component != Component.NEW_DEV or version is None:
        return True
    return factor_at(version.renewal_factors, UNCHANGED) >= 1
