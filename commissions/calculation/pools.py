"""What each contract year brings: base, department pool and ops pool (rules BASE and POOL)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from commissions.calculation.cases import Case, Classes, first_ratio
from commissions.calculation.factors import (
    NO_RATIO,
    Factors,
    Ratio,
    decay,
    first_year_factors,
    later_year_factors,
    quota_factor,
    year_ratio,
)
from commissions.calculation.facts import Contract
from commissions.calculation.plan import Band, PlanVersion
from commissions.calculation.price import Price
from crm.money import net_of_tax, round_ratio
from crm.periods import Term, Year


@dataclass(frozen=True, slots=True)
class Signing:
    """What is fixed when the contract is signed, and the plan version that rules it."""

    contract: Contract
    term: Term
    version: PlanVersion
    case: Case
    classes: Classes
    first_contract_on: date


class Base(NamedTuple):
    """The amounts of one contract year in 分 of the plan's currency, before expenses."""

    base_gross: int
    net: int
    amount: int


class YearPool(NamedTuple):
    """One contract year: what it brings and what its pools are. `gross` is in contract currency."""

    year: Year
    gross: int
    base_gross: int
    net: int
    amount: int
    expenses: int
    base: int
    deficit: int
    ratio: Ratio
    dept_rate: Fraction
    ops_rate: Fraction
    dept_factor: Fraction
    ops_factor: Fraction
    dept_pool: int
    dept_pool_capped: int
    ops_pool: int


def base_of(gross: int, contract: Contract, version: PlanVersion) -> Base:
    """A gross amount in plan currency, without tax unless the plan's base is INCLUSIVE."""
    rate = contract.rate
    base_gross = gross if rate == 1 else round_ratio(gross * rate.numerator, rate.denominator)
    net = net_of_tax(base_gross, contract.vat_rate)
    return Base(base_gross, net, base_gross if version.base_tax == "INCLUSIVE" else net)


def year_pools(
    signing: Signing, version: PlanVersion, price: Price, expenses: Mapping[int, int]
) -> list[YearPool]:
    """The contract years under the pool settings of `version`; the contract cap is the signing version's.

    `expenses` are the deductible ones known, by contract year.
    """
    contract, cap = signing.contract, signing.version.cap("CONTRACT")
    ratios = _ratios(signing, version, price)
    band = version.bands[version.rank(signing.classes.rate_class)]
    left = None if cap is None else cap.amount
    pools = []
    for year, gross, ratio in zip(signing.term.years, price.due, ratios, strict=True):
        amounts = base_of(gross, contract, version)
        booked = expenses.get(year.number, 0)
        base = max(0, amounts.amount - booked)
        factors = _factors(signing, version, year, ratio, base)
        dept, ops = _pools(base, band, factors, version)
        capped = dept if left is None else min(dept, left)
        left = None if left is None else left - capped
        deficit = min(0, amounts.amount - booked)
        pools.append(
            YearPool(
                *(year, gross, *amounts, booked, base, deficit, ratio),
                *(band.dept_rate, band.ops_rate, *factors, dept, capped, ops),
            )
        )
    return pools


def _ratios(signing: Signing, version: PlanVersion, price: Price) -> list[Ratio]:
    """q of each year, from the agreed price: a cancellation is no price change (D12)."""
    contract, case = signing.contract, signing.case
    q, renewed = first_ratio(contract, case, signing.version, price)
    first = NO_RATIO if q is None else Ratio(q, Fraction(renewed), Fraction(case.previous_net))
    years = signing.term.years
    if len(years) == 1:
        return [first]
    if version.later_years == "FIRST_YEAR_ONLY":
        return [first] + [NO_RATIO] * (len(years) - 1)
    agreed = tuple(base_of(gross, contract, version).amount for gross in price.agreed)
    return [first, *(year_ratio(years, agreed, year.number) for year in years[1:])]


def _factors(signing: Signing, version: PlanVersion, year: Year, ratio: Ratio, base: int) -> Factors:
    if year.number > 1:
        factors = later_year_factors(ratio, version)
    else:
        factors = first_year_factors(signing.case, ratio, signing.contract, version)
        if version.quota is not None:
            factors = factors._replace(dept=factors.dept * quota_factor(version.quota, base))
    if not version.year_decay:
        return factors
    return factors._replace(dept=factors.dept * decay(version, signing.first_contract_on, year.starts_on))


def _pools(base: int, band: Band, factors: Factors, version: PlanVersion) -> tuple[int, int]:
    """(department pool, ops pool) of a base in 分."""
    earned = base * band.dept_rate
    if version.cliff_protection:
        earned = max([earned, *(_below(base, lower) for lower in _lower(version.bands, band))])
    dept = round_ratio(
        earned.numerator * factors.dept.numerator, earned.denominator * factors.dept.denominator
    )
    ops = round_ratio(
        base * band.ops_rate.numerator * factors.ops.numerator,
        band.ops_rate.denominator * factors.ops.denominator,
    )
    if version.ops_from_dept:
        ops = min(ops, dept)
        dept -= ops
    return dept, ops


def _lower(bands: Sequence[Band], band: Band) -> Sequence[Band]:
    return bands[: bands.index(band)]


def _below(base: int, lower: Band) -> Fraction:
    """What a base would pay under a lower band, up to that band's upper bound."""
    return min(base, base if lower.until is None else lower.until) * lower.dept_rate
