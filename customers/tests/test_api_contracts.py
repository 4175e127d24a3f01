"""Contracts by the API: signing with shares, instalments and expenses, renewing, cancelling, expenses."""

from typing import Any

import pytest

from crm.periods import add_months
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, codes
from customers.models import Contract, Customer, Receivable

pytestmark = pytest.mark.django_db
ABSENT = "019a2f6e-3c1b-7d44-9f0a-5b7c2d8e1f30"


@pytest.fixture
def huaxin(yunheng) -> Customer:
    """李娜's customer, which has signed nothing yet."""
    with tenant(yunheng.tenant.id):
        return morning.customer(yunheng.li, "华信科技有限公司")


@pytest.fixture
def li(yunheng) -> Api:
    return Api(yunheng, "li")


def terms(buyer: Customer, /, **fields: Any) -> dict[str, Any]:
    """Two years from today, 240,000."""
    start = morning.today()
    usual = {
        "customer": str(buyer.id),
        "number": "HT-1",
        "gross": "240000.00",
        "signed_on": f"{start}",
        "starts_on": f"{start}",
        "ends_on": f"{add_months(start, 24)}",
    }
    return usual | fields


def signed(company: Any, customer: Customer, number: str = "HT-1", **fields: Any) -> Contract:
    """A contract of 120,000 for a year that began a month ago."""
    with tenant(company.tenant.id):
        return morning.sign(customer, number, "120000.00", starts_on=morning.day(-30), **fields)


def test_a_signed_contract_comes_with_its_years_shares_and_instalments(li, yunheng, huaxin) -> None:
    start = morning.today()
    body = terms(
        huaxin,
        vat_rate="0.06",
        schedule=["100000.00", "140000.00"],
        splits=[
            {"member": str(yunheng.li.id), "basis_points": 7000},
            {"department": str(yunheng.departments["NORTH"].id), "basis_points": 3000},
        ],
        receivables=[
            {"due_on": f"{start}", "amount": "60000.00"},
            {"due_on": f"{add_months(start, 6)}", "amount": "40000.00"},
            {
                "due_on": f"{add_months(start, 12)}",
                "amount": "140000.00",
                "contract_year": 2,
                "milestone": "终验",
            },
        ],
    )
    answer = li.post("contracts/", body)
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    made = li.get(answer["Location"] + "?expand=years,splits,receivables").json()
    assert (made["gross"], made["vat_rate"], made["currency"], made["signed_by"]) == (
        "240000.00",
        "0.060000",
        "CNY",
        str(yunheng.li.id),
    )
    assert [(year["number"], year["gross"]) for year in made["years"]] == [(1, "100000.00"), (2, "140000.00")]
    assert [(s["member"], s["department"], s["basis_points"]) for s in made["splits"]] == [
        (str(yunheng.li.id), None, 7000),
        (None, str(yunheng.departments["NORTH"].id), 3000),
    ]
    parts = ("number", "amount", "contract_year", "milestone")
    assert [tuple(row[name] for name in parts) for row in made["receivables"]] == [
        ("HT-1/1", "60000.00", 1, ""),
        ("HT-1/2", "40000.00", 1, ""),
        ("HT-1/3", "140000.00", 2, "终验"),
    ]


def test_a_signature_grades_the_customer_at_once(li, huaxin) -> None:
    assert li.post("contracts/", terms(huaxin, gross="2400000.00")).status_code == 201
    row = li.get(f"customers/{huaxin.id}/").json()
    assert (row["tier"], row["annual_amount"], row["contracts_in_force"]) == ("COMPANY", "1200000.00", 1)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"number": ""}, ("number", "blank")),
        ({"number": "x" * 61}, ("number", "max_length")),
        ({"gross": "-0.01"}, ("gross", "min_value")),
        ({"gross": "1.234"}, ("gross", "max_decimal_places")),
        ({"gross": "1,2345.67"}, ("gross", "invalid")),
        ({"gross": "Infinity"}, ("gross", "invalid")),
        ({"gross": "1e20"}, ("gross", "max_digits")),
        ({"vat_rate": "1.5"}, ("vat_rate", "invalid_rate")),
        ({"currency": "usd", "book_rate": "7"}, ("currency", "invalid")),
        ({"currency": "USD"}, ("book_rate", "unknown_rate")),
        ({"currency": "USD", "book_rate": "0"}, ("book_rate", "invalid_rate")),
        ({"book_rate": "2"}, ("book_rate", "invalid_rate")),
        ({"signed_on": "2999-01-01"}, ("signed_on", "in_future")),
        ({"signed_on": "20.11.2026"}, ("signed_on", "invalid")),
        ({"ends_on": "2020-01-01"}, ("ends_on", "end_before_start")),
        ({"ends_on": "9999-12-31"}, ("ends_on", "too_long")),
        ({"customer": ABSENT}, ("customer", "does_not_exist")),
        ({"renewal_of": ABSENT}, ("renewal_of", "does_not_exist")),
        ({"product_kind": "SOFT"}, ("product_kind", "invalid_choice")),
        ({"schedule": ["240000.00"]}, ("schedule", "schedule_length")),
        ({"schedule": ["1.00", "2.00"]}, ("schedule", "schedule_mismatch")),
        ({"receivables": [{"due_on": "2026-01-01", "amount": "1.00"}]}, ("receivables", "schedule_mismatch")),
        (
            {"receivables": [{"due_on": "2026-01-01", "amount": "1.00", "contract_year": 9}]},
            ("receivables.0.contract_year", "unknown_contract_year"),
        ),
        ({"splits": [{"basis_points": 10000}]}, ("splits.0.member", "one_payee")),
        ({"splits": [{"member": ABSENT, "basis_points": 10000}]}, ("splits.0.member", "does_not_exist")),
        ({"splits": "all"}, ("splits", "not_a_list")),
        ({"cancelled_on": "2026-01-01"}, ("cancelled_on", "unknown")),
        (
            {"expenses": [{"number": "E", "category": "GIFT", "amount": "1", "incurred_on": "2026-01-01"}]},
            ("expenses.0.category", "invalid_choice"),
        ),
    ],
)
def test_terms_that_are_wrong_are_told_by_field(li, yunheng, huaxin, fields: dict, fault) -> None:
    answer = li.post("contracts/", terms(huaxin, **fields))
    assert (answer.status_code, codes(answer)[0]) == (400, fault)
    with tenant(yunheng.tenant.id):
        assert not Contract.objects.exists()


@pytest.mark.parametrize(
    ("shares", "fault"),
    [
        ([("li", 7000), ("zhou", 2000)], ("splits", "sum_not_10000")),
        ([("li", 5000), ("li", 5000)], ("splits.1.payee", "duplicate_payee")),
        ([("li", 10_001)], ("splits.0.basis_points", "max_value")),
        ([("li", 0), ("zhou", 10_000)], ("splits.0.basis_points", "min_value")),
    ],
)
def test_shares_that_are_wrong_are_told_by_their_place(li, yunheng, huaxin, shares, fault) -> None:
    splits = [{"member": str(yunheng.people[who].id), "basis_points": part} for who, part in shares]
    answer = li.post("contracts/", terms(huaxin, splits=splits))
    assert (answer.status_code, codes(answer)) == (400, [fault])


def test_a_number_stands_once(li, yunheng, huaxin) -> None:
    signed(yunheng, huaxin)
    answer = li.post("contracts/", terms(huaxin))
    assert (answer.status_code, codes(answer)) == (400, [("number", "duplicate_contract")])


def test_nothing_is_signed_for_a_customer_out_of_reach_or_without_the_right(yunheng, beihe, huaxin) -> None:
    for stranger in (Api(yunheng, "sun"), Api(beihe, "li")):
        answer = stranger.post("contracts/", terms(huaxin))
        assert (answer.status_code, codes(answer)) == (400, [("customer", "does_not_exist")])
    assert Api(yunheng, "qian").post("contracts/", terms(huaxin)).status_code == 403
    assert Api(yunheng, "li", "contracts:read").post("contracts/", terms(huaxin)).status_code == 403


def test_a_signature_sent_twice_is_one_contract(li, yunheng, huaxin) -> None:
    once = {"Idempotency-Key": "crm-7"}
    first, again = (li.post("contracts/", terms(huaxin), headers=once) for _ in range(2))
    assert [first.status_code, again.status_code, again.json()] == [201, 201, first.json()]
    with tenant(yunheng.tenant.id):
        assert (Contract.objects.count(), Receivable.objects.count()) == (1, 2)


def test_a_contract_is_not_edited(li, yunheng, huaxin) -> None:
    deal = signed(yunheng, huaxin)
    assert li.patch(f"contracts/{deal.id}/", {"gross": "1.00"}).status_code == 405
    assert li.delete(f"contracts/{deal.id}/").status_code == 405


# Renewal


def test_a_renewal_leads_back_to_what_it_renews_and_keeps_its_line(li, yunheng, huaxin) -> None:
    old = signed(yunheng, huaxin, line="云服务")
    body = terms(huaxin, number="HT-2", starts_on=f"{old.ends_on}", ends_on=f"{add_months(old.ends_on, 12)}")
    body.pop("customer")
    made = li.post(f"contracts/{old.id}/renewal/", body)
    assert made.status_code == 201
    assert (made.json()["renewal_of"], made.json()["customer"], made.json()["line"]) == (
        str(old.id),
        str(huaxin.id),
        "云服务",
    )


def test_a_renewal_answers_where_the_new_contract_stands(li, yunheng, huaxin) -> None:
    old = signed(yunheng, huaxin)
    body = terms(huaxin, number="HT-2")
    body.pop("customer")
    made = li.post(f"contracts/{old.id}/renewal/", body)
    assert li.get(made["Location"]).json() == made.json()


def test_a_contract_renews_one_of_the_same_customer(li, yunheng, huaxin) -> None:
    with tenant(yunheng.tenant.id):
        other = morning.customer(yunheng.li, "另一家")
    old = signed(yunheng, other)
    answer = li.post("contracts/", terms(huaxin, number="HT-2", renewal_of=str(old.id)))
    assert (answer.status_code, codes(answer)) == (400, [("renewal_of", "other_customer")])


# Cancellation


def cancel(api: Api, contract: Contract, **fields: Any) -> Any:
    headers = fields.pop("headers", None)
    body = {"cancelled_on": f"{morning.today()}", "reason": "项目取消", **fields}
    return api.post(f"contracts/{contract.id}/cancellation/", body, headers=headers)


def test_a_cancelled_contract_keeps_what_was_agreed(li, yunheng, huaxin) -> None:
    deal = signed(yunheng, huaxin)
    answer = cancel(li, deal, kept_gross="20000.00")
    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    assert (answer.json()["cancelled_on"], answer.json()["kept_gross"]) == (f"{morning.today()}", "20000.00")
    (due,) = li.get(f"receivables/?contract={deal.id}").json()["results"]
    assert (due["amount"], due["waived"], due["open"]) == ("120000.00", "100000.00", "20000.00")
    assert li.get(f"customers/{huaxin.id}/").json()["contracts_in_force"] == 0


def test_a_contract_is_cancelled_once(li, yunheng, huaxin) -> None:
    deal = signed(yunheng, huaxin)
    cancel(li, deal)
    again = cancel(li, deal)
    assert (again.status_code, codes(again)) == (409, [("", "already_cancelled")])


def test_a_cancellation_of_an_old_version_is_412(li, yunheng, huaxin) -> None:
    deal = signed(yunheng, huaxin)
    late = cancel(li, deal, headers={"If-Match": '"9"'})
    assert (late.status_code, codes(late)) == (412, [("", "stale")])
    with tenant(yunheng.tenant.id):
        assert Contract.objects.get(pk=deal.pk).cancelled_on is None
    assert cancel(li, deal, headers={"If-Match": '"1"'}).status_code == 200


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"cancelled_on": "2020-01-01"}, ("cancelled_on", "before_signing")),
        ({"cancelled_on": "2999-01-01"}, ("cancelled_on", "after_end")),
        ({"cancelled_on": None}, ("cancelled_on", "null")),
        ({"kept_gross": "120000.01"}, ("kept_gross", "kept_exceeds_gross")),
        ({"kept_gross": "-1"}, ("kept_gross", "min_value")),
    ],
)
def test_a_cancellation_that_is_wrong_is_told(li, yunheng, huaxin, fields: dict, fault) -> None:
    answer = cancel(li, signed(yunheng, huaxin), **fields)
    assert (answer.status_code, codes(answer)) == (400, [fault])


# Expenses


def expense(deal: Contract, /, **fields: Any) -> dict[str, Any]:
    usual = {"contract": str(deal.id), "number": "F-1", "category": "TRAVEL", "amount": "800.00"}
    return usual | {"incurred_on": f"{morning.today()}"} | fields


def test_an_expense_is_booked_once_and_seen_by_few(yunheng, huaxin) -> None:
    deal, finance = signed(yunheng, huaxin), Api(yunheng, "qian")
    first, again = (finance.post("contract-expenses/", expense(deal)) for _ in range(2))
    assert (first.status_code, again.json()) == (201, first.json())
    assert (first.json()["amount"], first.json()["contract_year"]) == ("800.00", 1)
    other = finance.post("contract-expenses/", expense(deal, amount="900.00"))
    assert (other.status_code, codes(other)) == (400, [("number", "duplicate_number")])
    assert [Api(yunheng, who).get("contract-expenses/").status_code for who in ("li", "he")] == [403, 403]
    assert len(Api(yunheng, "chen").get("contract-expenses/").json()["results"]) == 1


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"number": ""}, ("number", "blank")),
        ({"category": "GIFT"}, ("category", "invalid_choice")),
        ({"amount": "-1"}, ("amount", "min_value")),
        ({"incurred_on": "2999-01-01"}, ("incurred_on", "in_future")),
        ({"contract_year": 9}, ("contract_year", "unknown_contract_year")),
        ({"contract": ABSENT}, ("contract", "does_not_exist")),
    ],
)
def test_an_expense_that_is_wrong_is_told(yunheng, huaxin, fields: dict, fault) -> None:
    answer = Api(yunheng, "qian").post("contract-expenses/", expense(signed(yunheng, huaxin), **fields))
    assert (answer.status_code, codes(answer)) == (400, [fault])


# Lists


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ordering=number", ["HT-1", "HT-2"]),
        ("number=HT-2", ["HT-2"]),
        ("search=HT-1", ["HT-1"]),
        ("search=hx&ordering=number", ["HT-1"]),
        ("gross__gte=120000.01", ["HT-2"]),
        ("is_cancelled=true", []),
        ("line=云服务", ["HT-2"]),
        ("owner=me&ordering=-gross", ["HT-2", "HT-1"]),
    ],
)
def test_contracts_are_filtered_searched_and_ordered(li, yunheng, huaxin, query: str, found) -> None:
    signed(yunheng, huaxin)
    with tenant(yunheng.tenant.id):
        other = morning.customer(yunheng.li, "东方药业")
        morning.sign(other, "HT-2", "300000.00", starts_on=morning.day(-10), line="云服务")
    rows = li.get(f"contracts/?{query}").json()["results"]
    assert [row["number"] for row in rows] == found


def test_contracts_are_within_reach(yunheng, beihe, huaxin) -> None:
    deal = signed(yunheng, huaxin)
    for stranger in (Api(yunheng, "sun"), Api(beihe, "gao")):
        assert stranger.get("contracts/").json()["results"] == []
        assert stranger.get(f"contracts/{deal.id}/").status_code == 404
        assert stranger.post(f"contracts/{deal.id}/renewal/", {}).status_code in {403, 404}
    assert Api(yunheng, "he").get("contracts/").status_code == 403


def test_who_may_not_see_expenses_expands_none(li, yunheng, huaxin) -> None:
    signed(yunheng, huaxin)
    answer = li.get("contracts/?expand=expenses")
    assert (answer.status_code, codes(answer)) == (400, [("expand", "unknown")])
