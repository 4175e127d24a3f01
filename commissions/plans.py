"""The stored plans of a tenant as the calculation reads them, whom they pay, and the first one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from commissions.calculation.plan import BANDS
from commissions.calculation.plan import Plan as CalculationPlan
from commissions.calculation.plan import PlanVersion as CalculationVersion
from commissions.calculation.reading.request import read_plan
from commissions.models import Period, Plan, PlanAssignment, PlanVersion
from commissions.models.period import TAKING
from commissions.models.plan import DEFAULT
from commissions.quotas import Credited, has_quota
from crm.accounts.models import Department
from crm.events.models import Event
from crm.periods import ONE_DAY, contains
from crm.versions import LONG_AGO


class NoPlan(LookupError):
    """The tenant has no plan that pays."""


@dataclass(frozen=True)
class StoredPlan:
    """A plan with the ids of its approved versions."""

    id: UUID
    code: str
    plan: CalculationPlan
    currency: str
    ids: dict[str, UUID]

    def fed(self, plan: CalculationPlan) -> "StoredPlan":
        """The same plan with its quotas told what was credited before."""
        return self if plan is self.plan else replace(self, plan=plan)

    def version_id(self, code: str) -> UUID:
        return self.ids[code]


class Book:
    """The plans of the tenant in scope and whom they pay, read once for a run.

    A contract is paid by the plan assigned to its responsible department on the day of signing, or to the
    nearest department above it, else by the plan DEFAULT (crm/decisions/013-which-plan-pays.md).
    """

    def __init__(self) -> None:
        """Raises NoPlan when the tenant has no plan DEFAULT in force."""
        self._plans = _stored_plans()
        default = next((plan for plan in self._plans.values() if plan.code == DEFAULT), None)
        if default is None:
            raise NoPlan(f"the plan {DEFAULT} has no version")
        self.default = default
        self._spans: dict[UUID, list[Span]] = defaultdict(list)
        for row in PlanAssignment.objects.all():
            subject: Any = row.department_id or row.member_id
            self._spans[subject].append(Span(row.valid_from, row.valid_to, row.plan_id))
        self._lines = dict(Department.objects.values_list("id", "ancestors")) if self._spans else {}
        self._credited = Credited()

    def paying(
        self, department_id: UUID | None, signed_on: date, contract_id: UUID | None = None
    ) -> StoredPlan:
        """The plan that pays one contract, its quotas fed; without an id it is one about to be signed."""
        found = self.of(department_id, signed_on)
        return found.fed(self._credited.fed(found.plan, department_id, signed_on, contract_id))

    @property
    def counts(self) -> bool:
        """Whether a plan counts what was credited before, so that one contract can change another."""
        return any(has_quota(plan.plan) for plan in self._plans.values())

    def of(self, department_id: UUID | None, day: date) -> StoredPlan:
        """The plan that pays contracts of a department signed on a day."""
        for unit in reversed(self._lines.get(department_id, ())) if department_id else ():
            if found := self._assigned(unit, day):
                return found
        return self.default

    def of_payee(self, member_id: UUID | None, department_id: UUID, day: date) -> StoredPlan:
        """The plan that rules a payee's statements: his own, else that of his department."""
        own = self._assigned(member_id, day) if member_id else None
        return own or self.of(department_id, day)

    def on(self, day: date) -> list[CalculationVersion]:
        """The versions in force on a day, one a plan."""
        return [found for plan in self._plans.values() if (found := plan.plan.on(day))]

    def _assigned(self, subject: UUID, day: date) -> StoredPlan | None:
        for span in self._spans.get(subject, ()):
            if contains(span.starts_on, span.until, day):
                plan = self._plans.get(span.plan_id)
                return plan if plan and plan.plan.on(day) else None
        return None


class Span(NamedTuple):
    """A plan that is assigned over [starts_on, until)."""

    starts_on: date
    until: date | None
    plan_id: UUID


def _stored_plans() -> dict[UUID, StoredPlan]:
    rows: dict[UUID, list[PlanVersion]] = defaultdict(list)
    approved = PlanVersion.objects.filter(state=PlanVersion.State.APPROVED)
    for row in approved.select_related("plan").order_by("valid_from"):
        rows[row.plan_id].append(row)
    return {key: _stored(found) for key, found in rows.items()}


def _stored(rows: Sequence[PlanVersion]) -> StoredPlan:
    plan = read_plan({"versions": [as_settings(row) for row in rows]})
    ids = {row.code: row.id for row in rows}
    return StoredPlan(rows[0].plan_id, rows[0].plan.code, plan, plan.versions[0].currency, ids)


def open_since() -> date:
    """The first day after the months that take no entry any more: rules of pay begin there or later."""
    shut = Period.objects.exclude(state__in=TAKING).order_by("-month").first()
    return LONG_AGO if shut is None else shut.last_day + ONE_DAY


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
    return PlanVersion.objects.create(
        plan=plan, code="1", valid_from=LONG_AGO, settings=settings, state=PlanVersion.State.APPROVED
    )


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
