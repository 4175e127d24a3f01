from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from crm.events.models import Event
from crm.refusal import Refused
from crm.tenancy.context import tenant
from crm.tests.cast import NOW, TODAY
from customers.models import Standing
from tiers import grading, overrides, policies
from tiers.models import Grade, TierOverride, TierPolicy, Trigger
from tiers.policies import Band
from tiers.tests.book import customer, enter, govern

pytestmark = pytest.mark.django_db

YEAR = {"starts_on": "2026-06-01", "ends_on": "2027-06-01"}
ENDED = {"number": "OLD", "starts_on": "2025-10-01", "ends_on": "2026-10-01"}  # 50 days before TODAY


@pytest.fixture
def rules(here) -> TierPolicy:
    return govern({})


def moves() -> list[tuple[str, str]]:
    graded = Event.objects.filter(name="customer.graded").order_by("id")
    return [(each.data["previous"], each.data["tier"]) for each in graded]


def standing(of) -> tuple:
    row = Standing.objects.get(customer=of)
    return row.tier, row.annual_amount, row.contracts_in_force, row.first_ends_on


def test_standing_says_tier_amount_contracts_in_force_and_the_first_end(rules) -> None:
    acme = customer("A")
    enter(acme, {"number": "1", "gross": "600000.00", **YEAR})
    enter(acme, {"number": "2", "gross": "30000.00", "starts_on": "2026-01-01", "ends_on": "2029-01-01"})
    assert grading.grade_all(TODAY, NOW) == 1
    assert standing(acme) == ("KEY", Decimal("610000.00"), 2, date(2027, 6, 1))


def test_a_customer_without_any_contract_is_in_the_lowest_tier(rules) -> None:
    acme = customer("A")
    grading.grade_all(TODAY, NOW)
    assert standing(acme) == ("GENERAL", Decimal("0.00"), 0, None)
    assert grading.explain(acme).inputs == {"highest": "0.00", "decision": None, "contracts": []}


def test_a_contract_cancelled_in_the_future_ends_first_on_that_day(rules) -> None:
    acme = customer("A")
    enter(acme, {"number": "1", "gross": "1.00", **YEAR, "cancelled_on": "2026-12-24"})
    grading.grade_all(TODAY, NOW)
    assert standing(acme) == ("GENERAL", Decimal("1.00"), 1, date(2026, 12, 24))


def test_the_second_night_changes_nothing(rules) -> None:
    enter(customer("A"), {"number": "1", "gross": "600000.00", **YEAR})
    enter(customer("B"), {"gross": "600000.00", **ENDED})
    assert grading.grade_all(TODAY, NOW) == 2
    before = list(Grade.objects.values()), list(Standing.objects.values()), Event.objects.count()
    assert grading.grade_all(TODAY, NOW) == 0
    assert (list(Grade.objects.values()), list(Standing.objects.values()), Event.objects.count()) == before


def test_the_first_grade_is_no_move_but_the_next_one_is(rules) -> None:
    acme = customer("A")
    grading.grade_all(TODAY, NOW)
    assert moves() == []
    enter(acme, {"number": "1", "gross": "600000.00", **YEAR})
    grading.grade_all(TODAY, NOW)
    assert moves() == [("GENERAL", "KEY")]
    told = Event.objects.get(name="customer.graded")
    assert (told.customer_id, told.on, told.data["annual_amount"]) == (acme.id, TODAY, "600000.00")


def test_the_record_names_the_contracts_that_counted_and_the_version(rules) -> None:
    acme = customer("A")
    old = enter(acme, {"gross": "600000.00", **ENDED})
    new = enter(acme, {"number": "NEW", "gross": "200000.00", **YEAR})
    enter(acme, {"number": "LONG AGO", "gross": "9.00", "starts_on": "2020-01-01", "ends_on": "2021-01-01"})
    grading.grade_all(TODAY, NOW)
    grade = grading.explain(acme)
    assert (grade.tier, grade.computed_tier, grade.below_since) == ("KEY", "MAJOR", date(2026, 10, 1))
    assert (grade.policy, grade.trigger, grade.on, grade.at) == (rules, Trigger.NIGHT, TODAY, NOW)
    assert grade.inputs["highest"] == "800000.00"
    found = {(row["contract"], row["amount"], row["until"]) for row in grade.inputs["contracts"]}
    assert found == {(str(old.id), "600000.00", "2026-10-01"), (str(new.id), "200000.00", "2027-06-01")}


def test_a_renewal_at_the_same_price_leaves_a_record_that_names_the_new_contract(rules) -> None:
    acme = customer("A")
    enter(acme, {"gross": "600000.00", **ENDED})
    renewal = enter(
        acme, {"number": "N", "gross": "600000.00", "starts_on": "2026-10-01", "ends_on": "2027-10-01"}
    )
    grading.grade_all(date(2026, 9, 30), NOW)
    grading.grade_all(date(2026, 10, 1), NOW)
    grade = grading.explain(acme)
    assert (grade.tier, grade.previous) == ("KEY", "KEY")
    assert str(renewal.id) in {row["contract"] for row in grade.inputs["contracts"]}


def test_the_last_record_always_agrees_with_standing(rules) -> None:
    owners = [customer(code) for code in "ABC"]
    enter(owners[0], {"gross": "600000.00", **ENDED})
    enter(owners[1], {"number": "1", "gross": "120000.00", **YEAR})
    for on in (TODAY, TODAY + timedelta(days=60), TODAY + timedelta(days=200)):
        grading.grade_all(on, NOW)
        for owner in owners:
            last = grading.explain(owner)
            assert standing(owner) == (
                last.tier, last.annual_amount, last.contracts_in_force, last.first_ends_on
            )  # fmt: skip


def test_a_judgement_is_neither_changed_nor_deleted(rules) -> None:
    customer("A")
    grading.grade_all(TODAY, NOW)
    for change in (lambda: Grade.objects.update(tier="KEY"), lambda: Grade.objects.all().delete()):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            change()


def test_two_tenants_are_graded_apart(here, beihe) -> None:
    govern({})
    mine = customer("A")
    enter(mine, {"number": "1", "gross": "600000.00", **YEAR})
    with tenant(beihe.tenant.id):
        govern({"bands": [{"class": "ALL", "from": "0.00", "to": None}]})
        theirs = customer("A")
        enter(theirs, {"number": "1", "gross": "5.00", **YEAR})
    assert grading.grade_all(TODAY, NOW) == 1
    assert standing(mine)[0] == "KEY"
    with tenant(beihe.tenant.id):
        assert standing(theirs)[0] == ""
        assert grading.grade_all(TODAY, NOW) == 1
        assert standing(theirs)[0] == "ALL"
    assert standing(mine)[0] == "KEY"


def test_regrading_some_leaves_the_others(rules) -> None:
    one, other = customer("A"), customer("B")
    assert grading.regrade([one.id], on=TODAY, at=NOW, trigger=Trigger.SIGNATURE) == 1
    assert (standing(one)[0], standing(other)[0]) == ("GENERAL", "")


@pytest.mark.parametrize("basis", ["IN_FORCE_ANNUALISED", "TRAILING_12M", "CALENDAR_YEAR"])
@pytest.mark.parametrize("gross_up", [True, False])
@pytest.mark.parametrize("scope", ["CUSTOMER", "GROUP"])
def test_regrading_says_what_the_night_says(here, basis, gross_up, scope) -> None:
    govern({"class_basis": basis, "gross_up_short": gross_up, "class_scope": scope})
    head = customer("HEAD")
    members = [customer(code, parent=head) for code in "AB"]
    below = customer("C", parent=members[0])
    enter(below, {"gross": "600000.00", **ENDED, "signed_on": "2025-11-30"})
    enter(
        members[1], {"number": "1", "gross": "90000.00", "starts_on": "2026-06-01", "ends_on": "2026-12-15"}
    )
    graded = [below, members[1]]
    grading.regrade([each.id for each in graded], on=TODAY, at=NOW, trigger=Trigger.IMPORT)
    if scope == "GROUP":
        assert len({standing(each)[:2] for each in (head, *members, below)}) == 1
    grading.grade_all(TODAY, NOW)
    assert Grade.objects.filter(customer__in=graded, trigger=Trigger.NIGHT).count() == 0
    assert {standing(each)[0] for each in graded} != {""}


def test_a_circle_of_parents_stops_nobody(here) -> None:
    govern({"class_scope": "GROUP"})
    one = customer("A")
    other = customer("B", parent=one)
    one.parent = other
    one.save()
    enter(one, {"number": "1", "gross": "600000.00", **YEAR})
    assert grading.grade_all(TODAY, NOW) == 2
    assert (standing(one)[0], standing(other)[0]) == ("KEY", "GENERAL")


def test_the_first_night_of_a_version_writes_its_name_into_every_record(rules) -> None:
    acme = customer("A")
    grading.grade_all(TODAY, NOW)
    policies.lay_down(
        code="V2", valid_from=TODAY + timedelta(days=1), bands=policies.DEFAULT_BANDS, currency="CNY"
    )
    tomorrow = TODAY + timedelta(days=1)
    assert [grading.grade_all(tomorrow, NOW), grading.grade_all(tomorrow, NOW)] == [1, 0]
    assert (grading.explain(acme).policy.code, moves()) == ("V2", [])


def test_a_version_starts_where_the_one_before_ends(rules) -> None:
    later = policies.lay_down(code="V2", valid_from=TODAY, bands=policies.DEFAULT_BANDS, currency="CNY")
    assert policies.in_force(TODAY - timedelta(days=1)) == rules
    assert policies.in_force(TODAY) == later
    with pytest.raises(Refused) as refusal:
        policies.lay_down(code="V3", valid_from=TODAY, bands=policies.DEFAULT_BANDS, currency="CNY")
    assert [(fault.field, fault.code) for fault in refusal.value.faults] == [
        ("valid_from", "version_overlap")
    ]


def test_two_versions_never_hold_on_one_day(rules) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        TierPolicy.objects.create(code="X", valid_from=TODAY, currency="CNY")


def test_a_tenants_own_tiers_keep_their_order_and_names(here) -> None:
    govern({})
    TierPolicy.objects.all().delete()
    bands = [Band("GOLD", Decimal("10.00"), None, "金牌"), Band("BASE", Decimal("0.00"), Decimal("10.00"))]
    policy = policies.lay_down(code="V1", valid_from=TODAY, bands=bands, currency="CNY")
    assert [(band.tier, band.rank, str(band)) for band in policy.bands.all()] == [
        ("GOLD", 2, "金牌"),
        ("BASE", 1, "BASE"),
    ]


def test_no_policy_on_the_day_is_said_loudly(here) -> None:
    TierPolicy.objects.all().delete()
    with pytest.raises(policies.NoPolicy):
        grading.grade_all(TODAY, NOW)


def test_a_decision_holds_at_once_until_its_end_and_says_why(rules) -> None:
    acme = customer("A")
    overrides.decide(
        acme, tier="COMPANY", until=date(2027, 1, 1), reason="a reference", by=None, at=NOW, on=TODAY
    )
    assert standing(acme)[0] == "COMPANY"
    assert grading.explain(acme).inputs["decision"] == {
        "from": "2026-11-20",
        "until": "2027-01-01",
        "reason": "a reference",
    }
    grading.grade_all(date(2027, 1, 1), NOW)
    assert standing(acme)[0] == "GENERAL"


def test_a_later_decision_replaces_the_one_in_force(rules) -> None:
    acme = customer("A")
    week = TODAY + timedelta(days=7)
    overrides.decide(acme, tier="COMPANY", until=None, reason="x", by=None, at=NOW, on=TODAY)
    overrides.decide(acme, tier="KEY", until=None, reason="y", by=None, at=NOW, on=week)
    assert list(TierOverride.objects.values_list("tier", "valid_from", "valid_to")) == [
        ("KEY", week, None),
        ("COMPANY", TODAY, week),
    ]
    overrides.withdraw(acme, by=None, at=NOW, on=week)
    assert standing(acme)[0] == "GENERAL"


def test_a_decision_without_reason_or_with_an_unknown_tier_is_refused(rules) -> None:
    with pytest.raises(Refused) as refusal:
        overrides.decide(customer("A"), tier="GOLD", until=TODAY, reason=" ", by=None, at=NOW, on=TODAY)
    assert [(fault.field, fault.code) for fault in refusal.value.faults] == [
        ("tier", "unknown_class"),
        ("until", "end_before_start"),
        ("reason", "required"),
    ]
