"""Customers, contracts and policies from requests in the form of spec/what-if.md."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from crm.money import from_fen, to_fen
from crm.periods import annual_fen, schedule, term
from crm.tests.cast import TODAY
from customers.models import Contract, ContractYear, Customer, Standing
from tiers import policies
from tiers.models import TierOverride, TierPolicy
from tiers.policies import DEFAULT_BANDS, LONG_AGO, Band

RULES = ("class_basis", "gross_up_short", "class_scope", "downgrade_grace_days")


def bands_of(plan: dict[str, Any]) -> Sequence[Band]:
    """The bands of a plan's settings; the default ones where it names none."""
    if "bands" not in plan:
        return DEFAULT_BANDS
    return [
        Band(row["class"], Decimal(row["from"]), row["to"] and Decimal(row["to"])) for row in plan["bands"]
    ]


def govern(plan: dict[str, Any]) -> TierPolicy:
    """Let a plan's settings be the only grading rules of the tenant."""
    TierPolicy.objects.all().delete()
    rules = {key: plan[key] for key in RULES if key in plan}
    return policies.lay_down(
        code="V1", valid_from=LONG_AGO, bands=bands_of(plan), currency=plan.get("currency", "CNY"), **rules
    )


def customer(code: str, parent: Customer | None = None) -> Customer:
    """A customer with nothing but a standing."""
    made = Customer.objects.create(code=code, name=f"客户{code}", registered_on=TODAY, parent=parent)
    Standing.objects.create(customer=made)
    return made


def enter(owner: Customer, facts: dict[str, Any]) -> Contract:
    """A contract given as in the request, with the contract years that count."""
    starts, ends = date.fromisoformat(facts["starts_on"]), date.fromisoformat(facts["ends_on"])
    signed = date.fromisoformat(facts.get("signed_on") or facts["starts_on"])
    cancelled = facts.get("cancelled_on") and date.fromisoformat(facts["cancelled_on"])
    agreed = facts.get("schedule") and tuple(to_fen(Decimal(part)) for part in facts["schedule"])
    rate = Decimal(facts.get("book_rate", "1"))
    contract = Contract.objects.create(
        number=f"{owner.code}-{facts['number']}",
        customer=owner,
        gross=Decimal(facts["gross"]),
        currency=facts.get("currency", "CNY"),
        book_rate=rate,
        signed_on=signed,
        starts_on=starts,
        ends_on=ends,
        cancelled_on=cancelled,
        has_schedule=bool(agreed),
        entered_on=signed,
    )
    gross = to_fen(contract.gross)
    parts = agreed or schedule(gross, starts, ends)
    ContractYear.objects.bulk_create(
        ContractYear(
            contract=contract,
            customer=owner,
            number=year.number,
            starts_on=year.starts_on,
            ends_on=year.ends_on,
            gross=from_fen(part),
            annual_amount=from_fen(
                annual_fen(gross, starts, ends, agreed=agreed, year=year.number, book_rate=rate)
            ),
            counts_from=max(signed, year.starts_on),
            counts_until=min(year.ends_on, cancelled or year.ends_on),
        )
        for year, part in zip(term(starts, ends).years, parts, strict=True)
    )
    return contract


def enter_request(request: dict[str, Any], code: str = "A") -> Customer:
    """The customer a request asks about, with its contracts, its group and its override."""
    facts = request.get("customer", {})
    head = customer(f"{code}-GROUP")
    asked, sister = customer(code, parent=head), customer(f"{code}-SISTER", parent=head)
    for contract in [*facts.get("contracts", []), *filter(None, [request.get("contract")])]:
        enter(asked, contract)
    for contract in facts.get("group_contracts", []):
        enter(sister, contract)
    if override := facts.get("class_override"):
        TierOverride.objects.create(
            customer=asked,
            tier=override["class"],
            valid_from=override["from"],
            valid_to=override.get("until"),
            reason="agreed by the board",
        )
    return asked
