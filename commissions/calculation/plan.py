"""The settings of a commission plan (spec/what-if.md §3), with their defaults. Amounts in 分."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from crm.periods import contains

Q = 10_000  # a renewal ratio is kept in ten-thousandths


class Step(NamedTuple):
    """One row of a table: from `start` on and below `until` (None: without bound), `factor` holds."""

    start: int
    until: int | None
    factor: Fraction


def factor_at(steps: Sequence[Step], value: int) -> Fraction:
    """The factor of a table whose rows tile [0, ∞) in rising order."""
    return next(step.factor for step in steps if step.until is None or value < step.until)


class Band(NamedTuple):
    """A class with the annual amounts [start, until) that belong to it, and its rates."""

    customer_class: str
    start: int
    until: int | None
    dept_rate: Fraction
    ops_rate: Fraction


class Quota(NamedTuple):
    """Accelerator over credited base; mode MARGINAL or WHOLE."""

    mode: str
    tiers: tuple[Step, ...]
    credited_before: int = 0


class Cap(NamedTuple):
    """A limit; scope CONTRACT, PAYEE_PERIOD or PAYEE_YEAR, excess FORFEIT or CARRY."""

    scope: str
    amount: int
    excess: str = "FORFEIT"


class Floor(NamedTuple):
    """What a payee gets each month at least, as a draw if recoverable."""

    amount: int
    recoverable: bool = True


def _steps(*rows: tuple[int, int | None, str]) -> tuple[Step, ...]:
    return tuple(Step(start, until, Fraction(factor)) for start, until, factor in rows)


BANDS = tuple(
    Band(name, start, until, Fraction(dept), Fraction(ops))
    for name, start, until, dept, ops in (
        ("GENERAL", 0, 100_000_00, "0.10", "0.01"),
        ("MAJOR", 100_000_00, 500_000_00, "0.08", "0.015"),
        ("KEY", 500_000_00, 1_000_000_00, "0.06", "0.02"),
        ("COMPANY", 1_000_000_00, None, "0.05", "0.02"),
    )
)
RENEWAL_FACTORS = _steps(
    (0, 5_000, "0.2"),
    (5_000, 8_000, "0.3"),
    (8_000, 10_000, "0.4"),
    (10_000, 12_000, "0.5"),
    (12_000, 15_000, "0.6"),
    (15_000, None, "0.7"),
)
OPS_RENEWAL_FACTORS = _steps((0, 5_000, "0.5"), (5_000, 10_000, "0.8"), (10_000, None, "1"))
OVERDUE_FACTORS = _steps((0, 31, "1"), (31, 91, "0.8"), (91, 181, "0.5"), (181, None, "0"))
DEDUCTIBLE = frozenset(
    {"ENTERTAINMENT", "TRAVEL", "SUBCONTRACTING", "RESALE_COST", "CHANNEL_FEE", "PLATFORM_FEE"}
)


@dataclass(frozen=True)
class PlanVersion:
    """One version of a plan, in force over [valid_from, valid_to). Tables tile [0, ∞) in rising order."""

    code: str = "DEFAULT"
    valid_from: date | None = None
    valid_to: date | None = None
    currency: str = "CNY"
    bands: tuple[Band, ...] = BANDS
    class_basis: str = "IN_FORCE_ANNUALISED"
    gross_up_short: bool = False
    class_scope: str = "CUSTOMER"
    downgrade_grace_days: int = 90
    base_tax: str = "EXCLUSIVE"
    deductible_expenses: frozenset[str] = DEDUCTIBLE
    cliff_protection: bool = False
    ops_from_dept: bool = False
    distribution: str = "BY_CREDIT"
    dept_fund_bps: int = 0
    renewal_max_gap_days: int = 30
    late_max_gap_days: int = 90
    win_back_max_gap_days: int = 365
    renewal_window_days: int = 90
    renewal_factors: tuple[Step, ...] = RENEWAL_FACTORS
    ops_renewal_factors: tuple[Step, ...] = OPS_RENEWAL_FACTORS
    late_factor: Fraction = Fraction("0.8")
    win_back_same_dept_cap: Fraction = Fraction("0.4")
    win_back_other_dept_factor: Fraction = Fraction("0.8")
    later_years: str = "AS_RENEWAL"
    growth_mode: str = "FACTOR"
    year_decay: tuple[Fraction, ...] = ()
    quota: Quota | None = None
    basis: str = "CASH"
    release_at: Fraction = Fraction(0)
    overdue_factors: tuple[Step, ...] = OVERDUE_FACTORS
    holdback_rate: Fraction = Fraction(0)
    clawback_mode: str = "NET_CASH"
    clawback_window_days: int = 180
    caps: tuple[Cap, ...] = ()
    floor: Floor | None = None
    min_payout: int = 0
    max_netoff_rate: Fraction | None = None
    plan_change: str = "GRANDFATHER"
    handover_window_days: int = 30
    handover_old_owner_bps: int = 5000

    def rank(self, customer_class: str) -> int:
        """The place of a class, 0 the lowest. ValueError for a class without a band."""
        return [band.customer_class for band in self.bands].index(customer_class)

    def class_of(self, annual: int) -> str:
        """The class whose band contains an annual amount."""
        return next(band.customer_class for band in self.bands if band.until is None or annual < band.until)

    def cap(self, scope: str) -> Cap | None:
        return next((cap for cap in self.caps if cap.scope == scope), None)

    @property
    def by_event_date(self) -> bool:
        """Whether the pool settings come from the version in force on the day of each slice."""
        return self.plan_change == "BY_EVENT_DATE"


@dataclass(frozen=True)
class Plan:
    """A plan with its versions, which do not overlap; `listed` tells how faults of a version are named."""

    versions: tuple[PlanVersion, ...] = (PlanVersion(),)
    listed: bool = False

    def path(self, place: int) -> str:
        """The path of a version in a request."""
        return f"plan.versions[{place}]" if self.listed else "plan"

    def on(self, day: date) -> PlanVersion | None:
        """The version in force on a day, None if there is none."""
        versions = self.versions
        return next((found for found in versions if contains(found.valid_from, found.valid_to, day)), None)
