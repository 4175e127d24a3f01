"""Stage 3: the events in business order, whatever `as_of` says, up to the first that cannot be."""

from commissions.calculation.checks.contracts import known_year, plan_fits, schedule_fault
from commissions.calculation.facts import Contract, Event, Kind, Request
from commissions.calculation.faults import Fault, fault
from commissions.calculation.history import engine_events, event_year, own_events
from commissions.calculation.plan import PlanVersion
from commissions.calculation.price import changed_price, signed_price

NEEDS_VERSION = (Kind.CONTRACT_SIGNED, Kind.YEAR_STARTED, Kind.CASH_RECEIVED, Kind.INVOICE_ISSUED)


def history_fault(request: Request, ruling: PlanVersion) -> Fault | None:
    """The first fault of the contract's history, if any."""
    contract = request.contract
    if contract is None:
        return None
    places: dict[str, int] = {}
    for place, event in enumerate(request.events):
        places.setdefault(event.id, place)
    told = own_events(request) + engine_events(contract, contract.term, ruling)
    history = History(request, contract, ruling)
    for event in sorted(told, key=lambda event: event.order):
        found = history.take(event)
        if found is not None:
            field, code = found
            if field == "plan.versions":
                return fault(field, code, day=event.on.isoformat())
            return fault(f"events[{places[event.id]}].{field}", code)
    return None


class History:
    """Sums of what has happened so far, in contract currency."""

    def __init__(self, request: Request, contract: Contract, ruling: PlanVersion) -> None:
        self._request, self._contract, self._ruling = request, contract, ruling
        self._price = signed_price(contract)
        self._cash = self._invoiced = self._refunded = self._written_off = 0
        self._gone: dict[int, int] = {}

    def take(self, event: Event) -> tuple[str, str] | None:
        """Take up the next event; (field, code) when it cannot be."""
        if self._ruling.by_event_date and event.kind in NEEDS_VERSION and not self._request.plan.on(event.on):
            return "plan.versions", "no_plan_version"
        match event.kind:
            case Kind.CASH_RECEIVED:
                self._cash += event.amount
            case Kind.INVOICE_ISSUED:
                self._invoiced += event.amount
            case Kind.REFUNDED:
                return self._refund(event)
            case Kind.WRITTEN_OFF:
                return self._write_off(event)
            case Kind.CONTRACT_AMENDED | Kind.CONTRACT_CANCELLED:
                return self._change(event)
        return None

    def _refund(self, event: Event) -> tuple[str, str] | None:
        invoiced = self._ruling.basis == "INVOICED"
        self._refunded += event.amount
        if self._refunded > (self._invoiced if invoiced else self._cash):
            return "amount", "refund_exceeds_invoiced" if invoiced else "refund_exceeds_cash"
        return self._year(event)

    def _write_off(self, event: Event) -> tuple[str, str] | None:
        net_cash = self._cash - (0 if self._ruling.basis == "INVOICED" else self._refunded)
        self._written_off += event.amount
        if self._written_off > sum(self._price.due) - net_cash:
            return "amount", "write_off_exceeds_open"
        return self._year(event)

    def _year(self, event: Event) -> tuple[str, str] | None:
        """On basis SIGNED a year cannot lose more than it has."""
        if self._ruling.basis != "SIGNED":
            return None
        year = event_year(event, self._contract.term)
        self._gone[year] = self._gone.get(year, 0) + event.amount
        return ("amount", "exceeds_year") if self._gone[year] > self._price.due[year - 1] else None

    def _change(self, event: Event) -> tuple[str, str] | None:
        prorata = self._ruling.clawback_mode == "PRORATA_TEMPORIS"
        if event.kind is Kind.CONTRACT_CANCELLED:
            if not prorata and (event.kept_gross or 0) > self._price.gross:
                return "kept_gross", "kept_exceeds_gross"
        else:
            found = self._schedule_fault(event)
            if found is not None:
                return found
        self._price = changed_price(self._price, event, self._contract, prorata)
        return None if event.kind is Kind.CONTRACT_CANCELLED else self._receivables_fault(event)

    def _schedule_fault(self, event: Event) -> tuple[str, str] | None:
        if event.schedule is None:
            return ("schedule", "required") if self._price.schedule is not None else None
        code = schedule_fault(event.schedule, event.gross, self._contract.term)
        return None if code is None else ("schedule", code)

    def _receivables_fault(self, event: Event) -> tuple[str, str] | None:
        items, span = event.receivables, self._contract.term
        if items is None:
            return None
        if not all(known_year(item.contract_year, span) for item in items):
            return "receivables", "unknown_contract_year"
        return None if plan_fits(items, self._price, span) else ("receivables", "schedule_mismatch")
