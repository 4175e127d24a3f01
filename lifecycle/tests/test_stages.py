from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests.cast import NOW
from customers import contracts
from customers.models import Customer
from lifecycle import stages
from lifecycle.churn import policy
from lifecycle.models import RiskScore, StageMove
from lifecycle.tests import book

START, END = date(2025, 3, 1), date(2026, 3, 1)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def li(here) -> Customer:
    """A customer of Li Na with nothing but a name, registered on 2025-01-01."""
    return book.customer("HX", here.li, registered_on=date(2025, 1, 1))


def stage(of: Customer, on: date) -> str:
    """The stage after the night of the day."""
    stages.move_all(on, NOW)
    of.standing.refresh_from_db()
    return of.standing.stage


def reason(of: Customer) -> str:
    return StageMove.objects.filter(customer=of).latest("id").reason


def test_who_is_registered_is_a_lead_until_reached(li) -> None:
    book.contacts(li, [date(2025, 1, 10)], is_effective=False)
    assert stage(li, date(2025, 1, 11)) == "LEAD"
    book.contacts(li, [date(2025, 1, 12)])
    assert stage(li, date(2025, 1, 12)) == "PROSPECT"
    assert reason(li) == "CONTACTED"


def test_who_has_no_contract_and_is_silent_for_180_days_is_dormant(li) -> None:
    book.contacts(li, [date(2025, 1, 12)])
    assert stage(li, date(2025, 1, 12) + 179 * DAY) == "PROSPECT"
    assert stage(li, date(2025, 1, 12) + 180 * DAY) == "DORMANT"
    book.contacts(li, [date(2025, 8, 1)])
    assert stage(li, date(2025, 8, 1)) == "PROSPECT"


def test_who_was_never_reached_is_dormant_180_days_after_registration(li) -> None:
    assert stage(li, date(2025, 1, 1) + 179 * DAY) == "LEAD"
    assert stage(li, date(2025, 1, 1) + 180 * DAY) == "DORMANT"


def test_a_signed_contract_makes_a_prospect_until_it_starts(li) -> None:
    book.contract(li, START, END, signed_on=date(2025, 2, 1))
    assert stage(li, START - DAY) == "PROSPECT"
    assert reason(li) == "NOT_STARTED"
    assert stage(li, START) == "NEW"


def test_a_new_customer_is_active_after_twelve_months(li) -> None:
    book.contract(li, date(2024, 2, 29), date(2027, 2, 28))
    assert stage(li, date(2025, 2, 27)) == "NEW"
    assert stage(li, date(2025, 2, 28)) == "ACTIVE"
    assert reason(li) == "AFTER_FIRST_YEAR"


def test_a_new_customer_is_active_from_the_first_renewal_on(li) -> None:
    first = book.contract(li, START, date(2025, 9, 1))
    book.contract(li, date(2025, 9, 1), date(2026, 9, 1), signed_on=date(2025, 8, 1), renewal_of=first)
    assert stage(li, date(2025, 8, 2)) == "ACTIVE"
    assert reason(li) == "RENEWED"


def test_a_renewal_is_due_90_days_before_the_last_contract_ends(li) -> None:
    book.contract(li, START, END)
    assert stage(li, END - 91 * DAY) == "NEW"
    assert stage(li, END - 90 * DAY) == "RENEWAL_DUE"


def test_a_signed_renewal_ends_the_wait_even_before_it_starts(li) -> None:
    first = book.contract(li, START, END)
    assert stage(li, END - 60 * DAY) == "RENEWAL_DUE"
    book.contract(li, END, END + 365 * DAY, signed_on=END - 59 * DAY, renewal_of=first)
    li.standing.refresh_from_db()
    assert li.standing.stage == "ACTIVE"  # at once, with the signature


def test_an_ended_contract_is_overdue_for_90_days_then_the_customer_has_churned(li) -> None:
    book.contract(li, START, END)
    assert stage(li, END) == "OVERDUE"
    assert stage(li, END + 90 * DAY) == "OVERDUE"
    assert stage(li, END + 91 * DAY) == "CHURNED"
    assert reason(li) == "LAPSED"


def test_a_late_renewal_makes_an_overdue_customer_active(li) -> None:
    first = book.contract(li, START, END)
    assert stage(li, END + 30 * DAY) == "OVERDUE"
    book.contract(li, END + 60 * DAY, END + 400 * DAY, signed_on=END + 40 * DAY, renewal_of=first)
    assert stage(li, END + 40 * DAY) == "ACTIVE"


def test_who_signs_after_having_churned_is_won_back_for_twelve_months(li) -> None:
    book.contract(li, START, END)
    back = END + 91 * DAY
    book.contract(li, back + 10 * DAY, back + 800 * DAY, signed_on=back)
    assert stage(li, back - DAY) == "OVERDUE"
    assert stage(li, back) == "WON_BACK"
    assert stage(li, date(2027, 5, 30)) == "WON_BACK"
    assert stage(li, date(2027, 5, 31)) == "ACTIVE"  # signed on 2026-05-31


def test_who_signs_on_day_90_was_never_lost(li) -> None:
    book.contract(li, START, END)
    book.contract(li, END + 90 * DAY, END + 900 * DAY)
    assert stage(li, END + 90 * DAY) == "ACTIVE"


def test_a_customer_that_cancels_its_only_contract_has_churned_that_day(li) -> None:
    held = book.contract(li, START, END)
    contracts.cancel(held, cancelled_on=date(2025, 6, 1), on=date(2025, 5, 1), **book.STAMP)
    assert stage(li, date(2025, 5, 31)) == "RENEWAL_DUE"
    assert stage(li, date(2025, 6, 1)) == "CHURNED"
    assert reason(li) == "TERMINATED"


def test_who_cancels_one_contract_and_keeps_another_stays(li) -> None:
    book.contract(li, START, END)
    held = book.contract(li, START, END - 100 * DAY)
    contracts.cancel(held, cancelled_on=date(2025, 6, 1), on=date(2025, 5, 1), **book.STAMP)
    assert stage(li, date(2025, 6, 1)) == "NEW"


def test_a_contract_replaced_on_the_day_of_its_cancellation_is_not_a_return(li) -> None:
    held = book.contract(li, START, END)
    contracts.cancel(held, cancelled_on=date(2025, 6, 1), on=date(2025, 6, 1), **book.STAMP)
    book.contract(li, date(2025, 6, 1), date(2026, 6, 1))
    assert stage(li, date(2025, 6, 1)) == "NEW"


def test_who_signs_after_a_cancellation_is_won_back(li) -> None:
    held = book.contract(li, START, END)
    contracts.cancel(held, cancelled_on=date(2025, 6, 1), on=date(2025, 6, 1), **book.STAMP)
    book.contract(li, date(2025, 6, 2), date(2026, 6, 2))
    assert stage(li, date(2025, 6, 2)) == "WON_BACK"


def test_a_contract_cancelled_before_it_starts_never_was_one(li) -> None:
    held = book.contract(li, date(2025, 6, 1), date(2026, 6, 1), signed_on=date(2025, 5, 1))
    contracts.cancel(held, cancelled_on=date(2025, 5, 20), on=date(2025, 5, 20), **book.STAMP)
    assert stage(li, date(2025, 6, 1)) == "LEAD"


def test_a_decision_to_block_stands_before_everything(li) -> None:
    book.contract(li, START, END)
    Customer.objects.filter(id=li.id).update(is_blocked=True)
    assert stage(li, END + 200 * DAY) == "BLOCKED"


def flag(of: Customer, before: str, band: str, on: date) -> None:
    """A score that went from one band to another on the day."""
    of.standing.risk_band = band
    of.standing.save()
    RiskScore.objects.create(
        customer=of, score=0, band=band, band_before=before, policy=policy.in_force(on), on=on, at=NOW
    )


def test_a_high_risk_shows_until_it_has_been_lower_for_30_days(li) -> None:
    book.contract(li, START, END)
    high, lower = date(2025, 5, 1), date(2025, 6, 10)
    flag(li, "GREEN", "RED", high)
    assert stage(li, high) == "AT_RISK"
    flag(li, "RED", "AMBER", lower)
    assert stage(li, lower + 29 * DAY) == "AT_RISK"
    assert reason(li) == "RED"
    assert stage(li, lower + 30 * DAY) == "NEW"


def test_a_due_renewal_shows_before_a_high_risk(li) -> None:
    book.contract(li, START, END)
    flag(li, "", "RED", END - 100 * DAY)
    assert stage(li, END - 100 * DAY) == "AT_RISK"
    assert stage(li, END - 90 * DAY) == "RENEWAL_DUE"


def test_a_move_keeps_its_reason_and_facts_and_is_told(li) -> None:
    book.contract(li, START, END)
    assert stage(li, END - 90 * DAY) == "RENEWAL_DUE"
    move = StageMove.objects.filter(customer=li).latest("id")
    assert (move.from_stage, move.to_stage, move.reason) == ("NEW", "RENEWAL_DUE", "ENDS_SOON")
    assert (move.on, move.at) == (END - 90 * DAY, NOW)
    assert move.inputs == {
        "first_starts_on": "2025-03-01",
        "ends_on": "2026-03-01",
        "renewed": False,
        "terminated": False,
        "registered_on": "2025-01-01",
        "version": "STAGE-1",
    }
    told = Event.objects.filter(name="stage.moved", customer_id=li.id).latest("id")
    assert told.data == {"from": "NEW", "to": "RENEWAL_DUE", "reason": "ENDS_SOON"}


def test_a_night_run_twice_on_one_date_changes_nothing(li) -> None:
    book.contract(li, START, END)
    assert stages.move_all(END, NOW) == 1
    before = StageMove.objects.count(), Event.objects.count()
    assert stages.move_all(END, NOW) == 0
    assert (StageMove.objects.count(), Event.objects.count()) == before


def test_restaging_leaves_other_customers_as_they_are(here, li) -> None:
    other = book.customer("OTHER", here.li)
    for each in (li, other):
        book.contract(each, START, END)
    assert stages.restage([li.id], END, NOW) == 1
    other.standing.refresh_from_db()
    assert other.standing.stage == "NEW"


def test_another_tenant_is_not_moved_and_does_not_count(here, li, beihe) -> None:
    book.contract(li, START, END)
    with tenant(beihe.tenant.id):
        theirs = book.customer("HX", beihe.li)
        book.contract(theirs, START, END)
    assert stages.move_all(END, NOW) == 1
    with tenant(beihe.tenant.id):
        theirs.standing.refresh_from_db()
        assert theirs.standing.stage == "NEW"
        assert stages.move_all(END, NOW) == 1
        assert {move.customer_id for move in StageMove.objects.all()} == {theirs.id}


def test_a_night_without_moves_is_one_statement(li) -> None:
    book.contract(li, START, END)
    stages.move_all(START, NOW)
    with CaptureQueriesContext(connection) as asked:
        stages.move_all(START, NOW)
    assert [each["sql"].split()[0] for each in asked if "enable_nestloop" not in each["sql"]] == ["WITH"]
