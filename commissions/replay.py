"""Replay: what a version would have cost, over the facts that were recorded, beside what the ledger holds.

The same pure calculation as accrual, under the version alone as if it had always been in force. Everything is
read through the role that cannot write (crm.tenancy.reading); nothing of it touches the ledger. Payable kinds
only, by the effective date of the entries. Amounts in 分 until they are written out.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from commissions import classes, plans, recorded
from commissions.calculation.calculate import calculate
from commissions.calculation.facts import Request
from commissions.calculation.plan import Plan as Rules
from commissions.calculation.result import Result
from commissions.models import LedgerEntry, PlanVersion
from commissions.models.entry import MEMO_KINDS
from commissions.payees import Directory
from commissions.quotas import Credited
from commissions.settings import judged
from commissions.statement import PAYABLE
from crm.money import fen_text, to_fen
from crm.periods import month_number, month_text
from crm.tenancy.among import among
from customers.models import Contract, ContractExpense, Payment

BATCH = 2000
MOST = 50  # winners and losers that are kept by name
Tell = Callable[[int], object]


@dataclass(frozen=True)
class Question:
    """Which version is tried on which contracts: those that pay or are signed in [since, until).

    `on` is the day whose knowledge counts. Without `department` all contracts that the plan of the version
    pays, or all there are when it pays nobody yet.
    """

    version: PlanVersion
    since: date
    until: date
    on: date
    currency: str
    department: UUID | None = None


class Pair(NamedTuple):
    """What the ledger holds, and what the version would have paid, in 分."""

    old: int = 0
    new: int = 0

    def __add__(self, other: Any) -> "Pair":
        return Pair(self.old + other[0], self.new + other[1])

    @property
    def change(self) -> int:
        return self.new - self.old


NONE = Pair()
Payee = tuple[UUID | None, UUID | None]  # member, department
Parts = dict[tuple[Payee, int], Pair]  # by payee and month
Asked = tuple[Contract, Request]
Held = Mapping[UUID, Parts]  # by contract


class Tried(NamedTuple):
    """One contract under the version: the answer, and both amounts by payee and month."""

    contract: Contract
    result: Result
    parts: Parts

    @property
    def pair(self) -> Pair:
        return sum(self.parts.values(), NONE)


@dataclass
class Sums:
    """Totals of a replay. Memory does not grow with the number of contracts."""

    contracts: int = 0
    total: Pair = NONE
    payees: dict[Payee, Pair] = field(default_factory=lambda: defaultdict(Pair))
    departments: dict[UUID | None, Pair] = field(default_factory=lambda: defaultdict(Pair))
    classes: dict[str, Pair] = field(default_factory=lambda: defaultdict(Pair))
    months: dict[int, Pair] = field(default_factory=lambda: defaultdict(Pair))
    winners: list[tuple[int, str, Pair]] = field(default_factory=list)
    losers: list[tuple[int, str, Pair]] = field(default_factory=list)

    def take(self, tried: Tried) -> None:
        """Add one contract."""
        pair, contract = tried.pair, tried.contract
        self.contracts += 1
        self.total += pair
        self.departments[contract.responsible_dept_id] += pair
        if tried.result.signing is not None:
            self.classes[tried.result.signing.classes.rate_class] += pair
        for (payee, month), part in tried.parts.items():
            self.payees[payee] += part
            self.months[month] += part
        if pair.change:
            ranked = self.winners if pair.change > 0 else self.losers
            heapq.heappush(ranked, (abs(pair.change), str(contract.pk), pair))
            if len(ranked) > MOST:
                heapq.heappop(ranked)

    def written(self) -> dict[str, Any]:
        """The sums as JSON, amounts as text; the largest change first."""
        return {
            "contracts": self.contracts,
            "total": _text(self.total),
            "payees": [
                {"member": m and str(m), "department": d and str(d), **_text(pair)}
                for (m, d), pair in sorted(self.payees.items(), key=_by_change)
            ],
            "departments": [
                {"department": key and str(key), **_text(pair)}
                for key, pair in sorted(self.departments.items(), key=_by_change)
            ],
            "classes": [{"class": key, **_text(pair)} for key, pair in sorted(self.classes.items())],
            "months": [{"month": month_text(key), **_text(self.months[key])} for key in sorted(self.months)],
            "winners": [_row(row) for row in sorted(self.winners, reverse=True)],
            "losers": [_row(row) for row in sorted(self.losers, reverse=True)],
        }


def _by_change(each: tuple[Any, Pair]) -> tuple[int, str]:
    """Who loses most stands first."""
    return each[1].change, str(each[0])


def _text(pair: Pair) -> dict[str, str]:
    return {"old": fen_text(pair.old), "new": fen_text(pair.new), "change": fen_text(pair.change)}


def _row(row: tuple[int, str, Pair]) -> dict[str, str]:
    return {"contract": row[1], **_text(row[2])}


def asked(question: Question) -> list[UUID]:
    """Ids of the contracts of a question, those of a customer together: 16 bytes each.

    A contract is judged beside its customer's others, which a batch then reads once.
    """
    rows = concerned(question)
    columns = ("id", "responsible_dept_id", "signed_on")
    whose = _whose(question)
    return [
        key for key, dept, day in rows.values_list(*columns).order_by("customer", "id") if whose(dept, day)
    ]


def concerned(question: Question) -> QuerySet[Contract]:
    """Contracts of which something may be dated in the days asked about."""
    since, until = question.since, question.until
    days = {"gte": since, "lt": until}
    paid = Payment.objects.filter(contract=OuterRef("pk"), **_within("received_on", days))
    spent = ContractExpense.objects.filter(contract=OuterRef("pk"), **_within("incurred_on", days))
    rows = Contract.objects.filter(signed_on__lt=until, signed_on__lte=question.on)
    rows = rows.filter(Q(ends_on__gte=since) | Exists(paid) | Exists(spent))
    return rows.filter(responsible_dept=question.department) if question.department else rows


def _within(column: str, days: dict[str, date]) -> dict[str, date]:
    return {f"{column}__{name}": day for name, day in days.items()}


def _whose(question: Question) -> Callable[[UUID | None, date], bool]:
    """Whether the plan of the version pays contracts of a department signed on a day."""
    book, plan = plans.Book(), question.version.plan
    if plan.code != plans.DEFAULT and not plan.assignments.exists():
        return lambda dept, day: True
    return lambda dept, day: book.of(dept, day).id == plan.pk


def run(question: Question, ids: Sequence[UUID], tell: Tell = lambda done: None) -> Sums:
    """The sums over these contracts; `tell` hears after each batch how many are done."""
    sums = Sums()
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        for tried in tried_of(question, batch):
            sums.take(tried)
        tell(start + len(batch))
    return sums


def tried_of(question: Question, ids: Sequence[UUID]) -> Iterator[Tried]:
    """Each of these contracts under the version, with what the ledger holds of it."""
    return tried(question, requests(question, ids), posted(question, ids), Directory())


def tried(question: Question, asked: Iterable[Asked], held: Held, directory: Directory) -> Iterator[Tried]:
    """Each question answered, beside what is held of its contract; reads nothing."""
    for contract, request in asked:
        result = calculate(request)
        parts = defaultdict(Pair, held.get(contract.id, {}))
        for key, amount in _paid(result, question, directory).items():
            parts[key] += Pair(new=amount)
        yield Tried(contract, result, parts)


def requests(question: Question, ids: Sequence[UUID]) -> Iterator[Asked]:
    """What the calculation is asked of each of these contracts."""
    rules, credited = _alone(question), Credited()

    def plan_of(contract: Contract) -> Rules:
        return credited.fed(rules, contract.responsible_dept_id, contract.signed_on, contract.id)

    asked = recorded.questions(ids, plan_of=plan_of, currency=question.currency, on=question.on)
    return ((contract, classes.judged_by_amount(request)) for contract, request in asked)


def _alone(question: Question) -> Rules:
    """The version as the only one, in force without end."""
    version = judged(question.version.settings, question.currency)
    return Rules((replace(version, code=question.version.code, valid_from=None, valid_to=None),))


def _paid(result: Result, question: Question, directory: Directory) -> dict[tuple[Payee, int], int]:
    found: dict[tuple[Payee, int], int] = defaultdict(int)
    for entry in result.ledger:
        if entry.kind in MEMO_KINDS or not question.since <= entry.effective_date < question.until:
            continue
        payee = directory.payee(entry.payee)
        if payee is not None:
            key = (payee.member_id, payee.department_id)
            found[key, month_number(entry.effective_date)] += entry.amount
    return found


def posted(question: Question, ids: Sequence[UUID]) -> Held:
    """What the ledger holds of contracts, by payee and month: one query."""
    found: dict[UUID, Parts] = defaultdict(lambda: defaultdict(Pair))
    days = _within("effective_date", {"gte": question.since, "lt": question.until})
    rows = LedgerEntry.objects.filter(PAYABLE, among("contract_id", ids), **days).order_by()
    columns = ("contract_id", "member_id", "department_id", "effective_date")
    for contract, member, department, day, amount in rows.values_list(*columns).annotate(Sum("amount")):
        found[contract][(member, department), month_number(day)] += Pair(old=to_fen(amount))
    return found
