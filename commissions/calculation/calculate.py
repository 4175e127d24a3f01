"""The one pure function: a request in; what it pays, to whom, when and why out."""

from collections.abc import Iterable, Sequence
from datetime import date

from commissions.calculation.cases import case_of, classes_of, standing_on
from commissions.calculation.classes import class_history
from commissions.calculation.facts import Contract, Request
from commissions.calculation.faults import Refused, fault
from commissions.calculation.history import engine_events, known_by, last_known_day, own_events
from commissions.calculation.ledger import Entry, Ledger
from commissions.calculation.plan import PlanVersion
from commissions.calculation.pools import Signing, YearPool
from commissions.calculation.release import Dues
from commissions.calculation.result import Balance, Collection, Remark, Result
from commissions.calculation.shares import Row
from commissions.calculation.statements import payees_of, statements_of


def calculate(request: Request) -> Result:
    """Answer a request: class, case, pools, ledger, statements.

    The facts are taken as sound (`commissions.calculation.checks` judges those that come from outside).
    Refused when no plan version is in force on the day of signing, or on `as_of` without a contract;
    ValueError when nothing is asked. The same request always gives the same result, an earlier `as_of`
    a prefix of the ledger.
    """
    as_of = request.as_of or last_known_day(request)
    version = ruling_version(request, as_of)
    history = tuple(class_history(request, version))
    contract = request.contract
    if contract is None:
        return Result(request, version, as_of, history, standing_on(request, version, as_of))
    signing = signing_of(request, contract, version)
    ledger = Ledger(request, signing)
    events = own_events(request) + engine_events(contract, signing.term, version)
    for event in known_by(events, as_of):
        ledger.post(event)
    dues, entries = ledger.dues, tuple(ledger.entries)
    years = tuple(dues.entitled.pools(version))
    rows = tuple(dues.entitled.all_rows(version))
    collection = collection_of(dues)
    return Result(
        request=request,
        version=version,
        as_of=as_of,
        class_history=history,
        signing=signing,
        years=years,
        rows=rows,
        collection=collection,
        ledger=entries,
        balances=balances_of(rows, entries),
        statements=tuple(statements_of(request, version, rows, entries)),
        warnings=tuple(remarks_of(years, dues, collection)),
    )


def ruling_version(request: Request, as_of: date) -> PlanVersion:
    """The version in force on the day of signing, without a contract on `as_of` (rule VERSION)."""
    day = as_of if request.contract is None else request.contract.signed_on
    version = request.plan.on(day)
    if version is None:
        raise Refused(fault("plan.versions", "no_plan_version", day=day.isoformat()))
    return version


def signing_of(request: Request, contract: Contract, version: PlanVersion) -> Signing:
    """What is fixed at signature: case and classes, under the signing version."""
    case = case_of(contract, request, version)
    first = request.first_contract_on
    if first is None:
        first = min(other.starts_on for other in (contract, *request.customers))
    classes = classes_of(contract, case, request, version)
    return Signing(contract, contract.term, version, case, classes, first)


def collection_of(dues: Dues) -> Collection:
    """Cash less refunds against what is due; on INVOICED a refund is a credit note, so cash alone."""
    known, due = dues.known, sum(dues.price.due)
    net_cash = known.cash if known.invoiced else known.cash - known.refunded
    return Collection(due, net_cash, max(0, net_cash - due))


def balances_of(rows: Sequence[Row], ledger: Sequence[Entry]) -> tuple[Balance, ...]:
    """Sums of the ledger by payee."""
    sums = {payee: [0, 0, 0] for payee in payees_of(rows, ledger)}
    column = {"HOLD": 1, "FORFEIT": 2}
    for entry in ledger:
        sums[entry.payee][column.get(entry.kind, 0)] += entry.amount
    return tuple(Balance(payee, *parts) for payee, parts in sums.items())


def remarks_of(years: Iterable[YearPool], dues: Dues, collection: Collection) -> Iterable[Remark]:
    """What a reader should be warned of."""
    for pool in years:
        if pool.deficit:
            yield Remark("DEFICIT", pool.year.number, None, pool.deficit)
    for refund, amount in dues.counted.expired.items():
        if amount:
            yield Remark("CLAWBACK_WINDOW_EXPIRED", None, refund, amount)
    if collection.advance:
        yield Remark("OVERPAYMENT", None, None, collection.advance)
