"""对账单: opening, movements, closing; sent, signed or disagreed with; by page, API and on paper."""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO

import pypdf
import pytest

from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from customers import cash
from customers.models import Contract, Customer, Reconciliation
from customers.receivables import reconciling, writeoffs
from customers.receivables.movements import Account, figures
from customers.tests.deals import refusal

pytestmark = pytest.mark.django_db
D = Decimal
FROM, UNTIL = morning.day(-60), morning.day(-30)


def now(on: date | None = None) -> dict:
    day = on or morning.today()
    return {"at": morning.noon(day), "on": day}


def deal(company, owner: str = "li", name: str = "华信") -> Contract:
    """100,000.00 due 100 days ago and 20,000.00 due 50 days ago; 70,000.00 came before the period."""
    buyer = morning.customer(company.people[owner], name)
    signed = morning.sign(
        buyer, f"HT-{name}", "100000.00", starts_on=morning.day(-110), due=[morning.day(-100)]
    )
    morning.receive(signed, "70000.00", morning.day(-80))
    more = morning.sign(buyer, f"HB-{name}", "20000.00", starts_on=morning.day(-70), due=[morning.day(-50)])
    morning.receive(more, "5000.00", morning.day(-45))
    about = {"number": f"T-{name}", "amount": D("1000.00"), "refunded_on": morning.day(-40)}
    cash.refund(more, **about, by=company.qian, **now())
    return signed


def prepared(company, buyer: Customer, **other) -> Reconciliation:
    about = {"starts_on": FROM, "ends_on": UNTIL, "currency": "CNY"} | other
    return reconciling.prepare(buyer, **about, by=company.qian, **now())


def test_the_movements_lead_from_the_opening_to_the_closing_balance(here) -> None:
    row = prepared(here, deal(here).customer)
    assert (row.opening, row.due, row.received, row.refunded, row.written_off, row.closing) == (
        D("30000.00"),
        D("20000.00"),
        D("5000.00"),
        D("1000.00"),
        D("0.00"),
        D("46000.00"),
    )
    assert [(line["kind"], line["number"], line["amount"]) for line in row.lines] == [
        ("due", "HB-华信/1", "20000.00"),
        ("received", f"R-HB-华信-{morning.day(-45):%m%d}", "5000.00"),
        ("refunded", "T-华信", "1000.00"),
    ]


def test_the_closing_balance_is_the_opening_one_of_the_next_period(here) -> None:
    buyer = deal(here).customer
    first = figures(Account(buyer.pk, "CNY", FROM, UNTIL))
    assert figures(Account(buyer.pk, "CNY", UNTIL, morning.today())).opening == first.closing


def test_what_is_written_off_and_corrected_moves_the_account(here) -> None:
    signed = deal(here)
    item = signed.receivables.get()
    row = writeoffs.propose(item, amount=D("30000.00"), reason="注销", by=here.qian, **now())
    writeoffs.approve(row, by=here.gao, **now())
    half = writeoffs.correct(row, amount=D("10000.00"), reason="到账", by=here.qian, **now())
    writeoffs.approve(half, by=here.gao, **now())
    account = Account(signed.customer_id, "CNY", UNTIL, morning.day(1))
    found = figures(account)
    assert (found.opening, found.written_off, found.closing) == (D("46000.00"), D("20000.00"), D("26000.00"))


def test_another_currency_has_its_own_statement(here) -> None:
    buyer = deal(here).customer
    about = {"currency": "USD", "book_rate": D("7.1"), "due": [morning.day(-50)]}
    morning.sign(buyer, "US-1", "900.00", starts_on=morning.day(-55), **about)
    assert prepared(here, buyer).closing == D("46000.00")
    assert prepared(here, buyer, currency="USD").closing == D("900.00")


def test_a_day_stands_on_one_statement_only(here) -> None:
    buyer = deal(here).customer
    prepared(here, buyer)
    overlapping = {"starts_on": morning.day(-31), "ends_on": morning.day(-10)}
    assert refusal(lambda: prepared(here, buyer, **overlapping)) == [("", "overlap")]
    assert prepared(here, buyer, starts_on=UNTIL, ends_on=morning.day(-10)).opening == D("46000.00")


def test_a_period_that_runs_or_is_empty_or_backwards_is_refused(here) -> None:
    buyer = deal(here).customer
    fresh = morning.customer(here.li, "新客户")
    assert refusal(lambda: prepared(here, buyer, ends_on=morning.day(1))) == [("ends_on", "not_over")]
    assert refusal(lambda: prepared(here, buyer, ends_on=FROM)) == [("ends_on", "end_before_start")]
    assert refusal(lambda: prepared(here, fresh)) == [("", "nothing_moved")]


def test_sending_works_it_out_anew_and_then_its_figures_stay(here) -> None:
    signed = deal(here)
    row = prepared(here, signed.customer)
    morning.receive(signed, "1000.00", morning.day(-35), "R-late")
    sent = reconciling.send(row, by=here.qian, **now())
    assert (sent.closing, sent.state, sent.sent_on) == (D("45000.00"), "SENT", morning.today())
    morning.receive(signed, "1000.00", morning.day(-34), "R-later")
    assert Reconciliation.objects.get().closing == D("45000.00")
    assert refusal(lambda: reconciling.send(row, by=here.qian, **now())) == [("", "wrong_state")]


def test_the_customer_signs_it(here) -> None:
    row = reconciling.send(prepared(here, deal(here).customer), by=here.qian, **now())
    wrong = {"signatory": " ", "answered_on": morning.day(-1)}
    assert refusal(lambda: reconciling.sign(row, **wrong, by=here.qian, **now())) == [
        ("signatory", "required"),
        ("answered_on", "before_sending"),
    ]
    done = reconciling.sign(row, signatory="王会计", answered_on=morning.today(), by=here.qian, **now())
    assert (done.state, done.signatory, done.difference) == ("SIGNED", "王会计", None)
    names = (
        Event.objects.filter(name__startswith="reconciliation.").order_by("id").values_list("name", flat=True)
    )
    assert list(names) == ["reconciliation.prepared", "reconciliation.sent", "reconciliation.signed"]


def test_the_customer_disagrees_with_a_difference_and_words_and_it_is_drawn_up_again(here) -> None:
    row = reconciling.send(prepared(here, deal(here).customer), by=here.qian, **now())
    said = {"signatory": "王会计", "answered_on": morning.today()}
    same = {"their_closing": D("46000.00"), "answer": " ", **said}
    assert refusal(lambda: reconciling.disagree(row, **same, by=here.qian, **now())) == [
        ("answer", "required"),
        ("their_closing", "no_difference"),
    ]
    about = {"their_closing": D("41000.00"), "answer": "5000 元已于上月支付", **said}
    done = reconciling.disagree(row, **about, by=here.qian, **now())
    assert (done.state, done.difference, done.their_closing) == ("DISAGREED", D("-5000.00"), D("41000.00"))
    again = reconciling.redraft(done, by=here.qian, **now())
    assert (again.state, again.difference, again.answer, again.sent_on) == ("DRAFT", None, "", None)
    reconciling.discard(again, by=here.qian, **now())
    assert not Reconciliation.objects.exists()


def test_finance_leads_it_to_the_signature_by_the_pages(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        buyer = deal(yunheng).customer
    client = browser(yunheng, "qian")
    words = {
        "customer": buyer.pk,
        "starts_on": f"{FROM}",
        "last_day": f"{morning.day(-31)}",
        "currency": "CNY",
    }
    refused = client.post("/receivables/statements/new/", words | {"last_day": "+1"})
    assert refused.status_code == 422 and "ends_on" not in refused.context["form"].fields
    assert "The period is not over yet." in refused.content.decode()
    sent = client.post("/receivables/statements/new/", words)
    assert sent.status_code == 303
    at = sent["Location"]
    page = client.get(at)
    assert [amount for _label, amount in page.context["sums"]] == [
        D("30000.00"),
        D("20000.00"),
        D("-5000.00"),
        D("1000.00"),
        D("0.00"),
        D("46000.00"),
    ]
    assert page.context["lines"][-1]["balance"] == D("46000.00")
    assert client.post(f"{at}sending/").status_code == 303
    wrong = client.post(f"{at}disagreement/", {"their_closing": "46000", "answer": "不对"})
    assert wrong.status_code == 422 and "不对" in wrong.content.decode()
    told = {"signatory": "王会计", "answered_on": "today"}
    assert client.post(f"{at}signature/", told).status_code == 303
    assert client.post(f"{at}signature/", told).status_code == 409
    assert browser(yunheng, "li").get(at).context["forms"] == {}
    assert browser(yunheng, "li").post(f"{at}redraft/").status_code == 403
    assert browser(yunheng, "sun").get(at).status_code == 404


def test_the_api_does_the_same(yunheng, beihe) -> None:
    with tenant(yunheng.tenant.id):
        buyer = deal(yunheng).customer
    api = Api(yunheng, "qian")
    body = {"customer": str(buyer.pk), "starts_on": f"{FROM}", "ends_on": f"{UNTIL}"}
    made = api.post("reconciliations/", body).json()
    assert (made["opening"], made["closing"], made["state"]) == ("30000.00", "46000.00", "DRAFT")
    assert made["lines"][0]["kind"] == "due"
    assert api.post("reconciliations/", body).status_code == 409
    at = f"reconciliations/{made['id']}/"
    assert api.post(f"{at}sending/", {}).json()["state"] == "SENT"
    said = {"signatory": "王会计", "answered_on": f"{morning.today()}"}
    about = said | {"their_closing": "41000.00", "answer": "已付 5000"}
    answered = api.post(f"{at}disagreement/", about).json()
    assert (answered["difference"], answered["their_closing"]) == ("-5000.00", "41000.00")
    assert api.delete(at).status_code == 409
    assert api.post(f"{at}redraft/", {}).json()["state"] == "DRAFT"
    assert api.delete(at).status_code == 204
    assert codes(Api(beihe, "qian").post("reconciliations/", body)) == [("customer", "does_not_exist")]
    assert Api(yunheng, "li").post("reconciliations/", body).status_code == 403


def test_the_paper_says_what_the_page_says_and_leaves_room_for_the_seal(yunheng, beihe) -> None:
    with tenant(yunheng.tenant.id):
        row = prepared(yunheng, deal(yunheng).customer)
    at = f"/receivables/statements/{row.pk}/pdf/"
    answer = browser(yunheng, "qian", "zh-hans").get(at)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    (page,) = [re.sub(r"\s+", " ", p.extract_text()) for p in pypdf.PdfReader(BytesIO(answer.content)).pages]
    for words in (
        "云衡商务",
        "对账单",
        "华信",
        "¥46,000.00",
        "人民币肆万陆仟元整",
        "−¥5,000.00",
        "盖章",
        "草稿",
    ):
        assert words in page
    assert browser(beihe, "qian").get(at).status_code == 404
    assert Api(yunheng, "qian").get(f"reconciliations/{row.pk}/pdf/")["Content-Type"] == "application/pdf"


def test_its_balances_are_a_secret_of_amounts_in_the_audit_trail_too(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        prepared(yunheng, deal(yunheng).customer)
    told = Api(yunheng, "an").get("events/?name=reconciliation.prepared").json()["results"]
    assert [each["data"].get("closing_balance") for each in told] == [None]
    assert "46000" not in str(told)
    seen = Api(yunheng, "gao").get("events/?name=reconciliation.prepared").json()["results"]
    assert [each["data"]["closing_balance"] for each in seen] == ["46000.00"]
