"""Closing a month in which every customer paid, and a replay of the year: each beside its bare work."""

import gc
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from statistics import median
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from commissions import accrual, closing, commencing, replay, settlement
from commissions.models import AccrualState, Entitlement, LedgerEntry, Period, PlanVersion, Statement
from commissions.payees import Directory
from crm.accounts import members
from crm.accounts.models import Department, Member
from crm.accounts.rights import Role
from crm.bench import limits
from crm.bench.book import FILLED, Book, fill_book
from crm.bench.cost import FEWEST, cost, ratio
from crm.bench.loading import copied, dump
from crm.bench.promise import Bench, Outcome
from crm.bench.room import fill, room, tidy
from crm.periods import add_months
from customers.models import Contract, Payment

HELD = 50  # customers a payee
LATEST = "k.number LIKE '%%-0'"
PAYEES = """
UPDATE customers_creditsplit s SET member_id = m.id, department_id = NULL
FROM customers_contract k, customers_customer c, accounts_member m
WHERE s.tenant_id = %(tenant)s AND k.tenant_id = s.tenant_id AND k.id = s.contract_id
  AND c.tenant_id = s.tenant_id AND c.id = k.customer_id
  AND m.tenant_id = s.tenant_id AND m.code = 'P' || substr(c.code, 2)::int / %(held)s
"""
AGGREGATE = """
SELECT member_id, department_id, kind, count(*), sum(amount) FROM commissions_ledgerentry
WHERE tenant_id = %(tenant)s AND posting_period = %(month)s GROUP BY member_id, department_id, kind
"""


class Month(NamedTuple):
    """A month over which everything is worked out, and who closes it."""

    book: Book
    period: Period
    maker: Member
    checker: Member

    @property
    def acts(self) -> dict[str, Any]:
        return {"by": self.maker, "at": self.book.at, "on": self.book.on}


def measure_settle(scale: int) -> Iterator[Outcome]:
    """commission.settle: calculating the month, beside reading and adding up its rows and a COPY of what it
    leaves. commission.settle.fresh: whether a calculated month is stale, beside the same reading.
    """
    with _begun(scale) as month, tempfile.TemporaryFile() as dumped:
        rows: list[tuple[str, list[str], int]] = []
        calculate_it = partial(closing.calculate, month.period, **month.acts)

        def learn() -> None:
            calculate_it()
            rows.extend(dump(dumped, (Statement,)))

        cost(month.book.company, learn)
        company, least = month.book.company, partial(_read, month)
        pairs = [
            (cost(company, calculate_it), cost(company, least) + copied(dumped, rows)) for _ in range(FEWEST)
        ]
        with transaction.atomic():
            period = calculate_it()
            payees = period.statements.count()
        tidy(Statement, LedgerEntry)
        fresh, spent = ratio(company, partial(settlement.is_stale, period), partial(_count, month))
    seconds = median(mine for mine, _least in pairs)
    limit = "the read-only aggregate of what it reads and a bare COPY of its statements"
    detail = f"{payees} payees, {scale} contracts in {seconds:.2f} CPU s"
    yield Outcome("commission.settle", median(mine / bare for mine, bare in pairs), 2.5, limit, detail)
    yield Outcome(
        "commission.settle.fresh", fresh, 2.5, "counting the rows of the month", f"{spent:.4f} CPU s"
    )


def measure_replay(scale: int) -> Iterator[Outcome]:
    """commission.replay: the version in force over the last year, beside it on facts in memory."""
    with _begun(scale) as month:
        on = month.book.on
        with transaction.atomic():
            version = PlanVersion.objects.select_related("plan").get()
            question = replay.Question(version, add_months(on, -12), on, on, "CNY")
            ids = replay.asked(question)
            asked, held = list(replay.requests(question, ids)), replay.posted(question, ids)
            directory = Directory()

        def bare() -> None:
            sums = replay.Sums()
            for tried in replay.tried(question, asked, held, directory):
                sums.take(tried)

        gc.collect()
        gc.freeze()  # the facts that only the limit holds are no burden of the other
        dear, seconds = ratio(month.book.company, partial(replay.run, question, ids), bare)
    gc.unfreeze()
    limit = "the same replay of facts that are in memory"
    yield Outcome("commission.replay", dear, 1.5, limit, f"{len(ids)} contracts in {seconds:.1f} CPU s")


@contextmanager
def _begun(size: int) -> Iterator[Month]:
    """Every customer paid his latest contract last month, with which commission begins; all is worked out."""
    at = timezone.now()
    with room(at) as company:
        book = Book(company.id, at.date(), at)
        fill_book(book, size)
        with transaction.atomic():
            maker, checker = _people(book, size)
            _pay(book)
        tidy(*FILLED, AccrualState, Member)
        with transaction.atomic():
            latest = Contract.objects.filter(number__endswith="-0").values_list("id", flat=True)
            accrual.accrue(list(latest), on=book.on, at=at)
            acts: dict[str, Any] = {"at": at, "on": book.on}
            row = commencing.propose(month=f"{_last(book.on):%Y-%m}", by=maker, **acts)
            commencing.approve(row, by=checker, **acts)
            period = Period.objects.get(month=row.month)
        tidy(LedgerEntry, Entitlement, AccrualState)
        yield Month(book, period, maker, checker)


def _last(on: date) -> date:
    return add_months(on.replace(day=1), -1)


def _people(book: Book, size: int) -> list[Member]:
    home = Department.objects.get(code="HQ")
    who = {"code": "'P' || n", "name": "'李' || n", "roles": f"ARRAY['{Role.SALES}']"}
    who |= {"department_id": f"'{home.pk}'::uuid"}
    fill(Member, who, f"generate_series(0, {size // HELD}) AS n", book.at)
    with connection.cursor() as cursor:
        cursor.execute(PAYEES, {**book.days, "held": HELD})
    told: dict[str, Any] = {"department": home, "at": book.at, "on": book.on}
    return [
        members.add(code=code, name=code, email=f"{code}@bench.example", roles=[role], **told)
        for code, role in (("MAKER", Role.COMP_ADMIN), ("CHECKER", Role.EXECUTIVE))
    ]


def _pay(book: Book) -> None:
    day = f"'{_last(book.on)}'::date + abs(hashtext(k.number)) %% 28"
    paid = {"number": "k.number", "contract_id": "k.id", "customer_id": "k.customer_id", "amount": "k.gross"}
    paid |= {"received_on": day, "entered_on": day}
    fill(Payment, paid, f"customers_contract k WHERE k.tenant_id = {book.company} AND {LATEST}", book.at)


def _read(month: Month) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(limits.ACCRUE, month.book.days)
        cursor.fetchall()
        cursor.execute(AGGREGATE, {**month.book.days, "month": month.period.month})
        cursor.fetchall()


def _count(month: Month) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM commissions_ledgerentry WHERE tenant_id = %s AND posting_period = %s",
            [month.book.company, month.period.month],
        )
        cursor.fetchall()


BENCHES: dict[str, Bench] = {"commission.settle": measure_settle, "commission.replay": measure_replay}
