"""A whole request as JSON (spec/what-if.md §2)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from commissions.calculation.facts import OPS, ClassOverride, Contract, Opening, Period, Request, Share
from commissions.calculation.faults import Fault, Refused, fault
from commissions.calculation.plan import Plan
from commissions.calculation.reading import settings
from commissions.calculation.reading.contracts import asked_contract, other_contract
from commissions.calculation.reading.events import event
from commissions.calculation.reading.reader import Reader
from commissions.calculation.reading.values import (
    Malformed,
    amount,
    day,
    integer,
    month,
    one_of,
    signed_amount,
    text,
)
from crm.periods import month_end

StoredPlan = Callable[[str], Mapping[str, Any] | None]


def read_request(payload: Any, stored_plan: StoredPlan | None = None) -> Request:
    """The request that a JSON object asks. Refused with all faults of form it has.

    `stored_plan` gives the settings of a plan by its code, None for an unknown one; without it a plan
    must be an object.
    """
    faults: list[Fault] = []
    if not isinstance(payload, dict):
        raise Refused(fault("", "invalid_object"))
    request = Reader(payload, "", faults).whole(lambda reader: _request(reader, faults, stored_plan))
    if _asks_nothing(payload):
        faults.append(fault("contract", "required"))
    if faults:
        raise Refused(*faults)
    return request


def read_plan(value: Any) -> Plan:
    """The plan that a JSON object describes, as it stands in a request. Refused with its faults of form."""
    faults: list[Fault] = []
    plan = _plan(value, faults, None)
    if faults:
        raise Refused(*faults)
    return plan


def echoed_id(payload: Any) -> str | None:
    """The id of a request, if it has a sound one."""
    try:
        return text(payload.get("id")) if isinstance(payload, dict) else None
    except Malformed:
        return None


def _request(reader: Reader, faults: list[Fault], stored_plan: StoredPlan | None) -> Request:
    name = reader.take("id", text, None)
    plan = _plan(reader.take("plan", _as_it_is, None), faults, stored_plan)
    as_of = reader.take("as_of", day, None)
    customer = reader.object("customer", _customer) or {}
    contract = reader.object("contract", asked_contract)
    previous = reader.object("previous", other_contract)
    splits = reader.objects("splits", _share)
    ops_splits = reader.objects("ops_splits", _share)
    return Request(
        plan=plan,
        contract=contract,
        previous=previous,
        splits=splits,
        ops_splits=OPS if ops_splits is None else ops_splits,
        overlays=reader.objects("overlays", _share) or (),
        events=tuple(found for found in reader.objects("events", event) or () if found is not None),
        periods=reader.objects("periods", _period) or (),
        openings=reader.objects("openings", _opening) or (),
        class_dates=reader.values("class_dates", day) or (),
        as_of=as_of,
        id=name,
        **customer,
    )


def _asks_nothing(payload: dict[str, Any]) -> bool:
    customer = payload.get("customer")
    contracts = customer.get("contracts") if isinstance(customer, dict) else customer
    absent = payload.get("contract") is None and payload.get("previous") is None
    return absent and not contracts and not payload.get("class_dates")


def _as_it_is(value: Any) -> Any:
    return value


def _plan(value: Any, faults: list[Fault], stored_plan: StoredPlan | None) -> Plan:
    if isinstance(value, str) and stored_plan is not None:
        value = stored_plan(value)
        if value is None:
            faults.append(fault("plan", "invalid_choice"))
    if value is None:
        return Plan()
    if not isinstance(value, dict):
        faults.append(fault("plan", "invalid_object"))
        return Plan()
    return Reader(value, "plan", faults).whole(settings.plan)


def _customer(reader: Reader) -> dict[str, Any]:
    reader.take("code", text, None)
    others: tuple[Contract, ...] | None = reader.objects("contracts", other_contract)
    group = reader.objects("group_contracts", other_contract)
    first: date | None = reader.take("first_contract_on", day, None)
    return {
        "others": others or (),
        "group": group or (),
        "first_contract_on": first,
        "class_override": reader.object("class_override", _override),
    }


def _override(reader: Reader) -> ClassOverride:
    return ClassOverride(
        reader.need("class", text), reader.need("from", day), reader.take("until", day, None)
    )


def _share(reader: Reader) -> Share:
    return Share(reader.need("payee", text), reader.need("basis_points", integer))


def _period(reader: Reader) -> Period:
    found = reader.need("period", month)
    status = reader.take("status", one_of("OPEN", "CLOSED"), "OPEN")
    closed_on = reader.take("closed_on", day, None)
    if status == "OPEN" or found is None:
        return Period(found)
    return Period(found, closed_on or month_end(found))


def _opening(reader: Reader) -> Opening:
    return Opening(
        reader.need("payee", text),
        reader.take("carry", signed_amount, 0),
        reader.take("draw_due", amount, 0),
        reader.take("paid_this_year", amount, 0),
    )
