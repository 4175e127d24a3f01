"""Accrual: the calculation over what was recorded, posted as target − posted. Safe to repeat.

The ledger takes one row per contract, source event, contract year, component, payee, kind and reversed
receipt. When facts known on one day arrive one after another, the row of the first may have to be
corrected: the difference is a further row of the same key (`round`), so that the sum is always the target.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.db.models import F, Q

from commissions import classes, distributing, explained, plans, posting, quotas, recorded, remembered
from commissions.calculation.calculate import calculate
from commissions.calculation.result import Result
from commissions.models import AccrualState, Entitlement, LedgerEntry
from commissions.models.entry import ACCRUED
from commissions.payees import Directory, Payee
from crm.events.models import Event
from crm.events.record import event, record
from crm.money import from_fen
from crm.periods import month_text
from crm.tenancy.statements import by_whole_sets, insert
from customers.models import Contract, ContractExpense, Payment, Receivable, WriteOff

BATCH = 500
SIGNED = ("contract.signed", "contract.amended", "contracts.imported")  # what a quota counts
IMPORTED: dict[str, Any] = {
    **dict.fromkeys(("payments.imported", "bank_lines.matched"), Payment),
    "expenses.imported": ContractExpense,
    "receivables.imported": Receivable,
}


class Key(NamedTuple):
    """What makes a ledger row unique, but for its round."""

    contract_id: UUID
    source_event: str
    contract_year: int
    component: str
    member_id: UUID | None
    department_id: UUID | None
    kind: str
    reverses: str


@dataclass(frozen=True)
class Run:
    """One accrual run: the plans, the people, the day and the moment it is posted."""

    book: plans.Book
    directory: Directory
    on: date
    at: datetime

    def pays(self, contract: Contract) -> plans.StoredPlan:
        """The plan that pays a contract."""
        return self.book.paying(contract.responsible_dept_id, contract.signed_on, contract.id)

    @property
    def currency(self) -> str:
        return self.book.default.currency


def accrue(contract_ids: Collection[UUID], *, on: date, at: datetime) -> int:
    """Post what is due of these contracts with all that is known on `on`; returns the rows posted."""
    return _accrue(Run(plans.Book(), Directory(), on, at), contract_ids)


def _accrue(run: Run, contract_ids: Collection[UUID]) -> int:
    ids = sorted(set(contract_ids))
    return sum(_accrue_batch(run, ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))


def accrue_due(on: date, at: datetime) -> int:
    """Night step: contracts never worked out, those whose next year or release has come, those with news."""
    posting.open_until(on)
    posted = accrue(outstanding(on), on=on, at=at)
    if posted:
        record(event("commission.accrued", at=at, on=on, data={"entries": posted}))
    return posted


def outstanding(on: date) -> set[UUID]:
    """Contracts whose facts are newer than their accrual, or whose next year has begun.

    One reading a kind of fact: a contract that asked for each of its own would be read 300,000 times.
    """
    own = Q(accrual__isnull=True) | Q(accrual__next_on__lte=on) | Q(updated_at__gt=F("accrual__updated_at"))
    news = Q(updated_at__gt=F("contract__accrual__updated_at"), contract__signed_on__lte=on)
    with by_whole_sets():
        due = set(Contract.objects.filter(own, signed_on__lte=on).values_list("id", flat=True))
        for facts in (Payment, ContractExpense, WriteOff):
            due.update(facts.objects.filter(news).order_by().values_list("contract_id", flat=True))
    return due


def accrue_for(events: Sequence[Event]) -> None:
    """Follower of signatures, receipts, refunds, expenses and cancellations, one by one or imported."""
    ids = {key for each in events for key in _contracts(each)}
    run = Run(plans.Book(), Directory(), max(e.on for e in events), max(e.at for e in events))
    signed = {key for each in events if each.name in SIGNED for key in _contracts(each)}
    if signed and run.book.counts:
        ids |= quotas.later(Contract.objects.filter(id__in=signed))
    _accrue(run, ids)


def accrue_anew_for(events: Sequence[Event]) -> None:
    """Follower of plans approved, assigned and ended: contracts signed since the day from which they hold.

    What they paid before under another plan is corrected by differences in the open month.
    """
    on = max(each.on for each in events)
    since = min(date.fromisoformat(each.data["since"]) for each in events)
    signed = Contract.objects.filter(signed_on__gte=since, signed_on__lte=on)
    accrue(signed.values_list("id", flat=True), on=on, at=max(each.at for each in events))


def _contracts(happened: Event) -> Iterable[UUID]:
    """The contracts an event speaks of; that of an import names its own rows, that of a dispute its deals."""
    model = IMPORTED.get(happened.name)
    if model is not None:
        return model.objects.filter(id__in=happened.data["ids"]).values_list("contract_id", flat=True)
    if happened.name == "contracts.imported":
        return map(UUID, happened.data["ids"])
    if "contract_ids" in happened.data:
        return map(UUID, happened.data["contract_ids"])
    if "contract_id" in happened.data:
        return [UUID(happened.data["contract_id"])]
    return [cast(UUID, happened.subject_id)]


def _accrue_batch(run: Run, contract_ids: Sequence[UUID]) -> int:
    months = posting.hold(run.on)
    run = replace(run, on=_lock(contract_ids, run.on))
    asked = recorded.questions(
        contract_ids,
        plan_of=lambda row: run.pays(row).plan,
        currency=run.currency,
        on=run.on,
        periods=months.facts,
        pools=distributing.of(contract_ids),
    )
    results, left = [], []
    for contract, request in asked:
        if classes.unknown(request):
            left.append(contract)  # one that cannot be paid yet does not keep all others from their pay
        else:
            results.append((contract, calculate(request)))
    posted = _posted(contract_ids)
    entries = [row for contract, result in results for row in _differences(run, contract, result, posted)]
    months.post(entries)
    _entitle(run, results)
    distributing.keep(_pooled(run, results), contract_ids, run.on)
    next_on = {contract.id: remembered.next_day(result, run.on) for contract, result in results}
    remembered.keep(next_on | {contract.id: run.on for contract in left}, run.on)
    return len(entries)


def _pooled(run: Run, results: Sequence[tuple[Contract, Result]]) -> dict[UUID, UUID]:
    """The contracts whose pool goes to their department, with it."""
    rows = [row for row, _result in results if recorded.gives_pool(run.pays(row).plan, row)]
    return {row.id: cast(UUID, row.responsible_dept_id) for row in rows}


def _lock(contract_ids: Sequence[UUID], on: date) -> date:
    """Two workers on one contract take turns; the second then finds everything posted.

    Returns the day whose knowledge counts. A follower that comes late speaks of a day long gone: what was
    learned and posted since is not unlearned.
    """
    states = [AccrualState(contract_id=key, calculated_on=on) for key in contract_ids]
    AccrualState.objects.bulk_create(states, ignore_conflicts=True)
    held = AccrualState.objects.select_for_update().filter(contract__in=contract_ids).order_by("contract")
    return max([on, *held.values_list("calculated_on", flat=True)])


def _posted(contract_ids: Sequence[UUID]) -> dict[UUID, dict[Key, tuple[Decimal, int, LedgerEntry]]]:
    """By contract and key: sum, number and last of the rows that accrual posted, not of those by hand."""
    posted: dict[Any, dict[Key, tuple[Decimal, int, LedgerEntry]]] = defaultdict(dict)
    rows = LedgerEntry.objects.filter(ACCRUED, contract_id__in=contract_ids)
    for row in rows.defer("trace").order_by("round"):
        key = Key(*(getattr(row, name) for name in Key._fields))
        amount, number, _ = posted[row.contract_id].get(key, (Decimal(0), 0, row))
        posted[row.contract_id][key] = (amount + row.amount, number + 1, row)
    return posted


def _differences(
    run: Run, contract: Contract, result: Result, posted: dict[UUID, dict[Key, Any]]
) -> Iterator[LedgerEntry]:
    """Rows that are missing, and corrections of rows that the calculation no longer has so."""
    before = dict(posted[contract.id])
    for key, row in _targets(run, contract, result):
        amount, number, _ = before.pop(key, (Decimal(0), 0, None))
        if row.amount != amount:
            row.amount, row.round = row.amount - amount, number
            yield row
    for amount, number, last in before.values():
        if amount:
            yield _taken_back(run, last, -amount, number)


def _targets(run: Run, contract: Contract, result: Result) -> Iterator[tuple[Key, LedgerEntry]]:
    version_id = run.pays(contract).version_id
    for entry in result.ledger:
        payee = run.directory.payee(entry.payee)
        if payee is None:
            continue
        key = Key(
            contract.id,
            entry.source_event,
            entry.contract_year,
            entry.component,
            payee.member_id,
            payee.department_id,
            entry.kind,
            entry.reverses or "",
        )
        yield (
            key,
            LedgerEntry(
                **key._asdict(),
                customer_id=contract.customer_id,
                payee_department_id=payee.payee_department_id,
                amount=from_fen(entry.amount),
                currency=run.currency,
                effective_date=entry.effective_date,
                posting_period=month_text(entry.posting_period),
                plan_version_id=version_id(entry.plan_version),
                trace=explained.entry_steps(result, entry),
                posted_at=run.at,
            ),
        )


def _taken_back(run: Run, last: LedgerEntry, amount: Decimal, number: int) -> LedgerEntry:
    copied = {field.attname: getattr(last, field.attname) for field in LedgerEntry._meta.concrete_fields}
    changed = {"amount": amount, "round": number, "posted_at": run.at, "posting_period": f"{run.on:%Y-%m}"}
    del copied["id"], copied["tenant_id"]
    return LedgerEntry(**copied | changed)


def _entitle(run: Run, results: Sequence[tuple[Contract, Result]]) -> None:
    """Replace the entitlements of the contracts where they differ."""
    ids = [contract.id for contract, _ in results]
    before = defaultdict(list)
    for row in Entitlement.objects.filter(contract_id__in=ids):
        before[row.contract_id].append(row)
    stale, fresh = [], []
    for contract, result in results:
        rows = list(_entitlements(run, contract, result))
        if {_shape(row) for row in rows} != {_shape(row) for row in before[contract.id]}:
            stale.append(contract.id)
            fresh += rows
    Entitlement.objects.filter(contract_id__in=stale).delete()
    insert(fresh)


def _entitlements(run: Run, contract: Contract, result: Result) -> Iterator[Entitlement]:
    version_id = run.pays(contract).version_id
    for row in result.rows:
        payee: Payee | None = run.directory.payee(row.payee)
        if payee is None:
            continue
        yield Entitlement(
            contract_id=contract.id,
            customer_id=contract.customer_id,
            contract_year=row.contract_year,
            starts_on=result.years[row.contract_year - 1].year.starts_on,
            component=row.component,
            member_id=payee.member_id,
            department_id=payee.department_id,
            payee_department_id=payee.payee_department_id,
            amount=from_fen(row.amount),
            amount_before_cap=from_fen(row.before_cap),
            plan_version_id=version_id(result.version.code),
            trace=explained.row_steps(result, row),
        )


def _shape(row: Entitlement) -> tuple[Any, ...]:
    return (
        row.contract_year,
        row.component,
        row.member_id,
        row.department_id,
        row.amount,
        row.amount_before_cap,
        row.plan_version_id,
    )
