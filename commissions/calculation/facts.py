"""What a calculation is asked: contracts, events, shares, months. Amounts in 分, rates as fractions.

Every amount of a contract is in its own currency, except expenses, which are in the plan's.
The names are those of spec/what-if.md §2; a caller that has rows instead of JSON fills these directly.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from commissions.calculation.plan import Plan
from crm.periods import Term, term

ONE = Fraction(1)
ZERO = Fraction(0)


class Kind(StrEnum):
    """Kinds of events in business order: on one day the earlier kind comes first (rule RELEASE)."""

    DISPUTE_OPENED = "DISPUTE_OPENED"  # whose the customer is: until it is ruled everything is held
    SHARES_OPENED = "SHARES_OPENED"  # who shares the department pool: until it is settled that is held
    HANDOVER = "HANDOVER"
    CONTRACT_SIGNED = "CONTRACT_SIGNED"
    YEAR_STARTED = "YEAR_STARTED"
    EXPENSE_BOOKED = "EXPENSE_BOOKED"
    INVOICE_ISSUED = "INVOICE_ISSUED"
    CASH_RECEIVED = "CASH_RECEIVED"
    REFUNDED = "REFUNDED"
    CONTRACT_AMENDED = "CONTRACT_AMENDED"
    CONTRACT_CANCELLED = "CONTRACT_CANCELLED"
    WRITTEN_OFF = "WRITTEN_OFF"
    HOLD_RELEASED = "HOLD_RELEASED"
    DISPUTE_RULED = "DISPUTE_RULED"
    SHARES_SETTLED = "SHARES_SETTLED"


RANK = {kind: rank for rank, kind in enumerate(Kind)}
BusinessOrder = tuple[date, int, str]


@dataclass(frozen=True, slots=True)
class Receivable:
    """One item of a payment plan; without a year it belongs to the one that contains `due_on`."""

    due_on: date
    gross: int
    contract_year: int | None = None


@dataclass(frozen=True, slots=True)
class Expense:
    """A direct expense. Undated it is known at signing and of year 1 unless said otherwise."""

    amount: int
    category: str
    on: date | None = None
    contract_year: int | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract over [starts_on, ends_on). `book_rate` is plan currency per unit, None meaning 1.

    `cancelled_on` and `signed_class` are said of other contracts only; `renewal_of`, `receivables`,
    `expenses` and `hold_until` of the contract asked about.
    """

    number: str
    gross: int
    signed_on: date
    starts_on: date
    ends_on: date
    line: str = "DEFAULT"
    vat_rate: Fraction = ZERO
    currency: str | None = None
    book_rate: Fraction | None = None
    schedule: tuple[int, ...] | None = None
    responsible_dept: str = "SALES_DEPT"
    cancelled_on: date | None = None
    signed_class: str | None = None
    renewal_of: str | None = None
    receivables: tuple[Receivable, ...] | None = None
    expenses: tuple[Expense, ...] = ()
    hold_until: date | None = None

    @property
    def term(self) -> Term:
        """Months and contract years. ValueError when the contract ends before it starts."""
        return term(self.starts_on, self.ends_on)

    @property
    def rate(self) -> Fraction:
        return self.book_rate or ONE

    @property
    def end(self) -> date:
        """The first day after the contract, which a cancellation brings forward."""
        return self.ends_on if self.cancelled_on is None else min(self.ends_on, self.cancelled_on)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the contract `on` a day, and was entered on `entered_on` or that day.

    Which of the other fields matter depends on the kind (spec/what-if.md §2.2).
    """

    id: str
    kind: Kind
    on: date
    entered_on: date | None = None
    amount: int = 0
    contract_year: int | None = None
    approved: bool = False
    category: str = ""
    fx_rate: Fraction | None = None
    gross: int = 0
    schedule: tuple[int, ...] | None = None
    receivables: tuple[Receivable, ...] | None = None
    kept_gross: int | None = None
    served_until: date | None = None
    from_payee: str = ""
    to_payee: str = ""

    @property
    def known_on(self) -> date:
        return self.on if self.entered_on is None else max(self.on, self.entered_on)

    @property
    def order(self) -> BusinessOrder:
        """Business order: date, kind, id."""
        return self.on, RANK[self.kind], self.id


@dataclass(frozen=True, slots=True)
class Share:
    """A payee's part in basis points."""

    payee: str
    basis_points: int


@dataclass(frozen=True, slots=True)
class ClassOverride:
    """A class set by hand over [starts_on, until)."""

    customer_class: str
    starts_on: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A month (running number, crm.periods.month_number), and the day it was closed if it was."""

    month: int
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """Balances of a payee before the first listed month."""

    payee: str
    carry: int = 0
    draw_due: int = 0
    paid_this_year: int = 0


ALL = 10_000
OPS = (Share("OPS_DEPT", ALL),)


@dataclass(frozen=True, slots=True)
class Request:
    """One question: a contract with its surroundings, what happened to it, and the plan that pays.

    `others` are the customer's other contracts without `previous`, `group` those of the members of its
    group. `splits` None is the responsible department alone (D2), `distributed` how its head divided the
    pool under distribution POOL, None before he has; `as_of` None is the last known day (D1).
    """

    plan: Plan
    contract: Contract | None = None
    previous: Contract | None = None
    others: tuple[Contract, ...] = ()
    group: tuple[Contract, ...] = ()
    first_contract_on: date | None = None
    class_override: ClassOverride | None = None
    splits: tuple[Share, ...] | None = None
    distributed: tuple[Share, ...] | None = None
    ops_splits: tuple[Share, ...] = OPS
    overlays: tuple[Share, ...] = ()
    events: tuple[Event, ...] = ()
    periods: tuple[Period, ...] = ()
    openings: tuple[Opening, ...] = ()
    class_dates: tuple[date, ...] = ()
    as_of: date | None = None
    id: str | None = None

    @property
    def customers(self) -> tuple[Contract, ...]:
        """The customer's other contracts, `previous` first."""
        return self.others if self.previous is None else (self.previous, *self.others)
