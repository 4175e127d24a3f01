"""Until the heads of its payees have confirmed a split nothing of its contract is paid."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from commissions.models import LedgerEntry
from crm.tests import morning
from customers import confirming, contracts
from customers.contracts import Share
from customers.models import Contract

pytestmark = pytest.mark.django_db
D = Decimal


def signed(here: Any, *shares: tuple[Any, int], on: date | None = None, paid: str = "100000.00") -> Contract:
    """A contract of 李娜 over 100,000.00 that is paid at once: 8 % are divided so, and wait."""
    on = on or morning.day(-5)
    terms = contracts.Terms(
        number="S-1", gross=D("100000.00"), signed_on=on, starts_on=on, ends_on=on + timedelta(365)
    )
    about: dict[str, Any] = {"by": here.li, "at": morning.noon(on), "on": on}
    one = morning.customer(here.li, "华信")
    made = contracts.sign(one, terms=terms, shares=[Share(*share) for share in shares], **about)
    morning.receive(made, paid, on)
    return made


def sums() -> dict[tuple[str, str], Decimal]:
    """What stands in the ledger by person and kind, without zeros."""
    rows = LedgerEntry.objects.filter(member__isnull=False).order_by()
    found = rows.values_list("member__code", "kind").annotate(total=Sum("amount"))
    return {(code, kind): total for code, kind, total in found if total}


def acts(person: Any, on: date | None = None) -> dict[str, Any]:
    on = on or morning.today()
    return {"by": person, "at": morning.noon(on), "on": on}


def test_all_of_it_is_held_until_the_last_word_and_then_released(here) -> None:
    contract = signed(here, (here.li, 7_000), (here.sun, 3_000))
    held = {("li", "HOLD"): D("5600.00"), ("sun", "HOLD"): D("2400.00")}
    assert sums() == held
    confirming.confirm(contract, **acts(here.chen))
    assert sums() == held
    confirming.confirm(contract, **acts(here.zhao))
    assert sums() == {("li", "RELEASE"): D("5600.00"), ("sun", "RELEASE"): D("2400.00")}
    assert {each.effective_date for each in LedgerEntry.objects.filter(kind="RELEASE")} == {morning.today()}


def test_what_is_confirmed_on_the_day_it_was_signed_was_never_held(here) -> None:
    contract = signed(here, (here.li, 7_000), (here.zhou, 3_000), on=morning.today())
    assert sums() == {("li", "HOLD"): D("5600.00"), ("zhou", "HOLD"): D("2400.00")}
    confirming.confirm(contract, **acts(here.chen))
    assert sums() == {("li", "EARNED"): D("5600.00"), ("zhou", "EARNED"): D("2400.00")}


def test_cash_that_comes_after_the_last_word_is_earned(here) -> None:
    contract = signed(here, (here.li, 7_000), (here.sun, 3_000), paid="40000.00")
    for head in (here.chen, here.zhao):
        confirming.confirm(contract, **acts(head, morning.day(-2)))
    morning.receive(contract, "60000.00", morning.today())
    assert sums() == {
        ("li", "RELEASE"): D("2240.00"),
        ("sun", "RELEASE"): D("960.00"),
        ("li", "EARNED"): D("3360.00"),
        ("sun", "EARNED"): D("1440.00"),
    }


def test_a_refused_split_stays_held_and_the_next_one_pays_who_it_names(here) -> None:
    contract = signed(here, (here.li, 7_000), (here.sun, 3_000))
    confirming.refuse(contract, words="孙悦做了一半", **acts(here.zhao, morning.day(-3)))
    assert sums() == {("li", "HOLD"): D("5600.00"), ("sun", "HOLD"): D("2400.00")}
    shares = [Share(here.li, 5_000), Share(here.sun, 5_000)]
    confirming.resplit(contract, shares=shares, **acts(here.li, morning.day(-2)))
    assert sums() == {("li", "HOLD"): D("4000.00"), ("sun", "HOLD"): D("4000.00")}
    for head in (here.chen, here.zhao):
        confirming.confirm(contract, **acts(head))
    assert sums() == {("li", "RELEASE"): D("4000.00"), ("sun", "RELEASE"): D("4000.00")}


def test_given_back_to_the_owner_it_was_never_held(here) -> None:
    contract = signed(here, (here.li, 7_000), (here.sun, 3_000))
    confirming.resplit(contract, shares=[Share(here.li, 10_000)], **acts(here.li))
    assert sums() == {("li", "EARNED"): D("8000.00")}


def test_to_accrue_again_posts_nothing(here) -> None:
    contract = signed(here, (here.li, 7_000), (here.sun, 3_000))
    before = LedgerEntry.objects.count()
    morning.accrue(contract)
    assert LedgerEntry.objects.count() == before
