"""Refunds of a file: no more can be given back than was there, on that day and later."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any, cast

from crm.integrations.imports.faults import Wrong
from crm.integrations.imports.staging import Chunk
from customers.models import Payment

Move = tuple[date, str, Decimal]
_STAGED = """
SELECT s.contract_id, s.row, s.received_on, coalesce(s.kind, 'RECEIPT'), s.amount FROM stage s
WHERE s.target IS NULL AND s.contract_id IN (SELECT contract_id FROM stage WHERE kind = 'REFUND')
ORDER BY s.received_on, s.row"""


def judge(chunk: Chunk) -> list[tuple[int, str, Wrong]]:
    """Refuse the refunds after which the balance of a contract falls below zero on some day."""
    staged = chunk.rows(_STAGED)
    moves: dict[Any, list[Move]] = defaultdict(list)
    for contract, *move in Payment.objects.filter(contract__in={row[0] for row in staged}).values_list(
        "contract_id", "received_on", "kind", "amount"
    ):
        moves[contract].append(cast(Move, tuple(move)))
    faults = []
    for contract, row, day, kind, amount in sorted(staged, key=lambda each: each[3] == "REFUND"):
        if kind == "REFUND" and _lowest(moves[contract], day) < amount:
            faults.append((row, "amount", Wrong("refund_exceeds_cash", {"value": str(amount)})))
        else:
            moves[contract].append((day, kind, amount))
    return faults


def _lowest(moves: list[Move], day: date) -> Decimal:
    """The lowest balance from a day on."""
    balance = Decimal(0)
    lowest: Decimal | None = None
    for at, kind, amount in sorted(moves):
        if at > day and lowest is None:
            lowest = balance
        balance += amount if kind == "RECEIPT" else -amount
        if at > day:
            lowest = min(lowest, balance) if lowest is not None else balance
    return balance if lowest is None else lowest
