"""What a plan would reward that nobody wants, in words with the numbers: pure, from the settings alone.

Holes and overlaps are refused before; what is found here may be meant so, and hinders nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from commissions.calculation.plan import Band, PlanVersion, Step, factor_at
from commissions.calculation.plan import Q as WHOLE
from commissions.calculation.written import q_text
from crm.money import fen_text, quantise, round_half_up

PERVERSE, NOTE = "PERVERSE", "NOTE"  # rewards what harms the company; worth knowing


@dataclass(frozen=True)
class Finding:
    """One thing to know: where it stands, how serious it is, and the numbers behind the words."""

    code: str
    level: str
    place: str
    words: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cliff:
    """A band edge at which the rate falls: amounts in [edge, until) pay less than one just below the edge.

    Amounts in 分; `until` is where the higher band pays as much again, or ends.
    """

    lower: Band
    upper: Band
    edge: int
    until: int | None

    @property
    def below(self) -> int:
        """What an amount at the edge would pay at the lower band's rate."""
        return round_half_up(self.edge * self.lower.dept_rate)

    @property
    def above(self) -> int:
        """What it pays."""
        return round_half_up(self.edge * self.upper.dept_rate)


def lint(version: PlanVersion) -> list[Finding]:
    """Everything to know of a sound version, in the order of its page; falling rates first."""
    checks = (_cliffs, _rates, _gaps, _renewals, _win_backs, _decay, _quota, _release, _limits, _idle)
    return [finding for check in checks for finding in check(version)]


def cliffs(version: PlanVersion) -> list[Cliff]:
    """The edges at which a department's rate falls, lowest first."""
    return [
        Cliff(lower, upper, upper.start, _level_again(lower, upper))
        for lower, upper in pairwise(version.bands)
        if upper.dept_rate < lower.dept_rate
    ]


def _level_again(lower: Band, upper: Band) -> int | None:
    if not upper.dept_rate:
        return upper.until
    level = -(-upper.start * lower.dept_rate // upper.dept_rate)  # rounded up to a 分
    return level if upper.until is None else min(level, upper.until)


def _cliffs(version: PlanVersion) -> Iterator[Finding]:
    if version.cliff_protection:
        return
    for cliff in cliffs(version):
        words = _(
            "The rate falls from %(lower)s to %(upper)s at %(edge)s: just below it %(below)s is paid, just "
            "above it %(above)s. Up to %(until)s a larger contract pays less than one just below the edge. "
            "Cliff protection would pay %(below)s throughout."
        )
        numbers = {
            "lower": _rate(cliff.lower.dept_rate),
            "upper": _rate(cliff.upper.dept_rate),
            "edge": _amount(cliff.edge),
            "below": _amount(cliff.below),
            "above": _amount(cliff.above),
            "until": _("any amount") if cliff.until is None else _amount(cliff.until),
            "class": cliff.upper.customer_class,
        }
        yield Finding("CLIFF", PERVERSE, "bands", words % numbers, numbers)


def _rates(version: PlanVersion) -> Iterator[Finding]:
    for lower, upper in pairwise(version.bands):
        if upper.ops_rate < lower.ops_rate:
            words = _("Operations get %(lower)s below %(edge)s and only %(upper)s above it.")
            numbers = {
                "lower": _rate(lower.ops_rate),
                "upper": _rate(upper.ops_rate),
                "edge": _amount(upper.start),
            }
            yield Finding("OPS_CLIFF", PERVERSE, "bands", words % numbers, numbers)
    most = max((tier.factor for tier in version.quota.tiers), default=1) if version.quota else 1
    for band in version.bands:
        in_all = band.dept_rate * most + (0 if version.ops_from_dept else band.ops_rate)
        if in_all > 1:
            words = _("Class %(class)s may pay %(rate)s of what is left of a contract: more than there is.")
            numbers = {"class": band.customer_class, "rate": _rate(in_all)}
            yield Finding("PAYS_MORE_THAN_ALL", PERVERSE, "bands", words % numbers, numbers)


def _gaps(version: PlanVersion) -> Iterator[Finding]:
    days = [version.renewal_max_gap_days, version.late_max_gap_days, version.win_back_max_gap_days]
    if days != sorted(set(days)):
        words = _(
            "Renewals end after %(renewal)s days, late ones after %(late)s, win-backs after %(back)s: "
            "a case between can never come up."
        )
        numbers = dict(zip(("renewal", "late", "back"), days, strict=True))
        yield Finding("GAPS_NOT_RISING", PERVERSE, "renewals", words % numbers, numbers)


def _renewals(version: PlanVersion) -> Iterator[Finding]:
    yield from _falls(
        version.renewal_factors,
        "RENEWAL_FALLS",
        "renewal_factors",
        _("At q = %(edge)s the factor falls from %(before)s to %(after)s: a smaller renewal pays more."),
    )
    yield from _falls(
        version.ops_renewal_factors,
        "OPS_RENEWAL_FALLS",
        "ops_renewal_factors",
        _("At q = %(edge)s the operations factor falls from %(before)s to %(after)s."),
    )
    for step in version.renewal_factors:
        if step.factor > 1:
            words = _("A renewal from q = %(edge)s on pays %(factor)s times the rate of new business.")
            numbers = {"edge": q_text(step.start), "factor": _factor(step.factor)}
            yield Finding("RENEWAL_ABOVE_NEW", PERVERSE, "renewal_factors", words % numbers, numbers)
    if version.late_factor > 1:
        words = _("A late renewal pays %(factor)s times one in time: it pays to wait.")
        numbers = {"factor": _factor(version.late_factor)}
        yield Finding("LATE_PAYS_MORE", PERVERSE, "late_factor", words % numbers, numbers)
    elif version.late_factor == 1:
        words = _("A late renewal pays as much as one in time.")
        yield Finding("LATE_COSTS_NOTHING", NOTE, "late_factor", words)
    yield from _splits(version)


def _splits(version: PlanVersion) -> Iterator[Finding]:
    """Contracts of a line signed near the renewal count with it; without days of nearness they would not."""
    if version.renewal_window_days == 0:
        words = _("Contracts beside a renewal never count with it: splitting it changes q, and the factor.")
        yield Finding("SPLITTING_CHANGES_Q", PERVERSE, "renewal_window_days", words)


def _win_backs(version: PlanVersion) -> Iterator[Finding]:
    same_price = factor_at(version.renewal_factors, WHOLE)
    late = same_price * version.late_factor
    if version.win_back_other_dept_factor > late:
        words = _(
            "A customer lost and won back by another department pays %(factor)s, renewed late at the same "
            "price %(late)s: two departments gain by passing him on."
        )
        numbers = {"factor": _factor(version.win_back_other_dept_factor), "late": _factor(late)}
        yield Finding("WIN_BACK_ABOVE_LATE", NOTE, "win_back_other_dept_factor", words % numbers, numbers)
    if same_price < 1:
        words = _(
            "Signed again more than %(days)s days after the end a customer pays as new business, renewed in "
            "time at the same price %(factor)s of that."
        )
        after = {"days": version.win_back_max_gap_days, "factor": _factor(same_price)}
        yield Finding("NEW_AFTER_GAP", NOTE, "win_back_max_gap_days", words % after, after)


def _decay(version: PlanVersion) -> Iterator[Finding]:
    for year, (before, after) in enumerate(pairwise(version.year_decay), 2):
        if after > before:
            words = _("In customer year %(year)s the factor rises from %(before)s to %(after)s.")
            numbers = {"year": year, "before": _factor(before), "after": _factor(after)}
            yield Finding("DECAY_RISES", PERVERSE, "year_decay", words % numbers, numbers)


def _quota(version: PlanVersion) -> Iterator[Finding]:
    if version.quota is None:
        return
    for lower, upper in pairwise(version.quota.tiers):
        edge, before, after = _amount(upper.start), _factor(lower.factor), _factor(upper.factor)
        numbers = {"edge": edge, "before": before, "after": after}
        if upper.factor < lower.factor:
            words = _(
                "Beyond %(edge)s credited the factor falls from %(before)s to %(after)s: who reaches it "
                "waits for the new year."
            )
            yield Finding("QUOTA_FALLS", PERVERSE, "quota.tiers", words % numbers, numbers)
        elif version.quota.mode == "WHOLE" and upper.factor > lower.factor:
            words = _(
                "A contract that ends just above %(edge)s is paid %(after)s times in all, one just below "
                "it %(before)s: it pays to hold contracts back until they cross it together."
            )
            yield Finding("QUOTA_EDGE", NOTE, "quota.tiers", words % numbers, numbers)


def _release(version: PlanVersion) -> Iterator[Finding]:
    if version.basis == "CASH":
        for lower, upper in pairwise(version.overdue_factors):
            if upper.factor > lower.factor:
                words = _(
                    "Cash %(edge)s days late pays %(after)s, earlier %(before)s: it pays to let it wait."
                )
                numbers = {
                    "edge": upper.start,
                    "before": _factor(lower.factor),
                    "after": _factor(upper.factor),
                }
                yield Finding("OVERDUE_NOT_FALLING", PERVERSE, "overdue_factors", words % numbers, numbers)
        if version.overdue_factors and version.overdue_factors[0].factor < 1:
            words = _("Cash that comes in time pays only %(factor)s.")
            numbers = {"factor": _factor(version.overdue_factors[0].factor)}
            yield Finding("IN_TIME_NOT_WHOLE", NOTE, "overdue_factors", words % numbers, numbers)
        if version.release_at and any(step.factor < 1 for step in version.overdue_factors):
            words = _(
                "Nothing is released before %(share)s of a year is collected, and what came late by then is "
                "cut as well: a seller pays twice for one late instalment."
            )
            numbers = {"share": _rate(version.release_at)}
            yield Finding("RELEASE_AND_DECAY", NOTE, "release_at", words % numbers, numbers)
    if version.basis == "SIGNED" and version.clawback_window_days == 0:
        words = _("Paid at signature and never taken back: nothing makes a seller care for the cash.")
        yield Finding("SIGNED_WITHOUT_CLAWBACK", PERVERSE, "clawback_window_days", words)


def _limits(version: PlanVersion) -> Iterator[Finding]:
    floor, year = version.floor, version.cap("PAYEE_YEAR")
    if floor and year and 12 * floor.amount > year.amount:
        words = _("Twelve floors come to %(floors)s, the cap of a year is %(cap)s.")
        numbers = {"floors": _amount(12 * floor.amount), "cap": _amount(year.amount)}
        yield Finding("FLOOR_ABOVE_YEAR_CAP", PERVERSE, "limits", words % numbers, numbers)
    if floor and version.min_payout > floor.amount:
        words = _(
            "The floor of %(floor)s lies below the smallest payout of %(least)s: a month filled up to "
            "the floor is not paid out."
        )
        numbers = {"floor": _amount(floor.amount), "least": _amount(version.min_payout)}
        yield Finding("FLOOR_NOT_PAID", PERVERSE, "min_payout", words % numbers, numbers)
    contract = version.cap("CONTRACT")
    if contract is not None:
        words = _(
            "Beyond a pool of %(cap)s a contract pays nothing more: what is larger is better split in two."
        )
        numbers = {"cap": _amount(contract.amount)}
        yield Finding("CONTRACT_CAP", NOTE, "limits", words % numbers, numbers)


def _idle(version: PlanVersion) -> Iterator[Finding]:
    """Settings that say something and do nothing."""
    if version.basis == "SIGNED" and version.release_at:
        words = _(
            "Commission is paid at signature: the collected share from which it is released does nothing."
        )
        yield Finding("IDLE", NOTE, "release_at", words)
    if version.basis != "CASH" and version.overdue_factors:
        words = _("Lateness counts only where commission follows cash: the table of days late does nothing.")
        yield Finding("IDLE", NOTE, "overdue_factors", words)


def _falls(steps: Sequence[Step], code: str, place: str, words: str) -> Iterator[Finding]:
    for lower, upper in pairwise(steps):
        if upper.factor < lower.factor:
            numbers = {
                "edge": q_text(upper.start),
                "before": _factor(lower.factor),
                "after": _factor(upper.factor),
            }
            yield Finding(code, PERVERSE, place, words % numbers, numbers)


def _amount(fen: int) -> str:
    return f"{Decimal(fen_text(fen)):,.2f}"


def _factor(factor: Fraction) -> str:
    return f"{quantise(factor, 6).normalize():f}"


def _rate(rate: Fraction | int) -> str:
    return f"{(quantise(Fraction(rate) * 100, 4)).normalize():f}%"
