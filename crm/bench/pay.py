"""Commission of contracts that nothing was posted of yet, beside a bare COPY of its entries and the reads."""

import tempfile
from collections.abc import Iterator
from functools import partial
from statistics import median
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from commissions import accrual
from commissions.models import AccrualState, Entitlement, LedgerEntry
from crm.bench.book import FILLED, ONE_IN_TWENTY, Book, fill_book
from crm.bench.cost import FEWEST, cost
from crm.bench.loading import copied, dump
from crm.bench.promise import Bench, Outcome
from crm.bench.requests import Statement, listening
from crm.bench.room import room, tidy

LIMIT = "a bare COPY of the same entries and the same reads"
NEW = f"""
DELETE FROM commissions_accrualstate s USING customers_contract k, customers_customer c
WHERE s.tenant_id = %(tenant)s AND k.tenant_id = s.tenant_id AND k.id = s.contract_id
  AND c.tenant_id = s.tenant_id AND c.id = k.customer_id AND {ONE_IN_TWENTY}
RETURNING s.contract_id
"""


def measure(scale: int) -> Iterator[Outcome]:
    """commission.accrue: the contracts of one customer in twenty, as if they had come in today."""
    at = timezone.now()
    with room(at) as company, tempfile.TemporaryFile() as dumped:
        book = Book(company.id, at.date(), at)
        fill_book(book, scale)
        ids = _new(book)
        tidy(*FILLED, AccrualState)
        accrue = partial(accrual.accrue, ids, on=book.on, at=at)
        asked: list[Statement] = []
        rows: list[tuple[str, list[str], int]] = []

        def learn() -> None:
            with listening() as found:
                accrue()
            asked.extend(found)
            rows.extend(dump(dumped, (LedgerEntry, Entitlement)))

        cost(book.company, learn)
        read = partial(_read, asked)
        pairs = [
            (cost(book.company, accrue), cost(book.company, read) + copied(dumped, rows))
            for _ in range(FEWEST)
        ]
    seconds = median(mine for mine, _least in pairs)
    detail = f"{len(ids)} contracts in {seconds:.2f} CPU s"
    yield Outcome("commission.accrue", median(mine / least for mine, least in pairs), 5.0, LIMIT, detail)


def _new(book: Book) -> list[UUID]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(NEW, book.days)
        return [number for (number,) in cursor.fetchall()]


def _read(asked: list[Statement]) -> None:
    with connection.cursor() as cursor:
        for statement in asked:
            cursor.execute(statement.sql, statement.values)
            cursor.fetchall()


BENCHES: dict[str, Bench] = {"commission.accrue": measure}
