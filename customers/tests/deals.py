"""What the tests of this app sign and receive: a customer of the cast, and terms to change."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.refusal import Refused
from crm.tests.cast import NOW, TODAY
from customers import cash, contracts, registry
from customers.contracts import Terms
from customers.models import Contract, Customer, Payment


def acts(member: Any) -> dict[str, Any]:
    """By whom, when, on which day."""
    return {"by": member, "at": NOW, "on": TODAY}


def customer(company: Any, name: str = "华信科技有限公司", **fields: Any) -> Customer:
    """A customer of 李娜, by rule ASSIGN-03."""
    return registry.register(name=name, **{"developer": company.li} | acts(company.li) | fields)


def terms(number: str = "HT-1", gross: str = "120000.00", **fields: Any) -> Terms:
    """One year from the beginning of 2026, 120,000.00, signed shortly before."""
    usual = {"signed_on": date(2025, 12, 15), "starts_on": date(2026, 1, 1), "ends_on": date(2027, 1, 1)}
    return Terms(**usual | {"number": number, "gross": Decimal(gross)} | fields)


def sign(company: Any, buyer: Customer, agreed: Terms, **fields: Any) -> Contract:
    return contracts.sign(buyer, terms=agreed, **fields, **acts(company.li))


def receive(company: Any, contract: Contract, number: str, amount: str, received_on: date) -> Payment:
    about = {"number": number, "amount": Decimal(amount), "received_on": received_on}
    return cash.receive(contract, **about, **acts(company.qian))


def refund(company: Any, contract: Contract, number: str, amount: str, refunded_on: date) -> Payment:
    about = {"number": number, "amount": Decimal(amount), "refunded_on": refunded_on}
    return cash.refund(contract, **about, **acts(company.qian))


def refusal(act: Any) -> list[tuple[str, str]]:
    """Field and code of each fault with which the act is refused."""
    with pytest.raises(Refused) as refused:
        act()
    return [(fault.field, fault.code) for fault in refused.value.faults]
