"""公司安排: the company names who is responsible, and takes it back."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from crm.accounts.models import Department
from crm.events.models import Event
from crm.refusal import Conflict
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from crm.tests.cast import NOW, TODAY
from customers import arranging
from customers.assignment import policies
from customers.assignment.policies import Proposal
from customers.assignment.table import DEFAULT_TABLE
from customers.models import Arrangement, Customer, OwnershipCredit
from customers.tests.deals import acts, customer, refusal
from customers.tests.test_assignment_pages import text

pytestmark = pytest.mark.django_db
BEGAN = date(2026, 1, 1)


def arrange(company, row: Customer, code: str = "NORTH", reason: str = "战略客户", on: date = TODAY):
    told = {"by": company.gao, "at": NOW, "on": on}
    return arranging.arrange(row, department=company.departments[code], reason=reason, **told)


def credits(row: Customer, role: str) -> list[tuple]:
    found = OwnershipCredit.objects.filter(customer=row, role=role).order_by("valid_from", "id")
    return [(c.department.code, c.rule, c.basis_points, c.valid_from, c.valid_to) for c in found]


def test_the_department_is_responsible_from_today_and_the_developer_shares(here) -> None:
    row = customer(here, on=BEGAN)
    made = arrange(here, row)
    assert (made.approved_by, made.valid_from, made.valid_to) == (here.gao, TODAY, None)
    assert (row.responsible_dept.code, row.owner.department.code) == ("NORTH", "NORTH")
    assert credits(row, "MANAGER") == [
        ("EAST", "ASSIGN-03", 10_000, BEGAN, TODAY),
        ("NORTH", "ASSIGN-01", 10_000, TODAY, None),
    ]
    assert credits(row, "COLLABORATOR") == [("EAST", "ASSIGN-01", 2_000, TODAY, None)]
    manager = OwnershipCredit.objects.get(customer=row, rule="ASSIGN-01", role="MANAGER")
    assert (manager.policy.code, manager.reason, manager.inputs["override_dept"]) == (
        "V1",
        "战略客户",
        "NORTH",
    )
    told = Event.objects.get(name="customer.arranged")
    assert (told.customer_id, told.data) == (row.pk, {"department": "华北商务部", "reason": "战略客户"})
    assert Event.objects.filter(name="customer.transferred").count() == 1


def test_an_owner_who_works_there_stays(here) -> None:
    row = customer(here, on=BEGAN)
    arrange(here, row, "EAST")
    assert (row.owner, credits(row, "MANAGER")) == (here.li, [("EAST", "ASSIGN-03", 10_000, BEGAN, None)])
    assert Arrangement.objects.get().department == here.departments["EAST"]


def test_a_second_arrangement_ends_the_first_and_its_shares(here) -> None:
    row = customer(here, on=BEGAN)
    arrange(here, row, on=date(2026, 6, 1))
    arrange(here, row, "NINGBO")
    spans = Arrangement.objects.order_by("valid_from").values_list("valid_from", "valid_to")
    assert list(spans) == [(date(2026, 6, 1), TODAY), (TODAY, None)]
    assert credits(row, "COLLABORATOR") == [
        ("EAST", "ASSIGN-01", 2_000, date(2026, 6, 1), TODAY),
        ("EAST", "ASSIGN-01", 2_000, TODAY, None),
    ]
    arrange(here, row, "NORTH")
    assert Arrangement.objects.count() == 2
    assert Arrangement.objects.get(valid_to=None).department == here.departments["NORTH"]


def test_what_was_arranged_at_registration_is_kept_too(here) -> None:
    row = customer(here, override=here.departments["NORTH"], reason="公司决定")
    found = Arrangement.objects.get()
    assert (found.customer, found.department.code, found.reason) == (row, "NORTH", "公司决定")
    assert found.approved_by == here.li


def test_it_ends_and_the_customer_stays_where_it_is(here) -> None:
    row = customer(here, on=BEGAN)
    made = arrange(here, row, on=date(2026, 6, 1))
    arranging.end(made, **acts(here.gao))
    assert Arrangement.objects.get().valid_to == TODAY
    row.refresh_from_db()
    assert row.responsible_dept.code == "NORTH"
    assert Event.objects.get(name="customer.arrangement_ended").customer_id == row.pk
    with pytest.raises(Conflict) as refused:
        arranging.end(made, **acts(here.gao))
    assert refused.value.faults[0].code == "over"


def test_it_needs_a_reason_and_a_department_that_is_open(here) -> None:
    row = customer(here, on=BEGAN)
    Department.objects.filter(code="NORTH").update(is_active=False)
    here.departments["NORTH"].refresh_from_db()
    assert refusal(lambda: arrange(here, row, reason=" ")) == [
        ("reason", "required"),
        ("department", "not_active"),
    ]
    assert refusal(lambda: arrange(here, row, "EAST", "x" * 201)) == [("reason", "max_length")]


def test_a_table_that_knows_no_arrangement_refuses_it(here) -> None:
    row = customer(here, on=BEGAN)
    table = [rule for rule in DEFAULT_TABLE if rule.code != "ASSIGN-01"]
    policies.activate(Proposal("V2", TODAY + timedelta(1), table), **acts(here.an))
    found = refusal(lambda: arrange(here, row, on=TODAY + timedelta(1)))
    assert found == [("department", "not_followed")]


# Pages and API


@pytest.fixture
def row(yunheng) -> Customer:
    with tenant(yunheng.tenant.id):
        return customer(yunheng, "华信精密仪器", on=morning.day(-30))


def test_the_executive_arranges_on_the_customers_page_and_everybody_in_reach_reads_it(yunheng, row) -> None:
    url = reverse("customers:arrangement-new", args=[row.pk])
    client = browser(yunheng, "gao")
    assert url in client.get(f"/customers/{row.pk}/").content.decode()
    assert url not in browser(yunheng, "li").get(f"/customers/{row.pk}/").content.decode()
    wrong = client.post(url, {"department_text": "华北商务部", "reason": ""})
    assert (wrong.status_code, "华北商务部" in wrong.content.decode()) == (422, True)
    made = client.post(url, {"department_text": "华北商务部", "reason": "战略客户"})
    assert (made.status_code, made["Location"]) == (303, f"/customers/{row.pk}/")
    assert "Arranged by the company" in text(client.get(f"/customers/{row.pk}/"))
    shown = text(browser(yunheng, "zhao").get(reverse("customers:arrangements")))
    assert "华信精密仪器 华北商务部 战略客户" in shown and " End " not in shown
    assert "华信精密仪器" not in text(browser(yunheng, "wu").get(reverse("customers:arrangements")))


def test_it_is_ended_from_the_list(yunheng, beihe, row) -> None:
    with tenant(yunheng.tenant.id):
        told = {"at": morning.noon(morning.day(-3)), "on": morning.day(-3)}
        north = yunheng.departments["NORTH"]
        made = arranging.arrange(row, department=north, reason="战略客户", by=yunheng.gao, **told)
    url = reverse("customers:arrangement-end", args=[made.pk])
    assert browser(beihe, "gao").post(url).status_code == 404
    assert browser(yunheng, "gao").post(url).status_code == 303
    assert "ended" in text(browser(yunheng, "gao").get(reverse("customers:arrangements")))
    browser(yunheng, "gao").post(url)
    with tenant(yunheng.tenant.id):
        assert Arrangement.objects.get().valid_to == morning.today()


def test_the_api_arranges_reads_and_ends(yunheng, beihe, row) -> None:
    body = {"customer": str(row.pk), "department": str(yunheng.departments["NORTH"].pk), "reason": "战略"}
    assert Api(yunheng, "chen").post("arrangements/", body).status_code == 403
    assert codes(Api(beihe, "gao").post("arrangements/", body)) == [
        ("customer", "does_not_exist"),
        ("department", "does_not_exist"),
    ]
    made = Api(yunheng, "gao").post("arrangements/", body)
    assert (made.status_code, made.json()["approved_by"]) == (201, str(yunheng.gao.pk))
    seen = {who: len(Api(yunheng, who).get("arrangements/").json()["results"]) for who in ("zhao", "wu")}
    assert seen == {"zhao": 1, "wu": 0}
    assert Api(yunheng, "gao").delete(f"arrangements/{made.json()['id']}/").status_code == 204
    assert Api(yunheng, "gao").get("arrangements/").json()["results"] == []  # it never held for a day
