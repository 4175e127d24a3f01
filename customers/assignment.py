"""Who manages a customer: the decision table ASSIGN-01…09 (domain.md §2.2), pure.

Read top-down, with 09 right after 02, because 07 and 08 would hide it (spec/what-if.md §9).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle, islice
from typing import Any, TypeVar

LARGE_AMOUNT = Decimal("500000.00")  # from this annual amount on a developer outside his region keeps it
OVERRIDE_SHARE = 2_000  # of 10,000 basis points, for the developer when another department manages
INTEL_SHARE = 2_000
KEY_ACCOUNT_SHARE = 5_000
REGION_SHARE = 3_000
NEIGHBOUR_SHARE = 2_000  # for the department of the region when the developer keeps a large customer
NOT_CAPABLE_SHARE = 3_000
WHOLE = 10_000
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

    @property
    def to_pool(self) -> bool:
        return self.responsible_dept is None


def decide(question: Question) -> Decision:
    """The first row of the table that matches."""
    return next(found for rule in RULES if (found := rule(question)) is not None)


def by_load(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Fewest customers in force first, ties by code."""
    return sorted(candidates, key=lambda one: (one.in_force_customers, one.code))


def capable_of_region(question: Question) -> list[Candidate]:
    return by_load(one for one in question.departments if one.capable and one.in_region)


def _developer(question: Question) -> Candidate | None:
    return next((one for one in question.departments if one.code == question.developer_dept), None)


def _beside(dept: str, other: str | None, basis_points: int) -> tuple[Collaborator, ...]:
    return (Collaborator(other, basis_points),) if other not in (None, dept) else ()  # type: ignore[arg-type]


def _override(question: Question) -> Decision | None:
    dept = question.override_dept
    if dept is None:
        return None
    return Decision("ASSIGN-01", dept, _beside(dept, question.developer_dept, OVERRIDE_SHARE))


def _protected(question: Question) -> Decision | None:
    dept = question.protected_owner_dept
    if dept is None:
        return None
    return Decision("ASSIGN-02", dept, _beside(dept, question.intel_dept, INTEL_SHARE))


def _nobody_capable(question: Question) -> Decision | None:
    return None if any(one.capable for one in question.departments) else Decision("ASSIGN-09", None)


def _inbound(question: Question) -> Decision | None:
    if question.developer_dept is not None:
        return None
    choice = _anyone(question)
    return Decision("ASSIGN-08", choice[0].code, considered=tuple(choice))


def _not_capable(question: Question) -> Decision | None:
    developer = _developer(question)
    if developer is not None and developer.capable:
        return None
    choice = _anyone(question)
    share = _beside(choice[0].code, question.developer_dept, NOT_CAPABLE_SHARE)
    return Decision("ASSIGN-07", choice[0].code, share, tuple(choice))


def _anyone(question: Question) -> list[Candidate]:
    """Capable departments of the region, else all capable ones; called when there is one."""
    return capable_of_region(question) or by_load(one for one in question.departments if one.capable)


def _in_region(question: Question) -> Decision | None:
    developer = _developer(question)
    if developer is None or not developer.in_region:
        return None
    if developer.authority is None or question.annual_amount <= developer.authority:
        return Decision("ASSIGN-03", developer.code)
    choice = by_load(one for one in question.departments if one.key_account and one.capable)
    dept = choice[0].code if choice else developer.code
    return Decision("ASSIGN-04", dept, _beside(dept, developer.code, KEY_ACCOUNT_SHARE), tuple(choice))


def _out_of_region(question: Question) -> Decision:
    developer, choice = question.developer_dept, capable_of_region(question)
    if choice and question.annual_amount < LARGE_AMOUNT:
        dept = choice[0].code
        return Decision("ASSIGN-05", dept, _beside(dept, developer, REGION_SHARE), tuple(choice))
    neighbour = tuple(Collaborator(one.code, NEIGHBOUR_SHARE) for one in choice[:1])
    return Decision("ASSIGN-06", developer, neighbour, tuple(choice))


RULES: tuple[Callable[[Question], Decision | None], ...] = (
    _override,
    _protected,
    _nobody_capable,
    _inbound,
    _not_capable,
    _in_region,
    _out_of_region,
)


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


def facts_of(candidates: Iterable[Candidate]) -> list[dict[str, Any]]:
    """Candidates as stored beside a decision, so that it can be checked by hand."""
    return [{"dept": one.code, "in_force_customers": one.in_force_customers} for one in candidates]
