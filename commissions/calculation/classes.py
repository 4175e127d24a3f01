"""The class of a customer on a day and at signature, and how it came about (rule CLASS)."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from typing import NamedTuple

from commissions.calculation.facts import ClassOverride, Contract, Request
from commissions.calculation.plan import PlanVersion
from commissions.calculation.price import annual_value
from crm.periods import ONE_DAY, add_months, contains, in_force

FOREVER = date.max


class Counting(NamedTuple):
    """Days [starts_on, until) on which a contract counts with an amount in 分."""

    starts_on: date
    until: date
    amount: int


def counting(contract: Contract, version: PlanVersion) -> Iterator[Counting]:
    """When a contract counts towards the class, and with what, on the version's `class_basis`."""
    if version.class_basis == "IN_FORCE_ANNUALISED":
        yield from _counting_in_force(contract, version.gross_up_short)
        return
    if version.class_basis == "TRAILING_12M":
        until = _a_year_after(contract.signed_on)
    else:
        year = contract.signed_on.year
        until = date(year + 1, 1, 1) if year < MAXYEAR else FOREVER
    until = min(until, contract.cancelled_on or FOREVER)
    if contract.signed_on < until:
        yield Counting(contract.signed_on, until, annual_value(contract, 1, version.gross_up_short))


def _counting_in_force(contract: Contract, gross_up_short: bool) -> Iterator[Counting]:
    days = in_force(contract.signed_on, contract.starts_on, contract.ends_on, contract.cancelled_on)
    if days is None:
        return
    if contract.schedule is None:
        yield Counting(*days, annual_value(contract, 1, gross_up_short))
        return
    for year in contract.term.years:
        begins, until = max(days[0], year.starts_on), min(days[1], year.ends_on)
        if begins < until:
            yield Counting(begins, until, annual_value(contract, year.number, gross_up_short))


def _a_year_after(signed_on: date) -> date:
    """The first day d with add_months(d, -12) >= signed_on."""
    if signed_on.year == MAXYEAR:
        return FOREVER
    day = add_months(signed_on, 12)
    return day if day.day == signed_on.day else day + ONE_DAY


def classifying_amount(contracts: Iterable[Contract], day: date, version: PlanVersion) -> int:
    """The amount of contracts that classifies on a day, in 分."""
    return sum(
        part.amount
        for contract in contracts
        for part in counting(contract, version)
        if part.starts_on <= day < part.until
    )


def class_on(
    contracts: Iterable[Contract], day: date, version: PlanVersion, override: ClassOverride | None
) -> str:
    """The class set by hand if it holds on that day, else that of the amount that classifies."""
    return overridden(override, day) or version.class_of(classifying_amount(contracts, day, version))


def overridden(override: ClassOverride | None, day: date) -> str | None:
    """The class set by hand for a day, if any."""
    holds = override is not None and contains(override.starts_on, override.until, day)
    return override.customer_class if override is not None and holds else None


def around(request: Request, version: PlanVersion) -> tuple[Contract, ...]:
    """The other contracts that classify: the customer's, and the group's under class_scope GROUP."""
    return request.customers + (request.group if version.class_scope == "GROUP" else ())


@dataclass(frozen=True, slots=True)
class ClassDay:
    """The class on one day: computed from the day, effective with grace and override."""

    as_of: date
    annual_amount: int
    computed_class: str
    effective_class: str
    below_since: date | None
    downgrade_on: date | None


def class_history(request: Request, version: PlanVersion) -> list[ClassDay]:
    """The class on each of the days asked for; `contract` counts like all others, from its own dates."""
    if not request.class_dates:
        return []
    asked = () if request.contract is None else (request.contract,)
    days, amounts = _amounts(asked + around(request, version), version)
    ranks = [version.rank(version.class_of(amount)) for amount in amounts]
    return [
        _class_day(day, days, amounts, ranks, version, request.class_override) for day in request.class_dates
    ]


def _amounts(contracts: Iterable[Contract], version: PlanVersion) -> tuple[list[date], list[int]]:
    """The amount as a step function: from days[i] on it is amounts[i]."""
    changes: dict[date, int] = {date.min: 0}
    for contract in contracts:
        for part in counting(contract, version):
            changes[part.starts_on] = changes.get(part.starts_on, 0) + part.amount
            changes[part.until] = changes.get(part.until, 0) - part.amount
    days = sorted(changes)
    amounts, amount = [], 0
    for day in days:
        amount += changes[day]
        amounts.append(amount)
    return days, amounts


def _class_day(
    day: date,
    days: Sequence[date],
    amounts: Sequence[int],
    ranks: Sequence[int],
    version: PlanVersion,
    override: ClassOverride | None,
) -> ClassDay:
    grace = version.downgrade_grace_days
    opening = day - timedelta(min(grace, (day - date.min).days))
    today = bisect_right(days, day) - 1
    first = bisect_right(days, opening) - 1
    highest = max(ranks[first : today + 1])
    below_since = None
    if ranks[today] < highest:
        held = max(place for place in range(first, today + 1) if ranks[place] == highest)
        below_since = days[held + 1]
    downgrade_on = below_since and below_since + timedelta(min(grace, (date.max - below_since).days))
    name = version.bands[highest].customer_class
    return ClassDay(
        as_of=day,
        annual_amount=amounts[today],
        computed_class=version.bands[ranks[today]].customer_class,
        effective_class=overridden(override, day) or name,
        below_since=below_since,
        downgrade_on=downgrade_on,
    )
