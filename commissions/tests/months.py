"""Months of commission made by the verbs: contracts that pay known amounts, and the steps of closing."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from commissions import closing
from commissions.models import LedgerEntry, Period, PlanVersion, Statement
from crm.tests import morning
from crm.tests.cast import Company
from customers import cash, registry
from customers.models import Contract, Payment

STEPS = (
    ("calculate", "tian"),
    ("review", "chen"),
    ("review", "gao"),
    ("approve", "gao"),
    ("pay_out", "qian"),
    ("close", "qian"),
)
UNTIL = {"calculate": 1, "review": 3, "approve": 4, "pay_out": 5, "close": 6}


def period(month: str) -> Period:
    return Period.objects.get(month=month)


def step(company: Company, act: str, person: str, month: str, on: date) -> Period:
    """One act of closing by a person of the cast."""
    acts: dict[str, Any] = {"by": company.viewer(person), "at": morning.noon(on), "on": on}
    return getattr(closing, act)(period(month), **acts)


def bring(company: Company, month: str, on: date, *, to: str = "close") -> Period:
    """Take a month through the steps up to one, each by who does it in the cast."""
    for act, person in STEPS[: UNTIL[to]]:
        if act != "review" or closing.against("review", period(month), company.viewer(person), on) == []:
            step(company, act, person, month, on)
    return period(month)


def settings(**more: Any) -> None:
    """Set the plan of the tenant in scope."""
    row = PlanVersion.objects.get()
    PlanVersion.objects.filter(pk=row.pk).update(settings={**row.settings, **more})


def contract(
    company: Company, number: str, gross: str, on: date, shares: Sequence[tuple[str, int]] = (("li", 10_000),)
) -> Contract:
    """A contract of a customer of its own over the year from its signature, without tax."""
    owner = company.people[shares[0][0]]
    buyer = registry.register(name=f"客户 {number}", developer=owner, by=owner, at=morning.noon(on), on=on)
    return morning.sign(
        buyer,
        number,
        gross,
        starts_on=on,
        signed_on=on,
        shares=[(company.people[person], part) for person, part in shares],
    )


def earned(company: Company, number: str, gross: str, on: date, **more: Any) -> Contract:
    """A contract whose cash came in full on its first day: below 100,000 its owner earns a tenth."""
    signed = contract(company, number, gross, on, **more)
    morning.receive(signed, gross, on, f"R-{number}")
    return signed


def refund(
    company: Company, signed: Contract, number: str, amount: str, on: date, *, entered: date | None = None
) -> Payment:
    """Money given back on a day, entered on that day or later."""
    at: datetime = morning.noon(entered or on)
    acts: dict[str, Any] = {"by": company.people["qian"], "at": at, "on": entered or on}
    return cash.refund(signed, number=number, amount=Decimal(amount), refunded_on=on, **acts)


def statement(company: Company, month: str, person: str = "li") -> Statement:
    return Statement.objects.get(period__month=month, member=company.people[person])


def figures(row: Statement) -> tuple[str, dict[str, str], str, str]:
    """Opening carry, sums by kind, payable, closing carry."""
    return str(row.opening_carry), row.by_kind, str(row.payable), str(row.closing_carry)


def ledger(month: str) -> list[tuple[Any, ...]]:
    """Every row of a month, to the 分."""
    rows = LedgerEntry.objects.filter(posting_period=month).order_by("id")
    return list(rows.values_list("id", "member", "department", "kind", "amount", "source_event", "round"))
