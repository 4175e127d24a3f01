"""What follows from the terms of imported contracts: their years, their splits, their payment plan."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm.integrations.imports.staging import Chunk
from customers import application
from customers.contracts import WHOLE, Terms, years_of
from customers.imports import instalments

LONG = 20_000  # rows
# A known contract also changes when the file tells other splits or amounts per year than it has.
OTHER_SPLITS = """s.splits IS NOT NULL AND s.splits IS DISTINCT FROM (
  SELECT string_agg(concat(CASE WHEN p.member_id IS NULL THEN 'd:' ELSE 'm:' END,
    coalesce(p.member_id, p.department_id), ':', p.basis_points), '|' ORDER BY p.position)
  FROM customers_creditsplit p WHERE p.tenant_id = %(tenant)s AND p.contract_id = t.id)"""
OTHER_YEARS = """s.schedule IS NOT NULL AND s.schedule IS DISTINCT FROM (
  SELECT array_agg(y.gross ORDER BY y.number) FROM customers_contractyear y
  WHERE y.tenant_id = %(tenant)s AND y.contract_id = t.id)"""

_TERMS = """
SELECT k.id, k.customer_id, k.number, k.gross, k.book_rate, k.signed_on, k.starts_on, k.ends_on,
  k.cancelled_on, CASE WHEN k.has_schedule THEN coalesce(s.schedule, (
    SELECT array_agg(y.gross ORDER BY y.number) FROM customers_contractyear y
    WHERE y.tenant_id = %(tenant)s AND y.contract_id = k.id)) END
FROM stage s LEFT JOIN changed USING (row) CROSS JOIN LATERAL (SELECT k.* FROM customers_contract k
  WHERE k.tenant_id = %(tenant)s AND k.id = s.id LIMIT 1) k
WHERE s.target IS NULL OR changed.row IS NOT NULL"""
_YEARS = """
CREATE TEMP TABLE years (contract_id uuid, customer_id uuid, number int, starts_on date, ends_on date,
  gross numeric(15,2), annual_amount numeric(15,2), counts_from date, counts_until date, contract text,
  position int) ON COMMIT DROP"""
_COLUMNS = (
    "contract_id, customer_id, number, starts_on, ends_on, gross, annual_amount, counts_from, counts_until"
)
_OLD_YEARS = f"""
DELETE FROM customers_contractyear y USING stage s JOIN changed USING (row)
WHERE y.tenant_id = %(tenant)s AND y.contract_id = s.id AND NOT EXISTS (
  SELECT FROM years f WHERE ({_COLUMNS.replace("contract_id", "f.contract_id").replace(" ", " f.")})
    = ({_COLUMNS.replace("contract_id", "y.contract_id").replace(" ", " y.")}))"""
_NEW_YEARS = f"""
INSERT INTO customers_contractyear (tenant_id, id, {_COLUMNS})
SELECT %(tenant)s, crm_uuid7(), {_COLUMNS} FROM years f WHERE NOT EXISTS (
  SELECT FROM customers_contractyear y WHERE y.tenant_id = %(tenant)s
    AND y.contract_id = f.contract_id AND y.number = f.number)"""
# A plan that no longer sums to its years is made anew; no cash stands against it (rule has_cash).
_STALE_PLAN = """
DELETE FROM customers_receivable r USING (
  SELECT f.contract_id FROM years f JOIN changed ON changed.id = f.contract_id
  WHERE f.gross IS DISTINCT FROM (SELECT coalesce(sum(r.amount), 0) FROM customers_receivable r
    WHERE r.tenant_id = %(tenant)s AND r.contract_id = f.contract_id AND r.contract_year = f.number)
) stale WHERE r.tenant_id = %(tenant)s AND r.contract_id = stale.contract_id"""
_PLAN = """
INSERT INTO customers_receivable (tenant_id, id, number, contract_id, customer_id, due_on, amount,
  contract_year, version, created_at, updated_at)
SELECT %(tenant)s, crm_uuid7(), f.contract || '/' || f.position, f.contract_id, f.customer_id, f.starts_on,
  f.gross, f.number, 1, %(at)s, %(at)s
FROM years f WHERE f.gross > 0 AND NOT EXISTS (SELECT FROM customers_receivable r
  WHERE r.tenant_id = %(tenant)s AND r.contract_id = f.contract_id)"""
_OLD_SPLITS = """
DELETE FROM customers_creditsplit p USING stage s JOIN changed USING (row)
WHERE p.tenant_id = %(tenant)s AND p.contract_id = s.id AND s.splits IS NOT NULL"""
# What a file says of the shares was settled where it comes from: nobody is asked for it any more.
_OLD_WORDS = """
DELETE FROM customers_splitconfirmation q USING stage s JOIN changed USING (row)
WHERE q.tenant_id = %(tenant)s AND q.contract_id = s.id AND s.splits IS NOT NULL"""
_NEW_SPLITS = f"""
INSERT INTO customers_creditsplit
  (tenant_id, id, contract_id, position, member_id, department_id, basis_points)
SELECT %(tenant)s, crm_uuid7(), s.id, part.position - 1, CASE WHEN share[1] = 'm' THEN share[2]::uuid END,
  CASE WHEN share[1] = 'd' THEN share[2]::uuid END, share[3]::int
FROM stage s LEFT JOIN changed USING (row), LATERAL unnest(string_to_array(
  CASE WHEN s.target IS NULL THEN coalesce(s.splits, 'd:' || coalesce(s.department, s.dept) || ':{WHOLE}')
    ELSE s.splits END, '|')) WITH ORDINALITY part (told, position),
  LATERAL string_to_array(part.told, ':') share
WHERE s.target IS NULL OR changed.row IS NOT NULL"""


def follow(chunk: Chunk) -> None:
    """Write years, splits and plan of the contracts of this chunk that are new or changed."""
    terms = chunk.rows(_TERMS)
    chunk.sql("DROP TABLE IF EXISTS pg_temp.years")
    chunk.sql(_YEARS)
    names = [*_COLUMNS.split(", "), "contract", "position"]
    chunk.copy("years", names, list(zip(*(row for one in terms for row in _rows(*one)), strict=True)))
    for step in (_OLD_YEARS, _NEW_YEARS, _STALE_PLAN):
        chunk.sql(step)
    instalments.write(chunk)
    for step in (_PLAN, _OLD_SPLITS, _OLD_WORDS, _NEW_SPLITS):
        chunk.sql(step)
    refresh_open(chunk, {one[1] for one in terms})


def refresh_open(chunk: Chunk, customer_ids: set[UUID]) -> None:
    """What these customers owe; a long file leaves it to the end, when each customer is counted once."""
    if chunk.job.run.rows_total <= LONG:
        application.refresh(customer_ids, on=chunk.job.on)


def finish(chunk: Chunk) -> None:
    """What all customers owe, after a long file."""
    if chunk.job.run.rows_total > LONG:
        application.refresh(None, on=chunk.job.on)


def _rows(
    id: Any,
    customer_id: Any,
    number: str,
    gross: Decimal,
    book_rate: Decimal,
    signed_on: date,
    starts_on: date,
    ends_on: date,
    cancelled_on: date | None,
    schedule: list[Decimal] | None,
) -> list[tuple[str, ...]]:
    terms = Terms(
        number=number,
        gross=gross,
        book_rate=book_rate,
        signed_on=signed_on,
        starts_on=starts_on,
        ends_on=ends_on,
        schedule=tuple(schedule) if schedule else None,
    )
    years = years_of(terms, cancelled_on)
    return [
        (str(id), str(customer_id), *map(str, year), number, str(position))
        for position, year in enumerate(years, 1)
    ]
