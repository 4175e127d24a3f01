"""The payment plan in a cell of a contract's row: its instalments one by one, or how often they fall due.

It is laid down with the contract. The plan of a known one is changed by a file of receivables, or amended.
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from crm import periods
from crm.integrations.imports.dates import FIRST, LAST, read_moment
from crm.integrations.imports.faults import Misread, Wrong
from crm.integrations.imports.numbers import read_amount
from crm.integrations.imports.staging import Chunk
from crm.integrations.imports.values import Value, escape
from customers.terms import Instalment, Terms, YearRow, in_parts, years_of

MONTHS = {"月": 1, "季": 3, "季度": 3, "半年": 6, "半年度": 6, "年": 12, "年度": 12}
MONTHS |= {"monthly": 1, "quarterly": 3, "half-yearly": 6, "semi-annually": 6, "yearly": 12, "annually": 12}
MONTHS |= {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
_AROUND = re.compile(r"^[按每]|[付缴收结]款?$")
_PART = re.compile(r"(\S+?)[\s::]+(\S+)(?:[\s::]+(.{1,60}))?")
_TOLD = """
SELECT s.row, s.target, s.starts_on, s.ends, s.gross, s.gross_before, s.schedule, s.plan::text
FROM stage s WHERE s.plan IS NOT NULL AND s.starts_on < s.ends AND s.gross IS NOT NULL"""
_STORED = """
SELECT s.row, r.due_on, r.amount, r.contract_year FROM stage s JOIN customers_receivable r
  ON r.tenant_id = %(tenant)s AND r.contract_id = s.target
WHERE s.plan IS NOT NULL ORDER BY r.due_on, r.contract_year, r.number"""
_WRITTEN = """
SELECT k.id, k.customer_id, k.number, k.starts_on, k.ends_on, k.gross, s.schedule, s.plan::text
FROM stage s CROSS JOIN LATERAL (SELECT k.* FROM customers_contract k
  WHERE k.tenant_id = %(tenant)s AND k.id = s.id LIMIT 1) k
WHERE s.plan IS NOT NULL"""
_PLANNED = """
CREATE TEMP TABLE planned (contract_id uuid, customer_id uuid, number text, due_on date,
  amount numeric(15,2), contract_year int, milestone text) ON COMMIT DROP"""
_COLUMNS = ["contract_id", "customer_id", "number", "due_on", "amount", "contract_year", "milestone"]
_INSERT = """
INSERT INTO customers_receivable (tenant_id, id, number, contract_id, customer_id, due_on, amount,
  contract_year, milestone, version, created_at, updated_at)
SELECT %(tenant)s, crm_uuid7(), p.number, p.contract_id, p.customer_id, p.due_on, p.amount,
  p.contract_year, p.milestone, 1, %(at)s, %(at)s
FROM planned p WHERE NOT EXISTS (SELECT FROM customers_receivable r
  WHERE r.tenant_id = %(tenant)s AND r.contract_id = p.contract_id)"""


class Instalments(Value):
    """`2026-01-15 60000 预付款; 2026-07-01 6万 验收`, or 按月, 按季, 按半年, 按年 for equal parts."""

    sql = "jsonb"

    def one(self, cell: str) -> str:
        text = unicodedata.normalize("NFKC", cell).strip()
        every = MONTHS.get(_AROUND.sub("", _AROUND.sub("", text)).lower())
        if every:
            return json.dumps({"every": every})
        parts = [_part(part.strip()) for part in re.split(r"[;|\n]", text) if part.strip()]
        return escape(json.dumps(parts, ensure_ascii=False))


def _part(text: str) -> list[str]:
    found = _PART.fullmatch(text)
    if not found:
        raise Misread("plan")
    try:
        due_on = read_moment(found[1]).date()
    except (ValueError, OverflowError) as problem:
        raise Misread("date") from problem
    amount = read_amount(found[2])
    if not FIRST <= due_on <= LAST or amount <= 0:
        raise Misread("plan")
    return [due_on.isoformat(), str(amount), (found[3] or "").strip()]


class Agreed(NamedTuple):
    """The terms that a plan hangs on."""

    starts_on: date
    ends_on: date
    gross: Decimal
    schedule: list[Decimal] | None

    @property
    def years(self) -> Sequence[YearRow]:
        """The contract years; none while the schedule does not fit them."""
        count = len(periods.term(self.starts_on, self.ends_on).years)
        if self.schedule is not None and len(self.schedule) != count:
            return ()
        schedule = None if self.schedule is None else tuple(self.schedule)
        terms = Terms(
            number="",
            gross=self.gross,
            signed_on=self.starts_on,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            schedule=schedule,
        )
        return years_of(terms)

    def plan(self, told: Any) -> list[Instalment]:
        """What a cell says, each instalment in its contract year, by due date."""
        if isinstance(told, dict):
            return in_parts(self.years, told["every"])
        span = periods.term(self.starts_on, self.ends_on)
        parts = [
            Instalment(day, Decimal(amount), periods.year_of(span, day), words)
            for day, amount, words in ((date.fromisoformat(day), *rest) for day, *rest in told)
        ]
        return sorted(parts, key=lambda part: (part.due_on, part.contract_year))


def judge(chunk: Chunk) -> list[tuple[int, str, Wrong]]:
    """Refuse plans that do not sum to their contract years, and another plan for a known contract."""
    stored: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    rows = chunk.rows(_TOLD)
    for row, *part in chunk.rows(_STORED) if any(target for _row, target, *_rest in rows) else ():
        stored[row].append(tuple(part))
    faults = []
    for row, target, starts_on, ends_on, gross, before, schedule, told in rows:
        agreed = Agreed(starts_on, ends_on, gross, schedule)
        plan = agreed.plan(json.loads(told)) if agreed.years else []
        faults += [(row, "plan", wrong) for wrong in _against(agreed.years, plan)]
        kept = [(part.due_on, part.amount, part.contract_year) for part in plan]
        if target is not None and gross == before and kept != stored[row]:
            faults.append((row, "plan", Wrong("plan_kept")))
    return faults


def _against(years: Sequence[YearRow], plan: Sequence[Instalment]) -> Iterator[Wrong]:
    for year in years:
        planned = sum((part.amount for part in plan if part.contract_year == year.number), Decimal("0.00"))
        if planned != year.gross:
            yield Wrong(
                "plan_sum", {"year": year.number, "planned": f"{planned:f}", "gross": f"{year.gross:f}"}
            )


def write(chunk: Chunk) -> None:
    """Lay down the plans that the file tells, for contracts that have none yet."""
    told = chunk.rows(_WRITTEN)
    if not told:
        return
    rows = [line for each in told for line in _lines(*each)]
    chunk.sql("DROP TABLE IF EXISTS pg_temp.planned")
    chunk.sql(_PLANNED)
    chunk.copy("planned", _COLUMNS, list(zip(*rows, strict=True)))
    chunk.sql(_INSERT)


def _lines(
    contract: UUID,
    customer: UUID,
    number: str,
    starts_on: date,
    ends_on: date,
    gross: Decimal,
    schedule: list[Decimal] | None,
    told: str,
) -> Iterator[tuple[str, ...]]:
    plan = Agreed(starts_on, ends_on, gross, schedule).plan(json.loads(told))
    for place, part in enumerate(plan, 1):
        values = (contract, customer, f"{number}/{place}", *part[:3])
        yield (*map(str, values), escape(part.milestone))
