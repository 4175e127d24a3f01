"""An import of customers and their contracts beside a bare COPY of its rows into the same tables."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import IO, Any, BinaryIO

from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.db.models import Model
from django.utils import timezone

from crm.bench.cost import FEWEST, cost, spent
from crm.bench.promise import Outcome
from crm.bench.room import room, tidy
from crm.integrations.imports import receiving
from crm.integrations.imports.kinds import kind_of
from crm.integrations.imports.run import work
from crm.integrations.models import Import
from crm.tenancy.context import current
from customers.models import (
    Contact,
    Contract,
    ContractYear,
    CreditSplit,
    Customer,
    OwnershipCredit,
    Receivable,
    Standing,
)

CONTRACTS = 3  # a customer
WRITTEN = (Customer, Standing, OwnershipCredit, Contact, Contract, ContractYear, CreditSplit, Receivable)
CUSTOMER = ("客户编号", "客户名称", "行业", "省份", "城市", "责任部门", "联系人", "联系电话", "登记日期")
CONTRACT = ("合同编号", "客户编号", "合同名称", "合同金额", "税率", "签订日期", "开始日期", "到期日期")
CITIES = (("浙江", "杭州"), ("江苏", "苏州"), ("广东", "深圳"), ("四川", "成都"), ("湖北", "武汉"))
INDUSTRIES = ("电子", "化工", "食品", "物流", "机械", "医药", "纺织")
LIMIT = "a bare COPY of the rows it leaves into the same tables"


def bench(scale: int) -> Iterator[Outcome]:
    """import: as many customers as the scale says and three contracts of each, from two CSV files."""
    at = timezone.now()
    files = _file(CUSTOMER, customers(scale, at.date())), _file(CONTRACT, contracts(scale, at.date()))
    with room(at) as company, tempfile.TemporaryFile() as dumped:
        rows: list[tuple[str, list[str], int]] = []

        def bring_and_dump() -> None:
            bring(files, at)
            rows.extend(dump(dumped, WRITTEN))

        cost(company.id, bring_and_dump)
        pairs = [(cost(company.id, lambda: bring(files, at)), copied(dumped, rows)) for _ in range(FEWEST)]
        tidy(*WRITTEN)
    seconds = median(mine for mine, _least in pairs)
    detail = f"{scale} customers, {scale * CONTRACTS} contracts in {seconds:.1f} CPU s"
    yield Outcome("import", median(mine / least for mine, least in pairs), 6.0, LIMIT, detail)


def customers(size: int, on: date) -> Iterator[Sequence[Any]]:
    """Rows of a file of customers."""
    for n in range(size):
        place, day = CITIES[n % len(CITIES)], on - timedelta(days=800 + n % 400)
        about = INDUSTRIES[n % len(INDUSTRIES)], *place, "HQ"
        yield f"K{n:07}", f"{place[1]}{n:07}科技有限公司", *about, f"王{n % 997}", f"138{n:08}", day


def contracts(size: int, on: date) -> Iterator[Sequence[Any]]:
    """Rows of a file of contracts: a chain of three years for each customer."""
    for n in range(size):
        for k in range(CONTRACTS):
            begins = on - timedelta(days=n % 365 + 365 * (CONTRACTS - 1 - k))
            last = begins + timedelta(days=364)
            told = f"{begins.year} 年服务", f"{20_000 + n % 5_000 * 37}.{n % 100:02}", "6%"
            yield f"H{n:07}-{k}", f"K{n:07}", *told, begins, begins, last


def _file(header: Sequence[str], rows: Iterator[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def bring(files: Sequence[bytes], at: datetime) -> None:
    """Bring in a file of customers, then one of contracts, as the command does."""
    for name, content in zip(("customers", "contracts"), files, strict=True):
        run = _brought(name, io.BytesIO(content), at)
        default_storage.delete(run.stored_as)
        if run.state != Import.State.DONE or run.refused:
            raise RuntimeError(f"the bench's own file of {name} was refused: {run.fault} {run.counts}")


def _brought(name: str, file: BinaryIO, at: datetime) -> Import:
    run = receiving.receive(file, name=f"{name}.csv", kind=kind_of(name), by=None, at=at)
    receiving.choose(run)
    run = receiving.begin(run, write=True, at=at)
    return work(run.id, timezone.now)


def dump(file: IO[bytes], models: Iterable[type[Model]]) -> Iterator[tuple[str, list[str], int]]:
    """Write every row of the tenant in these tables to a file; yields table, columns and bytes of each."""
    for model in models:
        columns = [str(field.column) for field in model._meta.concrete_fields if not field.generated]
        listed = ", ".join(f'"{column}"' for column in columns)
        query = f'SELECT {listed} FROM "{model._meta.db_table}" WHERE tenant_id = {current()}'
        began = file.tell()
        with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as rows:
            for block in rows:
                file.write(block)
        yield model._meta.db_table, columns, file.tell() - began


def copied(file: IO[bytes], rows: Sequence[tuple[str, list[str], int]]) -> float:
    """CPU seconds of COPY into the very tables, keys and indexes and all; taken back.

    As the owner, who alone may: row-level security refuses a COPY of the application.
    """
    with transaction.atomic("owner"):
        seconds = spent(lambda: copy(file, rows), "owner")
        transaction.set_rollback(True, "owner")
    return seconds


def copy(file: IO[bytes], rows: Sequence[tuple[str, list[str], int]]) -> None:
    """COPY the rows as they were dumped: table, columns and bytes of each."""
    file.seek(0)
    for table, columns, size in rows:
        listed = ", ".join(f'"{column}"' for column in columns)
        with (
            connections["owner"].cursor() as cursor,
            cursor.copy(f'COPY "{table}" ({listed}) FROM STDIN') as target,
        ):
            while size and (block := file.read(min(size, 1 << 20))):
                target.write(block)
                size -= len(block)
