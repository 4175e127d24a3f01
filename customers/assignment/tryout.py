"""A decision table tried against history: who would be responsible for the customers of a period by it.

Customers that the table cannot tell apart are counted together by one statement, and each group is decided
once; a second statement lists some of those that would go elsewhere. Departments are as they are today:
their regions, abilities, authority and number of customers.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from crm.accounts.access import Viewer
from crm.accounts.models import Member
from customers.assignment import placing, policies
from customers.assignment.asked import GROUPS, MOVES, Group, History, Statement
from customers.assignment.candidates import Market, Newcomer
from customers.assignment.policies import Proposal
from customers.assignment.table import Rule
from customers.models import Customer

PER_PAGE = 50
CENT = Decimal("0.01")
POOL = ""


class Flow(NamedTuple):
    """How many customers go from one department to another; codes, "" is the pool.

    `anyway` of them would by the table in force too, were they asked today.
    """

    before: str
    after: str
    customers: int
    amount: Decimal
    anyway: int


class Move(NamedTuple):
    """One customer or contract that would have gone elsewhere, by which row."""

    customer: UUID
    name: str
    contract: str
    day: date
    amount: Decimal
    before: str
    after: str
    rule: str
    anyway: bool


@dataclass(frozen=True)
class Page:
    """Which of the moves are wanted: from and to a department, and the place in the list, from 1."""

    before: str | None = None
    after: str | None = None
    number: int = 1
    size: int = PER_PAGE

    def takes(self, before: str, after: str) -> bool:
        return self.before in (None, before) and self.after in (None, after)


@dataclass(frozen=True)
class Tryout:
    """What a table would have changed, and one page of it; `wins` counts customers by row."""

    asked: int
    flows: Sequence[Flow]
    wins: Mapping[str, int]
    moves: Sequence[Move]
    page: Page
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def moved(self) -> int:
        return sum(flow.customers for flow in self.flows)

    @property
    def anyway(self) -> int:
        return sum(flow.anyway for flow in self.flows)

    @property
    def listed(self) -> int:
        """How many moves the page is a part of."""
        return sum(flow.customers for flow in self.flows if self.page.takes(flow.before, flow.after))

    @property
    def has_more(self) -> bool:
        return self.listed > self.page.number * self.page.size


def tryout(
    proposal: Proposal, history: History, viewer: Viewer, *, on: date, page: Page | None = None
) -> Tryout:
    """What a proposal would have changed among the customers within a viewer's reach. Writes nothing.

    Refused as policies.judge does; until empty_period, period_too_long.
    """
    history.judge()
    policies.judge(proposal, on)
    page, market = page or Page(), Market()
    tables = (policies.in_force(on).table, proposal.table)
    bounds = _bounds(market, tables)
    statement = Statement(history, bounds, viewer)
    groups = [(Group(*row[:8]), row[8], row[9]) for row in statement.rows(GROUPS, {})]
    judged = _Judged(market, bounds, tables)
    answers = {group: judged.answer(group) for group, _count, _amount in groups}
    found = [group for group, _count, _amount in groups if _is_listed(group, answers[group], page)]
    return Tryout(
        sum(count for _group, count, _amount in groups),
        _flows(groups, answers),
        _wins(groups, answers),
        _moves(statement, found, answers, page),
        page,
        {row.code: row.name for row in market.departments.values()},
    )


class Answer(NamedTuple):
    """From where a group goes whither by which row, and whither by the table in force."""

    before: str
    after: str
    rule: str
    old: str

    @property
    def moves(self) -> bool:
        return self.before != self.after

    @property
    def anyway(self) -> bool:
        return self.old == self.after


class _Judged:
    """Decides groups by the table in force and by the proposed one."""

    def __init__(
        self, market: Market, bounds: Sequence[Decimal], tables: tuple[Sequence[Rule], Sequence[Rule]]
    ) -> None:
        self.market, self.bounds, self.tables = market, bounds, tables

    def answer(self, group: Group) -> Answer:
        market, departments = self.market, self.market.departments
        lead = Member(department_id=group.developer) if group.developer in departments else None
        newcomer = Newcomer(
            Customer(province=group.province, city=group.city),
            developer=lead,
            override=market.codes.get(group.override),
            product_kind=group.kind,
            line=group.line,
            expected_annual=self.bounds[max(0, group.span - 1)],
        )
        question = market.question(newcomer)
        old, new = (placing.decide(market, question, table) for table in self.tables)
        before = departments[group.before].code if group.before in departments else POOL
        return Answer(before, new.responsible_dept or POOL, new.rule, old.responsible_dept or POOL)


def _bounds(market: Market, tables: Sequence[Sequence[Rule]]) -> list[Decimal]:
    """The amounts from which a decision may be another one; a department may sign its authority itself."""
    named = {amount for table in tables for rule in table for amount in (rule.amount_from, rule.amount_below)}
    limits = {row.authority_amount for row in market.departments.values()}
    above = {limit + CENT for limit in limits if limit is not None}
    return sorted({Decimal(0)} | above | {amount for amount in named if amount is not None})


def _is_listed(group: Group, answer: Answer, page: Page) -> bool:
    return answer.moves and page.takes(answer.before, answer.after)


def _flows(groups: Sequence[tuple[Group, int, Decimal]], answers: Mapping[Group, Answer]) -> list[Flow]:
    customers: Counter[tuple[str, str]] = Counter()
    anyway: Counter[tuple[str, str]] = Counter()
    amounts: dict[tuple[str, str], Decimal] = {}
    for group, count, amount in groups:
        answer = answers[group]
        way = (answer.before, answer.after)
        customers[way] += count
        anyway[way] += count if answer.anyway else 0
        amounts[way] = amounts.get(way, Decimal(0)) + amount
    ways = sorted((way for way in customers if way[0] != way[1]), key=lambda way: (-customers[way], way))
    return [Flow(*way, customers[way], amounts[way], anyway[way]) for way in ways]


def _wins(groups: Sequence[tuple[Group, int, Decimal]], answers: Mapping[Group, Answer]) -> dict[str, int]:
    wins: Counter[str] = Counter()
    for group, count, _amount in groups:
        wins[answers[group].rule] += count
    return dict(wins)


def _moves(
    statement: Statement, groups: Sequence[Group], answers: Mapping[Group, Answer], page: Page
) -> list[Move]:
    if not groups:
        return []
    names = ("developers", "befores", "overrides", "kinds", "lines", "provinces", "cities", "spans")
    columns = dict(zip(names, (list(column) for column in zip(*groups, strict=True)), strict=True))
    wanted = {"limit": page.size, "offset": (page.number - 1) * page.size}
    moves = []
    for customer, name, contract, day, amount, place in statement.rows(MOVES, columns | wanted):
        answer = answers[groups[place - 1]]
        about = (answer.before, answer.after, answer.rule, answer.anyway)
        moves.append(Move(customer, name, contract, day, amount, *about))
    return moves
