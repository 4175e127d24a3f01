from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from crm.accounts.models import Member
from crm.events.models import Event
from crm.refusal import Conflict
from crm.tenancy.context import tenant
from crm.tests.cast import TODAY
from customers import contracts, ownership, registry
from customers.contracts import Expense, Instalment, Share, years_of
from customers.models import (
    Contract,
    ContractExpense,
    ContractYear,
    CreditSplit,
    Customer,
    Receivable,
    Standing,
)
from customers.tests.deals import acts, customer, receive, refusal, sign, terms

pytestmark = pytest.mark.django_db
D = Decimal


def plan(contract: Contract) -> list[tuple]:
    return list(
        contract.receivables.order_by("number").values_list("number", "due_on", "amount", "contract_year")
    )


def test_a_signed_contract_has_its_year_its_share_and_its_receivable(here) -> None:
    buyer = customer(here)
    contract = sign(here, buyer, terms(vat_rate=D("0.06"), title="年度服务"))
    stored = Contract.objects.get(number="HT-1")
    assert (stored.gross, stored.currency, stored.book_rate, stored.vat_rate) == (
        D("120000.00"),
        "CNY",
        D("1.00000000"),
        D("0.060000"),
    )
    assert (stored.responsible_dept_id, stored.signed_by_id) == (here.departments["EAST"].id, here.li.id)
    assert (stored.entered_on, stored.has_schedule, contract.pk) == (TODAY, False, stored.pk)
    (year,) = stored.years.all()
    assert (year.number, year.gross, year.annual_amount) == (1, D("120000.00"), D("120000.00"))
    assert (year.counts_from, year.counts_until, year.customer_id) == (
        date(2026, 1, 1),
        date(2027, 1, 1),
        buyer.id,
    )
    (split,) = stored.splits.all()
    assert (split.department_id, split.member_id, split.basis_points) == (
        here.departments["EAST"].id,
        None,
        10_000,
    )
    assert plan(stored) == [("HT-1/1", date(2026, 1, 1), D("120000.00"), 1)]
    assert Standing.objects.get(pk=buyer.pk).open_amount == D("120000.00")


def test_a_signature_is_told_with_terms_and_shares(here) -> None:
    buyer = customer(here)
    first = sign(here, buyer, terms())
    sign(
        here, buyer, terms("HT-2", renewal_of=first), shares=[Share(here.li, 7_000), Share(here.zhou, 3_000)]
    )
    told = Event.objects.filter(name="contract.signed").order_by("-id").first()
    assert (told.customer_id, told.subject_id) == (buyer.id, Contract.objects.get(number="HT-2").id)
    assert told.data == {
        "number": "HT-2",
        "gross": "120000.00",
        "currency": "CNY",
        "line": "DEFAULT",
        "starts_on": "2026-01-01",
        "ends_on": "2027-01-01",
        "renewal_of": "HT-1",
        "shares": [{"payee": "李娜", "basis_points": 7000}, {"payee": "周毅", "basis_points": 3000}],
    }


def test_years_without_a_schedule_are_equal_with_the_rest_in_the_last(here) -> None:
    years = years_of(terms(gross="100000.00", ends_on=date(2029, 1, 1)))
    assert [year.gross for year in years] == [D("33333.33"), D("33333.33"), D("33333.34")]
    assert [year.annual_amount for year in years] == [D("33333.33")] * 3
    assert [year.starts_on for year in years] == [date(2026, 1, 1), date(2027, 1, 1), date(2028, 1, 1)]


def test_years_of_a_schedule_count_what_was_agreed_in_the_own_currency() -> None:
    agreed = terms(
        gross="50000.00",
        starts_on=date(2026, 1, 1),
        ends_on=date(2027, 7, 1),
        schedule=(D("30000.00"), D("20000.00")),
        currency="USD",
        book_rate=D("7.10"),
    )
    years = years_of(agreed)
    assert [year.gross for year in years] == [D("30000.00"), D("20000.00")]
    assert [year.annual_amount for year in years] == [D("213000.00"), D("284000.00")]  # 20,000 in 6 months


def test_a_year_counts_from_the_signature_until_the_cancellation() -> None:
    late = terms(signed_on=date(2026, 3, 1), ends_on=date(2028, 1, 1))
    first, second = years_of(late, cancelled_on=date(2027, 6, 1))
    assert (first.counts_from, first.counts_until) == (date(2026, 3, 1), date(2027, 1, 1))
    assert (second.counts_from, second.counts_until) == (date(2027, 1, 1), date(2027, 6, 1))


def test_a_payment_plan_is_kept_in_order_of_its_dates(here) -> None:
    parts = [
        Instalment(date(2026, 7, 1), D("40000.00")),
        Instalment(date(2025, 12, 20), D("80000.00")),
        Instalment(date(2027, 3, 1), D("120000.00"), 2),
    ]
    agreed = terms(gross="240000.00", ends_on=date(2028, 1, 1))
    assert plan(sign(here, customer(here), agreed, instalments=parts)) == [
        ("HT-1/1", date(2025, 12, 20), D("80000.00"), 1),
        ("HT-1/2", date(2026, 7, 1), D("40000.00"), 1),
        ("HT-1/3", date(2027, 3, 1), D("120000.00"), 2),
    ]


def test_a_free_year_has_no_receivable(here) -> None:
    agreed = terms(gross="100000.00", ends_on=date(2028, 1, 1), schedule=(D("0.00"), D("100000.00")))
    contract = sign(here, customer(here), agreed)
    assert contract.has_schedule
    assert plan(contract) == [("HT-1/1", date(2027, 1, 1), D("100000.00"), 2)]


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"number": " "}, [("number", "required")]),
        ({"number": "x" * 61}, [("number", "max_length")]),
        ({"gross": D("-1")}, [("gross", "min_value")]),
        ({"gross": D("1.001")}, [("gross", "max_decimal_places")]),
        ({"gross": D("NaN")}, [("gross", "invalid")]),
        ({"gross": None}, [("gross", "required")]),
        ({"gross": D("99999999999999")}, [("gross", "max_whole_digits")]),
        ({"vat_rate": D("1.01")}, [("vat_rate", "invalid_rate")]),
        ({"vat_rate": D("-0.01")}, [("vat_rate", "invalid_rate")]),
        ({"product_kind": "TOY"}, [("product_kind", "invalid_choice")]),
        ({"line": ""}, [("line", "required")]),
        ({"currency": "usd"}, [("currency", "invalid")]),
        ({"currency": "USD"}, [("book_rate", "unknown_rate")]),
        ({"currency": "USD", "book_rate": D(0)}, [("book_rate", "invalid_rate")]),
        ({"book_rate": D("7.1")}, [("book_rate", "invalid_rate")]),
        ({"ends_on": date(2026, 1, 1)}, [("ends_on", "end_before_start")]),
        ({"ends_on": date(2126, 1, 2)}, [("ends_on", "too_long")]),
        ({"ends_on": None}, [("ends_on", "required")]),
        ({"signed_on": date(2026, 11, 21)}, [("signed_on", "in_future")]),
        ({"schedule": (D("60000.00"), D("60000.00"))}, [("schedule", "schedule_length")]),
        ({"schedule": (D("120000.01"),)}, [("schedule", "schedule_mismatch")]),
        ({"schedule": (D("-1.00"),)}, [("schedule[0]", "min_value")]),
        (
            {"gross": D("9000000000000.00"), "currency": "USD", "book_rate": D("7.1")},
            [("gross", "too_large")],
        ),
        (
            {"number": "", "currency": "USD", "ends_on": date(2025, 1, 1)},
            [("number", "required"), ("book_rate", "unknown_rate"), ("ends_on", "end_before_start")],
        ),
    ],
)
def test_terms_that_cannot_be_are_refused_by_field(here, changed, faults) -> None:
    buyer = customer(here)
    assert refusal(lambda: sign(here, buyer, replace(terms(), **changed))) == faults
    assert not Contract.objects.exists()


def test_a_contract_number_stands_once_in_a_company(here, beihe) -> None:
    buyer = customer(here)
    sign(here, buyer, terms())
    assert refusal(lambda: sign(here, buyer, terms())) == [("number", "duplicate_contract")]
    with tenant(beihe.tenant.id):
        sign(beihe, customer(beihe), terms())
    assert Contract.objects.count() == 1


def test_a_contract_renews_one_of_the_same_customer(here) -> None:
    other = sign(here, customer(here), terms())
    buyer = customer(here, "另一家")
    assert refusal(lambda: sign(here, buyer, terms("HT-2", renewal_of=other))) == [
        ("renewal_of", "other_customer")
    ]


def test_shares_are_whole_once_each_and_of_people_who_are_here(here) -> None:
    buyer = customer(here)
    Member.objects.filter(pk=here.zhou.pk).update(status=Member.Status.LEFT)
    gone = Member.objects.get(pk=here.zhou.pk)
    refused = {
        (Share(here.li, 9_999),): [("shares", "sum_not_10000")],
        (Share(here.li, 10_001),): [("shares[0].basis_points", "invalid_integer")],
        (Share(here.li, 5_000), Share(here.li, 5_000)): [("shares[1].payee", "duplicate_payee")],
        (Share(here.li, 5_000), Share(gone, 5_000)): [("shares[1].payee", "not_active")],
        (Share(here.li, 10_000), Share(here.wu, 0)): [("shares[1].basis_points", "invalid_integer")],
    }
    for shares, faults in refused.items():
        assert refusal(lambda shares=shares: sign(here, buyer, terms(), shares=shares)) == faults
    sign(here, buyer, terms(), shares=[Share(here.li, 6_000), Share(here.departments["OPS"], 4_000)])
    assert list(CreditSplit.objects.values_list("position", "member", "department", "basis_points")) == [
        (0, here.li.id, None, 6_000),
        (1, None, here.departments["OPS"].id, 4_000),
    ]


def test_a_customer_of_the_pool_needs_shares(here) -> None:
    buyer = customer(here)
    Customer.objects.filter(pk=buyer.pk).update(owner=None, responsible_dept=None)
    assert refusal(lambda: sign(here, buyer, terms())) == [("shares", "required")]
    contract = sign(here, buyer, terms(), shares=[Share(here.li, 10_000)])
    assert (contract.responsible_dept_id, contract.signed_by_id) == (None, here.li.id)


def test_nothing_is_signed_with_a_blocked_customer(here) -> None:
    buyer = customer(here)
    registry.block(buyer, reason="欠款", **acts(here.gao))
    assert refusal(lambda: sign(here, buyer, terms())) == [("", "customer_blocked")]


@pytest.mark.parametrize(
    ("parts", "faults"),
    [
        ([(date(2026, 1, 1), D("119999.99"))], [("instalments", "schedule_mismatch")]),
        (
            [(date(2026, 1, 1), D("120000.00"), 2)],
            [("instalments[0].contract_year", "unknown_contract_year")],
        ),
        ([(date(2026, 1, 1), D("0.00"))], [("instalments[0].amount", "min_value")]),
        ([(None, D("120000.00"))], [("instalments[0].due_on", "required")]),
    ],
)
def test_a_payment_plan_sums_to_each_years_amount(here, parts, faults) -> None:
    buyer = customer(here)
    instalments = [Instalment(*part) for part in parts]
    assert refusal(lambda: sign(here, buyer, terms(), instalments=instalments)) == faults


def test_expenses_known_at_the_signature_are_booked_with_it(here) -> None:
    spent = Expense(number="E-1", category="TRAVEL", amount=D("800.00"), incurred_on=date(2026, 2, 1))
    contract = sign(here, customer(here), terms(), expenses=[spent])
    (row,) = ContractExpense.objects.all()
    assert (row.contract_id, row.amount, row.contract_year) == (contract.id, D("800.00"), 1)
    assert set(Event.objects.values_list("name", flat=True)) >= {"contract.signed", "expense.booked"}


def test_a_wrong_expense_leaves_no_contract_behind(here) -> None:
    buyer = customer(here)
    wrong = Expense(number="E-1", category="GIFTS", amount=D("-1"), incurred_on=date(2026, 2, 1))
    assert refusal(lambda: sign(here, buyer, terms(), expenses=[wrong])) == [
        ("expenses[0].category", "invalid_choice"),
        ("expenses[0].amount", "min_value"),
    ]
    assert not Contract.objects.exists()
    assert not ContractYear.objects.exists()


def test_the_owner_of_the_day_signs_whoever_writes_it_down(here) -> None:
    buyer = customer(here)
    ownership.transfer([buyer], to=here.zhou, reason="换人", **acts(here.chen))
    assert sign(here, buyer, terms()).signed_by_id == here.zhou.id
    named = contracts.sign(buyer, terms=terms("HT-2"), signed_by=here.sun, **acts(here.qian))
    assert named.signed_by_id == here.sun.id


def cancel(company, contract, cancelled_on, **fields) -> Contract:
    return contracts.cancel(contract, cancelled_on=cancelled_on, **fields, **acts(company.chen))


def test_a_cancelled_contract_counts_and_is_owed_for_the_days_served(here) -> None:
    buyer = customer(here)
    contract = sign(here, buyer, terms(gross="240000.00", ends_on=date(2028, 1, 1)))
    cancel(here, contract, date(2026, 7, 2), reason="停产")
    stored = Contract.objects.get()
    assert (stored.cancelled_on, stored.kept_gross, stored.version) == (date(2026, 7, 2), D("59835.62"), 2)
    assert [year.counts_until for year in stored.years.all()] == [date(2026, 7, 2), date(2026, 7, 2)]
    assert list(Receivable.objects.order_by("number").values_list("amount", "waived", "open")) == [
        (D("120000.00"), D("60164.38"), D("59835.62")),
        (D("120000.00"), D("120000.00"), D("0.00")),
    ]
    assert Standing.objects.get(pk=buyer.pk).open_amount == D("59835.62")
    (told,) = Event.objects.filter(name="contract.cancelled")
    assert told.data == {
        "number": "HT-1",
        "currency": "CNY",
        "cancelled_on": "2026-07-02",
        "gross": "240000.00",
        "kept_gross": "59835.62",
        "reason": "停产",
    }


def test_money_received_for_what_is_waived_becomes_an_advance(here) -> None:
    contract = sign(here, customer(here), terms())
    receive(here, contract, "R-1", "120000.00", date(2026, 1, 5))
    cancel(here, contract, date(2026, 7, 1), kept_gross=D("50000.00"))
    (item,) = Receivable.objects.all()
    assert (item.applied, item.waived, item.open) == (D("50000.00"), D("70000.00"), D("0.00"))
    assert [row.amount for row in item.applications.all()] == [D("50000.00")]


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"cancelled_on": date(2025, 12, 14)}, [("cancelled_on", "before_signing")]),
        ({"cancelled_on": date(2027, 1, 1)}, [("cancelled_on", "after_end")]),
        (
            {"cancelled_on": date(2026, 7, 1), "kept_gross": D("120000.01")},
            [("kept_gross", "kept_exceeds_gross")],
        ),
        ({"cancelled_on": date(2026, 7, 1), "kept_gross": D("-1")}, [("kept_gross", "min_value")]),
    ],
)
def test_a_cancellation_stays_within_the_contract(here, fields, faults) -> None:
    contract = sign(here, customer(here), terms())
    assert refusal(lambda: cancel(here, contract, **fields)) == faults
    assert Contract.objects.get().cancelled_on is None


def test_a_contract_is_cancelled_once(here) -> None:
    contract = sign(here, customer(here), terms())
    cancel(here, contract, date(2026, 7, 1))
    with pytest.raises(Conflict) as conflict:
        cancel(here, contract, date(2026, 8, 1))
    assert [fault.code for fault in conflict.value.faults] == ["already_cancelled"]
    assert Contract.objects.get().cancelled_on == date(2026, 7, 1)


def test_a_contract_cancelled_before_it_began_is_owed_nothing(here) -> None:
    buyer = customer(here)
    contract = cancel(here, sign(here, buyer, terms()), date(2025, 12, 20))
    (year,) = contract.years.all()
    assert (contract.kept_gross, year.counts_until < year.counts_from) == (D("0.00"), True)
    assert Standing.objects.get(pk=buyer.pk).open_amount == D("0.00")
