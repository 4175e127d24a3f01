"""Who concealed something in a 撞单 loses all credit; otherwise a ruling leaves the developer who he was."""

from datetime import timedelta

import pytest

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from crm.tests.cast import TODAY
from customers.models import DisputeRuling, OwnershipCredit, OwnershipDispute
from customers.tests.deals import refusal
from customers.tests.test_disputes import appealed, claimed, customer, ruled, second_executive

pytestmark = pytest.mark.django_db
BEFORE = TODAY - timedelta(20)


def developers(row: OwnershipDispute) -> list[tuple]:
    rows = OwnershipCredit.objects.filter(customer=row.customer_id, role="DEVELOPER")
    return list(rows.order_by("valid_from", "valid_to").values_list("member__code", "valid_from", "valid_to"))


def shared(row: OwnershipDispute, company) -> OwnershipCredit:
    """A share that an earlier decision proposed for 李娜's department."""
    about = {"department": company.departments["EAST"], "basis_points": 3_000, "rule": "ASSIGN-05"}
    return OwnershipCredit.objects.create(
        customer=row.customer, role="COLLABORATOR", valid_from=BEFORE, **about
    )


def test_a_ruling_alone_leaves_the_developer_who_he_was(here) -> None:
    row = claimed(here, customer(here.li, on=BEFORE))
    share = shared(row, here)
    ruled(row, "CLAIMANT")
    share.refresh_from_db()
    assert (developers(row), share.valid_to) == ([("li", BEFORE, None)], None)


def test_who_concealed_something_is_the_developer_until_that_day_and_has_no_share_after(here) -> None:
    row = claimed(here, customer(here.li, on=BEFORE))
    share = shared(row, here)
    made = ruled(row, "CLAIMANT", concealed=True)
    share.refresh_from_db()
    assert developers(row) == [("li", BEFORE, TODAY), ("sun", TODAY, None)]
    assert share.valid_to == TODAY
    now = OwnershipCredit.objects.get(customer=row.customer_id, role="DEVELOPER", valid_to=None)
    assert (now.department, now.rule, now.reason) == (here.departments["NORTH"], "DISPUTE", made.reason)


def test_on_his_first_day_he_never_was(here) -> None:
    row = claimed(here)
    ruled(row, "CLAIMANT", concealed=True)
    assert developers(row) == [("sun", TODAY, None)]


@pytest.mark.parametrize("developer", ["sun", "zhou"])
def test_the_claimant_who_conceals_takes_nothing_from_who_developed(here, developer: str) -> None:
    one = customer(here.people[developer], on=BEFORE)
    OwnershipCredit.objects.filter(customer=one, role="MANAGER").update(
        member=here.li, department=here.departments["EAST"]
    )
    type(one).objects.filter(pk=one.pk).update(owner=here.li, responsible_dept=here.departments["EAST"])
    one.refresh_from_db()
    row = claimed(here, one)
    ruled(row, "RESPONDENT", concealed=True)
    now = [who for who, _from, until in developers(row) if until is None]
    assert now == (["li"] if developer == "sun" else ["zhou"])


def test_an_appeal_gives_back_what_the_first_ruling_took(here) -> None:
    second_executive(here)
    row = claimed(here, customer(here.li, on=BEFORE))
    ruled(row, "CLAIMANT", concealed=True)
    row.refresh_from_db()
    appealed(row, here.li)
    later = TODAY + timedelta(3)
    ruled(row, "RESPONDENT", on=later, at=morning.noon(later))
    assert developers(row) == [("li", BEFORE, TODAY), ("sun", TODAY, later), ("li", later, None)]


def test_of_a_division_nobody_is_said_to_have_concealed(here) -> None:
    assert refusal(lambda: ruled(claimed(here), "SPLIT", concealed=True)) == [("concealed", "divided")]


def test_the_judge_says_so_on_the_page_and_by_the_api(yunheng, beihe) -> None:
    with tenant(beihe.tenant.id):
        theirs = claimed(beihe)
    with tenant(yunheng.tenant.id):
        first, second = claimed(yunheng), claimed(yunheng, customer(yunheng.li, "甬江"))
    typed = {"outcome": "SPLIT", "reason": "隐瞒", "concealed": "on"}
    client = browser(yunheng, "gao")
    wrong = client.post(f"/disputes/{first.pk}/ruling/", typed)
    assert (wrong.status_code, set(wrong.context["forms"]["rule"].errors)) == (422, {"concealed"})
    assert client.post(f"/disputes/{first.pk}/ruling/", typed | {"outcome": "CLAIMANT"}).status_code == 303
    assert "concealed something" in browser(yunheng, "li").get(f"/disputes/{first.pk}/").content.decode()
    api = Api(yunheng, "gao")
    body = {"outcome": "SPLIT", "reason": "隐瞒", "concealed": True}
    refused = api.post(f"ownership-disputes/{second.pk}/ruling/", body)
    assert (refused.status_code, codes(refused)) == (400, [("concealed", "divided")])
    api.post(f"ownership-disputes/{second.pk}/ruling/", body | {"outcome": "CLAIMANT"})
    told = {one["dispute"]: one["concealed"] for one in api.get("dispute-rulings/").json()["results"]}
    assert told == {str(first.pk): True, str(second.pk): True}
    with tenant(yunheng.tenant.id):
        assert [who for who, _from, until in developers(first) if until is None] == ["sun"]
    with tenant(beihe.tenant.id):
        assert not DisputeRuling.objects.exists()
        assert developers(theirs) == [("li", TODAY, None)]
