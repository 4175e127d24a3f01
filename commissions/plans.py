"""The stored plan of a tenant as the calculation reads it, and the default of a new tenant."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from commissions.calculation.plan import BANDS
from commissions.calculation.plan import Plan as CalculationPlan
from commissions.calculation.reading.request import read_plan
from commissions.models import Plan, PlanVersion
from crm.events.models import Event
from crm.versions import LONG_AGO

DEFAULT = "DEFAULT"


class NoPlan(LookupError):
    """The tenant has no plan version at all."""


@dataclass(frozen=True)
class StoredPlan:
    """A plan with the ids of its versions."""

    plan: CalculationPlan
    currency: str
    ids: dict[str, UUID]

    def version_id(self, code: str) -> UUID:
        return self.ids[code]


def stored(code: str = DEFAULT) -> StoredPlan:
    """The plan of the tenant in scope; raises NoPlan."""
    rows = list(PlanVersion.objects.filter(plan__code=code).order_by("valid_from"))
    if not rows:
        raise NoPlan(f"the plan {code} has no version")
    plan = read_plan({"versions": [as_settings(row) for row in rows]})
    return StoredPlan(plan, plan.versions[0].currency, {row.code: row.id for row in rows})


def as_settings(row: PlanVersion) -> dict[str, Any]:
    """One stored version as spec/what-if.md §3 writes it."""
    until = row.valid_to.isoformat() if row.valid_to else None
    dates = {"valid_from": row.valid_from.isoformat(), "valid_to": until}
    return {**row.settings, "code": row.code, **dates}


def install(events: Sequence[Event]) -> None:
    """Follower of tenant.founded: the default plan in the tenant's currency (domain.md §2.1–2.7)."""
    for each in events:
        found(each.data["currency"])


def found(currency: str, bands: Sequence[dict[str, Any]] | None = None) -> PlanVersion:
    """The plan of a new tenant, in force since long ago; `bands` as the specification writes them."""
    plan = Plan.objects.create(code=DEFAULT, name="提成方案")
    settings = {"currency": currency, "bands": list(bands or default_bands())}
    return PlanVersion.objects.create(plan=plan, code="1", valid_from=LONG_AGO, settings=settings)


def default_bands() -> list[dict[str, Any]]:
    """The default classes with their amounts and rates, lowest first."""
    return [
        {
            "class": band.customer_class,
            "from": _amount(band.start),
            "to": None if band.until is None else _amount(band.until),
            "dept_rate": _rate(band.dept_rate),
            "ops_rate": _rate(band.ops_rate),
        }
        for band in BANDS
    ]


def _amount(fen: int) -> str:
    return f"{Decimal(fen) / 100:.2f}"


def _rate(rate: Any) -> str:
    return f"{Decimal(rate.numerator) / rate.denominator:.6f}"
