"""Stages, risks and follow-ups by the API."""

from types import SimpleNamespace

import pytest

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, statements
from lifecycle.churn import scoring
from lifecycle.models import FollowUp

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(yunheng):
    """李娜's customer, 100 days late with its cash, scored three times."""
    with tenant(yunheng.tenant.id):
        late = morning.customer(yunheng.li, "华信精密仪器")
        morning.sign(
            late, "K-1", "345678.00", starts_on=morning.day(-330), due=[morning.day(-100), morning.day(200)]
        )
        scoring.score_all(morning.day(-250), morning.noon(morning.day(-250)))
        for on in (morning.day(-1), morning.today()):
            scoring.score_all(on, morning.noon(on))
    return SimpleNamespace(company=yunheng, late=late)


def new(book, **more) -> dict:
    return {"customer": str(book.late.id), "title": "上门", "due_on": f"{morning.day(3)}", **more}


# Risks and stages


def test_the_risk_that_holds_now_comes_with_its_signals_and_version(book) -> None:
    api = Api(book.company, "li", "lifecycle:read")
    words = {"customer": str(book.late.id), "current": "true"}
    (row,) = api.get("risks/", words).json()["results"]
    payment = next(signal for signal in row["signals"] if signal["signal"] == "payment")
    assert payment["inputs"]["overdue_days"] == 99  # the score is that of yesterday, for nothing changed
    assert row["reasons"][0] in {signal["signal"] for signal in row["signals"]}
    assert row["policy"]["code"]
    assert api.get("risks/", {**words, "current": "false"}).json()["results"] != [row]


def test_risks_are_within_reach_and_need_their_right(book, beihe) -> None:
    (row, *_) = Api(book.company, "gao").get("risks/").json()["results"]
    assert Api(book.company, "he").get("risks/").status_code == 403
    assert Api(book.company, "sun").get("risks/").json()["results"] == []
    for stranger in (Api(book.company, "sun"), Api(beihe, "gao")):
        assert stranger.get(f"risks/{row['id']}/").status_code == 404


def test_a_stage_tells_the_facts_it_was_judged_by(book) -> None:
    (row, *_) = Api(book.company, "li").get("stages/", {"current": "true"}).json()["results"]
    assert (row["customer"], row["to_stage"]) == (str(book.late.id), "RENEWAL_DUE")
    assert "risk_band" not in Api(book.company, "he").get("stages/").json()["results"][0]["inputs"]


# Follow-ups


def test_a_follow_up_is_opened_changed_and_done(book) -> None:
    api = Api(book.company, "li", "lifecycle:write")
    made = api.post("follow-ups/", new(book))
    assert made.status_code == 201
    row = made.json()
    assert (row["owner"], row["state"], row["headline"]) == (str(book.company.li.id), "OPEN", "上门")
    moved = api.patch(f"follow-ups/{row['id']}/", {"due_on": f"{morning.day(5)}"}).json()
    assert (moved["due_on"], moved["version"]) == (f"{morning.day(5)}", 2)
    done = api.patch(f"follow-ups/{row['id']}/", {"state": "DONE", "outcome": "谈妥了"}).json()
    assert (done["state"], done["outcome"], done["closed_by"]) == (
        "DONE",
        "谈妥了",
        str(book.company.li.id),
    )


def test_a_closed_follow_up_is_a_conflict(book) -> None:
    api = Api(book.company, "li")
    row = api.post("follow-ups/", new(book)).json()
    api.patch(f"follow-ups/{row['id']}/", {"state": "DONE"})
    again = api.patch(f"follow-ups/{row['id']}/", {"state": "DONE"})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "closed")


def test_a_change_of_an_old_version_is_overtaken(book) -> None:
    api = Api(book.company, "li")
    made = api.post("follow-ups/", new(book))
    row = made.json()
    api.patch(f"follow-ups/{row['id']}/", {"due_on": f"{morning.day(4)}"})
    stale = api.patch(
        f"follow-ups/{row['id']}/", {"due_on": f"{morning.day(6)}"}, headers={"If-Match": '"1"'}
    )
    assert stale.status_code == 412


def test_only_who_assigns_opens_for_others_and_hands_on(book) -> None:
    zhou = str(book.company.zhou.id)
    assert Api(book.company, "li").post("follow-ups/", new(book, owner=zhou)).status_code == 403
    row = Api(book.company, "chen").post("follow-ups/", new(book, owner=zhou)).json()
    assert row["owner"] == zhou
    mine = Api(book.company, "li").post("follow-ups/", new(book)).json()
    assert Api(book.company, "li").patch(f"follow-ups/{mine['id']}/", {"owner": zhou}).status_code == 403
    handed = Api(book.company, "chen").patch(f"follow-ups/{mine['id']}/", {"owner": zhou})
    assert (handed.status_code, handed.json()["owner"]) == (200, zhou)


def test_without_an_owner_an_assigned_one_is_for_the_responsible_person(book) -> None:
    row = Api(book.company, "chen").post("follow-ups/", new(book)).json()
    assert row["owner"] == str(book.company.li.id)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"due_on": "2020-01-01"}, "due_on"),
        ({"due_on": "9999-99-99"}, "due_on"),
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"customer": "019a2f6e-3c1b-7d44-9f0a-5b7c2d8e1f30"}, "customer"),
        ({"owner": "x"}, "owner"),
        ({"kind": "RISK"}, "kind"),
    ],
)
def test_nonsense_is_refused_by_field(book, change: dict, field: str) -> None:
    answer = Api(book.company, "chen").post("follow-ups/", new(book) | change)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    with tenant(book.company.tenant.id):
        assert not FollowUp.objects.filter(kind="MANUAL").exists()


def test_an_outcome_alone_closes_nothing(book) -> None:
    api = Api(book.company, "li")
    row = api.post("follow-ups/", new(book)).json()
    answer = api.patch(f"follow-ups/{row['id']}/", {"outcome": "…"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "still_open")
    refused = api.patch(f"follow-ups/{row['id']}/", {"state": "CANCELLED"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "reason")


def test_a_customer_out_of_reach_is_unknown(book, beihe) -> None:
    for stranger in (Api(book.company, "sun"), Api(beihe, "chen")):
        answer = stranger.post("follow-ups/", new(book))
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "customer")


def test_finance_has_no_follow_ups(book) -> None:
    assert Api(book.company, "qian").get("follow-ups/").status_code == 403


def test_follow_ups_are_filtered_and_paged_in_few_queries(book) -> None:
    api = Api(book.company, "chen")
    for number in range(3):
        api.post("follow-ups/", new(book, title=f"步骤{number}"))
    found = api.get("follow-ups/", {"owner": str(book.company.li.id), "kind": "MANUAL", "count": "true"})
    assert found.json()["count"] == 3

    def asked(limit: int) -> int:
        with statements() as sql:
            assert len(api.get("follow-ups/", {"limit": limit}).json()["results"]) == limit
        return len(sql)

    assert asked(1) == asked(3) <= 3
