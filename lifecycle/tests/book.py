"""Customers, contracts, contacts and usage for the tests of this app."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from crm.accounts.models import Department, Member
from crm.tests.cast import NOW
from customers import contracts, interactions
from customers.models import Contract, Customer, Interaction, Standing, Usage

STAMP = {"by": None, "at": NOW}


def customer(
    name: str, owner: Member | None = None, department: Department | None = None, **fields: Any
) -> Customer:
    """A customer with nothing but a standing; its department is the owner's unless given."""
    department = department or (owner.department if owner else None)
    fields.setdefault("registered_on", date(2020, 1, 1))
    made = Customer.objects.create(
        code=name, name=f"客户{name}", owner=owner, responsible_dept=department, **fields
    )
    Standing.objects.create(customer=made)
    return made


def contract(
    of: Customer,
    starts_on: date,
    ends_on: date,
    *,
    signed_on: date | None = None,
    gross: str = "120000.00",
    renewal_of: Contract | None = None,
) -> Contract:
    """A contract signed by the verb, by default on the day it starts."""
    signed_on = signed_on or starts_on
    terms = contracts.Terms(
        number=f"{of.code}-{Contract.objects.count() + 1}",
        gross=Decimal(gross),
        signed_on=signed_on,
        starts_on=starts_on,
        ends_on=ends_on,
        renewal_of=renewal_of,
    )
    return contracts.sign(of, terms=terms, on=signed_on, **STAMP)


def contacts(of: Customer, days: Iterable[date], **fields: Any) -> None:
    """Contacts on these days, which reached the customer unless said otherwise."""
    Interaction.objects.bulk_create(Interaction(customer=of, on=day, at=noon(day), **fields) for day in days)
    interactions.refresh([of.id])


def rhythm(of: Customer, intervals: list[int], silent_days: int, on: date) -> None:
    """Contacts with these intervals, the oldest first, the last of them `silent_days` before `on`."""
    day = on - timedelta(days=silent_days)
    days = [day]
    for interval in reversed(intervals):
        day -= timedelta(days=interval)
        days.append(day)
    contacts(of, days)


def usage(of: Customer, on: date, *, lately: int, before: int, measure: str = "logins") -> None:
    """Daily use of `lately` over the last 30 days and `before` over the 90 days before these."""
    Usage.objects.bulk_create(
        Usage(
            customer=of,
            day=on - timedelta(days=ago),
            measure=measure,
            value=lately if ago <= 30 else before,
        )
        for ago in range(1, 121)
    )


def noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))
