"""The settings of a plan version as JSON, complete: what `reading.settings` reads gives the same version."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from commissions.calculation.plan import Band, PlanVersion, Step
from commissions.calculation.reading.settings import SINGLE
from commissions.calculation.written import q_text, rate_text
from crm.money import fen_text

AMOUNTS = frozenset({"min_payout"})
DATES = frozenset({"valid_from", "valid_to"})
Table = list[dict[str, Any]]


def settings_of(version: PlanVersion) -> dict[str, Any]:
    """All settings of spec/what-if.md §3, without the code and the days of the version."""
    single = {name: _single(name, getattr(version, name)) for name in SINGLE if name not in DATES}
    return {
        **single,
        "bands": [_band(band) for band in version.bands],
        "deductible_expenses": sorted(version.deductible_expenses),
        "renewal_factors": [_step(step, q_text) for step in version.renewal_factors],
        "ops_renewal_factors": [_step(step, q_text) for step in version.ops_renewal_factors],
        "overdue_factors": [_step(step, int) for step in version.overdue_factors],
        "year_decay": [rate_text(factor) for factor in version.year_decay],
        "quota": version.quota and _quota(version.quota.mode, version.quota.credited_before, version),
        "caps": [
            {"scope": cap.scope, "amount": fen_text(cap.amount), "excess": cap.excess} for cap in version.caps
        ],
        "floor": version.floor
        and {"amount": fen_text(version.floor.amount), "recoverable": version.floor.recoverable},
    }


def _single(name: str, value: Any) -> Any:
    if name in AMOUNTS:
        return fen_text(value)
    return rate_text(value) if isinstance(value, Fraction) else value


def _band(band: Band) -> dict[str, Any]:
    return {
        "class": band.customer_class,
        "from": fen_text(band.start),
        "to": None if band.until is None else fen_text(band.until),
        "dept_rate": rate_text(band.dept_rate),
        "ops_rate": rate_text(band.ops_rate),
    }


def _step(step: Step, bound: Any) -> dict[str, Any]:
    until = None if step.until is None else bound(step.until)
    return {"from": bound(step.start), "to": until, "factor": rate_text(step.factor)}


def _quota(mode: str, before: int, version: PlanVersion) -> dict[str, Any]:
    tiers: Iterable[Step] = version.quota.tiers if version.quota else ()
    return {
        "mode": mode,
        "credited_before": fen_text(before),
        "tiers": [_step(step, fen_text) for step in tiers],
    }
