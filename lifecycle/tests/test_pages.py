"""The risk list and the follow-ups as people use them."""

import json
import re
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from django.urls import reverse

from crm.periods import add_workdays
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import browser, statements
from crm.tests.cast import PEOPLE
from crm.web.templatetags.days import day_list
from customers.models import Standing
from lifecycle import followups
from lifecycle.churn import scoring
from lifecycle.models import FollowUp, RiskScore, StageMove
from lifecycle.views import told

pytestmark = pytest.mark.django_db

RISKS, LIST = "lifecycle:risks", "lifecycle:follow-ups"


@pytest.fixture
def book(yunheng):
    """李娜's customer whose first instalment is 100 days late and who was never called; one calm of 孙悦."""
    with tenant(yunheng.tenant.id):
        late = morning.customer(yunheng.li, "华信精密仪器")
        morning.sign(
            late, "K-1", "345678.00", starts_on=morning.day(-330), due=[morning.day(-100), morning.day(200)]
        )
        calm = morning.customer(yunheng.sun, "北方印务")
        morning.sign(calm, "K-2", "120000.00", starts_on=morning.day(-60), due=[morning.day(30)])
        scoring.score_all(morning.today(), morning.noon(morning.today()))
        late.refresh_from_db()
    return SimpleNamespace(company=yunheng, late=late, calm=calm)


def text(response) -> str:
    """The words of a page, without tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def open_one(book, title: str = "上门", owner=None, due: int = 3) -> FollowUp:
    with tenant(book.company.tenant.id):
        who = owner or book.company.li
        on = morning.today()
        return followups.open(
            book.late, title=title, due_on=morning.day(due), owner=who, by=who, at=morning.noon(on), on=on
        )


def state_of(book, row: FollowUp) -> FollowUp:
    with tenant(book.company.tenant.id):
        return FollowUp.objects.select_related("owner").get(pk=row.pk)


# Risks


def test_the_list_tells_the_reasons_with_their_numbers(book) -> None:
    shown = text(browser(book.company, "li").get(reverse(RISKS), {"view": "all"}))
    assert "华信精密仪器" in shown
    assert "100 days overdue" in shown


def test_high_and_medium_come_first_and_the_highest_on_top(book) -> None:
    client = browser(book.company, "gao")
    assert "北方印务" not in text(client.get(reverse(RISKS)))
    everybody = text(client.get(reverse(RISKS), {"view": "all"}))
    assert everybody.index("华信精密仪器") < everybody.index("北方印务")


def test_a_risk_out_of_reach_is_not_listed_and_its_why_not_found(book, beihe) -> None:
    client = browser(book.company, "sun")
    assert "华信精密仪器" not in text(client.get(reverse(RISKS), {"view": "all"}))
    for stranger in (client, browser(beihe, "gao")):
        for name in ("risk-why", "stage-why", "follow-up-new"):
            url = reverse(f"lifecycle:{name}", args=[book.late.id])
            assert stranger.get(url).status_code in {403, 404}, name
            assert "华信精密仪器" not in text(stranger.get(url))


def test_amounts_are_missing_for_those_who_may_not_see_them(book) -> None:
    planted = "345,678"
    seen = {}
    for code, *_ in PEOPLE:
        client = browser(book.company, code)
        answers = [client.get(reverse(RISKS), {"view": view}) for view in ("risky", "all")]
        answers += [client.get(reverse(RISKS), {"ordering": "annual_amount"})]
        seen[code] = any(planted in answer.content.decode() for answer in answers)
    assert {code for code, found in seen.items() if found} == {"gao", "chen", "li", "qian", "shen"}


def test_who_may_not_see_amounts_cannot_sort_or_filter_by_them(book) -> None:
    client = browser(book.company, "wang")
    sorted_by = client.get(reverse(RISKS), {"ordering": "annual_amount"})
    filtered = client.get(reverse(RISKS), {"view": "all", "annual_amount__gte": "999999999"})
    assert "There is no order by" in text(sorted_by)
    assert text(filtered).count("华信精密仪器") == text(client.get(reverse(RISKS), {"view": "all"})).count(
        "华信精密仪器"
    )


def test_why_a_risk_and_why_a_stage(book) -> None:
    client = browser(book.company, "li")
    score = text(client.get(reverse("lifecycle:risk-why", args=[book.late.id])))
    assert "Late payment" in score
    assert "100 days overdue" in score
    with tenant(book.company.tenant.id):
        assert StageMove.objects.filter(customer=book.late).exists()
    assert "Last day of the last contract" in text(
        client.get(reverse("lifecycle:stage-why", args=[book.late.id]))
    )


def test_a_service_agent_learns_the_stage_and_no_risk(book) -> None:
    client = browser(book.company, "he")
    assert client.get(reverse(RISKS)).status_code == 403
    assert client.get(reverse("lifecycle:risk-why", args=[book.late.id])).status_code == 403
    with tenant(book.company.tenant.id):
        StageMove.objects.create(
            customer=book.late,
            from_stage="NEW",
            to_stage="AT_RISK",
            reason="RED",
            inputs={"risk_band": "RED", "version": "STAGE-1"},
            on=morning.today(),
            at=morning.noon(morning.day(1)),
        )
    shown = client.get(reverse("lifecycle:stage-why", args=[book.late.id]))
    assert "<td>high</td>" not in shown.content.decode()
    assert (
        "<td>high</td>"
        in browser(book.company, "li")
        .get(reverse("lifecycle:stage-why", args=[book.late.id]))
        .content.decode()
    )


def test_the_list_alone_is_what_the_page_holds(book) -> None:
    client = browser(book.company, "chen")
    whole = client.get(reverse(RISKS), {"view": "all"}).content.decode()
    part = client.get(
        reverse(RISKS), {"view": "all"}, headers={"HX-Request": "true", "HX-Target": "div#list"}
    ).content.decode()
    assert part.strip().startswith('<div class="list"')
    assert part.strip() in whole


@pytest.mark.parametrize("name", [RISKS, LIST])
def test_a_list_asks_no_more_for_many_rows_than_for_one(book, name: str) -> None:
    client = browser(book.company, "chen")
    url = reverse(name) + "?view=all"
    open_one(book)

    def asked() -> int:
        with statements() as sql:
            assert client.get(url).status_code == 200
        return len(sql)

    asked()
    few = asked()
    with tenant(book.company.tenant.id):
        for number in range(3):
            more = morning.customer(book.company.zhou, f"客户{number}")
            morning.sign(more, f"M-{number}", "50000.00", starts_on=morning.day(-40))
            on = morning.today()
            who = book.company.zhou
            followups.open(more, title="电话", due_on=on, owner=who, by=who, at=morning.noon(on), on=on)
        scoring.score_all(morning.today(), morning.noon(morning.today()))
    assert asked() == few
    assert few <= 12  # the left bar counts all that waits by one statement, and months by another


def test_reasons_of_an_earlier_night_say_of_which(book) -> None:
    with tenant(book.company.tenant.id):
        score = RiskScore.objects.filter(customer=book.late).latest("at")
    fresh = told.reasons(["payment"], score, score.on)
    assert fresh == "100 days overdue"
    later = told.reasons(["payment"], score, score.on + timedelta(days=2))
    assert later == f"100 days overdue (as of {day_list(score.on, score.on)})"


# Assigning


def test_a_head_assigns_a_follow_up_in_working_days(book) -> None:
    client = browser(book.company, "chen")
    url = reverse("lifecycle:follow-up-new", args=[book.late.id])
    form = {"title": "上门谈续签", "workdays": "3", "owner": str(book.company.zhou.id)}
    answer = client.post(url, {**form, "next": reverse(RISKS)})
    assert (answer.status_code, answer["Location"]) == (303, reverse(RISKS))
    with tenant(book.company.tenant.id):
        made = FollowUp.objects.get(title="上门谈续签")
        assert (made.owner_id, made.opened_by_id) == (book.company.zhou.id, book.company.chen.id)
        assert made.due_on == add_workdays(morning.today(), 3)
        assert Standing.objects.get(customer=book.late).next_on is not None


def test_a_refused_form_keeps_what_was_typed(book) -> None:
    client = browser(book.company, "chen")
    url = reverse("lifecycle:follow-up-new", args=[book.late.id])
    answer = client.post(url, {"title": "谈价格", "workdays": "77", "owner_text": "无此人"})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="谈价格"' in shown
    assert "Nothing is called “无此人” here" in unescape(shown)


def test_who_may_not_assign_plans_for_himself(book) -> None:
    client = browser(book.company, "li")
    url = reverse("lifecycle:follow-up-new", args=[book.late.id])
    assert "owner" not in client.get(url).content.decode()
    form = {"title": "回访", "workdays": "1", "owner": str(book.company.zhou.id)}
    assert client.post(url, form).status_code == 303
    with tenant(book.company.tenant.id):
        assert FollowUp.objects.get(title="回访").owner_id == book.company.li.id


def test_a_sheet_answers_with_what_is_next_for_the_customer(book) -> None:
    client = browser(book.company, "chen")
    url = reverse("lifecycle:follow-up-new", args=[book.late.id])
    region = f"next-{book.late.id}"
    htmx = {"HX-Request": "true", "HX-Target": "div#sheet-body"}
    refused = client.post(url, {"title": "", "workdays": "2", "region": region}, headers=htmx)
    assert (refused.status_code, "HX-Retarget" in refused) == (422, False)
    form = {"title": "上门", "workdays": "2", "owner": str(book.company.li.id), "region": region}
    answer = client.post(url, form, headers=htmx)
    assert (answer.status_code, answer["HX-Retarget"], answer["HX-Reswap"]) == (
        200,
        f"#{region}",
        "outerHTML",
    )
    assert json.loads(answer["HX-Trigger"])["toast"]["text"] == "Opened for 李娜."
    assert f'id="{region}"' in answer.content.decode()


def test_the_way_back_leads_to_no_other_site(book) -> None:
    client = browser(book.company, "chen")
    url = reverse("lifecycle:follow-up-new", args=[book.late.id])
    for bad in ("https://evil.example/", "//evil.example", "javascript:alert(1)", ""):
        form = {"title": "x", "workdays": "1", "owner": str(book.company.li.id), "next": bad}
        assert client.post(url, form)["Location"] == reverse(LIST)


# Doing


def test_done_with_what_came_of_it(book) -> None:
    row = open_one(book)
    client = browser(book.company, "li")
    answer = client.post(reverse("lifecycle:follow-up-done", args=[row.id]), {"outcome": "谈妥了"})
    assert (answer.status_code, answer["Location"]) == (303, reverse(LIST))
    after = state_of(book, row)
    assert (after.state, after.outcome, after.closed_by_id) == ("DONE", "谈妥了", book.company.li.id)


def test_a_tick_alone_is_enough_and_the_todo_goes(book) -> None:
    row = open_one(book)
    htmx = {"HX-Request": "true", "HX-Target": f"li#todo-{row.id}"}
    answer = browser(book.company, "li").post(
        reverse("lifecycle:follow-up-done", args=[row.id]), headers=htmx
    )
    assert (answer.status_code, answer.content) == (200, b"")
    assert state_of(book, row).state == "DONE"


def test_done_twice_is_told_as_a_conflict(book) -> None:
    row = open_one(book)
    client, url = browser(book.company, "li"), reverse("lifecycle:follow-up-done", args=[row.id])
    client.post(url, {"outcome": "first"})
    second = client.post(url, {"outcome": "second"})
    assert second.status_code == 409
    assert "This follow-up is closed already." in text(second)
    assert state_of(book, row).outcome == "first"


def test_moved_to_another_day_and_never_into_the_past(book) -> None:
    row = open_one(book)
    client, url = browser(book.company, "li"), reverse("lifecycle:follow-up-move", args=[row.id])
    past = client.post(url, {"due_on": f"{morning.day(-1)}"})
    assert past.status_code == 422
    assert "This day has passed" in text(past)
    assert client.post(url, {"due_on": "+7"}).status_code == 303
    assert state_of(book, row).due_on == morning.day(7)
    assert client.post(url, {"due_on": "never"}).status_code == 422


def test_handed_on_by_who_may_assign(book) -> None:
    row = open_one(book)
    url = reverse("lifecycle:follow-up-assign", args=[row.id])
    assert browser(book.company, "li").post(url, {"to_text": "周毅"}).status_code == 403
    assert browser(book.company, "chen").post(url, {"to_text": "周毅"}).status_code == 303
    assert state_of(book, row).owner_id == book.company.zhou.id


def test_closed_without_doing_it_needs_a_reason(book) -> None:
    row = open_one(book)
    client, url = browser(book.company, "li"), reverse("lifecycle:follow-up-cancel", args=[row.id])
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "客户已续签"}).status_code == 303
    assert state_of(book, row).state == "CANCELLED"


def test_a_changed_row_is_answered_alone_for_the_list(book) -> None:
    row = open_one(book)
    client = browser(book.company, "li")
    htmx = {"HX-Request": "true", "HX-Target": "div#sheet-body"}
    form = {"due_on": f"{morning.day(9)}", "region": f"row-{row.id}", "next": reverse(LIST)}
    answer = client.post(reverse("lifecycle:follow-up-move", args=[row.id]), form, headers=htmx)
    alone = answer.content.decode().replace(' tabindex="-1" data-focus-after', "")
    whole = client.get(reverse(LIST)).content.decode()
    assert answer["HX-Retarget"] == f"#row-{row.id}"
    squeezed = re.sub(r"\s+", " ", alone).strip()
    assert squeezed in re.sub(r"\s+", " ", whole)


def test_anothers_follow_up_of_a_customer_in_reach_is_seen_but_not_changed(book) -> None:
    row = open_one(book, owner=book.company.chen)
    client = browser(book.company, "li")
    assert "上门" in text(client.get(reverse(LIST), {"view": "closed", "state": "OPEN"}))
    assert client.post(reverse("lifecycle:follow-up-done", args=[row.id])).status_code == 403
    assert state_of(book, row).state == "OPEN"


def test_a_follow_up_out_of_reach_is_not_found(book, beihe) -> None:
    row = open_one(book)
    for stranger in (browser(book.company, "sun"), browser(beihe, "gao")):
        for name in ("done", "move", "assign", "cancel"):
            answer = stranger.post(reverse(f"lifecycle:follow-up-{name}", args=[row.id]))
            assert answer.status_code in {403, 404} and answer.status_code != 200
    assert browser(beihe, "gao").get(reverse("lifecycle:follow-up-done", args=[row.id])).status_code == 404
    assert state_of(book, row).state == "OPEN"


def test_the_tabs_count_what_is_mine_and_what_is_late(book) -> None:
    row = open_one(book, due=0)
    with tenant(book.company.tenant.id):
        FollowUp.objects.filter(pk=row.pk).update(due_on=morning.day(-2))
    shown = text(browser(book.company, "li").get(reverse(LIST)))
    assert re.search(r"Mine \d+ Late 1 ", shown)
    assert "All open" not in shown
    assert "All open" in text(browser(book.company, "chen").get(reverse(LIST)))


def test_an_executive_sees_the_follow_ups_of_everybody(book) -> None:
    open_one(book, "谁都看得见")
    assert "谁都看得见" in text(browser(book.company, "gao").get(reverse(LIST), {"view": "all"}))
