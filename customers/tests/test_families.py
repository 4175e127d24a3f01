"""Groups of companies: never a circle, at any depth; their page tells what its reader may see."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.urls import reverse

from crm.integrations.tests.files import bring_in, faults, table
from crm.refusal import Refused
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes, statements
from crm.tests.cast import NOW, TODAY
from customers import families, registry
from customers.models import Customer
from tiers import grading, policies
from tiers.models import Grade

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

TOLD = {"at": NOW, "on": TODAY}


def put_under(row: Customer, parent: Customer | None) -> Customer:
    fresh = Customer.objects.get(pk=row.pk)
    return registry.edit(fresh, changes={"parent": parent}, version=fresh.version, by=None, **TOLD)


def chain(company, length: int) -> list[Customer]:
    """Companies each below the one before it."""
    rows = [morning.customer(company.li, f"链{number:02d}") for number in range(length)]
    for above, below in pairwise(rows):
        put_under(below, above)
    return rows


@pytest.mark.parametrize("length", [1, 2, 15])
def test_no_company_comes_to_stand_above_itself_at_any_depth(here, length) -> None:
    rows = chain(here, length)
    with pytest.raises(Refused) as caught:
        put_under(rows[0], rows[-1])
    assert [(fault.field, fault.code) for fault in caught.value.faults] == [("parent", "circle")]
    other = morning.customer(here.li, "另一家")
    assert put_under(rows[0], other).parent == other


def test_the_form_and_the_api_refuse_a_circle(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        top, below = chain(yunheng, 2)
        top.refresh_from_db()
    answer = Api(yunheng, "li").patch(f"customers/{top.pk}/", {"parent": str(below.pk)})
    assert (answer.status_code, codes(answer)) == (400, [("parent", "circle")])
    page = reverse("customers:edit", args=[top.pk])
    typed = {"name": top.name, "code": top.code, "parent": str(below.pk), "version": top.version}
    assert browser(yunheng, "li").post(page, typed).status_code == 422
    with tenant(yunheng.tenant.id):
        assert Customer.objects.get(pk=top.pk).parent is None


def test_a_file_makes_no_circle_within_itself_nor_with_what_is_known(here) -> None:
    known = morning.customer(here.li, "老公司", code="K")
    put_under(known, morning.customer(here.li, "老东家", code="KK"))
    rows = [
        ["A", "甲公司", "B"],
        ["B", "乙公司", "C"],
        ["C", "丙公司", "A"],
        ["D", "丁公司", "K"],
        ["E", "戊公司", "A"],
        ["KK", "老东家", "K"],
        ["F", "己公司", "F"],
    ]
    run = bring_in("customers", table([["客户编号", "客户名称", "上级客户"], *rows]))
    assert faults(run) == [
        (2, "parent", "circle"),
        (3, "parent", "circle"),
        (4, "parent", "circle"),
        (6, "parent", "unknown_customer"),
        (7, "parent", "circle"),
        (8, "parent", "own_parent"),
    ]
    assert Customer.objects.get(code="D").parent == known
    assert Customer.objects.get(code="KK").parent is None


# What a move changes


def test_where_groups_count_a_company_that_moves_changes_both_groups_at_once(here) -> None:
    policies.lay_down(
        code="G",
        valid_from=TODAY - timedelta(days=1),
        bands=policies.DEFAULT_BANDS,
        currency="CNY",
        class_scope="GROUP",
        downgrade_grace_days=0,
    )
    one, two = morning.customer(here.li, "集团一"), morning.customer(here.li, "集团二")
    child = morning.customer(here.li, "子公司")
    morning.sign(child, "G-1", "600000.00", starts_on=TODAY - timedelta(days=30))

    def tiers() -> list[str]:
        rows = [Customer.objects.select_related("standing").get(pk=row.pk) for row in (one, two, child)]
        return [row.standing.tier for row in rows]

    put_under(child, one)
    assert tiers() == ["KEY", "GENERAL", "KEY"]
    put_under(child, two)
    assert tiers() == ["GENERAL", "KEY", "KEY"]
    assert Grade.objects.filter(customer=one)[0].trigger == "GROUP"


# The page


@pytest.fixture
def group(yunheng):
    """李娜's head (¥100,000); below it 周毅's (¥50,000) and, of another department, 孙悦's (¥70,000)."""
    with tenant(yunheng.tenant.id):
        head = morning.customer(yunheng.li, "集团总部")
        rows = {"head": head}
        for name, owner in (("近子", yunheng.zhou), ("远子", yunheng.sun)):
            rows[name] = morning.customer(owner, name)
            put_under(rows[name], head)
        for name, gross in (("head", "100000.00"), ("近子", "50000.00"), ("远子", "70000.00")):
            row = Customer.objects.select_related("owner").get(pk=rows[name].pk)
            morning.sign(row, f"F-{name}", gross, starts_on=morning.day(-30))
    return rows


def shown(company, who: str, customer: Customer) -> tuple[list[tuple[str, int]], str]:
    found = browser(company, who).get(reverse("customers:family", args=[customer.pk])).context["family"]
    return [(one.customer.name, one.level) for one in found.members], str(found.annual_amount)


def test_the_page_sums_what_the_reader_reaches_and_names_nothing_else(yunheng, group) -> None:
    everybody = [("集团总部", 0), ("近子", 1), ("远子", 1)]
    assert shown(yunheng, "gao", group["远子"]) == (everybody, "220000.00")
    assert shown(yunheng, "chen", group["head"]) == (everybody[:2], "150000.00")
    assert shown(yunheng, "li", group["head"]) == (everybody[:1], "100000.00")
    assert shown(yunheng, "sun", group["远子"]) == (everybody[2:], "70000.00")
    page = browser(yunheng, "sun").get(reverse("customers:family", args=[group["远子"].pk])).content.decode()
    assert "集团总部" not in page and "近子" not in page


def test_who_sees_no_amounts_is_told_none(yunheng, group) -> None:
    page = browser(yunheng, "he").get(reverse("customers:family", args=[group["head"].pk])).content.decode()
    assert "远子" in page and "100,000" not in page and "220,000" not in page
    answer = Api(yunheng, "he").get(f"customers/{group['head'].pk}/group/").json()
    assert "annual_amount" not in answer and "annual_amount" not in answer["members"][0]


def test_the_api_tells_the_same_and_no_parent_out_of_reach(yunheng, beihe, group) -> None:
    address = f"customers/{group['远子'].pk}/group/"
    assert Api(yunheng, "gao").get(address).json()["annual_amount"] == "220000.00"
    (only,) = Api(yunheng, "sun").get(address).json()["members"]
    assert (only["name"], only["parent"], only["annual_amount"]) == ("远子", None, "70000.00")
    assert Api(beihe, "gao").get(address).status_code == 404


def test_a_group_of_any_size_is_two_queries(here) -> None:
    def asked(row: Customer) -> int:
        with statements() as sql:
            families.family(row, here.viewer("gao"), TODAY)
        return len(sql)

    assert [asked(morning.customer(here.li, "独家")), asked(chain(here, 8)[3])] == [2, 2]


def test_why_tells_the_sum_of_contracts_out_of_reach_in_one_line(yunheng, group) -> None:
    with tenant(yunheng.tenant.id):
        policies.lay_down(
            code="G",
            valid_from=morning.today(),
            bands=policies.DEFAULT_BANDS,
            currency="CNY",
            class_scope="GROUP",
        )
        grading.grade_all(morning.today(), morning.noon(morning.today()))
    why = Api(yunheng, "sun").get(f"customers/{group['远子'].pk}/why/").json()["tier"]
    told = [(row["label"], row["cells"][-1]) for row in why["rows"]]
    assert told == [("F-远子", "¥70,000.00"), ("2 contracts out of your reach", "¥150,000.00")]
    assert why["result"]["cells"][-1] == "¥220,000.00"
