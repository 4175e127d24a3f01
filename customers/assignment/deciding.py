"""Who manages a customer: a decision table (customers.assignment.table) asked about it, pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle, islice
from typing import Any, TypeVar

from customers.assignment import table as decisiontable
from customers.assignment.table import DEFAULT_TABLE, WHOLE, Rule, Situation

HANDOVER_DAYS = 30
HANDOVER_SHARE = 5_000

Item = TypeVar("Item")


@dataclass(frozen=True)
class Candidate:
    """A department as the table sees it. `authority` is the annual amount it may sign up to, None all."""

    code: str
    capable: bool
    in_region: bool
    in_force_customers: int = 0
    key_account: bool = False
    authority: Decimal | None = None


@dataclass(frozen=True)
class Question:
    """What a decision rests on; departments are named by their codes."""

    departments: Sequence[Candidate]
    annual_amount: Decimal = Decimal(0)
    developer_dept: str | None = None
    override_dept: str | None = None
    protected_owner_dept: str | None = None
    intel_dept: str | None = None


@dataclass(frozen=True)
class Collaborator:
    """A department that is proposed a share of the commission beside the responsible one."""

    dept: str
    basis_points: int


@dataclass(frozen=True)
class Decision:
    """The rule that decided, and for whom; without a department the customer goes to the pool 公海."""

    rule: str
    responsible_dept: str | None
    collaborators: tuple[Collaborator, ...] = ()
    considered: tuple[Candidate, ...] = field(default=(), compare=False)
    situation: Situation | None = field(default=None, compare=False)

    @property
    def to_pool(self) -> bool:
        return self.responsible_dept is None


def decide(question: Question, table: Sequence[Rule] = DEFAULT_TABLE) -> Decision:
    """What the first row that matches says. LookupError when none does (customers.assignment.table.flaws)."""
    situation = situation_of(question)
    rule = decisiontable.first(table, situation)
    if rule is None:
        raise LookupError(f"no row of the table answers {situation}")
    choice = _choice(rule.outcome, question)
    dept = choice[0].code if choice else _named(rule.outcome, question)
    neighbours = capable_of_region(question) if rule.share_to == decisiontable.REGION else []
    other = neighbours[0].code if neighbours else _sharer(rule.share_to, question)
    shares = _beside(dept, other, rule.basis_points) if rule.share_to else ()
    considered = (*choice, *(one for one in neighbours if one not in choice))
    return Decision(rule.code, dept, shares, considered, situation)


def situation_of(question: Question) -> Situation:
    """What the table asks about, read off the departments."""
    developer = _developer(question)
    authority = developer.authority if developer else None
    return Situation(
        arranged=question.override_dept is not None,
        protected=question.protected_owner_dept is not None,
        anyone_capable=any(one.capable for one in question.departments),
        developed=question.developer_dept is not None,
        capable=developer is not None and developer.capable,
        in_region=developer is not None and developer.in_region,
        region_served=any(one.capable and one.in_region for one in question.departments),
        within_authority=authority is None or question.annual_amount <= authority,
        amount=question.annual_amount,
    )


def by_load(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Fewest customers in force first, ties by code."""
    return sorted(candidates, key=lambda one: (one.in_force_customers, one.code))


def capable_of_region(question: Question) -> list[Candidate]:
    return by_load(one for one in question.departments if one.capable and one.in_region)


def _developer(question: Question) -> Candidate | None:
    return next((one for one in question.departments if one.code == question.developer_dept), None)


def _beside(dept: str | None, other: str | None, basis_points: int) -> tuple[Collaborator, ...]:
    return () if other is None or other == dept else (Collaborator(other, basis_points),)


def _choice(outcome: str, question: Question) -> list[Candidate]:
    """The departments that an outcome chooses among, the best first; none where it names one."""
    if outcome == decisiontable.REGION:
        return capable_of_region(question)
    if outcome == decisiontable.CAPABLE:
        able = (one for one in question.departments if one.capable)
        return capable_of_region(question) or by_load(able)
    if outcome == decisiontable.KEY_ACCOUNT:
        return by_load(one for one in question.departments if one.key_account and one.capable)
    return []


def _named(outcome: str, question: Question) -> str | None:
    """The department that an outcome names."""
    return {
        decisiontable.ARRANGED: question.override_dept,
        decisiontable.OWNER: question.protected_owner_dept,
        decisiontable.DEVELOPER: question.developer_dept,
        decisiontable.KEY_ACCOUNT: question.developer_dept,
    }.get(outcome)


def _sharer(share_to: str, question: Question) -> str | None:
    named = {decisiontable.DEVELOPER: question.developer_dept, decisiontable.INTEL: question.intel_dept}
    return named.get(share_to)


def round_robin(people: Sequence[Item], count: int) -> list[Item]:
    """Who gets the first, second, … of `count` customers, in turn. ValueError without people."""
    if not people:
        raise ValueError("there is nobody to take a turn")
    return list(islice(cycle(people), count))


def deal_after_transfer(
    transferred_on: date, signed_on: date, *, window_days: int = HANDOVER_DAYS, share: int = HANDOVER_SHARE
) -> tuple[int, int]:
    """Basis points of the old and the new owner for a deal signed after a transfer (domain.md §2.2).

    Signed within `window_days` after it, the old owner has `share`; the last day is inside.
    """
    shared = timedelta(0) <= signed_on - transferred_on <= timedelta(window_days)
    old = share if shared else 0
    return old, WHOLE - old


def facts_of_developer(question: Question) -> dict[str, Any]:
    """What the decision knew of the developer's department, as stored beside it; nothing without one."""
    developer = _developer(question)
    if developer is None:
        return {}
    authority = None if developer.authority is None else str(developer.authority)
    return {"able": developer.capable, "in_region": developer.in_region, "authority": authority}


def facts_of(candidates: Iterable[Candidate]) -> list[dict[str, Any]]:
    """Candidates as stored beside a decision, so that it can be checked by hand."""
    return [{"dept": one.code, "in_force_customers": one.in_force_customers} for one in candidates]
