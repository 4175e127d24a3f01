"""The pages of plans: written in boxes, read as sentences, approved by another; no-JavaScript all through."""

import re
from html import unescape

import pytest
from django.urls import reverse

from commissions import approvals, drafts, examples, settings
from commissions.calculation.plan import PlanVersion as Rules
from commissions.calculation.writing import settings_of
from commissions.forms.version import VersionForm, key
from commissions.models import PlanAssignment, PlanVersion
from commissions.tests.test_plans import NOW, START, default, written
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import browser
from crm.web.templatetags.days import day

pytestmark = pytest.mark.django_db

OTHER = {  # every setting otherwise than its default
    "currency": "CNY",
    "bands": [
        {
            "class": "SMALL",
            "from": "0.00",
            "to": "200000.00",
            "dept_rate": "0.090000",
            "ops_rate": "0.005000",
        },
        {"class": "LARGE", "from": "200000.00", "to": None, "dept_rate": "0.045000", "ops_rate": "0.012500"},
    ],
    "class_basis": "TRAILING_12M",
    "gross_up_short": True,
    "class_scope": "GROUP",
    "downgrade_grace_days": 30,
    "base_tax": "INCLUSIVE",
    "deductible_expenses": ["CHANNEL_FEE", "TRAVEL"],
    "cliff_protection": True,
    "ops_from_dept": True,
    "distribution": "POOL",
    "dept_fund_bps": 2550,
    "renewal_max_gap_days": 20,
    "late_max_gap_days": 60,
    "win_back_max_gap_days": 300,
    "renewal_window_days": 45,
    "renewal_factors": [
        {"from": "0.0000", "to": "0.9500", "factor": "0.350000"},
        {"from": "0.9500", "to": None, "factor": "0.550000"},
    ],
    "ops_renewal_factors": [{"from": "0.0000", "to": None, "factor": "0.700000"}],
    "late_factor": "0.750000",
    "win_back_same_dept_cap": "0.300000",
    "win_back_other_dept_factor": "0.600000",
    "later_years": "FIRST_YEAR_ONLY",
    "growth_mode": "SPLIT_INCREMENT",
    "year_decay": ["1.000000", "0.900000", "0.825000"],
    "quota": {
        "mode": "MARGINAL",
        "credited_before": "1000.00",
        "tiers": [
            {"from": "0.00", "to": "500000.00", "factor": "0.800000"},
            {"from": "500000.00", "to": None, "factor": "1.250000"},
        ],
    },
    "basis": "INVOICED",
    "release_at": "0.500000",
    "overdue_factors": [
        {"from": 0, "to": 61, "factor": "1.000000"},
        {"from": 61, "to": None, "factor": "0.250000"},
    ],
    "holdback_rate": "0.100000",
    "clawback_mode": "PRORATA_TEMPORIS",
    "clawback_window_days": 90,
    "caps": [
        {"scope": "CONTRACT", "amount": "50000.00", "excess": "FORFEIT"},
        {"scope": "PAYEE_PERIOD", "amount": "30000.00", "excess": "CARRY"},
        {"scope": "PAYEE_YEAR", "amount": "250000.00", "excess": "FORFEIT"},
    ],
    "floor": {"amount": "3000.00", "recoverable": False},
    "min_payout": "200.00",
    "max_netoff_rate": "0.200000",
    "plan_change": "BY_EVENT_DATE",
    "handover_window_days": 14,
    "handover_old_owner_bps": 2500,
}


def text(response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def boxes(given: dict, **changes) -> dict[str, str | list[str]]:
    """What the form of a version sends when nothing but `changes` is typed."""
    form = VersionForm(None, on=morning.today(), like=settings.complete(given, "CNY"), currency="CNY")
    sent = {
        name: value if isinstance(value, list) else str(value)
        for name, value in form.initial.items()
        if value not in (None, False)
    }
    return {"code": "2", "valid_from": START.isoformat(), **sent, **changes}


def read_back(sent: dict[str, str]) -> VersionForm:
    return VersionForm(sent, on=morning.today(), like=settings_of(Rules()), currency="CNY")


def place(name: str, row) -> str:
    return reverse(f"commissions:{name}", args=[row.pk])


@pytest.fixture
def draft(yunheng):
    with tenant(yunheng.tenant.id):
        return written(yunheng)


def test_every_setting_of_the_specification_goes_through_its_box_and_back() -> None:
    assert OTHER.keys() == settings_of(Rules()).keys()
    same = {name for name, value in settings_of(Rules()).items() if OTHER[name] == value}
    assert same == {"currency"}
    for given in (OTHER, settings_of(Rules())):
        form = read_back(boxes(given))
        assert form.is_valid(), form.errors
        assert form.settings == settings.complete(given, "CNY")


def test_expense_categories_are_chosen_by_name_and_one_without_a_name_stays(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        row = written(yunheng, {"deductible_expenses": ["GIFTS", "TRAVEL"]})
    client = browser(yunheng, "tian")
    page = client.get(place("plan-version-edit", row)).content.decode()
    assert re.findall(
        r'value="(\w+)"[^>]*name="deductible_expenses"|name="deductible_expenses" value="(\w+)"', page
    )
    words = text(client.get(place("plan-version-edit", row)))
    assert "Entertainment" in words and "Other, not deductible" not in words
    sent = boxes(row.settings, version="1", deductible_expenses=["GIFTS", "CHANNEL_FEE"])
    assert client.post(place("plan-version-edit", row), sent).status_code == 303
    with tenant(yunheng.tenant.id):
        row.refresh_from_db()
        assert sorted(row.settings["deductible_expenses"]) == ["CHANNEL_FEE", "GIFTS"]
    assert "Channel fee" in text(client.get(place("plan-version", row)))


@pytest.mark.parametrize(
    ("box", "typed", "code"),
    [
        ("late_max_gap_days", "soon", "invalid_integer"),
        ("late_factor", "half", "invalid_rate"),
        ("holdback_rate", "101", "invalid_rate"),
        ("min_payout", "-5", "negative_amount"),
        ("dept_fund_bps", "100.01", "invalid_integer"),
        ("bands-1-dept_rate", "108", "invalid_rate"),
        ("renewal_factors-2-factor", "1.0000001", "invalid_rate"),
        ("overdue_factors-1-factor", "1.2", "invalid_rate"),
        ("caps_PAYEE_PERIOD_amount", "much", "invalid_amount"),
        ("bands-0-from", "5", "not_from_zero"),
        ("renewal_factors-1-from", "0", "empty_band"),
    ],
)
def test_a_fault_stands_beside_its_box_and_what_was_typed_stays(box, typed, code) -> None:
    form = read_back(boxes({}, **{box: typed}))
    assert not form.is_valid()
    where = box if code not in ("not_from_zero", "empty_band") else key(box.partition("-")[0])
    assert [found.code for found in form.errors.as_data()[where]] == [code]
    assert set(form.errors) == {where}
    assert form[box].value() == typed


def test_a_cap_below_the_floor_is_refused_beside_the_cap() -> None:
    form = read_back(boxes({}, caps_PAYEE_PERIOD_amount="1000", floor_amount="3000"))
    assert [found.code for found in form.errors.as_data()["caps_PAYEE_PERIOD_amount"]] == ["cap_below_floor"]


def test_rows_may_be_typed_in_any_order_and_a_band_more_or_less() -> None:
    sent = boxes(
        {},
        **{"bands-4-class": "TINY", "bands-4-from": "0", "bands-4-dept_rate": "12", "bands-4-ops_rate": "1"},
    )
    sent["bands-0-from"] = "2万"
    form = read_back(sent)
    assert form.is_valid(), form.errors
    assert [(band["class"], band["from"], band["to"]) for band in form.settings["bands"]][:2] == [
        ("TINY", "0.00", "20000.00"),
        ("GENERAL", "20000.00", "100000.00"),
    ]


def test_a_version_is_copied_written_submitted_and_approved_by_another(yunheng) -> None:
    maker, checker = browser(yunheng, "tian"), browser(yunheng, "gao")
    with tenant(yunheng.tenant.id):
        plan = default()
    maker.post(place("plan-draft", plan))
    with tenant(yunheng.tenant.id):
        row = PlanVersion.objects.get(state="DRAFT")
    page = maker.get(place("plan-version-edit", row))
    assert 'name="bands-1-dept_rate" value="8"' in page.content.decode()
    sent = boxes({}, **{"bands-1-dept_rate": "7", "version": "1"})
    assert maker.post(place("plan-version-edit", row), sent).status_code == 303
    shown = text(maker.get(place("plan-version", row)))
    assert "8% · 1.5%" in shown and "7% · 1.5%" in shown
    assert "New, 200,000.00 changed ¥16,000.00 ¥14,000.00" in shown
    assert 'id="version-approve"' not in maker.get(place("plan-version", row)).content.decode()
    assert maker.post(place("plan-version-approve", row)).status_code == 403
    maker.post(place("plan-version-submit", row))
    assert 'id="version-approve"' in checker.get(place("plan-version", row)).content.decode()
    checker.post(place("plan-version-approve", row))
    assert "Approved · in force from" in text(maker.get(place("plan-version", row)))
    with tenant(yunheng.tenant.id):
        row.refresh_from_db()
        assert (row.state, row.decided_by) == ("APPROVED", yunheng.gao)
        assert default().versions.get(code="1").valid_to == row.valid_from


def test_an_executive_who_wrote_it_is_shown_no_approval(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        yunheng.gao.roles = ["EXECUTIVE", "COMP_ADMIN"]
        yunheng.gao.save()
        row = written(yunheng, by="gao")
    client = browser(yunheng, "gao")
    client.post(place("plan-version-submit", row))
    page = client.get(place("plan-version", row))
    assert 'id="version-approve"' not in page.content.decode()
    assert "PLAN-01" in text(page)
    client.post(place("plan-version-approve", row))
    with tenant(yunheng.tenant.id):
        row.refresh_from_db()
        assert row.state == "SUBMITTED"


def test_a_refusal_needs_its_reason_and_shows_it_to_the_writer(yunheng, draft) -> None:
    maker, checker = browser(yunheng, "tian"), browser(yunheng, "gao")
    maker.post(place("plan-version-submit", draft))
    assert checker.post(place("plan-version-refuse", draft), {"reason": ""}).status_code == 422
    checker.post(place("plan-version-refuse", draft), {"reason": "大客户太高"})
    assert "大客户太高" in text(maker.get(place("plan-version", draft)))


def test_a_wrong_box_brings_the_page_back_with_everything_typed(yunheng, draft) -> None:
    sent = boxes({}, **{"bands-1-dept_rate": "700", "late_factor": "0.85", "code": "2027"})
    answer = browser(yunheng, "tian").post(place("plan-version-edit", draft), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'name="bands-1-dept_rate" value="700"' in page and 'name="late_factor" value="0.85"' in page
    assert "Write a percentage from 0 to 100" in text(answer)
    with tenant(yunheng.tenant.id):
        draft.refresh_from_db()
        assert draft.settings["late_factor"] == "0.800000"


def test_a_table_grows_by_a_button_without_losing_a_word(yunheng, draft) -> None:
    sent = boxes({}, more="renewal_factors", late_factor="xyz")
    page = browser(yunheng, "tian").post(place("plan-version-edit", draft), sent)
    words = page.content.decode()
    assert page.status_code == 200
    assert 'name="renewal_factors-7-from"' in words and 'name="late_factor" value="xyz"' in words
    assert 'aria-invalid="true"' not in words


def test_an_overtaken_edit_is_not_saved(yunheng, draft) -> None:
    with tenant(yunheng.tenant.id):
        drafts.rewrite(draft, code="2", valid_from=START, settings=OTHER, by=yunheng.tian, **NOW)
    sent = boxes({}, version="1")
    answer = browser(yunheng, "tian").post(place("plan-version-edit", draft), sent)
    assert answer.status_code == 409
    with tenant(yunheng.tenant.id):
        draft.refresh_from_db()
        assert draft.settings["late_factor"] == "0.750000"


def test_the_examples_are_recalculated_with_what_stands_in_the_boxes(yunheng, draft) -> None:
    client = browser(yunheng, "tian")
    shown = text(client.post(place("plan-version-examples", draft), boxes({}, **{"bands-1-dept_rate": "7"})))
    assert "New, 200,000.00 changed ¥16,000.00 ¥14,000.00 ¥3,000.00" in shown
    assert "New, 60,000.00 a year ¥6,000.00 ¥6,000.00 ¥600.00" in shown
    wrong = text(client.post(place("plan-version-examples", draft), boxes({}, late_factor="x")))
    assert "The examples come back when every box can be read." in wrong


def test_the_examples_of_the_default_plan_are_those_of_the_rules() -> None:
    found = {each.example.id: (str(each.dept), str(each.ops)) for each in examples.worked({})}
    assert found["edge-below"] == ("10000.00", "1000.00")
    assert found["edge-above"] == ("8000.00", "1500.00")
    assert found["same"] == ("8000.00", "3000.00")
    assert found["late"] == ("6400.00", "3000.00")
    assert found["cash-late"] == ("12800.00", "2400.00")


def test_an_approved_version_opens_no_boxes(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        row = default().versions.get(code="1")
    client = browser(yunheng, "tian")
    assert client.get(place("plan-version-edit", row)).status_code == 303
    page = client.get(place("plan-version", row))
    assert "copy this version to a new draft" in text(page)
    assert 'id="version-edit"' not in page.content.decode()


def test_a_plan_is_made_and_assigned_on_pages(yunheng) -> None:
    maker, checker = browser(yunheng, "tian"), browser(yunheng, "gao")
    maker.post(reverse("commissions:plan-new"), {"code": "north", "name": "华北方案"})
    shown = text(maker.get(reverse("commissions:plans")))
    assert "华北方案 NORTH" in shown
    with tenant(yunheng.tenant.id):
        plan = default()
    sent = {"subject_text": "华东商务部", "valid_from": "+1"}
    assert checker.post(place("plan-assign", plan), sent).status_code == 303
    again = checker.post(place("plan-assign", plan), sent)
    assert again.status_code == 422
    assert "PLAN-02" in text(again)
    with tenant(yunheng.tenant.id):
        row = PlanAssignment.objects.get()
    assert "华东商务部" in text(checker.get(place("plan", plan)))
    checker.post(place("assignment-end", row), {"valid_to": "+1"})
    with tenant(yunheng.tenant.id):
        assert not PlanAssignment.objects.exists()


def test_an_approved_version_whose_day_is_to_come_stands_in_the_list_with_its_day(yunheng, draft) -> None:
    with tenant(yunheng.tenant.id):
        approvals.submit(draft, by=yunheng.tian, **NOW)
        approvals.approve(draft, by=yunheng.gao, **NOW)
        row = PlanVersion.objects.get(pk=draft.pk)
    assert row.valid_from > morning.today()
    shown = text(browser(yunheng, "tian").get(reverse("commissions:plans")))
    assert f"{row.code} · from {day(row.valid_from)}" in shown


def test_a_seller_reads_the_plan_that_pays_him_and_nothing_that_is_being_prepared(yunheng, draft) -> None:
    client = browser(yunheng, "li")
    shown = text(client.get(reverse("commissions:plans")))
    assert "提成方案" in shown and "Draft" not in shown
    with tenant(yunheng.tenant.id):
        row = default().versions.get(code="1")
    assert "8% · 1.5%" in text(client.get(place("plan-version", row)))
    assert client.get(place("plan-version", draft)).status_code == 404
    assert browser(yunheng, "he").get(reverse("commissions:plans")).status_code == 403
