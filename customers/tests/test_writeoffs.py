"""核销坏账: proposed by finance, approved by somebody else, taken off its instalment, corrected."""

from datetime import date
from decimal import Decimal

import pytest

from crm.events.models import Event
from crm.refusal import Conflict
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from customers import amending, contracts
from customers.models import Contract, Receivable, Standing, WriteOff
from customers.receivables import ageing, writeoffs
from customers.tests.deals import refusal

pytestmark = pytest.mark.django_db
D = Decimal


def now(on: date | None = None) -> dict:
    day = on or morning.today()
    return {"at": morning.noon(day), "on": day}


def deal(company, owner: str = "li", number: str = "HT-1") -> Contract:
    """120,000.00 in three parts: due 100 and 40 days ago and in a month; 50,000.00 came."""
    buyer = morning.customer(company.people[owner], f"客户 {number}")
    due = [morning.day(-100), morning.day(-40), morning.day(30)]
    signed = morning.sign(buyer, number, "120000.00", starts_on=morning.day(-110), due=due)
    morning.receive(signed, "50000.00", morning.day(-90))
    return signed


def second(signed: Contract) -> Receivable:
    """The instalment of which 10,000.00 came: 30,000.00 are open."""
    return signed.receivables.get(number=f"{signed.number}/2")


def proposed(company, signed: Contract, amount: str = "30000.00") -> WriteOff:
    return writeoffs.propose(second(signed), amount=D(amount), reason="已注销", by=company.qian, **now())


def approved(company, signed: Contract, amount: str = "30000.00") -> WriteOff:
    return writeoffs.approve(proposed(company, signed, amount), by=company.gao, **now())


def plan(signed: Contract) -> list[tuple[Decimal, Decimal, Decimal]]:
    """Applied, written off and open of each instalment."""
    return list(signed.receivables.order_by("number").values_list("applied", "written_off", "open"))


def test_approved_it_is_taken_off_its_instalment_and_off_what_the_customer_owes(here) -> None:
    signed = deal(here)
    row = proposed(here, signed)
    assert plan(signed)[1] == (D("10000.00"), D("0.00"), D("30000.00"))
    writeoffs.approve(row, by=here.gao, **now())
    assert plan(signed) == [
        (D("40000.00"), D("0.00"), D("0.00")),
        (D("10000.00"), D("30000.00"), D("0.00")),
        (D("0.00"), D("0.00"), D("40000.00")),
    ]
    assert Standing.objects.values_list("open_amount", "overdue_amount").get() == (D("40000.00"), D("0.00"))
    told = Event.objects.filter(name__startswith="write_off.").order_by("id")
    assert [(each.name, each.actor_id) for each in told] == [
        ("write_off.proposed", here.qian.pk),
        ("write_off.approved", here.gao.pk),
    ]


def test_cash_that_comes_later_goes_to_the_next_instalment(here) -> None:
    signed = deal(here)
    approved(here, signed)
    morning.receive(signed, "15000.00", morning.today())
    assert plan(signed)[1:] == [
        (D("10000.00"), D("30000.00"), D("0.00")),
        (D("15000.00"), D("0.00"), D("25000.00")),
    ]


def test_whoever_proposes_does_not_approve(here) -> None:
    row = proposed(here, deal(here))
    with pytest.raises(Conflict) as refused:
        writeoffs.approve(row, by=here.qian, **now())
    assert refused.value.faults[0].code == "own_proposal"


def test_no_more_than_is_open_is_proposed_even_in_two_parts(here) -> None:
    signed = deal(here)
    assert refusal(lambda: proposed(here, signed, "30000.01")) == [("amount", "exceeds_open")]
    proposed(here, signed, "20000.00")
    assert refusal(lambda: proposed(here, signed, "10000.01")) == [("amount", "exceeds_open")]
    assert proposed(here, signed, "10000.00").number == "HT-1/W2"


def test_only_what_is_overdue_is_written_off_and_never_without_a_reason(here) -> None:
    signed = deal(here)
    to_come = signed.receivables.get(number="HT-1/3")
    about = {"amount": D("0.00"), "reason": " ", "by": here.qian, **now()}
    assert refusal(lambda: writeoffs.propose(to_come, **about)) == [
        ("amount", "min_value"),
        ("reason", "required"),
        ("", "not_overdue"),
    ]


def test_cash_that_came_meanwhile_stops_the_approval(here) -> None:
    signed = deal(here)
    row = proposed(here, signed)
    morning.receive(signed, "5000.00", morning.today())
    with pytest.raises(Conflict) as refused:
        writeoffs.approve(row, by=here.gao, **now())
    assert refused.value.faults[0].code == "exceeds_open"
    assert plan(signed)[1] == (D("15000.00"), D("0.00"), D("25000.00"))


def test_it_is_decided_once(here) -> None:
    row = proposed(here, deal(here))
    assert refusal(lambda: writeoffs.refuse(row, answer="", by=here.gao, **now())) == [("answer", "required")]
    writeoffs.refuse(row, answer="再催一个月", by=here.gao, **now())
    for act in (
        lambda: writeoffs.approve(row, by=here.gao, **now()),
        lambda: writeoffs.withdraw(row, by=here.qian, **now()),
    ):
        assert refusal(act) == [("", "not_pending")]
    assert refusal(lambda: writeoffs.correct(row, amount=D(1), reason="到账", by=here.qian, **now())) == [
        ("", "not_approved")
    ]


def test_a_correction_opens_the_instalment_again_for_the_money_that_came_after_all(here) -> None:
    signed = deal(here)
    row = approved(here, signed)
    assert refusal(
        lambda: writeoffs.correct(row, amount=D("30000.01"), reason="到账", by=here.qian, **now())
    ) == [("amount", "exceeds_open")]
    half = writeoffs.correct(row, amount=D("12000.00"), reason="清算分配", by=here.qian, **now())
    assert plan(signed)[1] == (D("10000.00"), D("30000.00"), D("0.00"))
    writeoffs.approve(half, by=here.gao, **now())
    assert plan(signed)[1] == (D("10000.00"), D("18000.00"), D("12000.00"))
    morning.receive(signed, "12000.00", morning.today(), "R-after-all")
    assert plan(signed)[1] == (D("22000.00"), D("18000.00"), D("0.00"))
    assert writeoffs.standing(row) == D("18000.00")


def test_the_write_off_outlives_an_amendment_and_a_cancellation(here) -> None:
    signed = deal(here)
    approved(here, signed)
    about = {"amended_on": morning.today(), "reason": "加量", "by": here.li, **now()}
    amending.amend(signed, gross=D("150000.00"), **about)
    assert plan(signed)[1:] == [
        (D("10000.00"), D("30000.00"), D("0.00")),
        (D("0.00"), D("0.00"), D("70000.00")),
    ]
    contracts.cancel(signed, cancelled_on=morning.today(), kept_gross=D("60000.00"), by=here.li, **now())
    assert plan(signed) == [
        (D("40000.00"), D("0.00"), D("0.00")),
        (D("0.00"), D("20000.00"), D("0.00")),
        (D("0.00"), D("0.00"), D("0.00")),
    ]


def test_an_earlier_day_is_seen_before_the_write_off(here) -> None:
    approved(here, deal(here))
    today, before = morning.today(), morning.day(-1)

    def open_in_all(on: date) -> Decimal:
        rows = ageing.totals(ageing.accounts(on, today), on, today)
        return sum((each.amount for each in rows), D(0))

    assert (open_in_all(before), open_in_all(today)) == (D("70000.00"), D("40000.00"))


def test_the_tax_office_takes_what_is_old_or_small_and_a_year_old() -> None:
    assert writeoffs.is_tax_loss(D("900000.00"), 3 * 365 + 1)
    assert writeoffs.is_tax_loss(D("50000.00"), 366)
    assert not writeoffs.is_tax_loss(D("50000.01"), 366)
    assert not writeoffs.is_tax_loss(D("50000.00"), 365)


def test_finance_proposes_and_an_executive_decides_by_the_pages(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        signed = deal(yunheng)
        item = second(signed)
    finance, executive = browser(yunheng, "qian"), browser(yunheng, "gao")
    words = {"receivable": item.pk, "amount": "40000", "reason": "已注销"}
    refused = finance.post(f"/contracts/{signed.pk}/write-off/", words)
    assert (refused.status_code, refused.context["form"].errors["amount"].data[0].code) == (
        422,
        "exceeds_open",
    )
    assert "已注销" in refused.content.decode()
    sent = finance.post(f"/contracts/{signed.pk}/write-off/", words | {"amount": "3万"})
    with tenant(yunheng.tenant.id):
        row = WriteOff.objects.get()
    assert (sent.status_code, sent["Location"]) == (303, f"/receivables/write-offs/{row.pk}/")
    own = finance.get(sent["Location"])
    assert set(own.context["forms"]) == {"withdraw"}
    assert finance.post(f"{sent['Location']}approval/").status_code == 403
    assert set(executive.get(sent["Location"]).context["forms"]) == {"approve", "refuse"}
    assert executive.post(f"{sent['Location']}approval/").status_code == 303
    assert executive.post(f"{sent['Location']}approval/").status_code == 409
    with tenant(yunheng.tenant.id):
        assert plan(signed)[1] == (D("10000.00"), D("30000.00"), D("0.00"))
    fix = finance.post(f"{sent['Location']}correction/", {"amount": "1000", "reason": "到账"})
    assert fix.status_code == 303
    assert browser(yunheng, "sun").get(sent["Location"]).status_code == 404


def test_the_api_proposes_decides_and_corrects(yunheng, beihe) -> None:
    with tenant(yunheng.tenant.id):
        item = second(deal(yunheng))
    finance, executive = Api(yunheng, "qian"), Api(yunheng, "gao")
    body = {"receivable": str(item.pk), "amount": "30000.00", "reason": "已注销"}
    made = finance.post("write-offs/", body)
    assert (made.status_code, made.json()["state"], made.json()["number"]) == (201, "PROPOSED", "HT-1/W1")
    at = f"write-offs/{made.json()['id']}/"
    assert codes(finance.post("write-offs/", body)) == [("amount", "exceeds_open")]
    assert finance.post(f"{at}approval/", {}).status_code == 403
    assert executive.post(f"{at}approval/", {}).json()["state"] == "APPROVED"
    assert executive.post(f"{at}refusal/", {"answer": "不"}).status_code == 409
    fix = finance.post(f"{at}correction/", {"amount": "100.00", "reason": "到账"}).json()
    assert (fix["kind"], fix["corrects"], fix["amount"]) == ("CORRECTION", made.json()["id"], "100.00")
    assert finance.post(f"write-offs/{fix['id']}/withdrawal/", {}).json()["state"] == "WITHDRAWN"
    assert Api(beihe, "qian").get(at).status_code == 404
    assert codes(Api(beihe, "qian").post("write-offs/", body)) == [("receivable", "does_not_exist")]
    assert Api(yunheng, "sun").get("write-offs/").json()["results"] == []
