from datetime import date, timedelta

import pytest
from django.utils import translation

from crm.tests.cast import NOW, TODAY
from customers.models import Customer
from lifecycle import stages
from lifecycle.churn import scoring
from lifecycle.models import RiskScore
from lifecycle.tests import book
from lifecycle.views import told

DAY = timedelta(days=1)
START, END = date(2026, 6, 1), date(2027, 6, 1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def late(here) -> Customer:
    """21 days silent against 9.5, and 40 days overdue."""
    made = book.customer("HX", here.li)
    book.contract(made, TODAY - 40 * DAY, TODAY + 325 * DAY)
    book.rhythm(made, [7, 9, 14, 10, 8, 12], 21, TODAY)
    scoring.score_all(TODAY, NOW)
    return made


def test_the_answer_about_a_risk_shows_how_it_adds_up(late) -> None:
    why = told.risk(late)
    assert why.title == "Why a risk of 55?"
    assert why.sentence == (
        "The risk is medium. Most of it goes together with: Late payment, Silence against the usual interval."
    )
    assert [(row.label, *row.cells) for row in why.rows if not row.idle] == [
        (
            "Silence against the usual interval",
            "21 days silent, usually every 9.5: 2.21 times",
            "50",
            "15",
            "750",
        ),
        ("Late payment", "40 days overdue", "60", "15", "900"),
    ]
    assert why.formula == "1,650 ÷ 30 = 55, over the signals with data"
    assert (why.result.label, why.result.cells) == ("Risk", ("medium", "", "", "55"))
    assert (why.version, why.computed_at) == ("RISK-1", NOW)


def test_a_signal_without_data_is_named_as_such(late) -> None:
    idle = {row.label: row.cells for row in told.risk(late).rows if row.idle}
    assert idle["Ends soon, no renewal quote"] == ("no data", "—", "25", "—")
    assert len(idle) == 5


def test_the_answer_is_the_stored_one(late) -> None:
    before = told.risk(late)
    book.contacts(late, [TODAY])
    assert told.risk(late) == before


def test_every_known_signal_is_told_in_words(here) -> None:
    full = book.customer("FULL", here.li)
    first = book.contract(full, START - 365 * DAY, START, gross="200000.00")
    book.contract(full, START, END, gross="150000.00", renewal_of=first)
    book.usage(full, TODAY, lately=4, before=10)
    scoring.score_all(TODAY, NOW)
    cells = {row.label: row.cells[0] for row in told.risk(full).rows}
    assert cells["Smaller at the last renewal"] == "FULL-2 is 0.7500 of what it renews"
    assert cells["Use of the service"] == "logins: −60.0% against the 90 days before"


def test_no_amount_stands_in_a_score(here) -> None:
    full = book.customer("FULL", here.li)
    first = book.contract(full, START - 365 * DAY, START, gross="200011.00")
    book.contract(full, START, END, gross="150022.00", renewal_of=first)
    scoring.score_all(TODAY, NOW)
    kept = str(RiskScore.objects.get(customer=full).signals) + str(told.risk(full))
    assert ("200011" in kept or "150022" in kept) is False


def test_without_a_score_the_answer_says_why(here) -> None:
    lead = book.customer("LEAD", here.li)
    assert told.risk(lead).rows == ()
    assert told.risk(lead).title == "Why no risk?"


def test_the_answer_about_a_stage_names_the_rule_and_its_facts(late) -> None:
    stages.move_all(TODAY, NOW)
    why = told.stage(late)
    assert (why.title, why.sentence) == ("Why New?", "In the first 12 months, not yet renewed")
    assert {row.label: row.cells for row in why.rows} == {
        "Registered": ("1 Jan 2020",),
        "First contract started": ("11 Oct 2026",),
        "Last day of the last contract": ("10 Oct 2027",),
        "Has renewed": ("no",),
        "The last contract was cancelled": ("no",),
    }
    assert (why.version, why.result.cells) == ("STAGE-1", ("New",))


def test_a_lead_that_never_moved_is_explained_too(here) -> None:
    assert told.stage(book.customer("LEAD", here.li)).sentence == "Registered, not yet reached"


def test_both_answers_exist_in_chinese(late) -> None:
    stages.move_all(TODAY, NOW)
    with translation.override("zh-hans"):
        assert told.risk(late).sentence == "风险为黄，主要与这些有关：付款延迟、互动间隔变长。"
        assert told.stage(late).sentence == "首签 12 个月以内，尚未续签"
