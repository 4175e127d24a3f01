"""A bank's lines find their contracts: by the exact rule, or by a person who confirms a suggestion.

The exact rule: the reference names one contract by its number, and the amount is what is open of its oldest
instalment, or of the whole contract. Of several lines that it finds for one contract it takes the first.
Everything else is a suggestion, and waits for a person.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from crm.tenancy.statements import run
from customers import application, cash
from customers.faults import of_fields
from customers.models import BankLine, Contract, Payment

State, By = BankLine.State, BankLine.By

# A number counts only as a word of its own: HT-1 is not named by HT-12, nor by HT-1-A.
NAMED = (
    "b.reference ~* ('(^|[^0-9A-Za-z_-])' || regexp_replace(k.number, '([^0-9A-Za-z])', '\\\\\\1', 'g') "
    "|| '($|[^0-9A-Za-z_-])')"
)
HEADS = """
heads AS (
  SELECT contract_id, open AS amount FROM (
    SELECT DISTINCT ON (contract_id) contract_id, open FROM customers_receivable
    WHERE tenant_id = %(tenant)s AND open > 0 {of_contracts}
    ORDER BY contract_id, due_on, contract_year, number COLLATE "C", id
  ) first
  UNION
  SELECT contract_id, sum(open) FROM customers_receivable
  WHERE tenant_id = %(tenant)s AND open > 0 {of_contracts} GROUP BY contract_id
)"""
EXACT = """
WITH {heads}, pairs AS (
  SELECT b.id, k.id AS contract_id, b.received_on, b.serial,
    count(*) OVER (PARTITION BY b.id) AS contracts
  FROM customers_bankline b
  JOIN heads h ON h.amount = b.amount
  JOIN customers_contract k ON k.tenant_id = %(tenant)s AND k.id = h.contract_id
  WHERE b.tenant_id = %(tenant)s AND b.id = ANY(%(ids)s) AND b.state = 'OPEN'
    AND k.currency = b.currency AND k.signed_on <= b.received_on AND {named}
)
SELECT DISTINCT ON (contract_id) id, contract_id FROM pairs WHERE contracts = 1
ORDER BY contract_id, received_on, serial"""
PAY = """
INSERT INTO customers_payment (tenant_id, number, contract_id, customer_id, kind, amount, currency,
  received_on, entered_on, note, version, created_at, updated_at)
SELECT %(tenant)s, b.serial, k.id, k.customer_id, 'RECEIPT', b.amount, b.currency, b.received_on, %(on)s,
  left(b.payer, 200), 1, %(at)s, %(at)s
FROM unnest(%(lines)s::uuid[], %(contracts)s::uuid[]) AS p (line_id, contract_id)
JOIN customers_bankline b ON b.tenant_id = %(tenant)s AND b.id = p.line_id
JOIN customers_contract k ON k.tenant_id = %(tenant)s AND k.id = p.contract_id
ON CONFLICT (tenant_id, number) DO NOTHING RETURNING id, number"""
CLOSE = """
UPDATE customers_bankline b SET state = 'MATCHED', by = 'EXACT', payment_id = p.id, decided_on = %(on)s,
  decided_by_id = %(by)s, version = b.version + 1, updated_at = %(at)s
FROM customers_payment p
WHERE b.tenant_id = %(tenant)s AND b.id = ANY(%(lines)s) AND p.tenant_id = %(tenant)s
  AND p.id = ANY(%(payments)s) AND p.number = b.serial"""
# The words of a reference, each in the form in which contracts are looked up.
CANDIDATES = """
WITH {heads}, lines AS (
  SELECT * FROM customers_bankline WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s) AND state = 'OPEN'
), words AS (
  SELECT id, w FROM lines, regexp_split_to_table(upper(reference), '[^0-9A-Z_/.-]+') w WHERE w <> ''
), found AS (
  SELECT w.id, k.id AS contract_id FROM words w
  JOIN customers_contract k ON k.tenant_id = %(tenant)s AND upper(k.number) = w.w
  UNION
  SELECT b.id, k.id FROM lines b
  JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.name_key = b.payer_key AND b.payer_key <> ''
  JOIN customers_contract k ON k.tenant_id = %(tenant)s AND k.customer_id = c.id
  JOIN heads o ON o.contract_id = k.id
  UNION
  SELECT b.id, h.contract_id FROM lines b JOIN heads h ON h.amount = b.amount
), judged AS (
  SELECT b.id, k.id AS contract_id, {named} AS by_number, c.name_key = b.payer_key AS by_name,
    EXISTS (SELECT FROM heads h WHERE h.contract_id = k.id AND h.amount = b.amount) AS by_amount
  FROM found f JOIN lines b ON b.id = f.id
  JOIN customers_contract k ON k.tenant_id = %(tenant)s AND k.id = f.contract_id
  JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = k.customer_id
  WHERE k.currency = b.currency AND k.signed_on <= b.received_on
), ranked AS (
  SELECT *, row_number() OVER (
    PARTITION BY id ORDER BY by_number::int * 4 + by_name::int * 2 + by_amount::int DESC, contract_id DESC
  ) AS place FROM judged
)
SELECT id, contract_id, by_number, by_name, by_amount FROM ranked WHERE place <= %(most)s
ORDER BY id, place"""
MOST = 5


@dataclass(frozen=True)
class Suggestion:
    """A contract that a line may pay, and what speaks for it."""

    contract: Contract
    by_number: bool
    by_name: bool
    by_amount: bool

    @property
    def reasons(self) -> list[Any]:
        """What speaks for it, in words."""
        told = (
            (self.by_number, _("the reference names the contract")),
            (self.by_name, _("the payer is the customer")),
            (self.by_amount, _("exactly what is open")),
        )
        return [words for holds, words in told if holds]


def match_for(events: Sequence[Event]) -> None:
    """Follower of an imported file: the exact rule over its lines."""
    for each in events:
        ids = [UUID(key) for key in each.data["ids"]]
        match_exactly(ids, by_id=each.actor_id, at=each.at, on=each.on)


def match_exactly(ids: Collection[UUID], *, by_id: UUID | None, at: datetime, on: date) -> int:
    """Match by the exact rule what of these lines it finds; returns how many. Statements, not loops."""
    first = _exact(ids, None)
    contracts = sorted({contract for _line, contract in first})
    if not contracts:
        return 0
    list(Contract.objects.select_for_update(no_key=True).filter(pk__in=contracts).order_by("pk"))
    pairs = _exact(ids, contracts)  # as it stands now that nobody settles cash of them
    values: dict[str, Any] = {"at": at, "on": on, "by": by_id, "lines": [line for line, _c in pairs]}
    made = run(PAY, values | {"contracts": [contract for _l, contract in pairs]})
    payments = [key for key, _number in made]
    run(CLOSE, values | {"payments": payments})
    application.apply(contracts)
    rows = Payment.objects.filter(pk__in=payments).values_list("customer_id", flat=True)
    application.refresh(set(rows), on=on)
    if payments:
        data = {"ids": [str(key) for key in payments]}
        record(event("bank_lines.matched", at=at, on=on, data=data))
    return len(payments)


def _exact(ids: Collection[UUID], contracts: list[UUID] | None) -> list[tuple]:
    of_contracts = "" if contracts is None else "AND contract_id = ANY(%(contracts)s)"
    sql = EXACT.format(heads=HEADS.format(of_contracts=of_contracts), named=NAMED)
    return run(sql, {"ids": list(ids), "contracts": contracts or []})


def suggestions(lines: Collection[BankLine]) -> dict[UUID, list[Suggestion]]:
    """What may be behind each open line, the likeliest first, at most five; two queries for all of them."""
    sql = CANDIDATES.format(heads=HEADS.format(of_contracts=""), named=NAMED)
    ids = [line.pk for line in lines if line.state == State.OPEN]
    found = run(sql, {"ids": ids, "most": MOST}) if ids else []
    wanted = Contract.objects.select_related("customer").in_bulk([row[1] for row in found])
    told: dict[UUID, list[Suggestion]] = {line.pk: [] for line in lines}
    for line_id, contract_id, *why in found:
        told[line_id].append(Suggestion(wanted[contract_id], *why))
    return told


def match(
    line: BankLine,
    contract: Contract,
    *,
    by: Actor,
    at: datetime,
    on: date,
    version: int | None = None,
) -> BankLine:
    """Record a line as a receipt of a contract, because a person says so; it settles the oldest instalments.

    Refused: contract other_currency; as `cash.receive` refuses (number duplicate_number: the serial is
    recorded for something else; received_on before_signing). Conflict not_open, stale.
    """
    held = _hold(line, version, State.OPEN)
    if contract.currency != held.currency:
        words = _("The contract is in another currency.")
        raise Refused(Fault("contract", "other_currency", words))
    about: dict[str, Any] = {"number": held.serial, "amount": held.amount, "received_on": held.received_on}
    paid = cash.receive(contract, **about, note=held.payer, by=by, at=at, on=on)
    held.payment, held.by = paid, By.PERSON
    return _decided("bank_line.matched", held, State.MATCHED, by=by, at=at, on=on)


def set_aside(
    line: BankLine, *, reason: str, by: Actor, at: datetime, on: date, version: int | None = None
) -> BankLine:
    """Say that a line is no receipt of a customer, and what it is. Refused reason required, max_length.
    Conflict not_open, stale."""
    held = _hold(line, version, State.OPEN)
    held.reason = reason.strip()
    faults = of_fields(held, "reason")
    if not held.reason:
        faults = [Fault("reason", "required", _("Say what it is."))]
    if faults:
        raise Refused(*faults)
    return _decided("bank_line.set_aside", held, State.SET_ASIDE, by=by, at=at, on=on)


def reopen(line: BankLine, *, by: Actor, at: datetime, on: date, version: int | None = None) -> BankLine:
    """Take back that a line is no receipt. Conflict not_open, stale."""
    held = _hold(line, version, State.SET_ASIDE)
    held.reason, held.state, held.decided_by_id, held.decided_on = "", State.OPEN, None, None
    held.touch().save()
    return _tell("bank_line.reopened", held, by=by, at=at, on=on)


def unmatched(until: date) -> Any:
    """The lines up to a day that nobody has matched or set aside, the oldest first."""
    return BankLine.objects.filter(state=State.OPEN, received_on__lte=until).order_by("received_on", "id")


def _hold(line: BankLine, version: int | None, state: str) -> BankLine:
    held = BankLine.objects.select_for_update(no_key=True, of=("self",)).get(pk=line.pk)
    held.refuse_stale(version)
    if held.state != state:
        words = _("The line is %(state)s now.") % {"state": held.get_state_display()}
        raise Conflict(Fault("", "not_open", words))
    return held


def _decided(name: str, held: BankLine, state: str, *, by: Actor, at: datetime, on: date) -> BankLine:
    held.state, held.decided_by_id, held.decided_on = state, by.id, on
    held.touch().save()
    return _tell(name, held, by=by, at=at, on=on)


def _tell(name: str, row: BankLine, *, by: Actor, at: datetime, on: date) -> BankLine:
    data = {"serial": row.serial, "amount": str(row.amount), "currency": row.currency, "note": row.reason}
    record(event(name, at=at, on=on, by=by, subject=row.pk, data=data))
    return row
