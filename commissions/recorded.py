"""What was recorded of a contract, as a question to the calculation (spec/what-if.md §2)."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast
from uuid import UUID

from commissions import disputed, payees, takenover
from commissions.calculation import facts
from commissions.calculation.plan import Plan
from crm.money import to_fen
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


def questions(
    contract_ids: Collection[UUID],
    *,
    plan_of: Callable[[Contract], Plan],
    currency: str,
    on: date,
    periods: tuple[facts.Period, ...] = (),
) -> Iterator[tuple[Contract, facts.Request]]:
    """One request for each contract, with everything known on `on`; twelve queries whatever the number.

    `plan_of` tells the plan that each is asked under, `periods` are the months that are shut
    (commissions.posting).
    """
    asked = list(Contract.objects.filter(id__in=contract_ids).order_by("id"))
    around = families({contract.customer_id for contract in asked}, currency)
    mine = {contract.id for contract in asked}
    splits, receivables = _by(CreditSplit, mine, "position"), _by(Receivable, mine, "due_on", "id")
    happened, amended = _events(mine), _by(ContractAmendment, mine, "number")
    overrides = overrides_of({contract.customer_id for contract in asked})
    disputes = disputed.disputes_of({contract.customer_id for contract in asked})
    taken = takenover.takeovers_of({contract.customer_id for contract in asked})
    ops = (facts.Share(payees.ops_department(), facts.ALL),)
    for contract in asked:
        family = around[contract.customer_id]
        yield (
            contract,
            facts.Request(
                plan=plan_of(contract),
                contract=_asked(family[contract.id], receivables[contract.id], amended[contract.id]),
                others=tuple(other for key, other in family.items() if key != contract.id),
                class_override=override_on(overrides[contract.customer_id], contract.signed_on),
                splits=_shares(splits[contract.id]) or None,
                ops_splits=ops,
                events=(
                    *happened[contract.id],
                    *map(_amendment, amended[contract.id]),
                    *_cancellation(contract),
                    *disputed.events(contract, disputes[contract.customer_id]),
                    *takenover.events(taken[contract.customer_id], contract.signed_on),
                ),
                periods=periods,
                as_of=on,
            ),
        )


def _by(model: Any, contract_ids: Iterable[UUID], *order: str) -> Rows:
    rows: Rows = defaultdict(list)
    for row in model.objects.filter(contract_id__in=contract_ids).order_by(*order):
        rows[row.contract_id].append(row)
    return rows


def families(customer_ids: Iterable[UUID], currency: str) -> dict[UUID, dict[UUID, facts.Contract]]:
    """All contracts of each customer by their ids, in the order of their first days."""
    contracts = list(Contract.objects.filter(customer_id__in=customer_ids).order_by("starts_on", "id"))
    numbers = {contract.id: contract.number for contract in contracts}
    scheduled = [contract.id for contract in contracts if contract.has_schedule]
    years = _by(ContractYear, scheduled, "number")
    families: dict[UUID, dict[UUID, facts.Contract]] = defaultdict(dict)
    for contract in contracts:
        schedule = tuple(to_fen(year.gross) for year in years[contract.id]) or None
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


def _asked(
    contract: facts.Contract, receivables: list[Receivable], amended: list[ContractAmendment]
) -> facts.Contract:
    """The contract as it was signed: what became of it since comes as events."""
    plan = tuple(facts.Receivable(r.due_on, to_fen(r.amount), r.contract_year) for r in receivables)
    signed: dict[str, Any] = {"receivables": plan or None, "cancelled_on": None}
    if amended:
        signed |= _price(amended[0].gross_before, amended[0].terms_before)
    return facts.Contract(**{name: getattr(contract, name) for name in contract.__slots__} | signed)


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


def _events(contract_ids: Iterable[UUID]) -> dict[UUID, list[facts.Event]]:
    events: dict[UUID, list[facts.Event]] = defaultdict(list)
    for payment in Payment.objects.filter(contract_id__in=contract_ids):
        refund = payment.kind == Payment.Kind.REFUND
        events[payment.contract_id].append(
            facts.Event(
                id=f"{'refund' if refund else 'cash'}:{payment.number}",
                kind=facts.Kind.REFUNDED if refund else facts.Kind.CASH_RECEIVED,
                on=payment.received_on,
                entered_on=payment.entered_on,
                amount=to_fen(payment.amount),
            )
        )
    for written in WriteOff.objects.filter(contract_id__in=contract_ids, state=WriteOff.State.APPROVED):
        events[written.contract_id].append(_write_off(written))
    for expense in ContractExpense.objects.filter(contract_id__in=contract_ids):
        events[expense.contract_id].append(
            facts.Event(
                id=f"expense:{expense.number}",
                kind=facts.Kind.EXPENSE_BOOKED,
                on=expense.incurred_on,
                entered_on=expense.entered_on,
                amount=to_fen(expense.amount),
                category=expense.category,
                contract_year=expense.contract_year,
            )
        )
    return events


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


def _shares(splits: list[CreditSplit]) -> tuple[facts.Share, ...]:
    return tuple(
        facts.Share(
            payees.of_member(split.member_id)
            if split.member_id
            else payees.of_department(cast(UUID, split.department_id)),
            split.basis_points,
        )
        for split in splits
    )


def overrides_of(customer_ids: Iterable[UUID]) -> dict[UUID, list[TierOverride]]:
    """The decisions on the tier of each customer."""
    overrides: dict[UUID, list[TierOverride]] = defaultdict(list)
    for override in TierOverride.objects.filter(customer_id__in=customer_ids):
        overrides[override.customer_id].append(override)
    return overrides


def override_on(overrides: list[TierOverride], signed_on: date) -> facts.ClassOverride | None:
    """The decision that holds on the day of a signature; None where the amount decides."""
    for override in overrides:
        if override.valid_from <= signed_on and (override.valid_to is None or signed_on < override.valid_to):
            return facts.ClassOverride(override.tier, override.valid_from, override.valid_to)
    return None
