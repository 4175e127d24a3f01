from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests.cast import NOW, TODAY
from customers import cash
from customers.contracts import Instalment
from customers.models import CashApplication, Contract, ContractExpense, Payment, Receivable, Standing
from customers.tests.deals import acts, customer, receive, refund, refusal, sign, terms

pytestmark = pytest.mark.django_db
D = Decimal
HALVES = [Instalment(date(2026, 1, 1), D("60000.00")), Instalment(date(2026, 7, 1), D("60000.00"))]


@pytest.fixture
def contract(here) -> Contract:
    return sign(here, customer(here), terms(), instalments=HALVES)


def settled() -> list[tuple]:
    rows = CashApplication.objects.order_by("receivable__number", "payment__number")
    return list(rows.values_list("payment__number", "receivable__number", "amount"))


def applied() -> list[Decimal]:
    return list(Receivable.objects.order_by("number").values_list("applied", flat=True))


def standing() -> tuple[Decimal, Decimal]:
    return Standing.objects.values_list("open_amount", "overdue_amount").get()


def test_money_settles_the_oldest_instalment_first(here, contract) -> None:
    receive(here, contract, "R-1", "50000.00", date(2026, 1, 5))
    receive(here, contract, "R-2", "30000.00", date(2026, 7, 5))
    assert settled() == [
        ("R-1", "HT-1/1", D("50000.00")),
        ("R-2", "HT-1/1", D("10000.00")),
        ("R-2", "HT-1/2", D("20000.00")),
    ]
    assert applied() == [D("60000.00"), D("20000.00")]
    assert standing() == (D("40000.00"), D("40000.00"))


def test_an_over_payment_is_an_advance_and_settles_nothing(here, contract) -> None:
    receive(here, contract, "R-1", "130000.00", date(2026, 1, 5))
    assert applied() == [D("60000.00"), D("60000.00")]
    assert standing() == (D("0.00"), D("0.00"))


def test_money_entered_late_takes_its_place_by_its_date(here, contract) -> None:
    receive(here, contract, "R-2", "60000.00", date(2026, 7, 5))
    receive(here, contract, "R-1", "60000.00", date(2026, 1, 5))
    assert settled() == [("R-1", "HT-1/1", D("60000.00")), ("R-2", "HT-1/2", D("60000.00"))]


def test_a_receipt_is_told_with_contract_and_amount(here, contract) -> None:
    payment = receive(here, contract, "R-1", "50000.00", date(2026, 1, 5))
    (told,) = Event.objects.filter(name="payment.received")
    assert (told.subject_id, told.customer_id, told.actor_id) == (
        contract.id,
        contract.customer_id,
        here.qian.id,
    )
    assert told.data == {
        "number": "R-1",
        "contract": "HT-1",
        "contract_id": str(contract.id),
        "payment_id": str(payment.id),
        "amount": "50000.00",
        "currency": "CNY",
        "received_on": "2026-01-05",
    }
    assert (payment.entered_on, payment.currency, payment.customer_id) == (TODAY, "CNY", contract.customer_id)


def test_a_receipt_sent_twice_is_one(here, contract) -> None:
    first = receive(here, contract, "R-1", "50000.00", date(2026, 1, 5))
    again = receive(here, contract, " R-1 ", "50000.0", date(2026, 1, 5))
    assert (again.id, Payment.objects.count()) == (first.id, 1)
    assert Event.objects.filter(name="payment.received").count() == 1
    assert applied() == [D("50000.00"), D("0.00")]


@pytest.mark.parametrize(("amount", "day"), [("50000.01", date(2026, 1, 5)), ("50000.00", date(2026, 1, 6))])
def test_a_number_does_not_stand_for_two_receipts(here, contract, amount, day) -> None:
    receive(here, contract, "R-1", "50000.00", date(2026, 1, 5))
    assert refusal(lambda: receive(here, contract, "R-1", amount, day)) == [("number", "duplicate_number")]
    assert applied() == [D("50000.00"), D("0.00")]


def test_a_number_of_another_contract_is_refused_and_of_another_company_free(here, beihe, contract) -> None:
    receive(here, contract, "R-1", "50000.00", date(2026, 1, 5))
    other = sign(here, customer(here, "另一家"), terms("HT-2"))
    assert refusal(lambda: receive(here, other, "R-1", "50000.00", date(2026, 1, 5))) == [
        ("number", "duplicate_number")
    ]
    with tenant(beihe.tenant.id):
        theirs = sign(beihe, customer(beihe), terms())
        receive(beihe, theirs, "R-1", "120000.00", date(2026, 1, 5))
        assert applied() == [D("120000.00")]
    assert [row.amount for row in Payment.objects.all()] == [D("50000.00")]


@pytest.mark.parametrize(
    ("number", "amount", "day", "faults"),
    [
        (" ", "1.00", date(2026, 1, 5), [("number", "required")]),
        ("R" * 61, "1.00", date(2026, 1, 5), [("number", "max_length")]),
        ("R-1", "0.00", date(2026, 1, 5), [("amount", "min_value")]),
        ("R-1", "-5.00", date(2026, 1, 5), [("amount", "min_value")]),
        ("R-1", "1.005", date(2026, 1, 5), [("amount", "max_decimal_places")]),
        ("R-1", "99999999999999", date(2026, 1, 5), [("amount", "max_whole_digits")]),
        ("R-1", "1.00", date(2026, 11, 21), [("received_on", "in_future")]),
        ("R-1", "1.00", date(2025, 12, 14), [("received_on", "before_signing")]),
        ("R-1", "1.00", None, [("received_on", "required")]),
        (
            "",
            "0",
            date(2027, 1, 1),
            [("number", "required"), ("amount", "min_value"), ("received_on", "in_future")],
        ),
    ],
)
def test_a_receipt_that_cannot_be_is_refused(here, contract, number, amount, day, faults) -> None:
    assert refusal(lambda: receive(here, contract, number, amount, day)) == faults
    assert not Payment.objects.exists()


def test_a_refund_takes_from_the_newest_receipt_before_it(here, contract) -> None:
    receive(here, contract, "R-1", "60000.00", date(2026, 1, 5))
    receive(here, contract, "R-2", "40000.00", date(2026, 7, 5))
    refund(here, contract, "B-1", "30000.00", date(2026, 8, 1))
    receive(here, contract, "R-3", "5000.00", date(2026, 9, 1))
    assert settled() == [
        ("R-1", "HT-1/1", D("60000.00")),
        ("R-2", "HT-1/2", D("10000.00")),
        ("R-3", "HT-1/2", D("5000.00")),
    ]
    (told,) = Event.objects.filter(name="payment.refunded")
    assert (told.data["number"], told.data["amount"], told.data["contract"]) == ("B-1", "30000.00", "HT-1")


@pytest.mark.parametrize(
    ("amount", "day"),
    [("60000.01", date(2026, 2, 1)), ("1.00", date(2026, 1, 4)), ("20000.01", date(2026, 3, 1))],
)
def test_no_more_is_given_back_than_was_there(here, contract, amount, day) -> None:
    receive(here, contract, "R-1", "60000.00", date(2026, 1, 5))
    receive(here, contract, "R-2", "10000.00", date(2026, 5, 1))
    refund(here, contract, "B-1", "40000.00", date(2026, 4, 1))
    assert refusal(lambda: refund(here, contract, "B-2", amount, day)) == [("amount", "refund_exceeds_cash")]
    assert Payment.objects.filter(kind="REFUND").count() == 1


def test_a_refund_sent_twice_is_one(here, contract) -> None:
    receive(here, contract, "R-1", "60000.00", date(2026, 1, 5))
    for _ in range(2):
        refund(here, contract, "B-1", "40000.00", date(2026, 2, 1))
    assert applied() == [D("20000.00"), D("0.00")]
    assert refusal(lambda: refund(here, contract, "B-9", "1.00", date(2027, 2, 1))) == [
        ("refunded_on", "in_future")
    ]


def test_an_instalment_is_overdue_from_the_day_after_it_was_due(here, contract) -> None:
    days = {date(2026, 7, 1): "60000.00", date(2026, 7, 2): "120000.00", date(2025, 12, 31): "0.00"}
    for day, overdue in days.items():
        cash.refresh([contract.customer_id], on=day)
        assert standing() == (D("120000.00"), D(overdue))


def test_open_amounts_are_in_the_own_currency_rounded_once_a_contract(here) -> None:
    buyer = customer(here)
    agreed = terms(gross="100.05", currency="USD", book_rate=D("7.12345678"))
    sign(here, buyer, agreed, instalments=[Instalment(date(2026, 1, day), D("33.35")) for day in (1, 2, 3)])
    assert standing() == (D("712.70"), D("712.70"))


def test_the_night_brings_every_standing_to_its_day_and_writes_only_what_differs(here, contract) -> None:
    other = customer(here, "另一家")
    assert cash.refresh_all(date(2026, 3, 1), NOW) == 1
    assert cash.refresh_all(date(2026, 3, 1), NOW) == 0
    Standing.objects.filter(pk=other.pk).update(open_amount=D("5.00"))
    assert cash.refresh_all(date(2026, 7, 2), NOW) == 2
    assert list(Standing.objects.order_by("-open_amount").values_list("open_amount", "overdue_amount")) == [
        (D("120000.00"), D("120000.00")),
        (D("0.00"), D("0.00")),
    ]


def test_settling_again_changes_nothing_and_repairs_what_is_wrong(here, contract) -> None:
    receive(here, contract, "R-1", "70000.00", date(2026, 1, 5))
    right = settled(), applied()
    assert cash.apply() == 0
    Receivable.objects.update(applied=0)
    CashApplication.objects.filter(receivable__number="HT-1/2").delete()
    CashApplication.objects.update(amount=D("1.00"))
    assert cash.apply([contract.id]) == 2
    assert (settled(), applied()) == right


def test_settling_one_contract_leaves_the_others_alone(here, contract) -> None:
    receive(here, contract, "R-1", "70000.00", date(2026, 1, 5))
    other = sign(here, customer(here, "另一家"), terms("HT-2"))
    receive(here, other, "R-2", "120000.00", date(2026, 1, 5))
    Receivable.objects.update(applied=0)
    assert cash.apply([other.id]) == 1
    assert applied() == [D("0.00"), D("0.00"), D("120000.00")]


def test_an_expense_goes_to_the_year_of_its_date_unless_one_is_named(here) -> None:
    contract = sign(here, customer(here), terms(gross="240000.00", starts_on=date(2025, 1, 1)))
    book = {"category": "TRAVEL", "amount": D("800.00"), "incurred_on": date(2026, 2, 1)}
    cash.book_expense(contract, number="E-1", **book, **acts(here.chen))
    cash.book_expense(contract, number="E-2", contract_year=1, note="机票", **book, **acts(here.chen))
    rows = ContractExpense.objects.order_by("number").values_list(
        "number", "contract_year", "note", "entered_on"
    )
    assert list(rows) == [("E-1", 2, "", TODAY), ("E-2", 1, "机票", TODAY)]
    told = Event.objects.filter(name="expense.booked").order_by("id").first()
    assert told.data == {
        "number": "E-1",
        "contract": "HT-1",
        "contract_id": str(contract.id),
        "expense_id": str(ContractExpense.objects.get(number="E-1").id),
        "category": "TRAVEL",
        "amount": "800.00",
        "incurred_on": "2026-02-01",
        "contract_year": 2,
    }


def test_an_expense_sent_twice_is_one_and_its_number_stands_for_it_alone(here, contract) -> None:
    book = {"category": "TRAVEL", "incurred_on": date(2026, 2, 1)} | acts(here.chen)
    first = cash.book_expense(contract, number="E-1", amount=D("800.00"), **book)
    assert cash.book_expense(contract, number="E-1", amount=D("800.00"), **book).id == first.id
    assert Event.objects.filter(name="expense.booked").count() == 1
    other = refusal(lambda: cash.book_expense(contract, number="E-1", amount=D("801.00"), **book))
    assert other == [("number", "duplicate_number")]


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"number": ""}, [("number", "required")]),
        ({"category": "GIFTS"}, [("category", "invalid_choice")]),
        ({"amount": D("-0.01")}, [("amount", "min_value")]),
        ({"incurred_on": None}, [("incurred_on", "required")]),
        ({"incurred_on": date(2026, 11, 21)}, [("incurred_on", "in_future")]),
        ({"contract_year": 2}, [("contract_year", "unknown_contract_year")]),
    ],
)
def test_an_expense_that_cannot_be_is_refused(here, contract, fields, faults) -> None:
    usual = {"number": "E-1", "category": "TRAVEL", "amount": D("1.00"), "incurred_on": date(2026, 2, 1)}
    assert refusal(lambda: cash.book_expense(contract, **usual | fields, **acts(here.chen))) == faults


amounts = st.integers(1, 5_000)
moves = st.lists(st.tuples(st.booleans(), amounts, st.integers(0, 6)), max_size=12)
parts = st.lists(st.tuples(amounts, st.integers(0, 6)), min_size=1, max_size=6)


def by_hand(payments: list[Payment], items: list[Receivable]) -> dict[tuple[str, str], Decimal]:
    """The rule told one step after the other: refunds take back, the rest is laid over the instalments."""
    left: dict[str, Decimal] = {}
    for payment in payments:
        if payment.kind == "RECEIPT":
            left[payment.number] = payment.amount
            continue
        back = payment.amount
        for number in reversed(left):
            taken = min(back, left[number])
            left[number], back = left[number] - taken, back - taken
    found = {}
    for item in items:
        due = item.amount
        for number in left:
            part = min(due, left[number])
            left[number], due = left[number] - part, due - part
            if part:
                found[number, item.number] = part
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves, parts)
def test_settling_by_sets_is_settling_step_by_step(here, flows, plan) -> None:
    Payment.objects.all().delete()
    Receivable.objects.all().delete()
    contract = Contract.objects.first() or sign(here, customer(here), terms())
    Receivable.objects.all().delete()
    about = {"contract": contract, "customer_id": contract.customer_id}
    items = [
        Receivable(number=f"I{n}", amount=D(amount) / 100, due_on=date(2026, 1, 1 + day), **about)
        for n, (amount, day) in enumerate(plan)
    ]
    payments, balance = [], 0
    for n, (back, amount, _day) in enumerate(sorted(flows, key=lambda flow: flow[2])):
        kind = "REFUND" if back and amount <= balance else "RECEIPT"
        balance += amount if kind == "RECEIPT" else -amount
        payments.append(
            Payment(
                number=f"P{n:02d}",
                kind=kind,
                amount=D(amount) / 100,
                received_on=date(2026, 1, 1 + n),
                entered_on=TODAY,
                **about,
            )
        )
    Receivable.objects.bulk_create(items)
    Payment.objects.bulk_create(payments)
    cash.apply([contract.id])
    items.sort(key=lambda item: (item.due_on, item.number))
    expected = by_hand(payments, items)
    assert {(p, r): amount for p, r, amount in settled()} == expected
    sums = {
        item.number: sum((a for (_, r), a in expected.items() if r == item.number), D(0)) for item in items
    }
    assert {row.number: row.applied for row in Receivable.objects.all()} == sums
