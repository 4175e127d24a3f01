"""Customer value: figures worked out by hand, ties, fixed cuts, refunds, a night that writes only changes."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.events.models import Event
from crm.refusal import Refused
from crm.tenancy.context import tenant
from crm.tests.cast import NOW, TODAY
from customers.models import Contract, Customer, Payment, Standing
from tiers import rfm, rfmrules
from tiers.models import RfmPolicy, RfmScore
from tiers.rfmrules import DEFAULT, RfmRules
from tiers.tests.book import customer, enter

pytestmark = pytest.mark.django_db


def signed(owner: Customer, number: str, on: date, **facts: Any) -> Contract:
    end = date(on.year + 1, on.month, min(on.day, 28))
    return enter(
        owner, {"number": number, "gross": "1000.00", "starts_on": str(on), "ends_on": str(end), **facts}
    )


def paid(contract: Contract, amount: str, on: date, kind: str = "RECEIPT") -> None:
    number = f"{contract.number}-{kind}-{on}-{amount}"
    Payment.objects.create(
        contract=contract, customer=contract.customer, number=number, kind=kind, amount=Decimal(amount),
        currency=contract.currency, received_on=on, entered_on=on,
    )  # fmt: skip


def latest(of: Customer) -> RfmScore:
    found = rfm.explain(of)
    assert found is not None
    return found


def told(of: Customer) -> tuple[int | None, int | None, int | None, Decimal | None, str]:
    row = latest(of)
    return row.r, row.f, row.m, row.value, row.segment


def crowd(cash: Sequence[int], on: date = TODAY) -> list[Customer]:
    """A customer for each amount, all with one contract signed the same day, and this much cash since."""
    made = [customer(f"C{number:03}") for number in range(len(cash))]
    for row, amount in zip(made, cash, strict=True):
        deal = signed(row, "1", on - timedelta(days=10))
        if amount:
            paid(deal, f"{amount}.00", on - timedelta(days=5))
    return made


def test_below_twenty_customers_fixed_cuts_give_the_scores_and_the_weights_the_value(here) -> None:
    """R 10 days -> 5; F 3 contracts -> 3; M 120,000 -> 3: 0.2 x 5 + 0.3 x 3 + 0.5 x 3 = 3.40."""
    acme, old = customer("A"), customer("B")
    for number, day in enumerate((date(2024, 11, 1), date(2025, 11, 1), date(2026, 11, 10))):
        deal = signed(acme, str(number), day)
    paid(deal, "120000.00", date(2026, 11, 10))
    signed(old, "1", date(2025, 8, 1))  # 476 days ago
    third = customer("C")
    signed(third, "1", date(2026, 10, 1))  # 50 days ago: R 4
    rfm.score_all(TODAY, NOW)
    assert told(acme) == (5, 3, 3, Decimal("3.40"), "HHH")
    assert told(old) == (1, 1, 1, Decimal("1.00"), "LLL")
    assert told(third) == (4, 1, 1, Decimal("1.60"), "HLL")
    row = latest(acme)
    assert (row.last_on, row.contracts, row.cash) == (date(2026, 11, 10), 3, Decimal("120000.00"))
    assert row.inputs == {
        "customers": 3, "by_fifths": False, "ranks": [1, 1, 1], "means": ["3.33", "1.67", "1.67"],
    }  # fmt: skip
    standing = Standing.objects.get(customer=acme)
    assert (standing.rfm_value, standing.rfm_segment) == (Decimal("3.40"), "HHH")


@pytest.mark.parametrize(("days", "score"), [(0, 5), (30, 5), (31, 4), (90, 4), (91, 3), (181, 2), (366, 1)])
def test_a_cut_of_days_belongs_to_the_lower_score(here, days, score) -> None:
    acme = customer("A")
    signed(acme, "1", TODAY - timedelta(days=days))
    rfm.score_all(TODAY, NOW)
    assert latest(acme).r == score


def test_windows_are_open_at_their_far_end_and_closed_at_the_day_itself(here) -> None:
    acme = customer("A")
    for number, day in enumerate((date(2023, 11, 20), date(2023, 11, 21), TODAY, TODAY + timedelta(days=1))):
        deal = signed(acme, str(number), day)
    first = Contract.objects.get(number="A-0")
    for day in (date(2025, 11, 20), date(2025, 11, 21), TODAY, TODAY + timedelta(days=1)):
        paid(first if day < TODAY else deal, "100.00", day)
    rfm.score_all(TODAY, NOW)
    assert (latest(acme).contracts, latest(acme).cash) == (2, Decimal("200.00"))


def test_from_twenty_customers_on_each_fifth_has_its_score(here) -> None:
    """20 customers with 1 .. 20 thousand: the four largest get 5, the four smallest 1."""
    made = crowd([1000 * number for number in range(1, 21)])
    rfm.score_all(TODAY, NOW)
    assert [latest(row).m for row in made] == [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4 + [5] * 4
    assert {(latest(row).r, latest(row).f) for row in made} == {(5, 5)}  # all the same: the highest score
    last = latest(made[-1])
    assert (last.value, last.segment, last.inputs["ranks"]) == (Decimal("5.00"), "HHH", [1, 1, 1])
    assert (latest(made[0]).value, latest(made[0]).segment) == (Decimal("3.00"), "HHL")
    assert last.inputs["means"] == ["5.00", "5.00", "3.00"]


def test_ties_across_the_border_of_a_fifth_share_the_higher_score(here) -> None:
    """Of 20, ranks 4 to 7 are tied: they all stand on rank 4, in the first fifth."""
    amounts = [9000, 8000, 7000, *[5000] * 4, *range(13, 0, -1)]
    made = crowd(amounts)
    rfm.score_all(TODAY, NOW)
    assert [latest(row).m for row in made[:8]] == [5] * 7 + [4]
    assert latest(made[7]).inputs["ranks"][2] == 8


def test_a_refund_takes_from_the_newest_receipts_before_it(here) -> None:
    """Window since 20 Nov 2025: 300 before it; 500 in, 200 back, 100 in: 300 + 100 kept of the window."""
    acme = customer("A")
    deal = signed(acme, "1", date(2025, 1, 10))
    paid(deal, "300.00", date(2025, 2, 1))
    paid(deal, "500.00", date(2026, 3, 1))
    paid(deal, "200.00", date(2026, 4, 1), "REFUND")
    paid(deal, "100.00", date(2026, 5, 1))
    rfm.score_all(TODAY, NOW)
    assert latest(acme).cash == Decimal("400.00")


def test_giving_back_money_of_an_earlier_year_takes_nothing_from_this_one(here) -> None:
    acme = customer("A")
    deal = signed(acme, "1", date(2025, 1, 10))
    paid(deal, "300.00", date(2025, 2, 1))
    paid(deal, "250.00", date(2026, 3, 1), "REFUND")
    paid(deal, "40.00", date(2026, 4, 1))
    rfm.score_all(TODAY, NOW)
    assert latest(acme).cash == Decimal("40.00")


def test_cash_in_another_currency_counts_at_the_contracts_book_rate(here) -> None:
    acme = customer("A")
    deal = signed(acme, "1", date(2026, 1, 10), currency="USD", book_rate="7.12345678")
    paid(deal, "1000.01", date(2026, 2, 1))
    rfm.score_all(TODAY, NOW)
    assert latest(acme).cash == Decimal("7123.53")  # 7123.5280…


def test_the_last_receipt_is_a_sign_of_life_and_a_refund_is_none(here) -> None:
    acme = customer("A")
    deal = signed(acme, "1", date(2025, 12, 1))
    paid(deal, "300.00", date(2026, 8, 1))
    paid(deal, "100.00", date(2026, 11, 1), "REFUND")
    rfm.score_all(TODAY, NOW)
    assert latest(acme).last_on == date(2026, 8, 1)


def test_who_never_signed_or_cancelled_before_the_start_is_not_valued(here) -> None:
    lead, void = customer("A"), customer("B")
    signed(void, "1", TODAY, cancelled_on=str(TODAY))
    assert rfm.score_all(TODAY, NOW) == 0
    assert {rfm.explain(row) for row in (lead, void)} == {None}
    assert set(Standing.objects.values_list("rfm_value", "rfm_segment")) == {(None, "")}


def test_a_value_goes_when_the_only_contract_turns_out_void(here) -> None:
    acme = customer("A")
    deal = signed(acme, "1", TODAY)
    rfm.score_all(TODAY, NOW)
    Contract.objects.filter(pk=deal.pk).update(cancelled_on=TODAY, kept_gross=0)
    assert rfm.score_all(TODAY, NOW) == 1
    assert told(acme) == (None, None, None, None, "")
    assert Standing.objects.get(customer=acme).rfm_value is None
    assert rfm.score_all(TODAY, NOW) == 0


def test_the_second_night_writes_nothing_and_a_later_one_only_what_differs(here) -> None:
    acme, other = customer("A"), customer("B")
    deal = signed(acme, "1", TODAY - timedelta(days=25))
    signed(other, "1", TODAY - timedelta(days=2))
    assert rfm.score_all(TODAY, NOW) == 2
    assert rfm.score_all(TODAY, NOW) == 0
    assert rfm.score_all(TODAY + timedelta(days=1), NOW) == 0  # a day older, in the same cut
    assert rfm.score_all(TODAY + timedelta(days=6), NOW) == 1  # 31 days: a point less, and LHH
    moved = Event.objects.get(name="customer.valued")
    assert (moved.customer_id, moved.data) == (acme.id, {"from": "HHH", "to": "LHH", "value": "1.60"})
    paid(deal, "1.00", TODAY + timedelta(days=7))
    assert rfm.score_all(TODAY + timedelta(days=7), NOW) == 1
    assert RfmScore.objects.filter(customer=other).count() == 1


def test_a_new_version_judges_from_its_day_and_every_customer_once(here) -> None:
    acme = customer("A")
    paid(signed(acme, "1", TODAY), "60000.00", TODAY)
    rfm.score_all(TODAY, NOW)
    assert latest(acme).value == Decimal("2.30")  # 0.2 x 5 + 0.3 x 1 + 0.5 x 2
    rules = RfmRules(Decimal("0.5"), Decimal("0.3"), Decimal("0.2"), 20, DEFAULT.cuts)
    day = TODAY + timedelta(days=1)
    rfmrules.lay_down(rules, code="RFM-2", valid_from=day, by=None, at=NOW, on=TODAY)
    assert rfm.score_all(TODAY, NOW) == 0
    assert rfm.score_all(day, NOW) == 1
    assert (latest(acme).value, latest(acme).policy.code) == (Decimal("3.20"), "RFM-2")


def test_wrong_rules_are_refused_with_everything_that_is_wrong(here) -> None:
    cuts = {"r": (Decimal(0), Decimal(1), Decimal(2), Decimal(3)), "f": (Decimal(1),) * 4, "m": ()}
    wrong = RfmRules(Decimal("0.2"), Decimal("0.3"), Decimal("0.6"), 4, cuts)
    with pytest.raises(Refused) as refused:
        rfmrules.lay_down(wrong, code=" ", valid_from=TODAY, by=None, at=NOW, on=TODAY)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [
        ("code", "required"),
        ("valid_from", "not_later"),
        ("weight_m", "sum_not_one"),
        ("fewest", "out_of_range"),
        ("cuts_r", "not_rising"),
        ("cuts_f", "not_rising"),
        ("cuts_m", "not_rising"),
    ]
    assert RfmPolicy.objects.count() == 1


def test_the_book_of_another_tenant_moves_no_score(here, beihe) -> None:
    acme = customer("A")
    paid(signed(acme, "1", TODAY), "1000.00", TODAY)
    rfm.score_all(TODAY, NOW)
    with tenant(beihe.tenant.id):
        for row in crowd([500_000 + number for number in range(30)]):
            assert row.tenant_id == beihe.tenant.id
        assert rfm.score_all(TODAY, NOW) == 30
    assert rfm.score_all(TODAY, NOW) == 0
    assert told(acme) == (5, 1, 1, Decimal("1.80"), "HHH")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cash=st.lists(st.integers(0, 12), min_size=20, max_size=32))
def test_scores_rise_with_the_cash_and_split_the_customers_into_fifths(here, cash) -> None:
    """For each k, at least k/5 of the customers score more than 5 − k, and ties never split."""
    Payment.objects.all().delete()
    Contract.objects.all().delete()
    Customer.objects.all().delete()
    made = crowd(cash)
    rfm.score_all(TODAY, NOW)
    scores = [latest(row).m or 0 for row in made]
    by_cash = sorted(zip(cash, scores, strict=True))
    assert by_cash == sorted(by_cash, key=lambda pair: (pair[1], pair[0]))
    assert len({amount for amount, _score in by_cash}) == len(set(by_cash))
    for k in range(1, 6):
        assert 5 * sum(score > 5 - k for score in scores) >= k * len(scores)
    assert max(scores) == 5
