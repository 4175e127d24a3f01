"""账龄: what is open of each account by days due, on any day, by page and API, within one's reach."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes, statements
from customers import cash, contracts
from customers.models import Contract, CreditTerms
from customers.receivables import ageing, credit
from customers.tests.deals import acts, refusal

pytestmark = pytest.mark.django_db
D = Decimal
DUE_DAYS = (-400, -200, -100, -70, -40, -5, 20)  # one instalment for each bucket, oldest first
CODES = [">365", "181-365", "91-180", "61-90", "31-60", "0-30", "NOT_DUE"]
CASES = json.loads((Path(__file__).parents[2] / "crm/tests/cases/money.json").read_text())["ageing"]


def contract(company, owner: str = "li", number: str = "HT-1", name: str = "华信") -> Contract:
    """70,000 in seven parts, one for each bucket."""
    buyer = morning.customer(company.people[owner], name)
    due = [morning.day(each) for each in DUE_DAYS]
    return morning.sign(buyer, number, "70000.00", starts_on=morning.day(-410), due=due)


def aged(on: date | None = None) -> list[tuple[str, Decimal]]:
    """What is open in the company, bucket by bucket, without the empty ones."""
    today = morning.today()
    found = ageing.totals(ageing.accounts(on or today, today), on or today, today)
    return [(each.bucket.value, each.amount) for each in found if each.amount]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["as_of"])
def test_the_bucket_of_an_instalment_is_that_of_the_specification(case) -> None:
    due_on, as_of = date.fromisoformat(case["due_on"]), date.fromisoformat(case["as_of"])
    assert ageing.bucket(due_on, as_of) == case["bucket"]


def test_each_instalment_stands_in_the_bucket_of_its_age(here) -> None:
    contract(here)
    assert aged() == [(code, D("10000.00")) for code in reversed(CODES)]


def test_cash_empties_the_oldest_bucket_first(here) -> None:
    morning.receive(contract(here), "15000.00", morning.day(-1))
    known = dict(aged())
    assert (known.get(">365"), known["181-365"]) == (None, D("5000.00"))


def test_an_earlier_day_is_seen_with_the_cash_that_had_come_by_then(here) -> None:
    deal = contract(here)
    morning.receive(deal, "15000.00", morning.day(-50))
    about = {"number": "T-1", "amount": D("7000.00"), "refunded_on": morning.day(-10)}
    cash.refund(deal, **about, by=here.qian, at=morning.noon(morning.today()), on=morning.today())
    before, between = morning.day(-60), morning.day(-30)
    assert dict(aged(before)) == {
        "181-365": D("10000.00"),
        "91-180": D("10000.00"),
        "31-60": D("10000.00"),
        "0-30": D("10000.00"),
        "NOT_DUE": D("30000.00"),
    }
    assert sum(dict(aged(between)).values()) == D("55000.00")
    assert sum(dict(aged()).values()) == D("62000.00")


def test_today_worked_out_anew_is_what_the_instalments_say(here, monkeypatch) -> None:
    deal = contract(here)
    morning.receive(deal, "33333.33", morning.day(-50))
    contracts.cancel(
        deal,
        cancelled_on=morning.day(-60),
        kept_gross=D("60000.00"),
        **acts(here.li) | {"on": morning.today()},
    )
    kept = aged()
    monkeypatch.setattr(ageing, "NOW", ageing.THEN)
    assert aged() == kept
    assert sum(dict(kept).values()) == D("26666.67")


def test_other_currencies_count_at_their_book_rates(here) -> None:
    buyer = morning.customer(here.li, "外贸客户")
    more = {"currency": "USD", "book_rate": D("7.12345678"), "due": [morning.day(-5)]}
    morning.sign(buyer, "US-1", "100.01", starts_on=morning.day(-5), **more)
    assert aged() == [("0-30", D("712.42"))]


def test_the_page_has_totals_and_rows_that_lead_to_the_instalments(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        deal = contract(yunheng)
    page = browser(yunheng, "qian").get("/receivables/")
    listing = page.context["list"]
    assert [(each["total"].bucket.value, each["total"].amount) for each in listing.totals] == [
        (code, D("10000.00")) for code in reversed(CODES)
    ]
    assert listing.whole == D("70000.00")
    (line,) = listing.lines
    assert (line["open"], line["days"]) == (D("70000.00"), 400)
    oldest_url = line["cells"][-1][1]
    (item,) = browser(yunheng, "qian").get(oldest_url).context["list"].lines
    assert (item["row"].contract_id, item["days"]) == (deal.pk, 400)


def test_a_bucket_of_the_totals_leads_to_its_accounts(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        contract(yunheng)
        buyer = morning.customer(yunheng.li, "新客户")
        morning.sign(buyer, "HT-2", "100.00", starts_on=morning.day(-3), due=[morning.day(-3)])
    client = browser(yunheng, "qian")
    old = client.get("/receivables/?bucket=%3E365").context["list"]
    assert [line["row"].number for line in old.lines] == ["HT-1"]
    assert [line["row"].number for line in client.get("/receivables/").context["list"].lines] == [
        "HT-1",
        "HT-2",
    ]


def test_a_salesperson_sees_his_own_accounts_only(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        contract(yunheng)
        theirs = contract(yunheng, "sun", "HT-2", "北方")
    page = browser(yunheng, "li").get("/receivables/")
    assert [line["row"].number for line in page.context["list"].lines] == ["HT-1"]
    assert page.context["list"].whole == D("70000.00")
    items = browser(yunheng, "li").get(f"/receivables/items/?contract={theirs.pk}")
    assert items.context["list"].lines == []
    assert Api(yunheng, "li").get("receivable-ageing/").json()["total"] == "70000.00"
    assert Api(yunheng, "qian").get("receivable-ageing/").json()["total"] == "140000.00"


def test_another_company_sees_nothing_of_it(yunheng, beihe) -> None:
    with tenant(yunheng.tenant.id):
        contract(yunheng)
    assert browser(beihe, "qian").get("/receivables/").context["list"].lines == []
    assert Api(beihe, "qian").get("receivable-ageing/").json()["total"] == "0.00"
    assert Api(beihe, "qian").get("receivable-accounts/").json()["results"] == []


def test_customer_service_and_operations_see_no_receivables(yunheng) -> None:
    for person in ("he", "wang", "an"):
        assert browser(yunheng, person).get("/receivables/").status_code == 403
        assert Api(yunheng, person).get("receivable-accounts/").status_code == 403


def test_the_api_gives_accounts_and_totals_on_any_day(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        deal = contract(yunheng)
        morning.receive(deal, "15000.00", morning.day(-50))
        credit.agree(deal, credit_days=15, **acts(yunheng.qian))
    api = Api(yunheng, "qian")
    (row,) = api.get("receivable-accounts/").json()["results"]
    assert (row["open"], row["credit_days"], row["statement_months"]) == ("55000.00", 15, 1)
    assert (row["buckets"][">365"], row["buckets"]["181-365"]) == ("0.00", "5000.00")
    before = morning.day(-60).isoformat()
    then = api.get(f"receivable-ageing/?as_of={before}&department={deal.responsible_dept_id}").json()
    assert (then["as_of"], then["currency"], then["total"]) == (before, "CNY", "70000.00")
    assert {each["bucket"]: each["amount"] for each in then["buckets"]}[">365"] == "0.00"
    assert codes(api.get(f"receivable-ageing/?as_of={morning.day(1)}")) == [("as_of", "in_future")]
    assert codes(api.get("receivable-ageing/?as_of=x")) == [("as_of", "invalid")]
    assert api.get("receivables/?bucket=61-90").json()["results"][0]["open"] == "10000.00"


def test_the_page_seen_on_an_earlier_day_says_so_and_a_wrong_day_is_told(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        morning.receive(contract(yunheng), "70000.00", morning.day(-50))
    client = browser(yunheng, "qian")
    assert client.get("/receivables/").context["list"].lines == []
    then = client.get(f"/receivables/?as_of={morning.day(-60)}").context["list"]
    assert (then.whole, then.lines[0]["cells"][-1][1]) == (D("70000.00"), "")
    assert client.get("/receivables/?as_of=nonsense").context["list"].faults[0].code == "invalid"


def test_the_list_costs_the_same_for_one_account_and_for_many(yunheng) -> None:
    client = browser(yunheng, "qian")
    with tenant(yunheng.tenant.id):
        contract(yunheng)
    client.get("/receivables/")
    with statements() as few:
        client.get("/receivables/")
    with tenant(yunheng.tenant.id):
        for number in range(2, 9):
            contract(yunheng, "li", f"HT-{number}", f"客户{number}")
    with statements() as many:
        client.get("/receivables/")
    assert len(many) == len(few)


def test_terms_are_agreed_once_and_again(here) -> None:
    deal = contract(here)
    credit.agree(deal, credit_days=30, statement_months=3, note="框架协议", **acts(here.qian))
    again = {"credit_days": 30, "statement_months": 3, "note": "框架协议"}
    assert refusal(lambda: credit.agree(deal, **again, **acts(here.qian))) == [("", "nothing_changes")]
    credit.agree(deal, credit_days=45, **acts(here.qian))
    assert list(CreditTerms.objects.values_list("credit_days", "statement_months", "version")) == [(45, 1, 2)]
    wrong = {"credit_days": 366, "statement_months": 13}
    assert refusal(lambda: credit.agree(deal, **wrong, **acts(here.qian))) == [
        ("credit_days", "max_value"),
        ("statement_months", "max_value"),
    ]


def test_finance_agrees_terms_by_the_page_and_reads_them_on_the_contract(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        deal = contract(yunheng)
    client = browser(yunheng, "qian")
    sent = client.post(f"/contracts/{deal.pk}/terms/", {"credit_days": "30", "statement_months": "3"})
    assert (sent.status_code, sent["Location"]) == (303, f"/contracts/{deal.pk}/")
    assert client.get(f"/contracts/{deal.pk}/").context["credit"].credit_days == 30
    assert browser(yunheng, "li").get(f"/contracts/{deal.pk}/terms/").status_code == 403
