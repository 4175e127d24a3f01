"""The history of tiers and the rules by the API."""

import pytest

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api
from tiers.models import Grade

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(yunheng):
    """李娜's customer with one contract in force."""
    with tenant(yunheng.tenant.id):
        made = morning.customer(yunheng.li, "华信精密仪器")
        morning.sign(made, "K-1", "345678.00", starts_on=morning.day(-30), due=[morning.day(30)])
    return made


def test_a_grade_names_its_rule_and_its_inputs(yunheng, customer) -> None:
    with tenant(yunheng.tenant.id):
        latest = Grade.objects.filter(customer=customer).order_by("-id").first()
        code = latest.policy.code
    found = Api(yunheng, "li").get(f"grades/{latest.pk}/").json()
    assert (found["customer"], found["tier"], found["policy"]["code"]) == (
        str(customer.id),
        latest.tier,
        code,
    )
    assert found["annual_amount"] == str(latest.annual_amount)
    assert found["inputs"] == latest.inputs


def test_grades_are_within_reach_and_amounts_need_their_right(yunheng, beihe, customer) -> None:
    rows = Api(yunheng, "li").get("grades/", {"customer": str(customer.id)}).json()["results"]
    for stranger in (Api(yunheng, "sun"), Api(beihe, "gao")):
        assert stranger.get(f"grades/{rows[0]['id']}/").status_code == 404
    hidden = Api(yunheng, "he").get("grades/").json()["results"]
    assert [{"annual_amount", "inputs"} & set(row) for row in hidden] == [set()] * len(hidden)


def test_the_rules_come_with_their_bands(yunheng, customer) -> None:
    (rule,) = Api(yunheng, "li").get("tier-policies/", {"expand": "bands"}).json()["results"]
    assert [band["tier"] for band in rule["bands"]] == ["COMPANY", "KEY", "MAJOR", "GENERAL"]
