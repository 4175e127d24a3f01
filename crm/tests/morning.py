"""A small book of business, made by the verbs, for the pages that people open in the morning.

Pages know only the real today, so everything here is told in days from it.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from commissions import accrual
from crm.accounts.models import Member
from crm.money import from_fen, split, to_fen
from crm.periods import add_months
from customers import cash, confirming, contracts, registry
from customers.contracts import Instalment, Share, Terms
from customers.models import Contract, Customer, Payment

ZONE = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """The day that the pages show."""
    return timezone.now().astimezone(ZONE).date()


def day(number: int) -> date:
    """A day before (negative) or after today."""
    return today() + timedelta(days=number)


def noon(on: date) -> datetime:
    return datetime.combine(on, time(12), ZONE)


def customer(owner: Member, name: str, *, on: date | None = None, **fields: Any) -> Customer:
    """A customer that `owner` developed and manages, registered two years ago."""
    on = on or day(-730)
    return registry.register(name=name, developer=owner, by=owner, at=noon(on), on=on, **fields)


def sign(
    buyer: Customer,
    number: str,
    gross: str,
    *,
    starts_on: date,
    months: int = 12,
    shares: Sequence[tuple[Member, int]] = (),
    due: Sequence[date] = (),
    signed_on: date | None = None,
    agreed_on: date | None = None,
    **terms: Any,
) -> Contract:
    """A contract signed on the day it starts, payable in equal parts on the days of `due`.

    Without `shares` its owner has the whole pool; a split is confirmed at once, or on `agreed_on`.
    """
    amount, signed_on = Decimal(gross), signed_on or min(starts_on, today())
    agreed = Terms(
        number=number,
        gross=amount,
        signed_on=signed_on,
        starts_on=starts_on,
        ends_on=add_months(starts_on, months),
        **terms,
    )
    parts = split(to_fen(amount), [1] * len(due)) if due else []
    signed = contracts.sign(
        buyer,
        terms=agreed,
        shares=[Share(*share) for share in shares or [(buyer.owner, 10_000)]],
        instalments=[Instalment(on, from_fen(part)) for on, part in zip(due, parts, strict=True)],
        by=buyer.owner,
        at=noon(signed_on),
        on=signed_on,
    )
    agree(signed, on=agreed_on or signed_on)
    return signed


def agree(signed: Contract, *, on: date) -> None:
    """Whoever is asked for it confirms the split of a contract."""
    while waiting := signed.confirmations.filter(state="WAITING").select_related("asked").first():
        confirming.confirm(signed, by=waiting.asked, at=noon(on), on=on)


def receive(contract: Contract, amount: str, on: date, number: str = "") -> Payment:
    """Cash that came and was recorded on a day."""
    number = number or f"R-{contract.number}-{on:%m%d}"
    who: Any = contract.signed_by
    return cash.receive(
        contract, number=number, amount=Decimal(amount), received_on=on, by=who, at=noon(on), on=on
    )


def accrue(*signed: Contract) -> None:
    """Post what time alone has made due since the last event."""
    accrual.accrue([contract.pk for contract in signed], on=today(), at=noon(today()))
