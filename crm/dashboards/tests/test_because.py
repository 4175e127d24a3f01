"""Why is she the manager? The stored rule, its version, and what the decision rested on."""

from dataclasses import replace
from decimal import Decimal

import pytest

from crm.accounts.models import Department
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser
from crm.tests.cast import Company
from customers import ownership
from customers.assignment import policies
from customers.assignment.policies import Proposal
from customers.assignment.table import DEFAULT_TABLE
from customers.models import AssignmentPolicy, Customer, Territory
from customers.tests.deals import customer

pytestmark = pytest.mark.django_db


def why(company: Company, person: str, found: Customer) -> dict:
    return Api(company, person).get(f"customers/{found.pk}/why/").json()["owner"]


@pytest.fixture
def here(yunheng: Company) -> Company:
    """李娜's department has 浙江 and may sign up to 100,000.00; another has 北京."""
    with tenant(yunheng.tenant.id):
        for code, province in (("EAST", "浙江"), ("NORTH", "北京")):
            Territory.objects.create(department=yunheng.departments[code], province=province)
        Department.objects.filter(code="EAST").update(authority_amount=Decimal("100000.00"))
    return yunheng


def register(company: Company, **about) -> Customer:
    with tenant(company.tenant.id):
        return customer(company, "华信精密仪器", on=morning.day(-3), **about)


def test_it_names_the_row_its_version_and_what_it_rested_on(here: Company) -> None:
    found = why(here, "li", register(here, province="浙江", expected_annual=Decimal("80000.00")))
    assert found["sentence"].startswith("Who develops a customer manages it")
    assert (found["rule"], found["version"], found["valid_from"]) == ("Rule ASSIGN-03", "V1", "2000-01-01")
    assert found["formula"] == (
        "region 浙江 · expected 80,000.00 a year · authority 100,000.00 · the developer's department is able "
        "· the developer's department is in the region · decided by 李娜"
    )


def test_it_shows_whom_it_compared_and_that_people_take_turns(here: Company) -> None:
    found = why(here, "gao", register(here, developer=None, province="北京"))
    assert "customers in force: NORTH 0 · by turns" in found["formula"]


def test_who_may_not_see_amounts_is_told_the_rest(here: Company) -> None:
    found = why(here, "he", register(here, province="浙江", expected_annual=Decimal("80000.00")))
    assert "80,000" not in found["formula"] and "100,000" not in found["formula"]
    assert "the developer's department is in the region" in found["formula"]


def test_a_row_of_the_companys_own_is_told_in_its_own_words(here: Company) -> None:
    table = [
        replace(rule, name="谁开发谁负责") if rule.code == "ASSIGN-03" else rule for rule in DEFAULT_TABLE
    ]
    with tenant(here.tenant.id):
        asked = Proposal("V2", morning.day(-4), table)
        about = {"at": morning.noon(morning.day(-5)), "on": morning.day(-5)}
        policies.activate(asked, by=here.an, **about)
    found = why(here, "li", register(here, province="浙江"))
    assert (found["sentence"], found["version"]) == ("谁开发谁负责", "V2")
    assert found["valid_from"] == morning.day(-4).isoformat()


def test_a_handover_rests_on_no_version(here: Company) -> None:
    row = register(here, province="浙江")
    with tenant(here.tenant.id):
        told = {"by": here.chen, "at": morning.noon(morning.today()), "on": morning.today()}
        ownership.transfer([row], to=here.zhou, reason="区域调整", **told)
    found = why(here, "zhou", row)
    assert (found["rule"], found["version"]) == ("Rule TRANSFER", "")


def test_the_history_and_the_api_name_the_version_too(here: Company) -> None:
    row = register(here, province="浙江", expected_annual=Decimal("80000.00"))
    page = browser(here, "li").get(f"/customers/{row.pk}/ownership/").content.decode()
    assert 'ASSIGN-03 <span class="quiet">V1</span>' in page
    with tenant(here.tenant.id):
        version = str(AssignmentPolicy.objects.get().pk)
    credits = Api(here, "li").get("ownerships/", {"customer": str(row.pk)}).json()["results"]
    assert {credit["policy"] for credit in credits} == {version}
    assert credits[0]["inputs"]["annual_amount"] == "80000.00"
    hidden = Api(here, "he").get("ownerships/", {"customer": str(row.pk)}).json()["results"]
    assert "inputs" not in hidden[0]
