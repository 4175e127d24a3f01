"""The events of a contract, with those the engine adds, and in the order in which they became known."""

from datetime import date

from commissions.calculation.facts import Contract, Event, Kind, Request
from commissions.calculation.plan import PlanVersion
from crm.periods import Term, year_of

SIGNED = "@signed"
HOLD = "@hold"


def year_event(number: int) -> str:
    """The id of the event that starts contract year k."""
    return f"@year-{number}"


def own_events(request: Request) -> list[Event]:
    """The events told, each id once, and the dated expenses of the contract as events."""
    told = {event.id: event for event in reversed(request.events)}
    events = [*reversed(told.values())]
    contract = request.contract
    if contract is not None:
        events += [
            Event(
                id=f"@expense-{place}",
                kind=Kind.EXPENSE_BOOKED,
                on=expense.on,
                amount=expense.amount,
                category=expense.category,
                contract_year=expense.contract_year,
            )
            for place, expense in enumerate(contract.expenses, 1)
            if expense.on is not None
        ]
    return events


def engine_events(contract: Contract, span: Term, version: PlanVersion) -> list[Event]:
    """Signature, the start of later contract years, and the end of the holdback."""
    signed_on = contract.signed_on
    events = [Event(SIGNED, Kind.CONTRACT_SIGNED, signed_on, contract_year=1)]
    for year in span.years[1:]:
        begins = max(year.starts_on, signed_on)
        number = year.number
        events.append(Event(year_event(number), Kind.YEAR_STARTED, begins, contract_year=number))
    if version.holdback_rate and contract.hold_until is not None:
        events.append(Event(HOLD, Kind.HOLD_RELEASED, max(contract.hold_until, signed_on)))
    return events


def known_by(events: list[Event], as_of: date) -> list[Event]:
    """The events known on a day, in the order they are posted: known day, then business order."""
    known = [(event.known_on, event.order, event) for event in events]
    return [event for day, _, event in sorted(known, key=lambda row: row[:2]) if day <= as_of]


def last_known_day(request: Request) -> date:
    """The day on which the question is asked when none is given (D1). ValueError when nothing is asked."""
    if request.contract is not None:
        days = [request.contract.signed_on, *(event.known_on for event in own_events(request))]
    else:
        days = [*(other.end for other in request.customers), *request.class_dates]
    return max(days)


def event_year(event: Event, span: Term) -> int:
    """The contract year an event belongs to: the one it names, else the one that contains its date."""
    return year_of(span, event.on) if event.contract_year is None else event.contract_year
