"""Payments and receivables by the API: cash settles what is due, a refund opens it again."""

from typing import Any

import pytest

from crm.periods import add_months
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, codes
from customers.models import Contract, Payment

pytestmark = pytest.mark.django_db
ABSENT = "019a2f6e-3c1b-7d44-9f0a-5b7c2d8e1f30"


@pytest.fixture
def deal(yunheng) -> Contract:
    """李娜's contract of 120,000, half of it due 20 days ago, half in half a year."""
    start = morning.day(-30)
    with tenant(yunheng.tenant.id):
        buyer = morning.customer(yunheng.li, "华信科技有限公司")
        due = [morning.day(-20), add_months(start, 6)]
        return morning.sign(buyer, "HT-1", "120000.00", starts_on=start, due=due)


@pytest.fixture
def finance(yunheng) -> Api:
    """The API as 钱敏, who records money."""
    return Api(yunheng, "qian")


def money(deal: Contract, /, number: str = "R-1", amount: str = "70000.00", **fields: Any) -> dict[str, Any]:
    usual = {"contract": str(deal.id), "number": number, "amount": amount}
    return usual | {"received_on": f"{morning.day(-1)}"} | fields


def dues(api: Api, query: str = "") -> list[tuple[str, str, str]]:
    """Amount, applied and open of each instalment."""
    rows = api.get(f"receivables/?{query}").json()["results"]
    return [(row["amount"], row["applied"], row["open"]) for row in rows]


def test_cash_settles_the_instalments_in_order_of_their_days(finance, deal) -> None:
    answer = finance.post("payments/", money(deal))
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    made = answer.json()
    assert (made["amount"], made["currency"], made["kind"], made["customer"]) == (
        "70000.00",
        "CNY",
        "RECEIPT",
        str(deal.customer_id),
    )
    assert finance.get(answer["Location"]).json() == made
    assert dues(finance) == [("60000.00", "60000.00", "0.00"), ("60000.00", "10000.00", "50000.00")]


def test_a_refund_opens_again_what_was_settled(finance, deal) -> None:
    finance.post("payments/", money(deal))
    back = money(deal, "F-1", "30000.00", kind="REFUND", received_on=f"{morning.today()}")
    assert finance.post("payments/", back).status_code == 201
    assert dues(finance) == [("60000.00", "40000.00", "20000.00"), ("60000.00", "0.00", "60000.00")]


def test_more_than_was_there_is_not_given_back(finance, yunheng, deal) -> None:
    finance.post("payments/", money(deal))
    back = money(deal, "F-1", "70000.01", kind="REFUND", received_on=f"{morning.today()}")
    answer = finance.post("payments/", back)
    assert (answer.status_code, codes(answer)) == (400, [("amount", "refund_exceeds_cash")])
    with tenant(yunheng.tenant.id):
        assert Payment.objects.count() == 1


def test_the_same_number_with_the_same_content_is_the_same_receipt(finance, yunheng, deal) -> None:
    first, again = (finance.post("payments/", money(deal)) for _ in range(2))
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    other = finance.post("payments/", money(deal, amount="1.00"))
    assert (other.status_code, codes(other)) == (400, [("number", "duplicate_number")])
    with tenant(yunheng.tenant.id):
        assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"number": ""}, ("number", "blank")),
        ({"amount": "0.00"}, ("amount", "min_value")),
        ({"amount": "-5"}, ("amount", "min_value")),
        ({"amount": "0.001"}, ("amount", "max_decimal_places")),
        ({"amount": "1,2345.67"}, ("amount", "invalid")),
        ({"amount": "1e15"}, ("amount", "max_digits")),
        ({"amount": None}, ("amount", "null")),
        ({"received_on": "2999-01-01"}, ("received_on", "in_future")),
        ({"received_on": "2001-01-01"}, ("received_on", "before_signing")),
        ({"received_on": "2001-01-01", "kind": "REFUND"}, ("received_on", "before_signing")),
        ({"kind": "GIFT"}, ("kind", "invalid_choice")),
        ({"contract": ABSENT}, ("contract", "does_not_exist")),
        ({"currency": "USD"}, ("currency", "unknown")),
        ({"note": "x" * 201}, ("note", "max_length")),
    ],
)
def test_a_payment_that_is_wrong_is_told_by_field(finance, yunheng, deal, fields: dict, fault) -> None:
    answer = finance.post("payments/", money(deal, **fields))
    assert (answer.status_code, codes(answer)) == (400, [fault])
    with tenant(yunheng.tenant.id):
        assert not Payment.objects.exists()


def test_money_is_recorded_by_finance_alone(yunheng, beihe, deal) -> None:
    for person in ("li", "chen", "gao", "tian", "an", "he"):
        assert Api(yunheng, person).post("payments/", money(deal)).status_code == 403
    answer = Api(beihe, "qian").post("payments/", money(deal))
    assert (answer.status_code, codes(answer)) == (400, [("contract", "does_not_exist")])


def test_a_payment_is_neither_edited_nor_deleted(finance, deal) -> None:
    place = finance.post("payments/", money(deal))["Location"]
    assert [finance.patch(place, {"amount": "1.00"}).status_code, finance.delete(place).status_code] == [
        405
    ] * 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("open__gt=0", [("60000.00", "10000.00", "50000.00")]),
        ("open__lte=0", [("60000.00", "60000.00", "0.00")]),
        (f"due_on__lt={morning.today()}", [("60000.00", "60000.00", "0.00")]),
        ("amount__gt=60000", []),
        ("number=HT-1/2", [("60000.00", "10000.00", "50000.00")]),
    ],
)
def test_receivables_are_filtered(finance, deal, query: str, found: list) -> None:
    finance.post("payments/", money(deal))
    assert dues(finance, query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["R-2", "R-1"]),
        ("ordering=received_on", ["R-1", "R-2"]),
        ("kind=REFUND", []),
        ("number=R-1", ["R-1"]),
        ("amount__gte=70000", ["R-1"]),
        (f"received_on__gte={morning.today()}", ["R-2"]),
    ],
)
def test_payments_are_listed_newest_first_and_filtered(finance, deal, query: str, found: list[str]) -> None:
    finance.post("payments/", money(deal))
    finance.post("payments/", money(deal, "R-2", "100.00", received_on=f"{morning.today()}"))
    assert [row["number"] for row in finance.get(f"payments/?{query}").json()["results"]] == found


def test_money_is_within_reach_and_needs_its_right(finance, yunheng, beihe, deal) -> None:
    made = finance.post("payments/", money(deal)).json()
    (due, _later) = finance.get("receivables/").json()["results"]
    for path, key in (("payments/", made["id"]), ("receivables/", due["id"])):
        assert [len(Api(yunheng, who).get(path).json()["results"]) > 0 for who in ("li", "chen", "sun")] == [
            True,
            True,
            False,
        ]
        for stranger in (Api(yunheng, "sun"), Api(beihe, "qian")):
            assert stranger.get(f"{path}{key}/").status_code == 404
        assert [Api(yunheng, who).get(path).status_code for who in ("he", "wang", "tian", "an")] == [403] * 4


def test_a_receipt_is_told_to_the_customers_record(finance, yunheng, deal) -> None:
    finance.post("payments/", money(deal))
    entries = Api(yunheng, "li").get(f"customers/{deal.customer_id}/timeline/").json()["results"]
    assert any("70,000" in entry["title"] + entry["text"] for entry in entries)
    row = Api(yunheng, "li").get(f"customers/{deal.customer_id}/").json()
    assert (row["open_amount"], row["overdue_amount"]) == ("50000.00", "0.00")
