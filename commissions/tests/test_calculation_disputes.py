"""What holds of a disputed contract, whatever its history and plan."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from commissions.calculation import calculate
from commissions.calculation.facts import Event, Kind, Request
from commissions.tests.histories import requests
from commissions.tests.test_calculation_properties import FOREVER, sums, unhurried


def disputed(request: Request, *days: date) -> Request:
    """The same contract with a dispute opened on the first day, ruled on the second, opened again, …"""
    kinds = (Kind.DISPUTE_OPENED, Kind.DISPUTE_RULED)
    told = [Event(f"dispute-{place}", kinds[place % 2], day) for place, day in enumerate(days)]
    return replace(request, events=(*request.events, *told), as_of=FOREVER)


@unhurried
@given(requests())
def test_nothing_is_payable_while_it_is_open_whose_the_customer_is(request: Request) -> None:
    held = calculate(disputed(request, request.contract.signed_on))
    assert {balance.payee: balance.payable for balance in held.balances if balance.payable} == {}


@unhurried
@given(requests(), st.integers(0, 900), st.integers(0, 200), st.integers(0, 200))
def test_once_ruled_everybody_has_what_he_would_have_had(
    request: Request, opened: int, ruled: int, appealed: int
) -> None:
    first = request.contract.signed_on + timedelta(opened)
    second = first + timedelta(ruled)
    days = (first, second, second + timedelta(appealed), second + timedelta(2 * appealed))
    plain = calculate(replace(request, as_of=FOREVER))
    for several in (days[:2], days):
        assert sums(calculate(disputed(request, *several)).ledger) == sums(plain.ledger)
