from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests.cast import NOW, TODAY
from customers import cash, contracts
from customers.models import Contract, Customer, Receivable, Standing
from lifecycle.churn import policy, scoring
from lifecycle.models import FollowUp, RiskPolicy, RiskScore
from lifecycle.tests import book

DAY = timedelta(days=1)
START, END = date(2026, 6, 1), date(2027, 6, 1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def li(here) -> Customer:
    """A customer of Li Na with a contract of 120,000 a year in force, paid in full."""
    made = book.customer("HX", here.li)
    pay(book.contract(made, START, END))
    return made


def pay(contract: Contract) -> None:
    cash.receive(
        contract,
        number=f"P-{contract.number}",
        amount=contract.gross,
        received_on=TODAY,
        on=TODAY,
        **book.STAMP,
    )


def night(on: date = TODAY) -> int:
    return scoring.score_all(on, NOW)


def standing(of: Customer) -> tuple[int | None, str, list[str]]:
    found = Standing.objects.get(customer=of)
    return found.risk_score, found.risk_band, found.risk_reasons


def signal(of: Customer, name: str) -> dict[str, Any]:
    """What the last stored score keeps of one signal."""
    (found,) = [
        each for each in RiskScore.objects.filter(customer=of).latest("id").signals if each["signal"] == name
    ]
    return found


def told(name: str) -> list[dict[str, Any]]:
    return [each.data for each in Event.objects.filter(name=name).order_by("id")]


def test_the_stored_points_and_weights_add_up_to_the_score(here, li) -> None:
    book.rhythm(li, [10] * 6, 40, TODAY)
    book.usage(li, TODAY, lately=7, before=10)
    night()
    score = RiskScore.objects.get(customer=li)
    known = [each for each in score.signals if each["points"] is not None]
    assert [each["signal"] for each in known] == ["interaction", "payment", "usage"]
    weighed = sum(each["weight"] * each["points"] for each in known)
    assert (weighed, sum(each["weight"] for each in known)) == (1900, 40)  # 15 × 100 + 10 × 40
    assert (score.score, score.band, score.reasons) == (48, "AMBER", ["interaction", "usage"])
    assert standing(li) == (48, "AMBER", ["interaction", "usage"])


def test_what_nobody_records_is_left_out_and_named(li) -> None:
    night()
    assert {each["signal"]: each["points"] for each in RiskScore.objects.get(customer=li).signals} == {
        "unquoted": None,
        "interaction": None,
        "complaints": None,
        "satisfaction": None,
        "payment": 0,
        "shrink": None,
        "usage": None,
    }
    assert standing(li) == (0, "GREEN", [])


def test_a_customer_of_whom_nothing_is_known_has_no_score(here, li) -> None:
    Receivable.objects.all().delete()
    assert night() == 0
    assert standing(li) == (None, "", [])


def test_who_has_no_contract_in_force_has_no_score(here, li) -> None:
    lead = book.customer("LEAD", here.li)
    book.rhythm(lead, [10] * 6, 90, TODAY)
    night()
    assert standing(lead) == (None, "", [])
    assert night(END - DAY) == 0
    assert night(END) == 1
    assert standing(li) == (None, "", [])
    last = RiskScore.objects.filter(customer=li).latest("id")
    assert (last.score, last.band, last.band_before, last.signals) == (None, "", "GREEN", [])


def silent(of: Customer) -> None:
    """So long without a contact that nothing else is needed for RED: the payment is taken away."""
    Receivable.objects.filter(customer=of).delete()
    book.rhythm(of, [10] * 6, 60, TODAY)


def test_a_band_that_becomes_red_is_flagged_once_and_cleared_when_it_leaves(li) -> None:
    silent(li)
    night()
    assert standing(li) == (100, "RED", ["interaction"])
    night()
    night(TODAY + DAY)
    flagged = {"score": 100, "band": "RED", "before": "", "reasons": ["interaction"]}
    assert told("risk.flagged") == [flagged]
    book.contacts(li, [TODAY + 2 * DAY])
    night(TODAY + 2 * DAY)
    assert told("risk.cleared") == [{"score": 0, "band": "GREEN", "before": "RED", "reasons": []}]


def test_a_high_risk_moves_the_stage_and_opens_a_follow_up_the_same_night(here, li) -> None:
    silent(li)
    night()
    assert Standing.objects.get(customer=li).stage == "AT_RISK"
    (opened,) = FollowUp.objects.filter(customer=li)
    assert (opened.kind, opened.owner, opened.due_on) == ("RISK", here.li, date(2026, 11, 27))


def test_a_night_run_twice_on_one_date_changes_nothing(li) -> None:
    silent(li)
    assert night() == 1
    before = RiskScore.objects.count(), Event.objects.count(), FollowUp.objects.count()
    assert night() == 0
    assert (RiskScore.objects.count(), Event.objects.count(), FollowUp.objects.count()) == before


def test_a_silence_that_grows_within_its_cut_writes_nothing(li) -> None:
    book.rhythm(li, [10] * 6, 16, TODAY)
    assert night() == 1
    assert night(TODAY + 9 * DAY) == 0
    assert night(TODAY + 10 * DAY) == 1


def test_rescoring_leaves_other_customers_as_they_are(here, li) -> None:
    other = book.customer("OTHER", here.li)
    book.contract(other, START, END)
    assert scoring.rescore([li.id], TODAY, NOW) == 1
    assert standing(other) == (None, "", [])


def test_another_tenant_is_not_scored_and_does_not_count(here, li, beihe) -> None:
    book.rhythm(li, [3] * 4, 30, TODAY)
    with tenant(beihe.tenant.id):
        theirs = book.customer("HX", beihe.li)
        book.contract(theirs, START, END)
        book.rhythm(theirs, [10] * 6, 1, TODAY)
    assert night() == 1
    assert signal(li, "interaction")["points"] is None  # nobody here to be measured against
    with tenant(beihe.tenant.id):
        assert standing(theirs) == (None, "", [])
        assert night() == 1
        assert {each.customer_id for each in RiskScore.objects.all()} == {theirs.id}


def test_a_new_version_of_the_rules_judges_from_its_first_day_on(li) -> None:
    book.rhythm(li, [10] * 6, 40, TODAY)
    rules = {
        "signals": {"interaction": {"weight": 1, "cuts": [["<", "9", 70]], "otherwise": 100}},
        "bands": {"RED": 80, "AMBER": 70},
    }
    policy.lay_down(code="V2", valid_from=TODAY, settings=rules)
    night(TODAY - DAY)
    assert standing(li) == (50, "AMBER", ["interaction"])
    night(TODAY)
    assert standing(li) == (70, "AMBER", ["interaction"])
    last = RiskScore.objects.filter(customer=li).latest("id")
    assert (last.policy.code, len(last.signals)) == ("V2", 1)
    assert RiskPolicy.objects.get(code="RISK-1").valid_to == TODAY


def test_without_rules_in_force_the_night_says_so(li) -> None:
    with pytest.raises(policy.NoPolicy):
        night(date(1999, 12, 31))


def test_a_cancelled_contract_takes_its_score_with_it(li) -> None:
    night()
    held = Contract.objects.get(customer=li)
    contracts.cancel(held, cancelled_on=TODAY, on=TODAY, **book.STAMP)
    assert night() == 1
    assert standing(li) == (None, "", [])


def test_a_night_without_changes_is_one_statement_after_the_policy(li) -> None:
    night()
    with CaptureQueriesContext(connection) as asked:
        night()
    found = [each["sql"].split()[0] for each in asked if "enable_nestloop" not in each["sql"]]
    assert found == ["SELECT", "WITH"]


def test_a_follower_that_comes_late_does_not_take_a_later_judgement_back(li) -> None:
    Receivable.objects.filter(customer=li).delete()
    book.rhythm(li, [10] * 6, 1, TODAY)
    told_then = Event.objects.filter(on__lte=TODAY).latest("id")
    assert told_then.customer_id == li.id
    night(TODAY + 30 * DAY)
    assert standing(li) == (100, "RED", ["interaction"])
    scoring.rescore_for([told_then])
    assert standing(li) == (100, "RED", ["interaction"])
