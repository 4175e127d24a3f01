"""What a calculation found. Amounts in 分, months as running numbers."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from commissions.calculation.cases import Standing
from commissions.calculation.classes import ClassDay
from commissions.calculation.facts import Request
from commissions.calculation.ledger import Entry
from commissions.calculation.plan import PlanVersion
from commissions.calculation.pools import Signing, YearPool
from commissions.calculation.shares import Row
from commissions.calculation.statements import Statement


class Collection(NamedTuple):
    """Cash of the contract, in its currency: what is due, what has come, and what came beyond."""

    gross_due: int
    net_cash: int
    advance: int


class Balance(NamedTuple):
    """What the ledger says of a payee in all."""

    payee: str
    payable: int
    held: int
    forfeited: int


class Remark(NamedTuple):
    """A warning: DEFICIT, CLAWBACK_WINDOW_EXPIRED or OVERPAYMENT."""

    code: str
    contract_year: int | None
    source_event: str | None
    amount: int


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a request.

    Asked without a contract, only `standing` and `class_history` say something, and `signing` is None.
    `years` and `rows` are those of the signing version with all events known on `as_of`.
    """

    request: Request
    version: PlanVersion
    as_of: date
    class_history: tuple[ClassDay, ...] = ()
    standing: Standing | None = None
    signing: Signing | None = None
    years: tuple[YearPool, ...] = ()
    rows: tuple[Row, ...] = ()
    collection: Collection | None = None
    ledger: tuple[Entry, ...] = ()
    balances: tuple[Balance, ...] = ()
    statements: tuple[Statement, ...] = ()
    warnings: tuple[Remark, ...] = ()
