"""Versions of the decision table: what holds when, a new one, one taken back, and what it decides."""

import importlib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from crm.events.models import Event
from crm.refusal import Conflict
from crm.tenancy.context import current, tenant
from crm.tests.cast import NOW, TODAY
from customers import ownership
from customers.assignment import policies
from customers.assignment.policies import Proposal
from customers.assignment.table import DEFAULT_TABLE, Rule
from customers.models import AssignmentPolicy, AssignmentRule, Territory
from customers.tests.deals import acts, customer, refusal

pytestmark = pytest.mark.django_db
TOMORROW = TODAY + timedelta(days=1)


def changed(row: str, **changes) -> list[Rule]:
    """The table of the specification with one row changed."""
    return [replace(rule, **changes) if rule.code == row else rule for rule in DEFAULT_TABLE]


def proposal(table=DEFAULT_TABLE, code="V2", valid_from=TOMORROW) -> Proposal:
    return Proposal(code, valid_from, table)


def activate(company, *args, **kwargs) -> AssignmentPolicy:
    return policies.activate(proposal(*args, **kwargs), **acts(company.an))


def periods() -> list[tuple]:
    return list(AssignmentPolicy.objects.order_by("valid_from").values_list("code", "valid_from", "valid_to"))


def test_a_new_company_decides_by_the_table_of_the_specification(here) -> None:
    found = policies.in_force(TODAY)
    assert (found.code, found.valid_to, found.table) == ("V1", None, DEFAULT_TABLE)


def test_no_day_before_the_first_version_is_answered(here) -> None:
    with pytest.raises(policies.NoPolicy):
        policies.in_force(date(1999, 12, 31))


def test_a_version_holds_from_its_day_on_and_is_told(here) -> None:
    table = changed("ASSIGN-05", basis_points=4_000, name="让区域做")
    made = activate(here, table)
    assert policies.in_force(TODAY).code == "V1"
    assert policies.in_force(TOMORROW).table == tuple(table)
    assert periods() == [("V1", date(2000, 1, 1), TOMORROW), ("V2", TOMORROW, None)]
    told = Event.objects.get(name="assignment_policy.activated")
    assert (told.subject_id, told.actor_id) == (made.pk, here.an.pk)
    assert told.data == {
        "code": "V2",
        "valid_from": "2026-11-21",
        "rows": [rule.code for rule in DEFAULT_TABLE],
    }


def test_what_was_decided_keeps_the_version_that_decided_it(here) -> None:
    first = customer(here)
    activate(here, changed("ASSIGN-03", code="ASSIGN-33"))
    second = customer(here, "宁波甬江机械", on=TOMORROW)
    found = [(c.rule, c.policy.code) for row in (first, second) for c in ownership.why(row)]
    assert found == [("ASSIGN-03", "V1")] * 2 + [("ASSIGN-33", "V2")] * 2


def test_a_changed_amount_and_share_decide_from_their_day_on(here) -> None:
    for code, province in (("EAST", "浙江"), ("NORTH", "北京")):
        Territory.objects.create(department=here.departments[code], province=province)
    activate(here, changed("ASSIGN-05", amount_below=Decimal("100000.00"), basis_points=4_000))
    about = {"province": "北京", "expected_annual": Decimal("200000.00")}
    before, after = customer(here, "甲", **about), customer(here, "乙", on=TOMORROW, **about)
    assert (before.responsible_dept.code, after.responsible_dept.code) == ("NORTH", "EAST")
    small = customer(here, "丙", on=TOMORROW, province="北京", expected_annual=Decimal("99999.99"))
    shared = [c.basis_points for c in ownership.why(small) if c.role == "COLLABORATOR"]
    assert (small.responsible_dept.code, shared) == ("NORTH", [4_000])


def test_a_transfer_rests_on_no_table(here) -> None:
    row = customer(here, on=date(2026, 1, 1))
    ownership.transfer([row], to=here.zhou, reason="区域调整", **acts(here.chen))
    found = {c.rule: c.policy and c.policy.code for c in ownership.why(row) if c.role == "MANAGER"}
    assert found == {"TRANSFER": None, "ASSIGN-03": "V1"}


def test_everything_that_is_wrong_is_told_at_once_row_by_row(here) -> None:
    wrong = [
        Rule("RULE", "POOL", amount_from=Decimal("5.00"), amount_below=Decimal("5.00")),
        Rule("ASSIGN-02", "?", basis_points=10_001, name="x" * 121),
    ]
    refused = refusal(lambda: activate(here, wrong, code=" V1 ", valid_from=TODAY))
    assert refused == [
        ("code", "duplicate"),
        ("valid_from", "not_later"),
        ("rows.0", "invalid_code"),
        ("rows.0", "empty_span"),
        ("rows.1", "max_length"),
        ("rows.1", "invalid_choice"),
        ("rows.1", "out_of_range"),
    ]
    assert refusal(lambda: activate(here, [])) == [("rows", "required")]
    assert periods() == [("V1", date(2000, 1, 1), None)]


def test_a_table_with_a_hole_is_refused_with_the_customer_that_falls_into_it(here) -> None:
    table = [rule for rule in DEFAULT_TABLE if rule.code != "ASSIGN-08"]
    with pytest.raises(policies.Refused) as refused:
        activate(here, table)
    (fault,) = refused.value.faults
    assert (fault.field, fault.code, fault.about["developed"]) == ("rows", "hole", "False")


def test_a_row_that_never_wins_is_refused(here) -> None:
    table = [*DEFAULT_TABLE, Rule("ASSIGN-10", "DEVELOPER", capable=True)]
    assert refusal(lambda: activate(here, table)) == [("rows.9", "never")]


def test_versions_follow_each_other_and_one_to_come_is_taken_back(here) -> None:
    second = activate(here)
    week = TODAY + timedelta(days=7)
    assert refusal(lambda: activate(here, code="V3")) == [("valid_from", "version_overlap")]
    third = activate(here, code="V3", valid_from=week)
    policies.withdraw(second, **acts(here.an))
    assert periods() == [("V1", date(2000, 1, 1), week), ("V3", week, None)]
    policies.withdraw(third, **acts(here.an))
    assert periods() == [("V1", date(2000, 1, 1), None)]
    assert AssignmentRule.objects.count() == len(DEFAULT_TABLE)
    assert Event.objects.filter(name="assignment_policy.withdrawn").count() == 2


def test_a_version_that_has_begun_stays(here) -> None:
    made = activate(here)
    for policy, on in ((policies.in_force(TODAY), TODAY), (made, TOMORROW)):
        with pytest.raises(Conflict) as refused:
            policies.withdraw(policy, by=here.an, at=NOW, on=on)
        assert [fault.code for fault in refused.value.faults] == ["begun"]


def test_the_other_company_keeps_its_own_table(here, beihe) -> None:
    activate(here, changed("ASSIGN-01", basis_points=1))
    with tenant(beihe.tenant.id):
        assert periods() == [("V1", date(2000, 1, 1), None)]
        assert policies.in_force(TOMORROW).table == DEFAULT_TABLE


def test_companies_from_before_are_given_the_same_table(here) -> None:
    """The migration writes it in SQL."""
    AssignmentPolicy.objects.all().delete()
    migration = importlib.import_module("customers.migrations.0010_first_assignment_policies")
    with connection.cursor() as cursor:
        for statement in (migration.POLICIES, migration.RULES):
            cursor.execute(
                statement.replace("tenancy_tenant t", f"tenancy_tenant t WHERE t.id = {current()}")
            )
    assert policies.in_force(TODAY).table == DEFAULT_TABLE
