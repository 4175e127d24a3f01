"""Newcomers: the decision about each, and the person of the department whose turn it is."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from crm.accounts.models import Department, Member
from crm.accounts.rights import Role
from crm.events.record import Actor
from customers import counters
from customers.assignment import deciding
from customers.assignment.candidates import Market, Newcomer
from customers.assignment.table import Rule
from customers.models import AssignmentPolicy, OwnershipCredit

REGISTRATION = "REGISTRATION"  # held by who registered it, until a rule says whose it is
Kind = OwnershipCredit.Role


@dataclass(frozen=True)
class Placed:
    """Where a newcomer came to: the decision, and who in the department has it."""

    newcomer: Newcomer
    question: deciding.Question
    decision: deciding.Decision
    department: Department | None
    owner: Member | None


def decide(market: Market, question: deciding.Question, table: Sequence[Rule]) -> deciding.Decision:
    """What a table answers, the customers of departments counted only where they are compared."""
    decision = deciding.decide(question, table)
    # Counting every department's customers is the dear part, and one candidate needs no comparison.
    if len(decision.considered) > 1:
        return deciding.decide(market.weighed(question), table)
    return decision


def place(market: Market, newcomers: Sequence[Newcomer], table: Sequence[Rule]) -> Iterator[Placed]:
    """Where a table puts each newcomer: with its developer if his department is responsible, else in turn."""
    questions = [market.question(newcomer) for newcomer in newcomers]
    decisions = [
        deciding.Decision(REGISTRATION, question.developer_dept)
        if newcomer.on_trial
        else decide(market, question, table)
        for newcomer, question in zip(newcomers, questions, strict=True)
    ]
    where = [market.codes.get(decision.responsible_dept or "") for decision in decisions]
    stays = [_stays(newcomer, there) for newcomer, there in zip(newcomers, where, strict=True)]
    wanted = Counter(there.id for there, stay in zip(where, stays, strict=True) if there and not stay)
    turns = {department: iter(people) for department, people in turns_in(wanted).items()}
    rows = zip(newcomers, questions, decisions, where, stays, strict=True)
    for newcomer, question, decision, there, stay in rows:
        owner = newcomer.developer if stay else next(turns[there.id], None) if there else None
        yield Placed(newcomer, question, decision, there, owner)


def _stays(newcomer: Newcomer, department: Department | None) -> bool:
    developer = newcomer.developer
    return bool(developer and department and developer.department_id == department.id)


def turns_in(wanted: Counter[UUID]) -> dict[UUID, list[Member]]:
    """For each department the people whose turn comes next, as many as wanted; none where nobody sells."""
    people: dict[UUID, list[Member]] = defaultdict(list)
    for member in _sellers(wanted):
        people[member.department_id].append(member)
    return {
        department: _next_people(department, people[department], wanted[department])
        for department in sorted(wanted)  # locked in one order by everybody
    }


def _sellers(departments: Iterable[UUID]) -> QuerySet[Member]:
    active = Member.objects.filter(department__in=list(departments), status=Member.Status.ACTIVE)
    return active.filter(roles__overlap=[Role.SALES, Role.OPS]).select_related("department").order_by("code")


def _next_people(department: UUID, people: list[Member], count: int) -> list[Member]:
    if not people:
        return []
    first = counters.take(f"turn:{department}", count).start - 1
    place = first % len(people)
    return deciding.round_robin(people[place:] + people[:place], count)


def credits_of(
    market: Market, placed: Placed, policy: AssignmentPolicy, by: Actor | None, on: date
) -> Iterator[OwnershipCredit]:
    """Who developed, who manages, who collaborates, each with the rule and what it rested on."""
    newcomer, decision = placed.newcomer, placed.decision
    about: dict[str, Any] = {
        "customer": newcomer.customer,
        "valid_from": on,
        "rule": decision.rule,
        "policy": None if newcomer.on_trial else policy,
        "reason": newcomer.reason,
        "inputs": _inputs(placed),
        "decided_by_id": by.id if by else None,
    }
    developer = newcomer.developer
    if developer is not None and not newcomer.on_trial:
        about_him = {"department_id": developer.department_id, "member": developer}
        yield OwnershipCredit(role=Kind.DEVELOPER, **about_him, **about)
    if placed.department is not None:
        yield OwnershipCredit(role=Kind.MANAGER, department=placed.department, member=placed.owner, **about)
    else:
        yield OwnershipCredit(role=Kind.MANAGER, pool=market.pool, **about)
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
        **deciding.facts_of_developer(question),
        "override_dept": question.override_dept,
        "product_kind": str(newcomer.product_kind),
        "line": newcomer.line,
        "province": newcomer.customer.province,
        "city": newcomer.customer.city,
        "considered": deciding.facts_of(placed.decision.considered),
        "picked": None
        if placed.owner is None
        else "DEVELOPER"
        if placed.owner == newcomer.developer
        else "TURN",
    }
    return {name: value for name, value in inputs.items() if value not in (None, "", [])}
