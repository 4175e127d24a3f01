"""The settings of a plan as JSON (spec/what-if.md §3)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from commissions.calculation.plan import Band, Cap, Floor, Plan, PlanVersion, Quota, Step
from commissions.calculation.reading.reader import Reader
from commissions.calculation.reading.values import (
    amount,
    boolean,
    day,
    integer,
    one_of,
    part,
    q_bound,
    rate,
    text,
)

DEFAULT = PlanVersion()
SINGLE: dict[str, Callable[[Any], Any]] = {
    "valid_from": day,
    "valid_to": day,
    "currency": text,
    "class_basis": one_of("IN_FORCE_ANNUALISED", "TRAILING_12M", "CALENDAR_YEAR"),
    "gross_up_short": boolean,
    "class_scope": one_of("CUSTOMER", "GROUP"),
    "downgrade_grace_days": integer,
    "base_tax": one_of("EXCLUSIVE", "INCLUSIVE"),
    "cliff_protection": boolean,
    "ops_from_dept": boolean,
    "distribution": one_of("BY_CREDIT", "POOL"),
    "dept_fund_bps": integer,
    "renewal_max_gap_days": integer,
    "late_max_gap_days": integer,
    "win_back_max_gap_days": integer,
    "renewal_window_days": integer,
    "late_factor": rate,
    "win_back_same_dept_cap": rate,
    "win_back_other_dept_factor": rate,
    "later_years": one_of("AS_RENEWAL", "FIRST_YEAR_ONLY"),
    "growth_mode": one_of("FACTOR", "SPLIT_INCREMENT"),
    "basis": one_of("CASH", "INVOICED", "SIGNED"),
    "release_at": part,
    "holdback_rate": part,
    "clawback_mode": one_of("NET_CASH", "PRORATA_TEMPORIS"),
    "clawback_window_days": integer,
    "min_payout": amount,
    "max_netoff_rate": part,
    "plan_change": one_of("GRANDFATHER", "BY_EVENT_DATE"),
    "handover_window_days": integer,
    "handover_old_owner_bps": integer,
}


def plan(reader: Reader) -> Plan:
    """A plan: one version, or `versions` and nothing beside it."""
    listed = reader.objects("versions", lambda inner: version(inner, ""))
    if listed is None:
        return Plan() if reader.has("versions") else Plan((version(reader, "DEFAULT"),))
    named = (replace(found, code=found.code or f"V{place}") for place, found in enumerate(listed, 1))
    return Plan(tuple(named), listed=True)


def version(reader: Reader, code: str = "DEFAULT") -> PlanVersion:
    """One version; what is left out takes the default."""
    single = {name: reader.take(name, value, getattr(DEFAULT, name)) for name, value in SINGLE.items()}
    deductible = reader.values("deductible_expenses", text)
    decay = reader.values("year_decay", rate)
    bands = reader.objects("bands", _band)
    return PlanVersion(
        code=reader.take("code", text, code),
        bands=DEFAULT.bands if bands is None else _rising(bands),
        deductible_expenses=DEFAULT.deductible_expenses if deductible is None else frozenset(deductible),
        renewal_factors=_table(reader, "renewal_factors", q_bound, rate),
        ops_renewal_factors=_table(reader, "ops_renewal_factors", q_bound, rate),
        year_decay=decay or (),
        quota=reader.object("quota", _quota),
        overdue_factors=_table(reader, "overdue_factors", integer, part),
        caps=reader.objects("caps", _cap) or (),
        floor=reader.object("floor", _floor),
        **single,
    )


def _band(reader: Reader) -> Band:
    return Band(
        reader.need("class", text),
        reader.need("from", amount),
        reader.take("to", amount, None),
        reader.need("dept_rate", part),
        reader.take("ops_rate", part, rate("0")),
    )


def _step(bound: Callable[[Any], int], factor: Callable[[Any], Any]) -> Callable[[Reader], Step]:
    def step(reader: Reader) -> Step:
        return Step(reader.need("from", bound), reader.take("to", bound, None), reader.need("factor", factor))

    return step


def _table(
    reader: Reader, name: str, bound: Callable[[Any], int], factor: Callable[[Any], Any]
) -> tuple[Step, ...]:
    rows = reader.objects(name, _step(bound, factor))
    default: tuple[Step, ...] = getattr(DEFAULT, name)
    return default if rows is None else _rising(rows)


def _rising(rows: tuple[Any, ...]) -> tuple[Any, ...]:
    """Rows may come in any order; the calculation has them rising. A faulty bound is refused anyway."""
    return tuple(sorted(rows, key=lambda row: row.start or 0))


def _quota(reader: Reader) -> Quota:
    mode = reader.need("mode", one_of("MARGINAL", "WHOLE"))
    tiers = reader.objects("tiers", _step(amount, rate))
    if not reader.has("tiers"):
        reader.refuse("tiers", "required")
    return Quota(mode, _rising(tiers or ()), reader.take("credited_before", amount, 0))


def _cap(reader: Reader) -> Cap:
    return Cap(
        reader.need("scope", one_of("CONTRACT", "PAYEE_PERIOD", "PAYEE_YEAR")),
        reader.need("amount", amount),
        reader.take("excess", one_of("FORFEIT", "CARRY"), "FORFEIT"),
    )


def _floor(reader: Reader) -> Floor:
    return Floor(reader.need("amount", amount), reader.take("recoverable", boolean, True))
