"""谁开发，谁管理: the one door through which anybody becomes responsible for a customer (domain.md §2.2)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from crm.accounts.models import Department, Member
from crm.accounts.roles import Role
from crm.events.record import Actor
from crm.tenancy.context import current
from customers import assignment, counters
from customers.candidates import Market, Newcomer
from customers.models import Customer, OwnershipCredit

Kind = OwnershipCredit.Role


@dataclass(frozen=True)
class Placed:
    """Where a newcomer came to: the decision, and who in the department has it."""

    newcomer: Newcomer
    question: assignment.Question
    decision: assignment.Decision
    department: Department | None
    owner: Member | None


def assign(
    newcomers: Sequence[Newcomer], *, by: Actor | None, at: datetime, on: date
) -> list[assignment.Decision]:
    """Decide who is responsible for new customers, and write the credits and the customers' owners.

    A customer stays with its developer when his department is responsible; otherwise the department's
    people take turns. Rule ASSIGN-09 leaves it in the pool without anybody. Records no event, the
    caller's tells the decision. A few statements whatever the number of newcomers.
    """
    market = Market()
    placed = list(_placed(market, newcomers))
    OwnershipCredit.objects.bulk_create(
        [credit for each in placed for credit in _credits(market, each, by, on)], batch_size=2000
    )
    carry([newcomer.customer.id for newcomer in newcomers])
    for each in placed:
        each.newcomer.customer.owner, each.newcomer.customer.responsible_dept = each.owner, each.department
    return [each.decision for each in placed]


def why(customer: Customer) -> list[OwnershipCredit]:
    """The answer to "why him?": all credits, newest first, each with its rule, reason and inputs."""
    return list(_credits_of(customer).select_related("department", "member", "decided_by"))


def _credits_of(customer: Customer) -> QuerySet[OwnershipCredit]:
    return OwnershipCredit.objects.filter(customer=customer).order_by("-valid_from", "role", "-id")


def _decide(market: Market, question: assignment.Question) -> assignment.Decision:
    decision = assignment.decide(question)
    # Counting every department's customers is the dear part, and one candidate needs no comparison.
    return assignment.decide(market.weighed(question)) if len(decision.considered) > 1 else decision


def _placed(market: Market, newcomers: Sequence[Newcomer]) -> Iterator[Placed]:
    questions = [market.question(newcomer) for newcomer in newcomers]
    decisions = [_decide(market, question) for question in questions]
    where = [market.codes.get(decision.responsible_dept or "") for decision in decisions]
    stays = [_stays(newcomer, there) for newcomer, there in zip(newcomers, where, strict=True)]
    turns = _turns(Counter(there.id for there, stay in zip(where, stays, strict=True) if there and not stay))
    rows = zip(newcomers, questions, decisions, where, stays, strict=True)
    for newcomer, question, decision, there, stay in rows:
        owner = newcomer.developer if stay else next(turns[there.id], None) if there else None
        yield Placed(newcomer, question, decision, there, owner)


def _stays(newcomer: Newcomer, department: Department | None) -> bool:
    developer = newcomer.developer
    return bool(developer and department and developer.department_id == department.id)


def _turns(wanted: Counter[UUID]) -> dict[UUID, Iterator[Member]]:
    """For each department the people whose turn comes next, as many as wanted; none where nobody sells."""
    people: dict[UUID, list[Member]] = defaultdict(list)
    for member in _sellers(wanted):
        people[member.department_id].append(member)
    return {
        department: iter(_next_people(department, people[department], wanted[department]))
        for department in sorted(wanted)  # locked in one order by everybody
    }


def _sellers(departments: Iterable[UUID]) -> QuerySet[Member]:
    active = Member.objects.filter(department__in=list(departments), status=Member.Status.ACTIVE)
    return active.filter(roles__overlap=[Role.SALES, Role.OPS]).order_by("code")


def _next_people(department: UUID, people: list[Member], count: int) -> list[Member]:
    if not people:
        return []
    first = counters.take(f"turn:{department}", count).start - 1
    place = first % len(people)
    return assignment.round_robin(people[place:] + people[:place], count)


def _credits(market: Market, placed: Placed, by: Actor | None, on: date) -> Iterator[OwnershipCredit]:
    newcomer, decision = placed.newcomer, placed.decision
    about: dict[str, Any] = {
        "customer": newcomer.customer,
        "valid_from": on,
        "rule": decision.rule,
        "reason": newcomer.reason,
        "inputs": _inputs(placed),
        "decided_by_id": by.id if by else None,
    }
    developer = newcomer.developer
    if developer is not None:
        about_him = {"department_id": developer.department_id, "member": developer}
        yield OwnershipCredit(role=Kind.DEVELOPER, **about_him, **about)
    if placed.department is not None:
        yield OwnershipCredit(role=Kind.MANAGER, department=placed.department, member=placed.owner, **about)
    for share in decision.collaborators:
        department = market.codes[share.dept]
        his = developer if developer and developer.department_id == department.id else None
        about["basis_points"] = share.basis_points
        yield OwnershipCredit(role=Kind.COLLABORATOR, department=department, member=his, **about)


def _inputs(placed: Placed) -> dict[str, Any]:
    newcomer, question = placed.newcomer, placed.question
    inputs = {
        "annual_amount": str(question.annual_amount),
        "developer_dept": question.developer_dept,
        "developer": newcomer.developer and newcomer.developer.name,
        "override_dept": question.override_dept,
        "product_kind": str(newcomer.product_kind),
        "line": newcomer.line,
        "province": newcomer.customer.province,
        "city": newcomer.customer.city,
        "considered": assignment.facts_of(placed.decision.considered),
        "picked": None
        if placed.owner is None
        else "DEVELOPER"
        if placed.owner == newcomer.developer
        else "TURN",
    }
    return {name: value for name, value in inputs.items() if value not in (None, "", [])}


CARRY = """
UPDATE customers_customer c
SET owner_id = m.member_id, responsible_dept_id = m.department_id{touch}
FROM unnest(%(ids)s::uuid[]) AS i(id)
LEFT JOIN customers_ownershipcredit m ON m.tenant_id = %(tenant)s AND m.customer_id = i.id
  AND m.role = 'MANAGER' AND m.valid_to IS NULL
WHERE c.tenant_id = %(tenant)s AND c.id = i.id
  AND (c.owner_id, c.responsible_dept_id) IS DISTINCT FROM (m.member_id, m.department_id)
"""


def carry(customer_ids: Sequence[UUID], *, touch: bool = False) -> int:
    """Set the customers' owner and department to the credit in force; `touch` counts it as a change.

    Returns how many changed. Imports that write credits themselves call it once a chunk.
    """
    touched = ", version = c.version + 1, updated_at = now()" if touch else ""
    with connection.cursor() as cursor:
        cursor.execute(CARRY.format(touch=touched), {"tenant": current(), "ids": list(customer_ids)})
        return cursor.rowcount
