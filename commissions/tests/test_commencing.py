"""A company with years behind it: commission begins with a month, all before it is settled elsewhere."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse

from commissions import accrual, commencing
from commissions.models import Commencement, LedgerEntry, Period, Statement
from commissions.models.period import State
from commissions.tests import months
from commissions.tests.months import bring, contract, earned, figures, ledger, refund, statement, step
from crm.events.models import Event
from crm.periods import add_months
from crm.refusal import Conflict, Refused
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes

pytestmark = pytest.mark.django_db
JAN, FEB, MAR = (date(2025, number, 10) for number in (1, 2, 3))
ON = date(2025, 3, 5)


def propose(company, month="2025-03", by="tian", on=ON) -> Commencement:
    return commencing.propose(month=month, by=company.people[by], at=morning.noon(on), on=on)


def begin(company, month="2025-03", on=ON) -> Commencement:
    row = propose(company, month, on=on)
    return commencing.approve(row, by=company.gao, at=morning.noon(on), on=on)


def states() -> dict[str, str]:
    return dict(Period.objects.values_list("month", "state"))


def refused(act) -> list[str]:
    with pytest.raises(Refused) as caught, transaction.atomic():
        act()
    return [fault.code for fault in caught.value.faults]


# What it does


def test_the_first_month_is_calculated_though_years_lie_before_it(here) -> None:
    earned(here, "A", "40000.00", date(2022, 6, 1))
    earned(here, "B", "25000.00", FEB)
    begin(here)
    earned(here, "C", "30000.00", MAR)
    bring(here, "2025-03", date(2025, 4, 5))
    assert figures(statement(here, "2025-03")) == ("0.00", {"EARNED": "3000.00"}, "3000.00", "0.00")
    assert states() == {month: "ELSEWHERE" for month in states() if month < "2025-03"} | {"2025-03": "CLOSED"}
    assert Statement.objects.filter(period__month__lt="2025-03").count() == 0


def test_the_entries_of_earlier_months_stay_as_they_are(here) -> None:
    earned(here, "A", "40000.00", JAN)
    before = ledger("2025-01")
    begin(here)
    accrual.accrue(accrual.outstanding(ON), on=ON, at=morning.noon(ON))
    assert ledger("2025-01") == before
    assert LedgerEntry.objects.exclude(posting_period="2025-01").count() == 0


def test_what_changes_of_them_later_posts_in_the_open_month(here) -> None:
    signed = earned(here, "A", "40000.00", JAN)
    begin(here)
    refund(here, signed, "B-1", "10000.00", date(2025, 2, 20), entered=date(2025, 3, 6))
    row = LedgerEntry.objects.get(kind="CLAWBACK", member=here.li)
    assert (row.effective_date, row.posting_period, str(row.amount)) == (
        date(2025, 2, 20),
        "2025-03",
        "-1000.00",
    )


def test_cash_that_comes_later_of_an_old_contract_is_paid(here) -> None:
    signed = contract(here, "A", "40000.00", FEB)
    morning.receive(signed, "10000.00", FEB)
    begin(here)
    morning.receive(signed, "30000.00", MAR)
    bring(here, "2025-03", date(2025, 4, 5), to="calculate")
    assert figures(statement(here, "2025-03")) == ("0.00", {"EARNED": "3000.00"}, "3000.00", "0.00")


def test_what_time_alone_made_due_is_worked_out_first(here) -> None:
    months.settings(basis="SIGNED")
    buyer = morning.customer(here.li, "A", on=date(2024, 1, 10))
    morning.sign(buyer, "A", "80000.00", starts_on=date(2024, 2, 10), months=24)
    begin(here)
    rows = LedgerEntry.objects.filter(member=here.li).order_by("posting_period")
    assert list(rows.values_list("posting_period", flat=True)) == ["2024-02", "2025-02"]


def test_a_month_that_was_calculated_before_loses_its_statements_and_what_the_rules_had_added(here) -> None:
    months.settings(floor={"amount": "3000.00", "recoverable": True})
    earned(here, "A", "12000.00", JAN)
    bring(here, "2025-01", date(2025, 2, 8), to="review")
    begin(here)
    period = Period.objects.get(month="2025-01")
    assert (period.state, period.shut_on, period.statements.count(), period.reviews.count()) == (
        "ELSEWHERE",
        ON,
        0,
        0,
    )
    rows = LedgerEntry.objects.filter(posting_period="2025-01", member=here.li)
    assert sum(row.amount for row in rows) == Decimal("1200.00")


def test_what_was_paid_elsewhere_in_the_year_counts_against_the_cap_of_the_year(here) -> None:
    months.settings(caps=[{"scope": "PAYEE_YEAR", "amount": "5000.00"}])
    earned(here, "A", "40000.00", JAN)
    begin(here)
    earned(here, "B", "30000.00", MAR)
    bring(here, "2025-03", date(2025, 4, 5), to="calculate")
    assert figures(statement(here, "2025-03"))[1:3] == ({"CAP": "-2000.00", "EARNED": "3000.00"}, "1000.00")


def test_a_company_without_history_may_begin_too(here) -> None:
    begin(here)
    assert states() == {"2025-02": "ELSEWHERE", "2025-03": "OPEN"}


def test_what_is_closed_may_then_be_closed_after_it(here) -> None:
    earned(here, "A", "40000.00", JAN)
    begin(here)
    earned(here, "B", "30000.00", MAR)
    assert bring(here, "2025-03", date(2025, 4, 5)).state == State.CLOSED


# Who, when, once


def test_who_proposed_it_does_not_approve_it(here) -> None:
    row = propose(here, by="qian")
    acts = {"at": morning.noon(ON), "on": ON}
    assert refused(lambda: commencing.approve(row, by=here.qian, **acts)) == ["same_person"]
    assert commencing.approve(row, by=here.gao, **acts).is_approved


def test_it_is_set_once(here) -> None:
    begin(here)
    assert refused(lambda: propose(here, "2025-02")) == ["already_closing"]
    row = Commencement.objects.get()
    acts = {"by": here.gao, "at": morning.noon(ON), "on": ON}
    assert refused(lambda: commencing.approve(row, **acts)) == ["already_begun"]
    assert refused(lambda: commencing.withdraw(row, **acts)) == ["already_begun"]


def test_two_proposals_are_refused_until_the_first_is_taken_back(here) -> None:
    row = propose(here)
    assert refused(lambda: propose(here, "2025-02")) == ["already_proposed"]
    commencing.withdraw(row, by=here.gao, at=morning.noon(ON), on=ON)
    assert propose(here, "2025-02").month == "2025-02"


def test_after_the_first_approval_it_is_too_late(here) -> None:
    earned(here, "A", "40000.00", JAN)
    row = propose(here)
    bring(here, "2025-01", date(2025, 2, 8), to="approve")
    acts = {"by": here.gao, "at": morning.noon(ON), "on": ON}
    with pytest.raises(Conflict), transaction.atomic():
        commencing.approve(row, **acts)
    assert states()["2025-01"] == "APPROVED"


@pytest.mark.parametrize(
    ("month", "code"), [("2025-04", "not_over"), ("2025-13", "invalid"), ("March", "invalid")]
)
def test_a_month_that_is_none_or_lies_ahead_is_refused(here, month: str, code: str) -> None:
    assert refused(lambda: propose(here, month)) == [code]


def test_it_is_recorded_who_did_what(here) -> None:
    earned(here, "A", "40000.00", JAN)
    begin(here)
    told = Event.objects.filter(name__startswith="commencement").order_by("at", "id")
    assert [(each.name, each.data) for each in told] == [
        ("commencement.proposed", {"month": "2025-03"}),
        ("commencement.approved", {"month": "2025-03", "months": 2}),
    ]


def test_a_month_settled_elsewhere_takes_no_step(here) -> None:
    earned(here, "A", "40000.00", JAN)
    begin(here)
    assert refused(lambda: step(here, "calculate", "tian", "2025-01", ON)) == ["wrong_state"]


def test_the_other_company_begins_by_itself(here, beihe) -> None:
    begin(here)
    with tenant(beihe.tenant.id):
        assert (commencing.beginning(), Period.objects.filter(state="ELSEWHERE").count()) == (None, 0)


# Pages and API


@pytest.fixture
def book(yunheng):
    """李娜 earned 4,000.00 two months ago."""
    with tenant(yunheng.tenant.id):
        earned(yunheng, "A", "40000.00", add_months(morning.today().replace(day=1), -2))
    return yunheng


def page(company, person: str):
    return browser(company, person).get(reverse("commissions:commencement"))


def test_on_pages_one_proposes_and_another_lets_it_begin(book) -> None:
    month = f"{morning.today():%Y-%m}"
    tian, gao = browser(book, "tian"), browser(book, "gao")
    url = reverse("commissions:commencement")
    assert tian.post(url, {"month": month}).status_code == 303
    with tenant(book.tenant.id):
        row = Commencement.objects.get()
    approve = reverse("commissions:commencement-approve", args=[row.pk])
    assert approve not in tian.get(url).content.decode()  # 田蓉 may not approve at all
    shown = gao.get(url).content.decode()
    assert approve in shown
    assert "4,400.00" in shown  # with the operations share
    assert gao.post(approve).status_code == 303
    listed = gao.get(reverse("commissions:periods")).content.decode()
    assert (listed.count("Settled elsewhere"), f"Commission begins with {month}." in listed) == (2, True)
    with tenant(book.tenant.id):
        old = Period.objects.filter(state="ELSEWHERE").first()
    one = gao.get(reverse("commissions:period", args=[old.pk])).content.decode()
    assert "it was settled elsewhere" in one
    assert reverse("commissions:payroll-file", args=[old.pk, "csv"]) not in one


def test_the_page_tells_its_own_proposer_that_another_approves(book) -> None:
    qian, url = browser(book, "qian"), reverse("commissions:commencement")
    qian.post(url, {"month": f"{morning.today():%Y-%m}"})
    shown = qian.get(url).content.decode()
    with tenant(book.tenant.id):
        row = Commencement.objects.get()
    assert reverse("commissions:commencement-approve", args=[row.pk]) not in shown
    assert "somebody else has to approve" in shown
    assert qian.post(reverse("commissions:commencement-approve", args=[row.pk])).status_code == 409
    assert qian.post(reverse("commissions:commencement-withdraw", args=[row.pk])).status_code == 303


def test_a_month_ahead_stands_refused_beside_its_field(book) -> None:
    ahead = f"{add_months(morning.today(), 1):%Y-%m}"
    answer = browser(book, "tian").post(reverse("commissions:commencement"), {"month": ahead})
    assert answer.status_code == 422


def test_who_closes_no_months_has_no_such_page(book) -> None:
    assert [page(book, person).status_code for person in ("li", "chen", "gao")] == [403, 403, 200]
    listed = browser(book, "chen").get(reverse("commissions:periods")).content.decode()
    assert reverse("commissions:commencement") not in listed


def test_by_the_api_too(book) -> None:
    month = f"{morning.today():%Y-%m}"
    tian, gao = Api(book, "tian"), Api(book, "gao")
    made = tian.post("commencements/", {"month": month})
    assert (made.status_code, made.json()["month"]) == (201, month)
    again = tian.post("commencements/", {"month": month})
    assert (again.status_code, codes(again)) == (409, [("", "already_proposed")])
    url = f"commencements/{made.json()['id']}"
    assert tian.post(f"{url}/approval/").status_code == 403
    done = gao.post(f"{url}/approval/")
    assert (done.status_code, done.json()["approved_by"]) == (200, str(book.gao.pk))
    late = gao.post(f"{url}/withdrawal/")
    assert (late.status_code, codes(late)) == (409, [("", "already_begun")])


def test_the_other_company_finds_no_beginning_of_ours(book, beihe) -> None:
    made = Api(book, "tian").post("commencements/", {"month": f"{morning.today():%Y-%m}"}).json()
    assert Api(beihe, "gao").get("commencements/").json()["results"] == []
    assert Api(beihe, "gao").post(f"commencements/{made['id']}/approval/").status_code == 404
