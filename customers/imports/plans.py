"""Imported instalments replace those a contract got by itself; each contract year stays fully planned."""

from crm.integrations.imports.faults import Wrong
from crm.integrations.imports.staging import Chunk
from customers import application
from customers.imports.terms import refresh_open

# Instalments that no row of the file is, and of these the ones numbered by customers.terms.
_OTHERS = "r.tenant_id = %(tenant)s AND NOT EXISTS (SELECT FROM stage s WHERE s.id = r.id)"
_OURS = "starts_with(r.number, k.number || '/')"
_ROOM = f"""
CREATE TEMP TABLE room ON COMMIT DROP AS
SELECT k.id AS contract_id, k.number, y.number AS year, y.gross - coalesce((
    SELECT sum(r.amount) FROM customers_receivable r WHERE {_OTHERS} AND r.contract_id = k.id
    AND r.contract_year = y.number AND NOT {_OURS}), 0) AS room
FROM (SELECT DISTINCT contract_id, year FROM stage) told
CROSS JOIN LATERAL (SELECT k.id, k.number FROM customers_contract k
  WHERE k.tenant_id = %(tenant)s AND k.id = told.contract_id LIMIT 1) k
CROSS JOIN LATERAL (SELECT y.number, y.gross FROM customers_contractyear y
  WHERE y.tenant_id = %(tenant)s AND y.contract_id = told.contract_id AND y.number = told.year LIMIT 1) y"""
_BEYOND = """
SELECT row, amount FROM (
  SELECT s.row, s.amount, room.room,
    sum(s.amount) OVER (PARTITION BY s.contract_id, s.year ORDER BY s.row) AS upto
  FROM stage s JOIN room USING (contract_id, year)
) told WHERE upto > room ORDER BY row"""
_SHRUNK = f"""
CREATE TEMP TABLE shrunk ON COMMIT DROP AS
SELECT r.id, least(r.amount, greatest(0, room.room - told.amount - r.before)) AS amount
FROM room JOIN (SELECT contract_id, year, sum(amount) AS amount FROM stage GROUP BY contract_id, year) told
  USING (contract_id, year)
CROSS JOIN LATERAL (
  SELECT r.id, r.amount, sum(r.amount) OVER (ORDER BY r.due_on, r.number) - r.amount AS before
  FROM customers_receivable r JOIN (SELECT room.number) k ON true
  WHERE {_OTHERS} AND r.contract_id = room.contract_id AND r.contract_year = room.year AND {_OURS}
) r"""
_STEPS = (
    "DELETE FROM customers_cashapplication a USING shrunk WHERE a.tenant_id = %(tenant)s "
    "AND a.receivable_id = shrunk.id",
    "DELETE FROM customers_receivable r USING shrunk WHERE r.tenant_id = %(tenant)s "
    "AND r.id = shrunk.id AND shrunk.amount = 0",
    "UPDATE customers_receivable r SET amount = shrunk.amount, applied = 0, written_off = 0, "
    "version = r.version + 1, updated_at = %(at)s FROM shrunk WHERE r.tenant_id = %(tenant)s "
    "AND r.id = shrunk.id AND r.amount <> shrunk.amount",
)


def judge(chunk: Chunk) -> list[tuple[int, str, Wrong]]:
    """Refuse the instalments that go beyond the amount of their contract year."""
    chunk.sql("DROP TABLE IF EXISTS pg_temp.room, pg_temp.shrunk")
    chunk.sql(_ROOM)
    return [
        (row, "amount", Wrong("plan_exceeded", {"value": str(amount)})) for row, amount in chunk.rows(_BEYOND)
    ]


def follow(chunk: Chunk) -> None:
    """Take from the contracts' own instalments what the file has planned, and settle the cash anew."""
    chunk.sql(_SHRUNK)
    for step in _STEPS:
        chunk.sql(step)
    settle(chunk)


def settle(chunk: Chunk) -> None:
    """Lay the cash of the touched contracts over their instalments again."""
    touched = chunk.rows(
        "SELECT DISTINCT s.contract_id, s.customer_id FROM stage s LEFT JOIN changed USING (row) "
        "WHERE s.target IS NULL OR changed.row IS NOT NULL"
    )
    application.apply([contract for contract, _customer in touched])
    refresh_open(chunk, {customer for _contract, customer in touched})
