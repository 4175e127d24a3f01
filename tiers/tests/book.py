"""Customers, contracts and policies from requests in the form of spec/what-if.md."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from crm.tests.cast import TODAY
from crm.versions import LONG_AGO
from customers.models import Contract, ContractYear, Customer, Standing
from customers.terms import Terms, years_of
from tiers import policies
from tiers.models import TierOverride, TierPolicy
from tiers.policies import DEFAULT_BANDS, Band

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
    rate = facts.get("book_rate")
    terms = Terms(
        number=f"{owner.code}-{facts['number']}",
        gross=Decimal(facts["gross"]),
        signed_on=date.fromisoformat(facts.get("signed_on") or facts["starts_on"]),
        starts_on=date.fromisoformat(facts["starts_on"]),
        ends_on=date.fromisoformat(facts["ends_on"]),
        book_rate=rate and Decimal(rate),
        schedule=facts.get("schedule") and tuple(map(Decimal, facts["schedule"])),
    )
    cancelled = facts.get("cancelled_on") and date.fromisoformat(facts["cancelled_on"])
    contract = Contract.objects.create(
        **{name: getattr(terms, name) for name in ("number", "gross", "signed_on", "starts_on", "ends_on")},
        customer=owner,
        currency=facts.get("currency", "CNY"),
        book_rate=terms.book_rate or 1,
        cancelled_on=cancelled,
        has_schedule=terms.schedule is not None,
        entered_on=terms.signed_on,
    )
    ContractYear.objects.bulk_create(
        ContractYear(contract=contract, customer=owner, **row._asdict()) for row in years_of(terms, cancelled)
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
