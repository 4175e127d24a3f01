"""What a version of the rules would change is what its first night changes."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm.events.models import Event
from crm.refusal import Conflict, Refused
from crm.tenancy.context import tenant
from crm.tests.callers import statements
from crm.tests.cast import NOW, TODAY
from customers.models import Customer, Standing
from tiers import grading, overrides, policies
from tiers.models import Grade, TierPolicy
from tiers.policies import DEFAULT_BANDS, Band, Proposal
from tiers.preview import Page, preview
from tiers.tests.book import customer, enter, govern

pytestmark = pytest.mark.django_db

TOMORROW = TODAY + timedelta(days=1)
HIGHER = (
    Band("COMPANY", Decimal("2000000.00"), None),
    Band("KEY", Decimal("800000.00"), Decimal("2000000.00")),
    Band("MAJOR", Decimal("50000.00"), Decimal("800000.00")),
    Band("GENERAL", Decimal("0.00"), Decimal("50000.00")),
)
AMOUNTS = {"A": "600000.00", "B": "1500000.00", "C": "70000.00", "D": "200000.00", "E": "900000.00"}


def proposal(valid_from: date = TOMORROW, **rules) -> Proposal:
    return Proposal(**{"code": "V2", "valid_from": valid_from, "bands": HIGHER, **rules})


@pytest.fixture
def book(here):
    """Five customers of 李娜's department, and one that nobody has; two whose tier time alone will change."""
    govern({"downgrade_grace_days": 0})
    made = {code: customer(code) for code in [*AMOUNTS, "ENDS", "BEGINS", "GIVEN"]}
    for code, gross in AMOUNTS.items():
        enter(made[code], {"number": "1", "gross": gross, "starts_on": "2026-06-01", "ends_on": "2027-06-01"})
    enter(
        made["ENDS"],
        {"number": "1", "gross": "2500000.00", "starts_on": "2026-01-01", "ends_on": "2026-12-01"},
    )
    enter(
        made["BEGINS"],
        {"number": "1", "gross": "850000.00", "starts_on": "2026-12-01", "ends_on": "2027-12-01"}
        | {"signed_on": "2026-11-10"},
    )
    Customer.objects.exclude(code="D").update(responsible_dept=here.departments["EAST"])
    overrides.decide(
        made["GIVEN"], tier="KEY", until=date(2026, 12, 1), reason="x", by=None, at=NOW, on=TODAY
    )
    grading.grade_all(TODAY, NOW)
    return here


def shown(found) -> set[tuple[str, str, str]]:
    return {(move.name[2:], move.before, move.after) for move in found.moves}


def moved(on: date) -> set[tuple[str, str, str]]:
    """Whom a night moved, by its records."""
    rows = Grade.objects.filter(on=on, trigger="NIGHT").exclude(previous="").select_related("customer")
    return {(row.customer.code, row.previous, row.tier) for row in rows if row.previous != row.tier}


@pytest.mark.parametrize("days", [1, 11, 30])
@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"class_basis": "TRAILING_12M"},
        {"class_basis": "CALENDAR_YEAR", "gross_up_short": True},
        {"class_scope": "GROUP", "downgrade_grace_days": 0},
        {"downgrade_grace_days": 400},
    ],
    ids=str,
)
def test_the_first_night_changes_exactly_the_list_that_was_shown(book, days, rules) -> None:
    first = TODAY + timedelta(days=days)
    found = preview(proposal(first, **rules), book.viewer("gao"), on=TODAY)
    policies.activate(proposal(first, **rules), by=book.an, at=NOW, on=TODAY)
    for number in range(1, days):
        grading.grade_all(TODAY + timedelta(days=number), NOW)
    grading.grade_all(first, NOW)
    assert shown(found) == moved(first) != set()
    assert len(found.moves) == found.moved


def test_the_flows_count_everybody_and_sum_what_they_are_worth(book) -> None:
    found = preview(proposal(downgrade_grace_days=0), book.viewer("gao"), on=TODAY)
    flows = {(flow.before, flow.after): (flow.customers, flow.amount) for flow in found.flows}
    assert flows == {
        ("KEY", "MAJOR"): (1, Decimal("600000.00")),
        ("COMPANY", "KEY"): (1, Decimal("1500000.00")),
        ("GENERAL", "MAJOR"): (1, Decimal("70000.00")),
        ("MAJOR", "MAJOR"): (1, Decimal("200000.00")),
        ("KEY", "KEY"): (2, Decimal("900000.00")),
        ("COMPANY", "COMPANY"): (1, Decimal("2500000.00")),
        ("GENERAL", "GENERAL"): (1, Decimal("0.00")),
    }
    assert (found.moved, found.amount) == (3, Decimal("2170000.00"))


def test_what_time_alone_changes_is_told_apart(book) -> None:
    found = preview(proposal(date(2026, 12, 1), downgrade_grace_days=0), book.viewer("gao"), on=TODAY)
    anyway = {(move.name[2:], move.after) for move in found.moves if move.anyway}
    assert anyway == {("ENDS", "GENERAL"), ("BEGINS", "KEY"), ("GIVEN", "GENERAL")}
    assert (found.anyway, found.moved) == (3, 6)


def test_a_viewer_is_shown_his_own_customers_only(book, beihe) -> None:
    wide = preview(proposal(downgrade_grace_days=0), book.viewer("chen"), on=TODAY)
    assert sum(flow.customers for flow in wide.flows) == 7
    assert preview(proposal(), book.viewer("zhao"), on=TODAY).flows == []
    with tenant(beihe.tenant.id):
        assert preview(proposal(), beihe.viewer("gao"), on=TODAY).flows == []


def test_the_list_has_pages_and_narrows_to_one_flow(book) -> None:
    rules = proposal(downgrade_grace_days=0)
    pages = [
        preview(rules, book.viewer("gao"), on=TODAY, page=Page(number=number, size=2)) for number in (1, 2)
    ]
    assert [len(one.moves) for one in pages] == [2, 1]
    assert [one.has_more for one in pages] == [True, False]
    one = preview(rules, book.viewer("gao"), on=TODAY, page=Page(before="KEY", after="MAJOR"))
    assert (shown(one), one.listed, one.moved) == ({("A", "KEY", "MAJOR")}, 1, 3)


def test_looking_is_one_statement_and_changes_nothing(book) -> None:
    before = list(Standing.objects.values()), Grade.objects.count(), TierPolicy.objects.count()
    with statements() as found:
        preview(proposal(), book.viewer("chen"), on=TODAY)
    assert sum("judged" in sql for sql in found) == 1
    assert len(found) == 5  # the faults, the version in force with its bands, and the calculation
    assert before == (list(Standing.objects.values()), Grade.objects.count(), TierPolicy.objects.count())


# Versions


def test_a_version_is_activated_for_a_day_to_come_and_told(here) -> None:
    made = policies.activate(proposal(), by=here.an, at=NOW, on=TODAY)
    assert policies.in_force(TOMORROW) == made
    assert policies.in_force(TODAY).valid_to == TOMORROW
    told = Event.objects.get(name="tier_policy.activated")
    assert (told.actor_id, told.subject_id, told.data["code"]) == (here.an.pk, made.pk, "V2")


def test_everything_that_is_wrong_is_told_at_once(here) -> None:
    wrong = proposal(
        TODAY,
        code=" V1 ",
        bands=[Band("key", Decimal("1.00"), None)],
        class_basis="?",
        class_scope="?",
        downgrade_grace_days=-1,
    )
    with pytest.raises(Refused) as refusal:
        policies.activate(wrong, by=None, at=NOW, on=TODAY)
    assert [(fault.field, fault.code) for fault in refusal.value.faults] == [
        ("code", "duplicate"),
        ("bands", "invalid_class"),
        ("valid_from", "not_later"),
        ("class_basis", "invalid_choice"),
        ("class_scope", "invalid_choice"),
        ("downgrade_grace_days", "out_of_range"),
        ("bands", "not_from_zero"),
    ]


def test_a_version_that_has_not_begun_is_withdrawn_and_the_one_before_goes_on(here) -> None:
    old = policies.in_force(TODAY)
    second = policies.activate(proposal(), by=here.an, at=NOW, on=TODAY)
    week = TODAY + timedelta(days=7)
    third = policies.activate(proposal(week, code="V3"), by=here.an, at=NOW, on=TODAY)
    policies.withdraw(second, by=here.an, at=NOW, on=TODAY)
    assert list(TierPolicy.objects.values_list("code", "valid_to")) == [("V3", None), ("V1", week)]
    policies.withdraw(third, by=here.an, at=NOW, on=TODAY)
    assert list(TierPolicy.objects.values_list("pk", "valid_to")) == [(old.pk, None)]
    assert Event.objects.filter(name="tier_policy.withdrawn").count() == 2


def test_a_version_that_has_begun_stays(here) -> None:
    made = policies.activate(proposal(), by=here.an, at=NOW, on=TODAY)
    for policy, on in ((policies.in_force(TODAY), TODAY), (made, TOMORROW)):
        with pytest.raises(Conflict) as refusal:
            policies.withdraw(policy, by=here.an, at=NOW, on=on)
        assert refusal.value.faults[0].code == "begun"
    assert TierPolicy.objects.count() == 2


def test_the_bands_that_were_in_force_stay_as_they_were(here) -> None:
    policies.activate(proposal(), by=here.an, at=NOW, on=TODAY)
    held = policies.in_force(TODAY).bands.values_list("tier", "lower", "upper")
    assert list(held) == [band[:3] for band in DEFAULT_BANDS]
