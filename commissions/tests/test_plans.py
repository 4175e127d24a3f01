"""Versions of a plan from draft to force, and whom plans pay: the verbs, and the API over them."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction

from commissions import approvals, assignments, drafts, plans
from commissions import settings as rules
from commissions.models import LedgerEntry, Period, Plan, PlanAssignment, PlanVersion
from crm.events.models import Event
from crm.periods import add_months
from crm.refusal import Conflict, Refused
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, codes

pytestmark = pytest.mark.django_db

START = add_months(morning.today().replace(day=1), 1)
NOW = {"at": morning.noon(morning.today()), "on": morning.today()}
EDGES = ("0.00", "100000.00", "500000.00", "1000000.00", None)
STRICTER = {
    "bands": [
        {"class": tier, "from": start, "to": end, "dept_rate": "0.07"}
        for tier, (start, end) in zip(("GENERAL", "MAJOR", "KEY", "COMPANY"), pairwise(EDGES), strict=True)
    ]
}
ONE_CLASS = {"bands": [{"class": "GENERAL", "from": "0.00", "to": None, "dept_rate": "0.07"}]}


def default() -> Plan:
    return Plan.objects.get(code="DEFAULT")


def written(company, settings=None, *, plan=None, code="2", valid_from=START, by="tian") -> PlanVersion:
    about = {"code": code, "valid_from": valid_from, "settings": settings or {}}
    return drafts.draft(plan or default(), **about, by=company.people[by], **NOW)


def approved(company, settings=None, **about) -> PlanVersion:
    row = approvals.submit(written(company, settings, **about), by=company.tian, **NOW)
    return approvals.approve(row, by=company.gao, **NOW)


def refused(act) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as found, transaction.atomic():
        act()
    return [(fault.field, fault.code) for fault in found.value.faults]


def contract_of(company, number="K-1", gross="60000.00", person="li"):
    buyer = morning.customer(company.people[person], f"客户 {number}")
    return morning.sign(buyer, number, gross, starts_on=morning.today())


def paid(contract) -> set[tuple[str, Decimal]]:
    rows = LedgerEntry.objects.filter(contract=contract, member__isnull=False).select_related("plan_version")
    return {(row.plan_version.plan.code, row.amount) for row in rows}


# States


def test_an_approved_version_holds_from_its_day_and_ends_the_one_before(here) -> None:
    row = approved(here)
    before = default().versions.get(code="1")
    assert (row.state, row.valid_from, row.valid_to) == ("APPROVED", START, None)
    assert before.valid_to == START
    names = Event.objects.filter(subject_id=row.pk).order_by("id").values_list("name", flat=True)
    assert list(names) == ["plan_version.drafted", "plan_version.submitted", "plan_version.approved"]


def test_only_approved_versions_pay(here) -> None:
    approvals.submit(written(here, STRICTER, valid_from=morning.today().replace(day=1)), by=here.tian, **NOW)
    assert [version.code for version in plans.Book().default.plan.versions] == ["1"]
    contract = contract_of(here)
    morning.receive(contract, "60000.00", morning.today())
    assert paid(contract) == {("DEFAULT", Decimal("6000.00"))}


def test_who_wrote_or_submitted_a_version_does_not_approve_it(here) -> None:
    here.gao.roles = ["EXECUTIVE", "COMP_ADMIN"]
    row = approvals.submit(written(here, by="gao"), by=here.tian, **NOW)
    assert refused(lambda: approvals.approve(row, by=here.gao, **NOW)) == [("", "own_version")]
    assert refused(lambda: approvals.approve(row, by=here.tian, **NOW)) == [("", "own_version")]


def test_who_only_changed_a_word_of_it_does_not_approve_it_either(here) -> None:
    row = written(here)
    drafts.rewrite(row, code="2", valid_from=START, settings=STRICTER, by=here.gao, **NOW)
    drafts.rewrite(row, code="2", valid_from=START, settings={}, by=here.tian, **NOW)
    row = approvals.submit(row, by=here.tian, **NOW)
    assert refused(lambda: approvals.approve(row, by=here.gao, **NOW)) == [("", "own_version")]


def test_a_submitted_or_approved_version_is_frozen(here) -> None:
    row = approvals.submit(written(here), by=here.tian, **NOW)
    about = {"code": "2", "valid_from": START, "settings": STRICTER, "by": here.tian}
    for _state in ("SUBMITTED", "APPROVED"):
        with pytest.raises(Conflict) as found:
            drafts.rewrite(row, **about, **NOW)
        assert found.value.faults[0].code == "frozen"
        with pytest.raises(Conflict):
            drafts.discard(row, by=here.tian, **NOW)
        if row.state == "SUBMITTED":
            row = approvals.approve(row, by=here.gao, **NOW)


def test_a_refused_version_tells_why_and_can_be_written_anew(here) -> None:
    row = approvals.submit(written(here), by=here.tian, **NOW)
    assert refused(lambda: approvals.refuse(row, reason=" ", by=here.gao, **NOW)) == [("reason", "required")]
    row = approvals.refuse(row, reason="太高", by=here.gao, **NOW)
    assert (row.state, row.reason) == ("REFUSED", "太高")
    row = drafts.rewrite(row, code="2", valid_from=START, settings=STRICTER, by=here.tian, **NOW)
    assert row.state == "DRAFT"


def shut_last_month() -> None:
    before = morning.today().replace(day=1) - timedelta(days=1)
    Period.objects.create(month=f"{before:%Y-%m}", state="CLOSED", shut_on=morning.today())


def test_a_version_begins_in_no_closed_month_and_before_no_other(here) -> None:
    shut_last_month()
    early = written(here, valid_from=morning.today().replace(day=1) - timedelta(days=1))
    assert refused(lambda: approvals.submit(early, by=here.tian, **NOW)) == [("valid_from", "closed_month")]
    approved(here, code="3", valid_from=add_months(START, 2))
    row = written(here, code="4")
    assert refused(lambda: approvals.submit(row, by=here.tian, **NOW)) == [("valid_from", "version_overlap")]


def test_the_database_lets_two_approved_versions_hold_on_no_day(here) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanVersion.objects.create(plan=default(), code="9", valid_from=START, state="APPROVED")


def test_a_version_that_has_not_begun_is_withdrawn_and_the_old_one_goes_on(here) -> None:
    row = approvals.withdraw(approved(here), by=here.tian, **NOW)
    assert row.state == "DRAFT"
    assert default().versions.get(code="1").valid_to is None
    begun = default().versions.get(code="1")
    with pytest.raises(Conflict):
        approvals.withdraw(begun, by=here.tian, **NOW)


def test_a_version_that_begins_in_the_open_month_corrects_by_differences(here) -> None:
    contract = contract_of(here)
    morning.receive(contract, "60000.00", morning.today())
    approved(here, STRICTER, valid_from=morning.today().replace(day=1))
    morning.accrue(contract)
    rows = LedgerEntry.objects.filter(contract=contract, member=here.li).order_by("round")
    assert [row.amount for row in rows] == [Decimal("6000.00"), Decimal("-1800.00")]


# Settings


def test_settings_are_kept_complete_and_mean_the_same(here) -> None:
    row = written(here, STRICTER)
    assert row.settings["renewal_max_gap_days"] == 30
    assert rules.judged(row.settings, "CNY") == rules.judged({"currency": "CNY", **STRICTER}, "CNY")


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"cliff_protecton": True}, ("settings.cliff_protecton", "unknown_field")),
        ({"valid_from": "2026-01-01"}, ("settings.valid_from", "unknown_field")),
        ({"late_factor": "2,0"}, ("settings.late_factor", "invalid_rate")),
        ({"currency": "USD"}, ("settings.currency", "currency_mismatch")),
        (
            {"caps": [{"scope": "PAYEE_PERIOD", "amount": "100.00"}], "floor": {"amount": "100.01"}},
            ("settings.caps[0].amount", "cap_below_floor"),
        ),
        (
            {"bands": [{"class": "A", "from": "1.00", "to": None, "dept_rate": "0.1"}]},
            ("settings.bands", "not_from_zero"),
        ),
        (
            {
                "renewal_factors": [
                    {"from": "0", "to": "0.5", "factor": "0.2"},
                    {"from": "0.6", "to": None, "factor": "0.5"},
                ]
            },
            ("settings.renewal_factors", "hole"),
        ),
    ],
)
def test_settings_that_cannot_pay_are_refused_at_their_place(here, given, fault) -> None:
    assert refused(lambda: written(here, given)) == [fault]


def test_classes_stay_the_same_where_later_versions_rule_old_contracts(here) -> None:
    approved(here, {"plan_change": "BY_EVENT_DATE"})
    row = written(
        here, ONE_CLASS | {"plan_change": "BY_EVENT_DATE"}, code="3", valid_from=add_months(START, 1)
    )
    assert refused(lambda: approvals.submit(row, by=here.tian, **NOW)) == [("settings", "unknown_class")] * 1


# Whom a plan pays


@pytest.fixture
def north(here):
    """A plan of 7 % whose version holds from the first of this month."""
    plan = drafts.make(code="north", name="华北方案", by=here.tian, **NOW)
    approved(here, STRICTER, plan=plan, code="1", valid_from=morning.today().replace(day=1))
    return plan


def test_a_contract_is_paid_by_the_plan_of_its_department(here, north) -> None:
    act = {"valid_from": morning.today(), "by": here.gao, **NOW}
    assignments.assign(north, subject=here.departments["NORTH"], **act)
    mine, other = contract_of(here, "K-1", person="sun"), contract_of(here, "K-2", person="li")
    for contract in (mine, other):
        morning.receive(contract, "60000.00", morning.today())
    assert paid(mine) == {("NORTH", Decimal("4200.00"))}
    assert paid(other) == {("DEFAULT", Decimal("6000.00"))}


def test_the_nearest_department_above_decides_and_the_day_of_signing(here, north) -> None:
    act = {"valid_from": morning.today(), "by": here.gao, **NOW}
    assignments.assign(north, subject=here.departments["EAST"], **act)
    book = plans.Book()
    group, day = here.departments["NINGBO"].pk, morning.today()
    assert book.of(group, day).code == "NORTH"
    assert book.of(group, day - timedelta(days=1)).code == "DEFAULT"
    assert book.of(here.departments["NORTH"].pk, day).code == "DEFAULT"
    assert book.of(None, day).code == "DEFAULT"


def test_a_persons_plan_rules_his_statements_not_his_contracts(here, north) -> None:
    assignments.assign(north, subject=here.li, valid_from=morning.today(), by=here.gao, **NOW)
    book, home = plans.Book(), here.departments["EAST"].pk
    assert book.of_payee(here.li.pk, home, morning.today()).code == "NORTH"
    assert book.of_payee(here.zhou.pk, home, morning.today()).code == "DEFAULT"
    assert book.of(home, morning.today()).code == "DEFAULT"


def test_nobody_is_paid_by_two_plans_at_a_time(here, north) -> None:
    east = here.departments["EAST"]
    until = morning.day(60)
    assignments.assign(north, subject=east, valid_from=morning.today(), valid_to=until, by=here.gao, **NOW)
    with pytest.raises(Refused) as found:
        assignments.assign(default(), subject=east, valid_from=morning.day(59), by=here.gao, **NOW)
    (fault,) = found.value.faults
    assert (fault.field, fault.code, fault.about["rule"]) == ("valid_from", "plan_overlap", "PLAN-02")
    assert "华北方案" in str(fault.message)
    assignments.assign(default(), subject=east, valid_from=until, by=here.gao, **NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanAssignment.objects.create(plan=north, department=east, valid_from=morning.day(10))


def test_an_assignment_needs_a_plan_in_force_an_open_month_and_another_hand(here, north) -> None:
    def assign(plan, subject, **days):
        return refused(lambda: assignments.assign(plan, subject=subject, by=here.gao, **days, **NOW))

    shut_last_month()
    empty, day = drafts.make(code="EMPTY", name="空", by=here.tian, **NOW), morning.today()
    assert assign(empty, here.li, valid_from=day) == [("valid_from", "no_plan_version")]
    assert assign(north, here.gao, valid_from=day) == [("subject", "own_plan")]
    assert assign(north, here.li, valid_from=day, valid_to=day) == [("valid_to", "end_before_start")]
    before = day.replace(day=1) - timedelta(days=1)
    assert ("valid_from", "closed_month") in assign(default(), here.li, valid_from=before)


def test_an_ended_assignment_leaves_what_was_signed_before(here, north) -> None:
    north_dept = here.departments["NORTH"]
    row = assignments.assign(north, subject=north_dept, valid_from=morning.today(), by=here.gao, **NOW)
    assignments.end(row, valid_to=morning.day(1), by=here.gao, **NOW)
    book = plans.Book()
    assert book.of(north_dept.pk, morning.today()).code == "NORTH"
    assert book.of(north_dept.pk, morning.day(1)).code == "DEFAULT"


# API


def test_the_api_moves_a_version_from_draft_to_force(yunheng) -> None:
    maker, checker = Api(yunheng, "tian"), Api(yunheng, "gao")
    with tenant(yunheng.tenant.id):
        body = {"plan": str(default().pk), "valid_from": START.isoformat(), "settings": STRICTER}
    made = maker.post("plan-versions/", body)
    assert made.status_code == 201
    row = made.json()
    assert (row["code"], row["state"], row["settings"]["late_factor"]) == ("2", "DRAFT", "0.800000")
    place = f"plan-versions/{row['id']}/"
    assert (
        maker.patch(place, {"settings": {"late_factor": "0.9"}}).json()["settings"]["late_factor"]
        == "0.900000"
    )
    assert maker.post(f"{place}submission/", {}).json()["state"] == "SUBMITTED"
    assert maker.post(f"{place}approval/", {}).status_code == 403
    assert checker.post(f"{place}refusal/", {"reason": ""}).status_code == 400
    answer = checker.post(f"{place}approval/", {})
    assert (answer.status_code, answer.json()["state"]) == (200, "APPROVED")
    assert maker.patch(place, {"settings": {}}).status_code == 409
    assert maker.delete(place).status_code == 409


def test_the_api_names_the_place_of_a_wrong_setting(yunheng) -> None:
    api = Api(yunheng, "tian")
    with tenant(yunheng.tenant.id):
        plan = str(default().pk)
    bands = [{"class": "A", "from": "0.00", "dept_rate": "1.5"}]
    answer = api.post(
        "plan-versions/", {"plan": plan, "valid_from": "2027-01-01", "settings": {"bands": bands}}
    )
    assert codes(answer) == [("settings.bands[0].dept_rate", "invalid_rate")]


def test_what_does_not_pay_yet_is_seen_by_those_only_who_review_the_company(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        written(yunheng)
    seen = {
        person: len(Api(yunheng, person).get("plan-versions/").json()["results"])
        for person in ("gao", "tian", "qian", "shen", "chen", "li", "wang", "he", "an")
    }
    assert seen == {
        "gao": 2,
        "tian": 2,
        "qian": 2,
        "shen": 2,
        "chen": 1,
        "li": 1,
        "wang": 1,
        "he": 0,
        "an": 0,
    }


def test_a_plan_of_another_department_is_a_secret(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        plan = drafts.make(code="NORTH", name="华北方案", by=yunheng.tian, **NOW)
        approved(yunheng, STRICTER, plan=plan, code="1", valid_from=morning.today().replace(day=1))
        act = {"valid_from": morning.today(), "by": yunheng.gao, **NOW}
        assignments.assign(plan, subject=yunheng.departments["NORTH"], **act)
    seen = {
        person: {row["code"] for row in Api(yunheng, person).get("plans/").json()["results"]}
        for person in ("sun", "li", "gao")
    }
    assert seen == {"sun": {"DEFAULT", "NORTH"}, "li": {"DEFAULT"}, "gao": {"DEFAULT", "NORTH"}}
    hidden = Api(yunheng, "li").post("what-if/", {"plan": "NORTH", "class_dates": ["2026-01-01"]})
    assert codes(hidden) == [("plan", "invalid_choice")]


def test_the_api_assigns_and_refuses_an_overlap(yunheng) -> None:
    api = Api(yunheng, "gao")
    with tenant(yunheng.tenant.id):
        plan, east = str(default().pk), str(yunheng.departments["EAST"].pk)
    body = {"plan": plan, "department": east, "valid_from": morning.today().isoformat()}
    made = api.post("plan-assignments/", body)
    assert made.status_code == 201
    assert codes(api.post("plan-assignments/", body)) == [("valid_from", "plan_overlap")]
    ends = {"valid_to": morning.day(1).isoformat()}
    assert api.post(f"plan-assignments/{made.json()['id']}/end/", ends).json()["valid_to"] == ends["valid_to"]
    assert codes(api.post("plan-assignments/", {"plan": plan, "valid_from": "2027-01-01"})) == [
        ("department", "one_of")
    ]


def test_current_is_the_plan_that_accrual_would_use(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        plan = drafts.make(code="NORTH", name="华北方案", by=yunheng.tian, **NOW)
        approved(yunheng, STRICTER, plan=plan, code="1", valid_from=morning.today().replace(day=1))
        act = {"valid_from": morning.today(), "by": yunheng.gao, **NOW}
        assignments.assign(plan, subject=yunheng.departments["NORTH"], **act)
    day = morning.today()
    contract = {"number": "X", "gross": "60000.00", "signed_on": day.isoformat()}
    contract |= {"starts_on": day.isoformat(), "ends_on": add_months(day, 12).isoformat()}
    found = {
        name: Api(yunheng, "gao")
        .post("what-if/", {"plan": "CURRENT", "contract": contract | {"responsible_dept": name}})
        .json()["dept_total"]
        for name in ("NORTH", "EAST")
    }
    assert found == {"NORTH": "4200.00", "EAST": "6000.00"}


def test_another_company_has_plans_of_its_own(yunheng, beihe) -> None:
    with tenant(beihe.tenant.id):
        theirs = written(beihe, STRICTER)
        approved(beihe, STRICTER, code="5")
    with tenant(yunheng.tenant.id):
        assert [version.code for version in plans.Book().default.plan.versions] == ["1"]
        assert not PlanVersion.objects.filter(pk=theirs.pk).exists()
    assert Api(yunheng, "tian").post(f"plan-versions/{theirs.pk}/submission/", {}).status_code == 404
