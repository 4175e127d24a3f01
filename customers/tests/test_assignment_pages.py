"""Pages and API of the decision table."""

import re
from dataclasses import asdict
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from customers.assignment import policies
from customers.assignment.table import DEFAULT_TABLE, FACTS
from customers.models import AssignmentPolicy, Territory
from customers.tests.deals import customer

pytestmark = pytest.mark.django_db

TABLE, NEW = "customers:assignment", "customers:assignment-new"
ANSWERS = {True: "1", False: "0", None: ""}


def typed(**changes) -> dict:
    """The table of the specification as the form sends it, tried against the year around today."""
    found = {"code": "V2", "valid_from": "+1", "basis": "REGISTERED"}
    found |= {"since": f"{morning.day(-300):%Y-%m-%d}", "until": f"{morning.day(0):%Y-%m-%d}"}
    for number, rule in enumerate(DEFAULT_TABLE):
        row = {fact: ANSWERS[getattr(rule, fact)] for fact in FACTS}
        row |= {"row": rule.code, "order": str(number + 1), "outcome": rule.outcome}
        row |= {"share_to": rule.share_to, "percent": str(rule.basis_points // 100 or "")}
        row |= {"amount_below": str(rule.amount_below or "")}
        found |= {f"{name}_{number}": value for name, value in row.items()}
    return found | changes


def body(**changes) -> dict:
    """The same as JSON."""
    rows = [{k: str(v) if isinstance(v, Decimal) else v for k, v in asdict(r).items()} for r in DEFAULT_TABLE]
    return {"code": "V2", "valid_from": morning.day(1).isoformat(), "rows": rows, **changes}


def tried(**changes) -> dict:
    period = {"since": morning.day(-300).isoformat(), "until": morning.day(1).isoformat()}
    return body(**period | changes)


def text(response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


@pytest.fixture
def book(yunheng):
    """Two regions, and two customers of 北京 that 李娜 developed: 浦江 is worth 200,000.00 a year."""
    with tenant(yunheng.tenant.id):
        for code, province in (("EAST", "浙江"), ("NORTH", "北京")):
            Territory.objects.create(department=yunheng.departments[code], province=province)
        for name, amount in (("浦江", "200000.00"), ("永定", "90000.00")):
            about = {"province": "北京", "expected_annual": Decimal(amount)}
            customer(yunheng, name, on=morning.day(-30), **about)
    return yunheng


def test_everybody_reads_the_table_and_who_edits_is_offered_a_new_version(book) -> None:
    shown = text(browser(book, "li").get(reverse(TABLE)))
    assert "V1 in force" in shown
    assert "less than 500,000 a year the able department of the region 30% for the developer's dep" in shown
    assert shown.index("ASSIGN-09") < shown.index("ASSIGN-03")
    offered = {who: "New version" in text(browser(book, who).get(reverse(TABLE))) for who in book.people}
    assert {who for who, offers in offered.items() if offers} == {"gao", "an"}


def test_the_form_starts_with_the_table_in_force(book) -> None:
    page = browser(book, "an").get(reverse(NEW)).content.decode()
    assert 'value="ASSIGN-05"' in page and 'value="500,000.00"' in page
    assert 'id="tried"' not in page


def test_a_trial_shows_whom_it_would_have_moved_and_stores_nothing(book) -> None:
    answer = browser(book, "an").post(reverse(NEW), typed(amount_below_5="10万"))
    shown = text(answer)
    assert answer.status_code == 200
    assert "1 of 2 would have had another department." in shown
    assert re.search(r"浦江 .{,30} 华北商务部 华东商务部 ASSIGN-06", shown)
    assert "永定" not in shown
    assert "200,000.00" not in shown  # an admin of the tenant does not see amounts
    assert "¥200,000.00" in text(browser(book, "gao").post(reverse(NEW), typed(amount_below_5="10万")))
    with tenant(book.tenant.id):
        assert AssignmentPolicy.objects.count() == 1


def test_one_way_is_opened_and_closed(book) -> None:
    sent = typed(amount_below_5="10万")
    client = browser(book, "an")
    assert "1–1 of 1" in text(client.post(reverse(NEW), sent | {"way": "NORTH>EAST"}))
    other = text(client.post(reverse(NEW), sent | {"way": "EAST>NORTH"}))
    assert "浦江" not in other and "Show all that change" in other


def test_what_is_wrong_stands_in_its_row_which_is_open(book) -> None:
    """Row 08 is asked first, though it stands last in the form."""
    sent = typed(order_8="1", developed_8="", valid_from="-1", percent_4="")
    answer = browser(book, "an").post(reverse(NEW), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "tomorrow at the earliest" in text(answer)
    wrong = re.findall(r'id="id_(\w+)_error">.*?<span>(.*?)</span>', page, re.S)
    assert ("row_8", "This row can win although nobody is there whom it makes responsible.") in wrong
    assert ("row_4", "Say how large the share is.") in wrong
    assert [name for name, _words in wrong if name == "row_0"] == []
    assert page.count("rule-row") == 10
    assert len(re.findall(r"<details[^>]* open>", page)) == len({n for n, _ in wrong if n[:3] == "row"})


def test_a_hole_is_told_on_top_and_nothing_typed_is_lost(book) -> None:
    answer = browser(book, "an").post(reverse(NEW), typed(row_8="", name_4="大客户优先"))
    assert "A customer is thinkable whom no row answers." in text(answer)
    assert 'value="大客户优先"' in answer.content.decode()


def test_rows_are_asked_in_the_order_of_their_numbers(book) -> None:
    client = browser(book, "an")
    made = client.post(reverse(NEW), typed(step="activate", order_8="3", name_8="先看来源"))
    assert (made.status_code, made["Location"]) == (303, reverse(TABLE))
    with tenant(book.tenant.id):
        found = AssignmentPolicy.objects.prefetch_related("rules").get(code="V2")
        assert [rule.code for rule in found.table][:4] == ["ASSIGN-01", "ASSIGN-02", "ASSIGN-09", "ASSIGN-08"]
        assert found.table[3].name == "先看来源"
        assert found.valid_from == morning.day(1)


@pytest.fixture
def second(book):
    """A version to come, activated by the executive."""
    browser(book, "gao").post(reverse(NEW), typed(step="activate", percent_0="10", order_8="10"))
    with tenant(book.tenant.id):
        return AssignmentPolicy.objects.get(code="V2")


def test_a_version_to_come_is_shown_and_taken_back(book, second) -> None:
    client = browser(book, "an")
    shown = text(client.get(reverse(TABLE), {"version": str(second.pk)}))
    assert "V2 to come" in shown and "10% for the developer's department" in shown
    client.post(reverse("customers:assignment-withdraw", args=[second.pk]))
    with tenant(book.tenant.id):
        assert list(AssignmentPolicy.objects.values_list("code", "valid_to")) == [("V1", None)]


def test_the_version_in_force_is_not_taken_back(book) -> None:
    with tenant(book.tenant.id):
        first = policies.in_force(morning.today())
    client = browser(book, "an")
    client.post(reverse("customers:assignment-withdraw", args=[first.pk]))
    assert "This version has begun" in text(client.get(reverse(TABLE)))


def test_a_version_of_another_company_is_not_there(book, beihe, second) -> None:
    client = browser(beihe, "an")
    assert client.post(reverse("customers:assignment-withdraw", args=[second.pk])).status_code == 404
    assert "V2" not in text(client.get(reverse(TABLE), {"version": str(second.pk)}))


# API


def test_the_api_tries_activates_and_deletes(book) -> None:
    api = Api(book, "an")
    rows = body()["rows"]
    rows[5]["amount_below"] = "100000.00"
    found = api.post("assignment-policies/preview/", tried(rows=rows)).json()
    assert (found["asked"], found["moved"], found["anyway"], found["listed"]) == (2, 1, 0, 1)
    assert found["flows"] == [{"before": "NORTH", "after": "EAST", "customers": 1, "anyway": 0}]
    (move,) = found["moves"]
    assert (move["name"], move["rule"], "annual_amount" in move) == ("浦江", "ASSIGN-06", False)
    seen = Api(book, "gao").post("assignment-policies/preview/", tried(rows=rows)).json()
    assert seen["moves"][0]["annual_amount"] == "200000.00"
    narrowed = api.post("assignment-policies/preview/", tried(rows=rows, before="EAST")).json()
    assert (narrowed["moves"], narrowed["listed"]) == ([], 0)
    made = api.post("assignment-policies/", body(rows=rows))
    assert made.status_code == 201
    assert api.delete(f"assignment-policies/{made.json()['id']}/").status_code == 204
    (left,) = api.get("assignment-policies/", {"expand": "rules"}).json()["results"]
    assert (left["code"], left["valid_to"], left["rules"][5]["amount_below"]) == ("V1", None, "500000.00")
    assert codes(api.delete(f"assignment-policies/{left['id']}/")) == [("", "begun")]


def test_the_api_refuses_a_table_by_row_and_code(book) -> None:
    api, rows = Api(book, "an"), body()["rows"]
    for path, sent in (("assignment-policies/", body), ("assignment-policies/preview/", tried)):
        assert codes(api.post(path, sent(rows=rows[:-1]))) == [("rows", "hole")]
        assert codes(api.post(path, sent(rows=[*rows, rows[0]]))) == [
            ("rows.9", "duplicate"),
            ("rows.9", "never"),
        ]
    short = tried(until=morning.day(-300).isoformat())
    assert codes(api.post("assignment-policies/preview/", short)) == [("until", "empty_period")]


def test_heads_read_the_table_and_do_not_write_it(book, beihe) -> None:
    for who in ("li", "chen", "qian"):
        assert Api(book, who).get("assignment-policies/").status_code == 200
        assert Api(book, who).post("assignment-policies/", body()).status_code == 403
        assert Api(book, who).post("assignment-policies/preview/", tried()).status_code == 403
    assert Api(beihe, "gao").post("assignment-policies/preview/", tried()).json()["asked"] == 0
