"""Distributing a department's pool by page and API."""

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from django.urls import reverse

from commissions.models import LedgerEntry, PlanVersion, PoolDistribution
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from crm.tests.cast import Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(yunheng: Company) -> PoolDistribution:
    """8,000.00 of a contract of 李娜 that her department is to distribute."""
    with tenant(yunheng.tenant.id):
        row = PlanVersion.objects.get()
        PlanVersion.objects.filter(pk=row.pk).update(settings={**row.settings, "distribution": "POOL"})
        day = morning.day(-3)
        made = morning.sign(
            morning.customer(yunheng.li, "华信"), "P-1", "100000.00", starts_on=day, signed_on=day
        )
        morning.receive(made, "100000.00", day)
        return PoolDistribution.objects.get(contract=made)


def boxes(company: Company, **shares: str) -> dict[str, str]:
    return {f"share_{company.people[who].pk.hex}": part for who, part in shares.items()}


def paid(company: Company) -> dict[str, Decimal]:
    with tenant(company.tenant.id):
        rows = LedgerEntry.objects.filter(component="NEW_DEV", kind="RELEASE").order_by()
        return dict(rows.values_list("member__code").annotate(Sum("amount")))


def post(company: Company, person: str, pool: PoolDistribution, **shares: str) -> Any:
    url = reverse("commissions:pool-distribute", args=[pool.pk])
    return browser(company, person).post(url, boxes(company, **shares))


def test_the_head_finds_it_in_his_list_with_its_amounts(yunheng, pool) -> None:
    answer = browser(yunheng, "chen").get(reverse("commissions:pools"))
    (line,) = answer.context["pools"].lines
    shown = line["row"].contract.number, line["row"].total, line["row"].held
    assert shown == ("P-1", Decimal("8000.00"), Decimal("8000.00"))
    shell = answer.context["shell"]
    item = next(i for section in shell.nav for i in section.items if i.url == reverse("commissions:pools"))
    assert item.count.number == 1


def test_the_head_distributes_among_his_people_and_not_to_himself(yunheng, pool) -> None:
    page = browser(yunheng, "chen").get(reverse("commissions:pool", args=[pool.pk]))
    names = [person.name for person in page.context["form"].people.values()]
    assert names == ["李娜", "周毅", "吴迪"]
    short = post(yunheng, "chen", pool, li="60", zhou="30")
    assert (short.status_code, "10% missing" in short.content.decode()) == (422, True)
    assert 'value="60"' in short.content.decode()
    assert post(yunheng, "chen", pool, li="60", zhou="40").status_code == 303
    assert paid(yunheng) == {"li": Decimal("4800.00"), "zhou": Decimal("3200.00")}
    assert post(yunheng, "chen", pool, li="100").status_code == 409


def test_a_distributed_pool_says_who_got_what(yunheng, pool) -> None:
    post(yunheng, "chen", pool, li="60", zhou="40")
    page = browser(yunheng, "chen").get(reverse("commissions:pool", args=[pool.pk]))
    parts = [(part["name"], part["amount"]) for part in page.context["parts"]]
    assert parts == [("李娜", Decimal("4800.00")), ("周毅", Decimal("3200.00"))]
    assert page.context["form"] is None


def test_a_line_of_the_payee_says_that_the_pool_was_distributed(yunheng, pool) -> None:
    post(yunheng, "chen", pool, li="60", zhou="40")
    with tenant(yunheng.tenant.id):
        entry = LedgerEntry.objects.get(member=yunheng.li, kind="RELEASE")
    why = browser(yunheng, "li").get(reverse("commissions:entry-why", args=[entry.pk])).content.decode()
    assert "Share, as the pool was distributed" in why


def test_nobody_else_distributes_and_other_departments_see_nothing(yunheng, beihe, pool) -> None:
    for person, status in (("li", 403), ("qian", 403), ("zhao", 404)):
        assert post(yunheng, person, pool, li="100").status_code == status
    assert post(beihe, "chen", pool, li="100").status_code == 404
    for company, person in ((yunheng, "zhao"), (beihe, "chen")):
        url = reverse("commissions:pool", args=[pool.pk])
        assert browser(company, person).get(url).status_code == 404
    assert paid(yunheng) == {}


def test_the_api_lists_and_distributes(yunheng, beihe, pool) -> None:
    chen, path = Api(yunheng, "chen"), f"pool-distributions/{pool.pk}/"
    (row,) = chen.get("pool-distributions/?asked=me&distributed=false").json()["results"]
    assert (row["id"], row["total"], row["held"]) == (str(pool.pk), "8000.00", "8000.00")
    parts = [{"member": str(yunheng.people[who].pk), "basis_points": 5_000} for who in ("li", "sun")]
    refused = chen.post(f"{path}distribution/", {"shares": parts})
    assert codes(refused) == [("shares.1.payee", "other_department")]
    parts[1]["member"] = str(yunheng.zhou.pk)
    assert chen.post(f"{path}distribution/", {"shares": parts}).status_code == 200
    told = chen.get(f"{path}?expand=shares").json()
    assert [each["basis_points"] for each in told["shares"]] == [5_000, 5_000]
    assert (told["distributed_by"], told["held"]) == (str(yunheng.chen.pk), "0.00")
    assert Api(beihe, "gao").get("pool-distributions/").json()["results"] == []
    assert Api(yunheng, "zhao").get("pool-distributions/").json()["results"] == []
