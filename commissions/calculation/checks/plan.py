"""Faults of meaning in a plan: its tables, caps, and versions."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations, pairwise

from commissions.calculation.facts import ALL
from commissions.calculation.faults import Fault, fault
from commissions.calculation.plan import Band, Plan, PlanVersion, Step
from crm.periods import overlap


def plan_faults(plan: Plan) -> Iterator[Fault]:
    """What is wrong inside each version; also what the plan editor asks before it saves one."""
    for place, version in enumerate(plan.versions):
        yield from _inside(version, plan.path(place))


def _inside(version: PlanVersion, path: str) -> Iterator[Fault]:
    if _ends_before_start(version):
        yield fault(f"{path}.valid_to", "end_before_start")
    yield from _tables(version, path)
    if max(Counter(band.customer_class for band in version.bands).values(), default=0) > 1:
        yield fault(f"{path}.bands", "duplicate_class")
    yield from _caps(version, path)
    for name in ("dept_fund_bps", "handover_old_owner_bps"):
        if getattr(version, name) > ALL:
            yield fault(f"{path}.{name}", "invalid_integer")


def _ends_before_start(version: PlanVersion) -> bool:
    starts, ends = version.valid_from, version.valid_to
    return starts is not None and ends is not None and ends <= starts


def _tables(version: PlanVersion, path: str) -> Iterator[Fault]:
    tables: dict[str, Sequence[Band | Step]] = {
        "bands": version.bands,
        "renewal_factors": version.renewal_factors,
        "ops_renewal_factors": version.ops_renewal_factors,
    }
    if version.quota is not None:
        tables["quota.tiers"] = version.quota.tiers
    if version.overdue_factors:
        tables["overdue_factors"] = version.overdue_factors
    for name, rows in tables.items():
        code = tiling_fault(rows)
        if code is not None:
            yield fault(f"{path}.{name}", code)


def tiling_fault(rows: Sequence[Band | Step]) -> str | None:
    """Why rows in rising order do not tile [0, ∞), None when they do."""
    if any(row.until is not None and row.until <= row.start for row in rows):
        return "empty_band"
    if not rows or rows[0].start != 0:
        return "not_from_zero"
    for lower, upper in pairwise(rows):
        if lower.until is None or lower.until > upper.start:
            return "overlap"
        if lower.until < upper.start:
            return "hole"
    return None if rows[-1].until is None else "not_unbounded"


def _caps(version: PlanVersion, path: str) -> Iterator[Fault]:
    scopes = []
    for place, cap in enumerate(version.caps):
        if cap.scope in scopes:
            yield fault(f"{path}.caps[{place}].scope", "duplicate_scope")
        if cap.scope == "CONTRACT" and cap.excess == "CARRY":
            yield fault(f"{path}.caps[{place}].excess", "invalid_choice")
        scopes.append(cap.scope)


def version_faults(plan: Plan, day: date) -> Iterator[Fault]:
    """What is wrong between the versions, when `day` decides which one rules."""
    ruling = plan.on(day)
    sound = [version for version in plan.versions if not _ends_before_start(version)]
    if ruling is None and len(sound) == len(plan.versions):
        yield fault("plan.versions", "no_plan_version", day=day.isoformat())
    spans = [(version.valid_from, version.valid_to) for version in sound]
    if any(overlap(one, other) for one, other in combinations(spans, 2)):
        yield fault("plan.versions", "version_overlap")
    if len({version.currency for version in plan.versions}) > 1:
        yield fault("plan.versions", "currency_mismatch")
    if ruling is None or not ruling.by_event_date:
        return
    classes = {band.customer_class for band in ruling.bands}
    for place, version in enumerate(plan.versions):
        if {band.customer_class for band in version.bands} != classes:
            yield fault(f"{plan.path(place)}.bands", "unknown_class")
