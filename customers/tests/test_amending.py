"""A contract that runs gets another price: years, instalments, standing, and what is told of it."""

from datetime import date
from decimal import Decimal as D

import pytest

from crm.events.models import Event
from crm.refusal import Conflict
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from crm.tests.cast import TODAY
from customers import amending, contracts
from customers.models import Contract, ContractAmendment, Receivable, Standing
from customers.terms import Instalment
from customers.tests.deals import acts, customer, receive, refusal, sign, terms

pytestmark = pytest.mark.django_db
HALVES = [Instalment(date(2026, 1, 1), D("60000.00")), Instalment(date(2026, 7, 1), D("60000.00"))]


def amend(company, contract, gross, amended_on=date(2026, 6, 1), reason="范围变更", **fields) -> Contract:
    by = acts(company.li)
    return amending.amend(contract, gross=D(gross), amended_on=amended_on, reason=reason, **fields, **by)


def plan() -> list[tuple[str, date, D, D]]:
    rows = Receivable.objects.order_by("number")
    return [(row.number, row.due_on, row.amount, row.open) for row in rows]


def test_an_increase_goes_to_the_last_instalment_and_a_reduction_comes_off_it(here) -> None:
    contract = sign(here, customer(here), terms(), instalments=HALVES)
    amend(here, contract, "150000.00")
    first, second = date(2026, 1, 1), date(2026, 7, 1)
    assert plan() == [
        ("HT-1/1", first, D("60000.00"), D("60000.00")),
        ("HT-1/2", second, D("90000.00"), D("90000.00")),
    ]
    amend(here, contract, "50000.00")
    assert plan() == [("HT-1/1", first, D("50000.00"), D("50000.00"))]
    amend(here, contract, "70000.00")
    assert plan() == [("HT-1/1", first, D("70000.00"), D("70000.00"))]
    assert [(a.number, a.gross_before, a.gross) for a in ContractAmendment.objects.all()] == [
        (1, D("120000.00"), D("150000.00")),
        (2, D("150000.00"), D("50000.00")),
        (3, D("50000.00"), D("70000.00")),
    ]


def test_what_was_paid_settles_the_new_plan_and_the_standing_follows(here) -> None:
    buyer = customer(here)
    contract = sign(here, buyer, terms(), instalments=HALVES)
    receive(here, contract, "R-1", "80000.00", date(2026, 2, 1))
    amend(here, contract, "100000.00")
    assert [row[2:] for row in plan()] == [(D("60000.00"), D("0.00")), (D("40000.00"), D("20000.00"))]
    assert Standing.objects.get(pk=buyer.pk).open_amount == D("20000.00")
    assert (contract.gross, Contract.objects.get().version) == (D("100000.00"), 2)
    (told,) = Event.objects.filter(name="contract.amended")
    assert told.data == {
        "number": "HT-1",
        "currency": "CNY",
        "gross_before": "120000.00",
        "gross": "100000.00",
        "amended_on": "2026-06-01",
        "reason": "范围变更",
    }


def test_the_years_and_what_they_count_follow_the_new_price(here) -> None:
    contract = sign(here, customer(here), terms(gross="240000.00", ends_on=date(2028, 1, 1)))
    amend(here, contract, "300000.00", schedule=[D("120000.00"), D("180000.00")])
    assert [(y.gross, y.annual_amount) for y in contract.years.order_by("number")] == [
        (D("120000.00"), D("120000.00")),
        (D("180000.00"), D("180000.00")),
    ]
    assert [row[1:3] for row in plan()] == [
        (date(2026, 1, 1), D("120000.00")),
        (date(2027, 1, 1), D("180000.00")),
    ]
    assert refusal(lambda: amend(here, contract, "310000.00")) == [("schedule", "required")]
    kept = ContractAmendment.objects.get()
    assert (kept.terms_before["schedule"], kept.terms["schedule"]) == (None, ["120000.00", "180000.00"])


def test_a_new_plan_may_come_with_the_new_price(here) -> None:
    contract = sign(here, customer(here), terms(), instalments=HALVES)
    monthly = [Instalment(date(2026, month, 1), D("15000.00")) for month in range(1, 11)]
    amend(here, contract, "150000.00", instalments=monthly)
    assert [row.due_on.month for row in Receivable.objects.order_by("due_on")] == [*range(1, 11)]
    wrong = [Instalment(date(2026, 1, 1), D("1.00"))]
    found = refusal(lambda: amend(here, contract, "160000.00", instalments=wrong))
    assert found == [("instalments", "schedule_mismatch")]
    assert (Receivable.objects.count(), ContractAmendment.objects.count()) == (10, 1)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"gross": "-1"}, ("gross", "min_value")),
        ({"gross": "120000.00"}, ("gross", "nothing_changes")),
        ({"amended_on": date(2025, 12, 1)}, ("amended_on", "before_signing")),
        ({"amended_on": date(2026, 11, 21)}, ("amended_on", "in_future")),
        ({"reason": " "}, ("reason", "required")),
        ({"schedule": [D("1.00"), D("2.00")]}, ("schedule", "schedule_length")),
        ({"schedule": [D("1.00")]}, ("schedule", "schedule_mismatch")),
    ],
)
def test_an_amendment_that_is_wrong_is_refused_and_writes_nothing(here, fields, fault) -> None:
    assert date(2026, 11, 20) == TODAY
    contract = sign(here, customer(here), terms())
    wanted = {"gross": "90000.00"} | fields
    assert refusal(lambda: amend(here, contract, **wanted)) == [fault]
    assert (Contract.objects.get().gross, ContractAmendment.objects.count()) == (D("120000.00"), 0)


def test_amendments_come_in_their_order_and_not_after_the_end(here) -> None:
    contract = sign(here, customer(here), terms())
    amend(here, contract, "90000.00")
    earlier = refusal(lambda: amend(here, contract, "80000.00", amended_on=date(2026, 5, 31)))
    assert earlier == [("amended_on", "before_last_amendment")]
    contracts.cancel(contract, cancelled_on=date(2026, 7, 1), **acts(here.chen))
    with pytest.raises(Conflict):
        amend(here, contract, "80000.00")


# Page and API


@pytest.fixture
def deal(yunheng) -> Contract:
    with tenant(yunheng.tenant.id):
        buyer = morning.customer(yunheng.li, "华信科技有限公司")
        return morning.sign(buyer, "HT-1", "120000.00", starts_on=morning.day(-30))


def test_the_page_keeps_what_was_typed_and_says_the_fault_beside_the_box(yunheng, deal) -> None:
    li, url = browser(yunheng, "li"), f"/contracts/{deal.pk}/amendment/"
    typed = {"gross": "9万", "amended_on": "2020-01-01", "reason": "降价"}
    wrong = li.post(url, typed)
    assert wrong.status_code == 422
    assert [
        (name, [e.code for e in errors.as_data()]) for name, errors in wrong.context["form"].errors.items()
    ] == [("amended_on", ["before_signing"])]
    assert wrong.context["form"]["gross"].value() == "9万"
    assert li.post(url, typed | {"amended_on": f"{morning.today()}"}).status_code == 303
    page = li.get(f"/contracts/{deal.pk}/").content.decode()
    assert "降价" in page and "90,000.00" in page
    assert browser(yunheng, "zhou").get(url).status_code == 404


def test_the_api_amends_in_its_own_words_and_within_its_walls(yunheng, beihe, deal) -> None:
    body = {"gross": "90000.00", "amended_on": f"{morning.today()}", "reason": "降价"}
    url = f"contracts/{deal.pk}/amendment/"
    assert Api(beihe, "li").post(url, body).status_code == 404
    bad = Api(yunheng, "li").post(
        url, body | {"receivables": [{"due_on": f"{morning.today()}", "amount": "1.00"}]}
    )
    assert (bad.status_code, codes(bad)) == (400, [("receivables", "schedule_mismatch")])
    late = Api(yunheng, "li").post(url, body, headers={"If-Match": '"7"'})
    assert late.status_code == 412
    done = Api(yunheng, "li").post(url, body)
    assert (done.status_code, done.json()["gross"], done["ETag"]) == (200, "90000.00", '"2"')
    seen = Api(yunheng, "li").get(f"contracts/{deal.pk}/?expand=amendments").json()["amendments"]
    assert [(a["number"], a["gross_before"], a["gross"]) for a in seen] == [(1, "120000.00", "90000.00")]


def test_the_words_of_the_milestones_stay_with_their_instalments(here) -> None:
    parts = [
        Instalment(date(2026, 1, 1), D("60000.00"), None, "预付款"),
        Instalment(date(2026, 7, 1), D("60000.00"), None, "验收"),
    ]
    contract = sign(here, customer(here), terms(), instalments=parts)
    amending.amend(contract, gross=D("150000.00"), amended_on=TODAY, reason="增项", **acts(here.li))
    told = contract.receivables.order_by("due_on").values_list("amount", "milestone")
    assert list(told) == [(D("60000.00"), "预付款"), (D("90000.00"), "验收")]
    kept = ContractAmendment.objects.get().terms
    assert [part["milestone"] for part in kept["plan"]] == ["预付款", "验收"]
