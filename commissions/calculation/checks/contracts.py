"""Faults of meaning in contracts, and in what names their classes and years."""

from collections.abc import Iterator, Sequence

from commissions.calculation.facts import Contract, Receivable, Request
from commissions.calculation.faults import Fault, fault
from commissions.calculation.plan import PlanVersion
from commissions.calculation.price import Price, signed_price, year_number
from crm.periods import Term


def contract_faults(request: Request, ruling: PlanVersion | None) -> Iterator[Fault]:
    """All contracts, then the override of the class; classes are those of the ruling version."""
    numbers: set[str] = set()
    for path, contract in _contracts(request):
        yield from _contract(path, contract, request)
        if contract.number in numbers and "group" not in path:
            yield fault(f"{path}.number", "duplicate_contract")
        numbers.add(contract.number)
        if _unknown(contract.signed_class, ruling):
            yield fault(f"{path}.class", "unknown_class")
    override = request.class_override
    if override is not None and _unknown(override.customer_class, ruling):
        yield fault("customer.class_override.class", "unknown_class")
    yield from _asked(request)


def _contracts(request: Request) -> Iterator[tuple[str, Contract]]:
    if request.contract is not None:
        yield "contract", request.contract
    if request.previous is not None:
        yield "previous", request.previous
    for place, contract in enumerate(request.others):
        yield f"customer.contracts[{place}]", contract
    for place, contract in enumerate(request.group):
        yield f"customer.group_contracts[{place}]", contract


def _unknown(customer_class: str | None, ruling: PlanVersion | None) -> bool:
    if customer_class is None or ruling is None:
        return False
    return customer_class not in [band.customer_class for band in ruling.bands]


def _contract(path: str, contract: Contract, request: Request) -> Iterator[Fault]:
    if sound_term(contract) is None:
        yield fault(f"{path}.ends_on", "end_before_start")
    elif contract.schedule is not None:
        code = schedule_fault(contract.schedule, contract.gross, contract.term)
        if code is not None:
            yield fault(f"{path}.schedule", code)
    currencies = {version.currency for version in request.plan.versions}
    foreign = contract.currency is not None and contract.currency not in currencies
    if foreign and contract.book_rate is None:
        yield fault(f"{path}.book_rate", "unknown_rate")
    if not foreign and contract.rate != 1:
        yield fault(f"{path}.book_rate", "invalid_rate")


def sound_term(contract: Contract) -> Term | None:
    """The term of a contract, None when it ends before it starts."""
    return contract.term if contract.starts_on < contract.ends_on else None


def schedule_fault(schedule: Sequence[int], gross: int, span: Term) -> str | None:
    """Why a schedule does not give each contract year its part of the price."""
    if len(schedule) != len(span.years):
        return "schedule_length"
    return None if sum(schedule) == gross else "schedule_mismatch"


def plan_fits(receivables: Sequence[Receivable], price: Price, span: Term) -> bool:
    """Whether receivables with known years sum to the amount of each contract year."""
    sums = [0] * len(span.years)
    for item in receivables:
        sums[year_number(item, span) - 1] += item.gross
    return sums == list(price.agreed)


def _asked(request: Request) -> Iterator[Fault]:
    """What is said of the contract asked about only."""
    contract = request.contract
    if contract is None:
        return
    if contract.renewal_of is not None and contract.renewal_of not in {
        other.number for other in request.customers
    }:
        yield fault("contract.renewal_of", "unknown_contract")
    span = sound_term(contract)
    if span is None:
        return
    yield from _receivables(contract, span)
    for place, expense in enumerate(contract.expenses):
        if not known_year(expense.contract_year, span):
            yield fault(f"contract.expenses[{place}].contract_year", "unknown_contract_year")


def _receivables(contract: Contract, span: Term) -> Iterator[Fault]:
    items = contract.receivables
    if items is None:
        return
    unknown = [place for place, item in enumerate(items) if not known_year(item.contract_year, span)]
    for place in unknown:
        yield fault(f"contract.receivables[{place}].contract_year", "unknown_contract_year")
    schedule = contract.schedule
    sound = schedule is None or schedule_fault(schedule, contract.gross, span) is None
    if not unknown and sound and not plan_fits(items, signed_price(contract), span):
        yield fault("contract.receivables", "schedule_mismatch")


def known_year(number: int | None, span: Term) -> bool:
    """Whether a contract year, if one is named, exists."""
    return number is None or 1 <= number <= len(span.years)
