"""Confirming a split by page and API: who sees it, who may, what he is told."""

from typing import Any

import pytest
from django.urls import reverse

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from crm.tests.cast import Company
from customers import confirming, contracts
from customers.contracts import Share
from customers.models import Contract, SplitConfirmation

pytestmark = pytest.mark.django_db


@pytest.fixture
def divided(yunheng: Company) -> Contract:
    """A contract of 李娜 of which 孙悦 of another department has 30 %."""
    with tenant(yunheng.tenant.id):
        buyer, today = morning.customer(yunheng.li, "华信科技有限公司"), morning.today()
        about: dict[str, Any] = {"by": yunheng.li, "at": morning.noon(today), "on": today}
        terms = contracts.Terms(
            number="HT-9",
            gross=morning.Decimal("100000.00"),
            signed_on=today,
            starts_on=today,
            ends_on=morning.add_months(today, 12),
        )
        shares = [Share(yunheng.li, 7_000), Share(yunheng.sun, 3_000)]
        return contracts.sign(buyer, terms=terms, shares=shares, **about)


def states(company: Company) -> list[tuple[str, str]]:
    with tenant(company.tenant.id):
        rows = SplitConfirmation.objects.order_by("department__code")
        return list(rows.values_list("asked__code", "state"))


def counted(company: Company, person: str) -> int:
    """The number beside the link of the left bar."""
    shell = browser(company, person).get(reverse("customers:splits")).context["shell"]
    item = next(i for section in shell.nav for i in section.items if i.url == reverse("customers:splits"))
    return item.count.number if item.count else 0


def row_of(company: Company, person: str) -> str:
    with tenant(company.tenant.id):
        return str(SplitConfirmation.objects.get(asked__code=person).pk)


def test_it_waits_for_both_heads_in_their_lists_and_beside_the_link(yunheng, divided) -> None:
    for head in ("chen", "zhao"):
        lines = browser(yunheng, head).get(reverse("customers:splits")).context["splits"].lines
        assert [(line.contract.number, line.asked.code) for line in lines] == [("HT-9", head)]
        assert counted(yunheng, head) == 1
    assert counted(yunheng, "li") == 0


def test_the_contract_says_who_still_has_to_confirm(yunheng, divided) -> None:
    page = browser(yunheng, "li").get(reverse("customers:contract", args=[divided.pk]))
    assert [(row.asked.name, row.state) for row in page.context["words"]] == [
        ("陈静", "WAITING"),
        ("赵鹏", "WAITING"),
    ]
    assert reverse("customers:split", args=[divided.pk]) in page.content.decode()


def test_the_other_head_sees_the_split_and_nothing_else_of_the_contract(yunheng, divided) -> None:
    zhao = browser(yunheng, "zhao")
    page = zhao.get(reverse("customers:split", args=[divided.pk])).content.decode()
    assert ("李娜" in page, "70%" in page, "30%" in page) == (True, True, True)
    assert ("100,000" in page, reverse("customers:contract", args=[divided.pk]) in page) == (False, False)
    assert zhao.get(reverse("customers:contract", args=[divided.pk])).status_code == 404


def test_both_heads_confirm_by_the_page(yunheng, divided) -> None:
    for head in ("zhao", "chen"):
        answer = browser(yunheng, head).post(reverse("customers:split-confirm", args=[divided.pk]))
        assert answer.status_code == 303
    assert states(yunheng) == [("chen", "CONFIRMED"), ("zhao", "CONFIRMED")]
    again = browser(yunheng, "chen").post(reverse("customers:split-confirm", args=[divided.pk]))
    assert again.status_code == 409


def test_a_refusal_without_words_stands_beside_the_field_and_with_words_goes_to_the_signer(
    yunheng, divided
) -> None:
    url, zhao = reverse("customers:split-refuse", args=[divided.pk]), browser(yunheng, "zhao")
    answer = zhao.post(url, {"words": ""})
    assert (answer.status_code, list(answer.context["refusing"].errors)) == (422, ["words"])
    assert zhao.post(url, {"words": "孙悦做了一半"}).status_code == 303
    assert (counted(yunheng, "li"), counted(yunheng, "chen")) == (1, 0)
    page = browser(yunheng, "li").get(reverse("customers:split", args=[divided.pk])).content.decode()
    assert "孙悦做了一半" in page
    assert reverse("customers:split-edit", args=[divided.pk]) in page


def test_the_signer_divides_it_anew(yunheng, divided) -> None:
    url, li = reverse("customers:split-edit", args=[divided.pk]), browser(yunheng, "li")
    data = {"splits-TOTAL_FORMS": "2", "splits-INITIAL_FORMS": "2"}
    people = [str(yunheng.li.pk), str(yunheng.sun.pk)]
    data |= {f"splits-{n}-payee": key for n, key in enumerate(people)}
    short = li.post(url, data | {"splits-0-share": "50", "splits-1-share": "40"})
    assert (short.status_code, short.context["split_faults"]) == (422, ["10% missing"])
    assert 'value="40"' in short.content.decode()
    assert li.post(url, data | {"splits-0-share": "50", "splits-1-share": "50"}).status_code == 303
    with tenant(yunheng.tenant.id):
        assert list(divided.splits.values_list("basis_points", flat=True)) == [5_000, 5_000]
    assert states(yunheng) == [("chen", "WAITING"), ("zhao", "WAITING")]


def test_who_is_no_head_of_a_payee_may_not_confirm(yunheng, beihe, divided) -> None:
    url = reverse("customers:split-confirm", args=[divided.pk])
    assert browser(yunheng, "li").post(url).status_code == 403
    assert browser(yunheng, "sun").post(url).status_code == 403
    assert browser(beihe, "chen").post(url).status_code == 404
    assert states(yunheng) == [("chen", "WAITING"), ("zhao", "WAITING")]


def test_the_api_confirms_refuses_and_divides_anew(yunheng, beihe, divided) -> None:
    chen, zhao, li = (Api(yunheng, who) for who in ("chen", "zhao", "li"))
    found = zhao.get("split-confirmations/?asked=me&state=WAITING").json()["results"]
    assert [(row["contract"], row["state"]) for row in found] == [(str(divided.pk), "WAITING")]
    mine, theirs = row_of(yunheng, "chen"), row_of(yunheng, "zhao")
    assert chen.post(f"split-confirmations/{mine}/confirmation/", {}).json()["state"] == "CONFIRMED"
    assert codes(zhao.post(f"split-confirmations/{theirs}/refusal/", {})) == [("words", "required")]
    told = zhao.post(f"split-confirmations/{theirs}/refusal/", {"words": "一半"}).json()
    assert (told["state"], told["words"]) == ("REFUSED", "一半")
    parts = [
        {"member": str(yunheng.li.pk), "basis_points": 5_000},
        {"member": str(yunheng.sun.pk), "basis_points": 4_000},
    ]
    path = f"contracts/{divided.pk}/split/"
    assert codes(li.post(path, {"splits": parts})) == [("splits", "sum_not_10000")]
    parts[1]["basis_points"] = 5_000
    assert li.post(path, {"splits": parts}).status_code == 200
    expanded = li.get(f"contracts/{divided.pk}/?expand=splits,confirmations").json()
    assert [row["basis_points"] for row in expanded["splits"]] == [5_000, 5_000]
    assert [row["state"] for row in expanded["confirmations"]] == ["WAITING", "WAITING"]
    assert Api(beihe, "zhao").get("split-confirmations/").json()["results"] == []
    assert li.post(f"split-confirmations/{row_of(yunheng, 'chen')}/confirmation/", {}).status_code == 403


def test_a_list_costs_the_same_for_one_and_many(yunheng, divided, django_assert_max_num_queries) -> None:
    chen = browser(yunheng, "chen")
    with tenant(yunheng.tenant.id):
        assert confirming.is_open(divided)
    with django_assert_max_num_queries(10):
        chen.get(reverse("customers:splits"))
