"""The departments that may become responsible: what each can manage, where, and how busy it is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef
from django.db.models.functions import JSONObject

from crm.accounts.models import Department, Member
from customers.assignment.deciding import Candidate, Question
from customers.models import Capability, Contract, Customer, CustomerPool, Territory
from customers.places import place

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Newcomer:
    """A customer that nobody is responsible for yet, and what the decision about it rests on.

    One `on_trial` is registered 报备, and not in effect yet: it stays with its developer, who is not named
    as such, and no rule is asked.
    """

    customer: Customer
    developer: Member | None = None
    override: Department | None = None
    product_kind: str = Contract.ProductKind.STANDARD
    line: str = "DEFAULT"
    expected_annual: Decimal | None = None
    reason: str = ""
    on_trial: bool = False


class Market:
    """All departments of the tenant, read once for any number of newcomers.

    Capabilities and territories hold for the teams below a department too, unless a team has its own.
    Where the tenant has defined none at all, commercial departments (and the developer's own, if it is
    operations) can manage everything, and every department is in the region.
    """

    def __init__(self) -> None:
        rows = Department.objects.annotate(
            able=_rows(Capability, "product_kind", "line"), places=_rows(Territory, "province", "city")
        )
        self.departments: dict[UUID, Any] = {row.id: row for row in rows}
        self.codes = {row.code: row for row in self.departments.values()}
        self._able = any(row.able for row in self.departments.values())
        self._placed = any(row.places for row in self.departments.values())

    @cached_property
    def pool(self) -> CustomerPool:
        """The company's own pool, for customers that no department can manage."""
        return CustomerPool.objects.get(department=None)

    def question(self, newcomer: Newcomer) -> Question:
        """The newcomer as the decision table asks about it, not knowing yet how busy departments are."""
        lead = newcomer.developer
        developer = self.departments[lead.department_id].code if lead else None
        return Question(
            tuple(self._candidates(newcomer, developer)),
            newcomer.expected_annual or ZERO,
            developer_dept=developer,
            override_dept=newcomer.override.code if newcomer.override else None,
        )

    def weighed(self, question: Question) -> Question:
        """The same with the number of customers each department has in force."""
        heavy = (
            replace(one, in_force_customers=self._loads.get(self.codes[one.code].id, 0))
            for one in question.departments
        )
        return replace(question, departments=tuple(heavy))

    @cached_property
    def _loads(self) -> dict[UUID, int]:
        """The number of customers in force by department, counted at most once."""
        held = Customer.objects.filter(standing__contracts_in_force__gt=0).exclude(responsible_dept=None)
        return dict(held.order_by().values_list("responsible_dept").annotate(Count("pk")))

    def _candidates(self, newcomer: Newcomer, developer: str | None) -> Iterator[Candidate]:
        active = [row for row in self.departments.values() if row.is_active]
        nearness = {row.id: self._nearness(row, newcomer.customer) for row in active}
        nearest = max(nearness.values(), default=0)
        for row in active:
            yield Candidate(
                row.code,
                capable=self._capable(row, newcomer, row.code == developer),
                in_region=nearest > 0 and nearness[row.id] == nearest,
                key_account=row.is_key_account,
                authority=row.authority_amount,
            )

    def _capable(self, row: Any, newcomer: Newcomer, develops: bool) -> bool:
        if not self._able:
            return row.kind == Department.Kind.SALES or (develops and row.kind == Department.Kind.OPS)
        return any(
            able["product_kind"] == newcomer.product_kind and able["line"] in ("", newcomer.line)
            for able in self._inherited(row, "able")
        )

    def _nearness(self, row: Any, customer: Customer) -> int:
        """2: the city is the department's own, 1: the province is, 0: neither. A city beats its province."""
        if not self._placed or not customer.province:
            return 1
        here = place(customer.province), place(customer.city)
        regions = [(place(r["province"]), place(r["city"])) for r in self._inherited(row, "places")]
        if here[1] and here in regions:
            return 2
        return int((here[0], "") in regions)

    def _inherited(self, row: Any, what: str) -> list[dict[str, str]]:
        line = (self.departments[key] for key in reversed(row.ancestors or [row.id]))
        return next((getattr(unit, what) for unit in line if getattr(unit, what)), [])


def _rows(model: Any, *names: str) -> ArraySubquery:
    rows = model.objects.filter(department=OuterRef("pk")).order_by(*names)
    return ArraySubquery(rows.values(row=JSONObject(**{name: name for name in names})))
