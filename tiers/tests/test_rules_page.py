"""The pages and the API of the rules of grading."""

import re
from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes, statements
from tiers import policies
from tiers.models import TierPolicy

pytestmark = pytest.mark.django_db

LIST, NEW = "tiers:policies", "tiers:policy-new"


@pytest.fixture
def book(yunheng):
    """李娜's customer of ¥600,000 a year, KEY by the rules in force, and 孙悦's of ¥70,000, GENERAL."""
    with tenant(yunheng.tenant.id):
        for owner, name, gross in ((yunheng.li, "华信", "600000.00"), (yunheng.sun, "北方", "70000.00")):
            made = morning.customer(owner, name)
            morning.sign(made, f"T-{name}", gross, starts_on=morning.day(-100))
    return yunheng


def typed(**changes: str) -> dict[str, str]:
    """What an admin types: KEY from 80 万 on, MAJOR from 5 万 on, from tomorrow."""
    rows = {"COMPANY": "200万", "KEY": "80万", "MAJOR": "50,000", "GENERAL": "0"}
    bands = {
        key: value
        for number, (tier, lower) in enumerate(rows.items())
        for key, value in ((f"tier_{number}", tier), (f"name_{number}", ""), (f"lower_{number}", lower))
    }
    rules = {"class_basis": "IN_FORCE_ANNUALISED", "class_scope": "CUSTOMER", "downgrade_grace_days": "0"}
    return {"code": "V2", "valid_from": "+1", **rules, **bands, **changes}


def body(**changes) -> dict:
    """The same as JSON."""
    rows = [("COMPANY", "2000000.00", None), ("KEY", "800000.00", "2000000.00")]
    rows += [("MAJOR", "50000.00", "800000.00"), ("GENERAL", "0.00", "50000.00")]
    bands = [{"tier": tier, "lower": lower, "upper": upper} for tier, lower, upper in rows]
    rules = {"code": "V2", "valid_from": morning.day(1).isoformat(), "downgrade_grace_days": 0}
    return {**rules, "bands": bands, **changes}


def text(response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def test_whoever_sees_customers_reads_the_rules_and_only_the_admin_is_offered_a_new_version(book) -> None:
    shown = text(browser(book, "li").get(reverse(LIST)))
    assert "V1 in force" in shown
    assert "Key account ≥ ¥500,000.00" in shown
    assert "New version" not in shown
    assert "New version" in text(browser(book, "an").get(reverse(LIST)))


def test_the_form_starts_with_the_rules_in_force(book) -> None:
    page = browser(book, "an").get(reverse(NEW)).content.decode()
    assert 'value="1,000,000.00"' in page
    assert 'id="changes"' not in page


def test_the_preview_shows_who_moves_and_stores_nothing(book) -> None:
    answer = browser(book, "an").get(reverse(NEW), typed())
    shown = text(answer)
    assert answer.status_code == 200
    assert "2 customers change tier." in shown
    assert "华信 Key Major the new rules" in shown
    assert "北方 General Major the new rules" in shown
    with tenant(book.tenant.id):
        assert TierPolicy.objects.count() == 1


def test_amounts_are_shown_to_those_only_who_may_see_them(book) -> None:
    hidden = browser(book, "an").get(reverse(NEW), typed()).content.decode()
    assert "600,000.00" not in hidden and "670,000.00" not in hidden
    with tenant(book.tenant.id):
        book.gao.roles = ["EXECUTIVE", "TENANT_ADMIN"]
        book.gao.save()
    seen = text(browser(book, "gao").get(reverse(NEW), typed()))
    assert "Their annual amount ¥670,000.00" in seen
    assert "¥600,000.00" in seen


def test_one_flow_is_opened_from_its_cell(book) -> None:
    page = browser(book, "an").get(reverse(NEW), typed())
    (link,) = {
        unescape(href)
        for href in re.findall(r'<a href="([^"]+)"', page.content.decode())
        if "from=KEY" in href and "to=MAJOR" in href
    }
    shown = text(browser(book, "an").get(link.partition("#")[0]))
    assert "华信 Key Major" in shown and "北方 General" not in shown
    assert "1–1 of 1" in shown


def test_what_is_wrong_stands_beside_its_box_and_nothing_typed_is_lost(book) -> None:
    wrong = typed(code="V1", lower_3="12", lower_1="lots", valid_from="yesterday")
    answer = browser(book, "an").get(reverse(NEW), wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write an amount" in re.search(r'id="id_lower_1_error">(.*?)</div>', page, re.S)[1]
    assert all(f'value="{value}"' in page for value in ("lots", "12", "yesterday", "200万"))
    again = browser(book, "an").get(reverse(NEW), typed(code="V1", lower_3="12", valid_from="-1"))
    said = text(again)
    assert "Another version has this name." in said
    assert "tomorrow at the earliest" in said
    assert "The lowest band must start at 0.00." in said


def test_two_bands_of_one_tier_and_a_row_without_its_amount_are_told(book) -> None:
    said = text(browser(book, "an").get(reverse(NEW), typed(tier_1="MAJOR")))
    assert "One tier stands in two bands" in said
    page = browser(book, "an").get(reverse(NEW), typed(lower_0="")).content.decode()
    assert "This field is required." in re.search(r'id="id_lower_0_error">(.*?)</div>', page, re.S)[1]


def test_activation_makes_the_version_and_it_is_taken_back_before_it_begins(book) -> None:
    client = browser(book, "an")
    made = client.post(reverse(NEW), typed())
    assert (made.status_code, made["Location"]) == (303, reverse(LIST))
    with tenant(book.tenant.id):
        second = TierPolicy.objects.get(code="V2")
        assert second.valid_from == morning.day(1)
        assert [band.upper for band in second.bands.all()][:2] == [None, policies.Decimal("2000000.00")]
    assert "V2 to come" in text(client.get(reverse(LIST)))
    client.post(reverse("tiers:policy-withdraw", args=[second.pk]))
    with tenant(book.tenant.id):
        assert list(TierPolicy.objects.values_list("code", "valid_to")) == [("V1", None)]


def test_the_version_in_force_is_not_taken_back(book) -> None:
    with tenant(book.tenant.id):
        first = TierPolicy.objects.get()
    client = browser(book, "an")
    client.post(reverse("tiers:policy-withdraw", args=[first.pk]))
    assert "This version has begun" in text(client.get(reverse(LIST)))
    with tenant(book.tenant.id):
        assert TierPolicy.objects.count() == 1


def test_the_preview_of_a_larger_book_asks_no_more(book) -> None:
    client = browser(book, "an")
    client.get(reverse(NEW), typed())
    with statements() as few:
        client.get(reverse(NEW), typed())
    with tenant(book.tenant.id):
        for number in range(8):
            made = morning.customer(book.li, f"多{number}")
            morning.sign(made, f"M-{number}", "600000.00", starts_on=morning.day(-100))
    with statements() as many:
        assert "10 customers change tier." in text(client.get(reverse(NEW), typed()))
    assert len(many) == len(few) <= 16


# API


def test_the_api_previews_activates_and_deletes(book) -> None:
    api = Api(book, "an")
    found = api.post("tier-policies/preview/", body()).json()
    flows = {(row["before"], row["after"]): row["customers"] for row in found["flows"]}
    assert (found["moved"], found["listed"], flows) == (2, 2, {("KEY", "MAJOR"): 1, ("GENERAL", "MAJOR"): 1})
    assert {(row["name"], row["before"], row["after"], row["anyway"]) for row in found["moves"]} == {
        ("华信", "KEY", "MAJOR", False),
        ("北方", "GENERAL", "MAJOR", False),
    }
    assert "annual_amount" not in str(found)
    one = api.post("tier-policies/preview/", body(before="KEY", limit=1)).json()
    assert ([row["name"] for row in one["moves"]], one["listed"], one["moved"]) == (["华信"], 1, 2)
    made = api.post("tier-policies/", body())
    assert made.status_code == 201
    assert api.delete(f"tier-policies/{made.json()['id']}/").status_code == 204
    (left,) = api.get("tier-policies/").json()["results"]
    assert (left["code"], left["valid_to"]) == ("V1", None)
    assert codes(api.delete(f"tier-policies/{left['id']}/")) == [("", "begun")]


def test_the_api_refuses_bands_with_a_hole_by_field_and_code(book) -> None:
    wrong = body()
    wrong["bands"][3]["upper"] = "40000.00"
    for path in ("tier-policies/preview/", "tier-policies/"):
        assert codes(Api(book, "an").post(path, wrong)) == [("bands", "hole")]


def test_only_the_admin_writes_rules(book, beihe) -> None:
    for person in ("li", "chen", "gao"):
        assert Api(book, person).post("tier-policies/", body()).status_code == 403
        assert Api(book, person).post("tier-policies/preview/", body()).status_code == 403
    assert Api(beihe, "an").post("tier-policies/preview/", body()).json()["flows"] == []


def test_the_first_night_is_the_one_of_the_day_typed(book) -> None:
    browser(book, "an").post(reverse(NEW), typed(valid_from=f"{morning.day(40):%Y-%m-%d}"))
    with tenant(book.tenant.id):
        found: date = TierPolicy.objects.get(code="V2").valid_from
    assert found == morning.day(40)
