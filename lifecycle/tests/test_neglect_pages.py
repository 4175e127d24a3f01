"""Missed follow-ups by page and API, the customers that are marked, and the rules."""

from typing import Any

import pytest

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes, statements
from crm.tests.cast import Company
from customers.models import Customer
from lifecycle import followups, neglect
from lifecycle.models import Neglect, NeglectPolicy

pytestmark = pytest.mark.django_db


def missed(company: Company, owner: str, name: str, ago: int) -> Customer:
    """A customer with a follow-up that was due days ago, told in last night's run."""
    with tenant(company.tenant.id):
        person, day = company.people[owner], morning.day(-ago)
        row = morning.customer(person, name)
        told: dict[str, Any] = {"by": person, "at": morning.noon(day), "on": day}
        followups.open(row, title="回电", due_on=day, **told)
        neglect.climb(morning.today(), morning.noon(morning.today()))
        return row


def lines(company: Company, person: str, query: str = "?view=all") -> list[tuple]:
    shown = browser(company, person).get(f"/follow-ups/missed/{query}").context["missed"].lines
    return [(line["row"].customer.name, line["days"], line["row"].rung.value) for line in shown]


def test_the_list_shows_whose_follow_up_was_missed_and_who_was_told(yunheng, beihe) -> None:
    missed(yunheng, "li", "甬江港务有限公司", 8)
    missed(yunheng, "zhou", "华信科技有限公司", 4)
    missed(beihe, "li", "别家的客户有限公司", 9)
    assert lines(yunheng, "chen") == [("甬江港务有限公司", 8, "FLAGGED"), ("华信科技有限公司", 4, "OWNER")]
    assert lines(yunheng, "chen", "?view=flagged") == [("甬江港务有限公司", 8, "FLAGGED")]
    assert lines(yunheng, "li") == [("甬江港务有限公司", 8, "FLAGGED")]
    assert lines(yunheng, "sun") == []


def test_the_customer_list_finds_those_that_are_marked(yunheng) -> None:
    missed(yunheng, "li", "甬江港务有限公司", 8)
    missed(yunheng, "li", "华信科技有限公司", 4)
    client = browser(yunheng, "chen")
    found = client.get("/customers/?view=neglected").context["book"].lines
    assert [line["name"] for line in found] == ["甬江港务有限公司"]
    by_api = Api(yunheng, "li").get("customers/?neglected=false").json()["results"]
    assert [row["name"] for row in by_api] == ["华信科技有限公司"]


def test_a_contact_logged_on_the_page_takes_it_off_the_list(yunheng) -> None:
    row = missed(yunheng, "li", "甬江港务有限公司", 8)
    li = browser(yunheng, "li")
    assert li.post(f"/customers/{row.pk}/log/", {"kind": "CALL", "note": "通了"}).status_code == 303
    assert lines(yunheng, "li") == []


def test_by_the_api_they_are_read_and_the_rules_laid_down(yunheng, beihe) -> None:
    row = missed(yunheng, "li", "甬江港务有限公司", 8)
    (found,) = Api(yunheng, "chen").get("neglects/?flagged=true").json()["results"]
    assert (found["customer"], found["rung"], found["missed_on"], found["head"]) == (
        str(row.pk),
        "FLAGGED",
        str(morning.day(-8)),
        str(yunheng.chen.pk),
    )
    assert Api(yunheng, "sun").get(f"neglects/{found['id']}/").status_code == 404
    assert Api(beihe, "gao").get(f"neglects/{found['id']}/").status_code == 404
    days = {"owner_days": 2, "head_days": 4, "flag_days": 6, "valid_from": str(morning.day(1))}
    assert Api(yunheng, "chen").post("neglect-policies/", days).status_code == 403
    api = Api(yunheng, "an")
    wrong = api.post("neglect-policies/", days | {"head_days": 2})
    assert (wrong.status_code, codes(wrong)) == (400, [("flag_days", "out_of_order")])
    made = api.post("neglect-policies/", days)
    assert (made.status_code, made.json()["reassigns"]) == (201, False)


def test_the_admin_lays_down_rules_on_the_page_and_others_read_them(yunheng) -> None:
    words = {"owner_days": "2", "head_days": "4", "flag_days": "6", "valid_from": "+1", "reassigns": "on"}
    assert browser(yunheng, "chen").post("/follow-ups/missed/rules/", words).status_code == 403
    an = browser(yunheng, "an")
    assert an.post("/follow-ups/missed/rules/", words | {"flag_days": "4"}).status_code == 422
    assert an.post("/follow-ups/missed/rules/", words).status_code == 303
    with tenant(yunheng.tenant.id):
        made = NeglectPolicy.objects.get()
    assert (str(made), made.in_workdays, made.reassigns) == ("2/4/6", False, True)
    page = browser(yunheng, "li").get("/follow-ups/missed/rules/").content.decode()
    assert "a colleague of the department takes over, in turn" in page and "New rules" not in page


def test_the_list_costs_the_same_whatever_its_length(yunheng) -> None:
    def cost() -> int:
        with statements() as found:
            browser(yunheng, "chen").get("/follow-ups/missed/?view=all")
        return len(found)

    missed(yunheng, "li", "客户一", 8)
    cost()  # what is asked once in a process
    before = cost()
    for number in range(3):
        missed(yunheng, "li", f"客户{number}", 6)
    with tenant(yunheng.tenant.id):
        assert Neglect.objects.count() == 4
    assert cost() == before
