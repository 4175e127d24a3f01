"""What was recorded of a contract, as a question to the calculation (spec/what-if.md §2)."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet

from commissions import disputed, payees, takenover
from commissions.calculation import facts
from commissions.calculation.plan import Plan
from commissions.models import PoolDistribution
from crm.money import to_fen
from crm.tenancy.among import among
from customers.models import (
    Contract,
    ContractAmendment,
    ContractExpense,
    ContractYear,
    CreditSplit,
    Payment,
    Receivable,
    WriteOff,
)
from tiers.models import TierOverride

Rows = dict[UUID, list[Any]]
NAMES = tuple(field.name for field in fields(facts.Contract))
ALL = attrgetter(*NAMES)
RECEIPT = ("number", "kind", "received_on", "entered_on", "amount")
EXPENSE = ("number", "incurred_on", "entered_on", "amount", "category", "contract_year")


def questions(
    contract_ids: Collection[UUID],
    *,
    plan_of: Callable[[Contract], Plan],
    currency: str,
    on: date,
    periods: tuple[facts.Period, ...] = (),
    pools: Mapping[UUID, PoolDistribution] | None = None,
) -> Iterator[tuple[Contract, facts.Request]]:
    """One request for each contract, with everything known on `on`; twelve queries whatever the number.

    `plan_of` tells the plan that each is asked under, `periods` are the months that are shut
    (commissions.posting), `pools` what became of those of departments; None: they are asked as theirs.
    """
    known = _Known(contract_ids, currency)
    ops = (facts.Share(payees.ops_department(), facts.ALL),)
    for contract in known.asked:
        family, plan = known.families[contract.customer_id], plan_of(contract)
        pooled = pools is not None and gives_pool(plan, contract)
        pool = pools.get(contract.id) if pools and pooled else None
        yield (
            contract,
            facts.Request(
                plan=plan,
                contract=known.as_signed(contract),
                others=tuple(other for key, other in family.items() if key != contract.id),
                class_override=override_on(known.overrides[contract.customer_id], contract.signed_on),
                splits=_shares(known.splits[contract.id]) or None,
                distributed=_distributed(pool) or None if pool else None,
                ops_splits=ops,
                events=(
                    *known.events(contract),
                    *(disputed.until_distributed(contract, pool) if pooled else known.unconfirmed(contract)),
                ),
                periods=periods,
                as_of=on,
            ),
        )


class _Known:
    """What is recorded of some contracts and of the customers that they are of, read at once.

    Rows of which a few columns are wanted come as plain tuples: an object a row would cost more than all
    that is calculated of it.
    """

    def __init__(self, contract_ids: Collection[UUID], currency: str) -> None:
        asked = Contract.objects.filter(among("id", contract_ids))
        rows = list(_in_order(Contract.objects.filter(customer__in=asked.values("customer"))))
        mine = {row.id for row in rows}.intersection(contract_ids)
        customers = {row.customer_id for row in rows}
        self.asked = sorted((row for row in rows if row.id in mine), key=lambda row: row.id)
        self.families = _families(rows, currency)
        self.splits = _by(CreditSplit, mine, ("member_id", "department_id", "basis_points"), "position")
        self.receivables = _by(Receivable, mine, ("due_on", "amount", "contract_year"), "due_on", "id")
        self.amended = _amendments(mine)
        self.overrides = overrides_of(customers)
        self._happened = _events(mine)
        self._disputes = disputed.disputes_of(customers)
        self._taken = takenover.takeovers_of(customers)
        self._confirmed = disputed.confirmed_on(mine)

    def as_signed(self, contract: Contract) -> facts.Contract:
        """The contract as it was signed: what became of it since comes as events."""
        known, amended = self.families[contract.customer_id][contract.id], self.amended[contract.id]
        plan = tuple(
            facts.Receivable(due_on, to_fen(amount), year)
            for due_on, amount, year in self.receivables[contract.id]
        )
        signed: dict[str, Any] = {"receivables": plan or None, "cancelled_on": None}
        if amended:
            signed |= _price(amended[0].gross_before, amended[0].terms_before)
        return facts.Contract(**dict(zip(NAMES, ALL(known), strict=True)) | signed)

    def events(self, contract: Contract) -> Iterator[facts.Event]:
        """What happened to a contract after it was signed, and to its customer as far as it counts here."""
        yield from self._happened[contract.id]
        yield from map(_amendment, self.amended[contract.id])
        yield from _cancellation(contract)
        yield from disputed.events(contract, self._disputes[contract.customer_id])
        yield from takenover.events(self._taken[contract.customer_id], contract.signed_on)

    def unconfirmed(self, contract: Contract) -> Iterator[facts.Event]:
        """That the split of a contract waits for its heads, and until when."""
        yield from disputed.until_confirmed(contract, self._confirmed)


def _in_order(rows: QuerySet[Contract]) -> QuerySet[Contract]:
    return rows.order_by("starts_on", "id")


def _by(model: Any, contract_ids: Collection[UUID], columns: Sequence[str], *order: str) -> Rows:
    rows: Rows = defaultdict(list)
    found = model.objects.filter(among("contract_id", contract_ids)).order_by(*order)
    for contract_id, *row in found.values_list("contract_id", *columns):
        rows[contract_id].append(row)
    return rows


def _amendments(contract_ids: Collection[UUID]) -> dict[UUID, list[ContractAmendment]]:
    rows: dict[UUID, list[ContractAmendment]] = defaultdict(list)
    for row in ContractAmendment.objects.filter(among("contract_id", contract_ids)).order_by("number"):
        rows[row.contract_id].append(row)
    return rows


def families(customer_ids: Iterable[UUID], currency: str) -> dict[UUID, dict[UUID, facts.Contract]]:
    """All contracts of each customer by their ids, in the order of their first days."""
    return _families(list(_in_order(Contract.objects.filter(customer_id__in=customer_ids))), currency)


def _families(contracts: Sequence[Contract], currency: str) -> dict[UUID, dict[UUID, facts.Contract]]:
    numbers = {contract.id: contract.number for contract in contracts}
    scheduled = [contract.id for contract in contracts if contract.has_schedule]
    years = _by(ContractYear, scheduled, ("gross",), "number")
    families: dict[UUID, dict[UUID, facts.Contract]] = defaultdict(dict)
    for contract in contracts:
        schedule = tuple(to_fen(gross) for (gross,) in years[contract.id]) or None
        families[contract.customer_id][contract.id] = _fact(contract, schedule, numbers, currency)
    return families


def _fact(
    contract: Contract, schedule: tuple[int, ...] | None, numbers: dict[Any, str], currency: str
) -> facts.Contract:
    foreign = contract.currency != currency
    return facts.Contract(
        number=contract.number,
        gross=to_fen(contract.gross),
        signed_on=contract.signed_on,
        starts_on=contract.starts_on,
        ends_on=contract.ends_on,
        line=contract.line,
        vat_rate=Fraction(contract.vat_rate),
        currency=contract.currency,
        book_rate=Fraction(contract.book_rate) if foreign else None,
        schedule=schedule,
        responsible_dept=payees.of_department(cast(UUID, contract.responsible_dept_id)),
        cancelled_on=contract.cancelled_on,
        renewal_of=numbers.get(contract.renewal_of_id),
    )


def _price(gross: Decimal, terms: Mapping[str, Any]) -> dict[str, Any]:
    """Amount, agreed years and plan as an amendment keeps them."""
    plan = tuple(
        facts.Receivable(date.fromisoformat(r["due_on"]), to_fen(Decimal(r["amount"])), r["contract_year"])
        for r in terms["plan"]
    )
    schedule = tuple(to_fen(Decimal(part)) for part in terms["schedule"] or ()) or None
    return {"gross": to_fen(gross), "schedule": schedule, "receivables": plan or None}


def _amendment(row: ContractAmendment) -> facts.Event:
    return facts.Event(
        id=f"amended:{row.number:03}",
        kind=facts.Kind.CONTRACT_AMENDED,
        on=row.amended_on,
        entered_on=row.entered_on,
        **_price(row.gross, row.terms),
    )


def _events(contract_ids: Collection[UUID]) -> dict[UUID, list[facts.Event]]:
    events: dict[UUID, list[facts.Event]] = defaultdict(list)
    for contract_id, payments in _by(Payment, contract_ids, RECEIPT).items():
        events[contract_id] += [_receipt(*row) for row in payments]
    for contract_id, expenses in _by(ContractExpense, contract_ids, EXPENSE).items():
        events[contract_id] += [_expense(*row) for row in expenses]
    approved = WriteOff.objects.filter(among("contract_id", contract_ids), state=WriteOff.State.APPROVED)
    for written in approved:
        events[written.contract_id].append(_write_off(written))
    return events


def _receipt(number: str, kind: str, on: date, entered_on: date, amount: Decimal) -> facts.Event:
    refund = kind == Payment.Kind.REFUND
    return facts.Event(
        id=f"{'refund' if refund else 'cash'}:{number}",
        kind=facts.Kind.REFUNDED if refund else facts.Kind.CASH_RECEIVED,
        on=on,
        entered_on=entered_on,
        amount=to_fen(amount),
    )


def _expense(
    number: str, on: date, entered_on: date, amount: Decimal, category: str, year: int
) -> facts.Event:
    return facts.Event(
        id=f"expense:{number}",
        kind=facts.Kind.EXPENSE_BOOKED,
        on=on,
        entered_on=entered_on,
        amount=to_fen(amount),
        category=category,
        contract_year=year,
    )


def _write_off(row: WriteOff) -> facts.Event:
    """What is given up from the day of its approval on; a correction gives back, and so counts below zero."""
    return facts.Event(
        id=f"write-off:{row.number}",
        kind=facts.Kind.WRITTEN_OFF,
        on=cast(date, row.decided_on),
        amount=to_fen(row.signed_amount),
        contract_year=row.contract_year,
    )


def _cancellation(contract: Contract) -> Iterator[facts.Event]:
    if contract.cancelled_on is None:
        return
    yield facts.Event(
        id="cancelled",
        kind=facts.Kind.CONTRACT_CANCELLED,
        on=contract.cancelled_on,
        entered_on=contract.cancellation_entered_on,
        kept_gross=to_fen(cast(Decimal, contract.kept_gross)),
        served_until=contract.cancelled_on,
    )


def gives_pool(plan: Plan, contract: Contract) -> bool:
    """Whether the plan gives the pool of a contract to its department (distribution POOL)."""
    version = plan.on(contract.signed_on)
    return version is not None and version.distribution == "POOL" and contract.responsible_dept_id is not None


def _distributed(pool: PoolDistribution) -> tuple[facts.Share, ...]:
    return tuple(facts.Share(payees.of_row(share), share.basis_points) for share in pool.shares.all())


def _shares(splits: list[Any]) -> tuple[facts.Share, ...]:
    return tuple(
        facts.Share(payees.of_member(member) if member else payees.of_department(department), points)
        for member, department, points in splits
    )


def overrides_of(customer_ids: Collection[UUID]) -> dict[UUID, list[TierOverride]]:
    """The decisions on the tier of each customer."""
    overrides: dict[UUID, list[TierOverride]] = defaultdict(list)
    for override in TierOverride.objects.filter(among("customer_id", customer_ids)):
        overrides[override.customer_id].append(override)
    return overrides


def override_on(overrides: list[TierOverride], signed_on: date) -> facts.ClassOverride | None:
    """The decision that holds on the day of a signature; None where the amount decides."""
    for override in overrides:
        if override.valid_from <= signed_on and (override.valid_to is None or signed_on < override.valid_to):
            return facts.ClassOverride(override.tier, override.valid_from, override.valid_to)
    return None
