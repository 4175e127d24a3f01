"""New, add-on, renewal, late, won back: the case of a contract, its ratio and its classes.

Rules CASE, RATIO and RATE-CLASS, and the class at signature.
"""

from dataclasses import dataclass
from datetime import date

from commissions.calculation.classes import around, class_on, classifying_amount, overridden
from commissions.calculation.facts import Contract, Request
from commissions.calculation.plan import PlanVersion, Q
from commissions.calculation.price import Price, annual_net, annual_value
from crm.money import round_ratio
from crm.periods import ONE_DAY, in_force, year_of

RENEWING = ("RENEWAL", "LATE_RENEWAL", "WIN_BACK")


@dataclass(frozen=True, slots=True)
class Case:
    """The case, the contract that went before, and what the ratio compares.

    `previous_net` is P in 分, `replaced` the contracts in it; `beside_net` is the part of R that other
    contracts bring.
    """

    name: str
    predecessor: Contract | None = None
    gap_days: int | None = None
    previous_net: int = 0
    replaced: tuple[Contract, ...] = ()
    beside_net: int = 0

    @property
    def renews(self) -> bool:
        return self.name in RENEWING


def case_of(contract: Contract, request: Request, version: PlanVersion) -> Case:
    """The case of the contract asked about, under the signing version."""
    customers = request.customers
    before = _predecessor(contract, customers)
    if before is None:
        return Case(_unrelated(contract, customers))
    gap = (contract.starts_on - before.end).days
    replaced = _replaced(before, customers, version)
    last = last_day_of(before)
    previous_net = sum(_net_on(other, last, version) for other in replaced)
    if not previous_net or gap > version.win_back_max_gap_days:
        return Case(_unrelated(contract, customers), before, gap)
    name = "WIN_BACK"
    if gap <= version.renewal_max_gap_days:
        name = "RENEWAL"
    elif gap <= version.late_max_gap_days:
        name = "LATE_RENEWAL"
    beside = sum(
        annual_net(other, 1, version.gross_up_short)
        for other in customers
        if not _among(other, replaced) and _signed_beside(other, contract, last, version)
    )
    return Case(name, before, gap, previous_net, replaced, beside)


def _predecessor(contract: Contract, customers: tuple[Contract, ...]) -> Contract | None:
    if contract.renewal_of is not None:
        return next((other for other in customers if other.number == contract.renewal_of), None)
    ended = [other for other in customers if other.line == contract.line and other.end <= contract.starts_on]
    return max(ended, key=lambda other: other.end, default=None)


def _unrelated(contract: Contract, customers: tuple[Contract, ...]) -> str:
    linked = contract.renewal_of is not None
    return "ADD_ON" if not linked and any(_runs(other, contract.signed_on) for other in customers) else "NEW"


def _among(contract: Contract, contracts: tuple[Contract, ...]) -> bool:
    return any(contract is other for other in contracts)


def _runs(contract: Contract, day: date) -> bool:
    days = in_force(contract.signed_on, contract.starts_on, contract.ends_on, contract.cancelled_on)
    return days is not None and days[0] <= day < days[1]


def last_day_of(contract: Contract) -> date:
    """L: the day before the end of a contract."""
    return contract.end - ONE_DAY if contract.end > date.min else contract.end


def _replaced(
    before: Contract, customers: tuple[Contract, ...], version: PlanVersion
) -> tuple[Contract, ...]:
    """The P-group: the predecessor, and those of its line that run on its last day and end soon after."""
    last = last_day_of(before)
    return tuple(
        other
        for other in customers
        if other is before
        or (
            other.line == before.line
            and _runs(other, last)
            and (other.end - before.end).days <= version.renewal_window_days
        )
    )


def _net_on(contract: Contract, day: date, version: PlanVersion) -> int:
    return annual_net(contract, year_of(contract.term, day), version.gross_up_short)


def _signed_beside(other: Contract, contract: Contract, last: date, version: PlanVersion) -> bool:
    """Whether another contract stands on the side of R: the same line, signed near the end of the old."""
    return (
        other.line == contract.line
        and abs((other.signed_on - last).days) <= version.renewal_window_days
        and other.signed_on <= contract.signed_on
        and (other.cancelled_on is None or other.cancelled_on > contract.signed_on)
    )


def first_ratio(contract: Contract, case: Case, version: PlanVersion, price: Price) -> tuple[int | None, int]:
    """(q in ten-thousandths, R in 分) of the first year at the agreed price; q None for NEW and ADD_ON."""
    if not case.renews:
        return None, 0
    renewed = annual_net(contract, 1, version.gross_up_short, price) + case.beside_net
    return round_ratio(renewed * Q, case.previous_net), renewed


@dataclass(frozen=True, slots=True)
class Classes:
    """The class at signature, the amount it rests on, and the class whose rates are paid."""

    customer_class: str
    annual_amount: int
    contract_annual_amount: int
    previous_class: str | None
    rate_class: str


def classes_of(contract: Contract, case: Case, request: Request, version: PlanVersion) -> Classes:
    """The classes that are fixed at signature and never change afterwards."""
    others = around(request, version)
    counted = others
    if case.renews and version.class_basis == "IN_FORCE_ANNUALISED":
        counted = tuple(other for other in others if not _among(other, case.replaced))
    own = annual_value(contract, 1, version.gross_up_short)
    amount = own + classifying_amount(counted, contract.signed_on, version)
    signed = overridden(request.class_override, contract.signed_on) or version.class_of(amount)
    if not case.renews or case.predecessor is None:
        return Classes(signed, amount, own, None, signed)
    previous = case.predecessor.signed_class or class_on(
        others, last_day_of(case.predecessor), version, request.class_override
    )
    return Classes(signed, amount, own, previous, max(signed, previous, key=version.rank))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a customer stands that is asked about without a contract."""

    case: str | None = None
    gap_days: int | None = None
    customer_stage: str | None = None


def standing_on(request: Request, version: PlanVersion, as_of: date) -> Standing:
    """The stage of a customer by the latest end of its contracts."""
    if not request.customers:
        return Standing()
    gap = (as_of - max(other.end for other in request.customers)).days
    if gap > version.late_max_gap_days:
        return Standing("LAPSED", gap, "CHURNED")
    if gap >= 0:
        return Standing(None, gap, "OVERDUE")
    return Standing(None, gap, "RENEWAL_DUE" if -gap <= 90 else "ACTIVE")
