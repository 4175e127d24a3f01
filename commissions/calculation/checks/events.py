"""Faults of meaning in events, each by itself."""

from collections.abc import Iterator

from commissions.calculation.checks.contracts import known_year, sound_term
from commissions.calculation.facts import Event, Kind, Request
from commissions.calculation.faults import Fault, fault
from commissions.calculation.plan import PlanVersion

BEFORE_SIGNING = (Kind.EXPENSE_BOOKED, Kind.HANDOVER)


def event_faults(request: Request, ruling: PlanVersion | None) -> Iterator[Fault]:
    """Ids used twice, days before the signature, years that do not exist, payees that do not change."""
    first: dict[str, Event] = {}
    for place, event in enumerate(request.events):
        if first.setdefault(event.id, event) != event:
            yield fault(f"events[{place}].id", "event_conflict")
        yield from _event(f"events[{place}]", event, request, ruling)


def _event(path: str, event: Event, request: Request, ruling: PlanVersion | None) -> Iterator[Fault]:
    contract = request.contract
    if event.kind is Kind.HANDOVER and event.from_payee == event.to_payee:
        yield fault(f"{path}.to_payee", "duplicate_payee")
    if contract is None:
        return
    if event.kind not in BEFORE_SIGNING and event.on < contract.signed_on:
        yield fault(f"{path}.date", "before_signing")
    span = sound_term(contract)
    if span is not None and not known_year(event.contract_year, span):
        yield fault(f"{path}.contract_year", "unknown_contract_year")
    nets = ruling is not None and ruling.clawback_mode == "NET_CASH"
    if event.kind is Kind.CONTRACT_CANCELLED and nets and event.kept_gross is None:
        yield fault(f"{path}.kept_gross", "required")
