"""The factors on the pools: renewal ratio, lateness, growth, customer years, quota (rule FACTOR)."""

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from commissions.calculation.cases import Case
from commissions.calculation.facts import ONE, ZERO, Contract
from commissions.calculation.plan import PlanVersion, Q, Quota, factor_at
from crm.money import round_ratio
from crm.periods import Year, add_months


class Ratio(NamedTuple):
    """A renewal ratio in ten-thousandths with the exact amounts it compares; q None when there is none."""

    q: int | None
    after: Fraction
    before: Fraction


NO_RATIO = Ratio(None, ZERO, ZERO)


class Factors(NamedTuple):
    dept: Fraction
    ops: Fraction


def year_ratio(years: tuple[Year, ...], amounts: tuple[int, ...], number: int) -> Ratio:
    """q of contract year `number` >= 2: its agreed amount against the year before, both annualised."""
    after, before = (
        Fraction(amounts[place] * 12) / years[place].months for place in (number - 1, number - 2)
    )
    if not before:
        return Ratio(None, after, before)
    quotient = after / before
    return Ratio(round_ratio(quotient.numerator * Q, quotient.denominator), after, before)


def first_year_factors(case: Case, ratio: Ratio, contract: Contract, version: PlanVersion) -> Factors:
    """The factors of contract year 1 by its case."""
    if ratio.q is None:
        return Factors(ONE, ONE)
    late = ONE if case.name == "RENEWAL" else version.late_factor
    if case.name == "WIN_BACK":
        return Factors(_win_back(case, ratio.q, contract, version), ONE)
    return Factors(_renewed(ratio, late, version), factor_at(version.ops_renewal_factors, ratio.q))


def later_year_factors(ratio: Ratio, version: PlanVersion) -> Factors:
    """The factors of a contract year k >= 2."""
    if version.later_years == "FIRST_YEAR_ONLY":
        return Factors(ZERO, ZERO)
    if ratio.q is None:
        return Factors(ONE, ONE)
    return Factors(_renewed(ratio, ONE, version), factor_at(version.ops_renewal_factors, ratio.q))


def _win_back(case: Case, q: int, contract: Contract, version: PlanVersion) -> Fraction:
    same = case.predecessor is not None and case.predecessor.responsible_dept == contract.responsible_dept
    if not same:
        return version.win_back_other_dept_factor
    late_renewal = factor_at(version.renewal_factors, q) * version.late_factor
    return min(version.win_back_same_dept_cap, late_renewal)


def _renewed(ratio: Ratio, late: Fraction, version: PlanVersion) -> Fraction:
    """f(q), or under SPLIT_INCREMENT the renewed part at f and the increment at the new rate (D11)."""
    q, after, before = ratio
    if q is None:
        return ONE
    if version.growth_mode == "FACTOR" or not after:
        return factor_at(version.renewal_factors, q) * late
    kept = factor_at(version.renewal_factors, min(q, Q)) * late * min(after, before)
    return (kept + max(after - before, ZERO)) / after


def decay(version: PlanVersion, first_contract_on: date, starts_on: date) -> Fraction:
    """The factor of the customer year in which a contract year starts; the last one given repeats."""
    if not version.year_decay:
        return ONE
    full_years = starts_on.year - first_contract_on.year
    if add_months(first_contract_on, 12 * full_years) > starts_on:
        full_years -= 1
    place = min(max(full_years, 0), len(version.year_decay) - 1)
    return version.year_decay[place]


def quota_factor(quota: Quota | None, base: int) -> Fraction:
    """The accelerator on a base of so many 分, credited after `credited_before`."""
    if quota is None or not base:
        return ONE
    start, end = quota.credited_before, quota.credited_before + base
    if quota.mode == "WHOLE":
        return factor_at(quota.tiers, end)
    parts = (
        (min(end, end if tier.until is None else tier.until) - max(start, tier.start)) * tier.factor
        for tier in quota.tiers
        if tier.start < end and (tier.until is None or tier.until > start)
    )
    return sum(parts, ZERO) / base
