"""What a plan would reward that nobody wants: with the numbers of the rules, and the tenant's own money."""

import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from commissions import accrual, classes, drafts, lint, settings, stakes
from commissions.calculation.answer import answer
from commissions.calculation.plan import PlanVersion as Rules
from commissions.models import LedgerEntry, PlanVersion
from commissions.tests import months
from commissions.tests.test_plans import NOW, default, written
from crm.refusal import Conflict
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from tiers.models import TierOverride


def found(**given) -> dict[str, list[str]]:
    """The words of each finding by its code."""
    words: dict[str, list[str]] = {}
    for each in lint.lint(settings.judged(given, "CNY")):
        words.setdefault(each.code, []).append(each.words)
    return words


def table(*rows) -> list[dict]:
    ends = [start for start, _factor in rows[1:]]
    return [
        {"from": start, "to": end, "factor": factor}
        for (start, factor), end in zip(rows, [*ends, None], strict=True)
    ]


def pays(gross: str, **given) -> Decimal:
    contract = {"number": "X", "gross": gross, "signed_on": "2026-01-01"}
    contract |= {"starts_on": "2026-01-01", "ends_on": "2027-01-01"}
    return Decimal(answer({"plan": given, "contract": contract})["dept_total"])


def test_the_cliffs_of_the_default_plan_with_their_numbers() -> None:
    first, second, third = lint.cliffs(Rules())
    assert (first.edge, first.below, first.above, first.until) == (
        100_000_00,
        10_000_00,
        8_000_00,
        125_000_00,
    )
    assert (second.edge, second.until) == (500_000_00, 666_666_67)
    assert (third.edge, third.until) == (1_000_000_00, 1_200_000_00)
    (words, *_rest) = found()["CLIFF"]
    assert "falls from 10% to 8% at 100,000.00" in words
    assert "just below it 10,000.00 is paid, just above it 8,000.00" in words
    assert "Up to 125,000.00" in words


def test_the_zone_of_a_cliff_is_that_of_the_calculation() -> None:
    """Example 43 of the rules: 8,000.00 / 8,800.00 / 10,000.00 / 10,400.00, and protected 10,000.00."""
    (cliff, *_rest) = lint.cliffs(Rules())
    amounts = [pays(gross) for gross in ("100000.00", "110000.00", "125000.00", "130000.00")]
    assert amounts == [Decimal(text) for text in ("8000.00", "8800.00", "10000.00", "10400.00")]
    assert [amount < Decimal(cliff.below) / 100 for amount in amounts] == [True, True, False, False]
    protected = [pays(gross, cliff_protection=True) for gross in ("100000.00", "110000.00", "125000.00")]
    assert protected == [Decimal("10000.00")] * 3
    assert "CLIFF" not in found(cliff_protection=True)


def test_the_default_plan_is_only_told_its_cliffs_and_what_is_worth_knowing() -> None:
    assert set(found()) == {"CLIFF", "WIN_BACK_ABOVE_LATE", "NEW_AFTER_GAP"}
    quiet = {"cliff_protection": True, "win_back_other_dept_factor": "0.4"}
    assert set(found(**quiet)) == {"NEW_AFTER_GAP"}


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("RENEWAL_FALLS", {"renewal_factors": table(("0", "0.5"), ("1", "0.4"))}),
        ("OPS_RENEWAL_FALLS", {"ops_renewal_factors": table(("0", "1"), ("1", "0.9"))}),
        ("RENEWAL_ABOVE_NEW", {"renewal_factors": table(("0", "0.5"), ("1", "1.1"))}),
        ("LATE_PAYS_MORE", {"late_factor": "1.1"}),
        ("LATE_COSTS_NOTHING", {"late_factor": "1"}),
        ("SPLITTING_CHANGES_Q", {"renewal_window_days": 0}),
        ("GAPS_NOT_RISING", {"late_max_gap_days": 30}),
        ("DECAY_RISES", {"year_decay": ["0.8", "0.9"]}),
        ("OVERDUE_NOT_FALLING", {"overdue_factors": table((0, "0.8"), (31, "1"))}),
        ("IN_TIME_NOT_WHOLE", {"overdue_factors": table((0, "0.8"), (31, "0.5"))}),
        ("RELEASE_AND_DECAY", {"release_at": "1"}),
        ("SIGNED_WITHOUT_CLAWBACK", {"basis": "SIGNED", "clawback_window_days": 0}),
        ("IDLE", {"basis": "INVOICED"}),
        ("IDLE", {"basis": "SIGNED", "release_at": "0.5", "overdue_factors": []}),
        ("CONTRACT_CAP", {"caps": [{"scope": "CONTRACT", "amount": "1.00"}]}),
        (
            "FLOOR_ABOVE_YEAR_CAP",
            {"caps": [{"scope": "PAYEE_YEAR", "amount": "11999.99"}], "floor": {"amount": "1000.00"}},
        ),
        ("FLOOR_NOT_PAID", {"floor": {"amount": "100.00"}, "min_payout": "100.01"}),
        (
            "QUOTA_FALLS",
            {"quota": {"mode": "MARGINAL", "tiers": table(("0.00", "1"), ("1000.00", "0.9"))}},
        ),
        ("QUOTA_EDGE", {"quota": {"mode": "WHOLE", "tiers": table(("0.00", "1"), ("1000.00", "1.2"))}}),
        (
            "PAYS_MORE_THAN_ALL",
            {"bands": [{"class": "A", "from": "0.00", "dept_rate": "0.9", "ops_rate": "0.11"}]},
        ),
        (
            "OPS_CLIFF",
            {
                "bands": [
                    {"class": "A", "from": "0.00", "to": "9.00", "dept_rate": "0.1", "ops_rate": "0.02"},
                    {"class": "B", "from": "9.00", "dept_rate": "0.1", "ops_rate": "0.01"},
                ]
            },
        ),
    ],
)
def test_each_perverse_setting_is_found_and_the_default_is_not(code, given) -> None:
    assert code in found(**given)
    assert code not in found()


def test_what_reaches_no_further_than_fair_is_not_told() -> None:
    equal = {"caps": [{"scope": "PAYEE_YEAR", "amount": "12000.00"}], "floor": {"amount": "1000.00"}}
    assert "FLOOR_ABOVE_YEAR_CAP" not in found(**equal)
    whole = [{"class": "A", "from": "0.00", "dept_rate": "0.9", "ops_rate": "0.1"}]
    assert "PAYS_MORE_THAN_ALL" not in found(bands=whole)


# On own contracts


@pytest.fixture
def book(yunheng, beihe):
    """110,000 in the zone of the first cliff and 130,000 beyond it; another company has one in it too."""
    for company in (yunheng, beihe):
        with tenant(company.tenant.id):
            buyers = [morning.customer(company.li, name) for name in ("华信", "甬江")]
            grosses = ("110000.00", "130000.00") if company is yunheng else ("100000.00",)
            for buyer, gross in zip(buyers, grosses, strict=False):
                morning.sign(buyer, f"K-{gross}", gross, starts_on=morning.day(-100))
    return yunheng


@pytest.mark.django_db
def test_the_money_at_stake_is_that_of_own_contracts_in_the_zone(book) -> None:
    with tenant(book.tenant.id):
        (stake,) = stakes.stakes(Rules(), morning.today())
        assert stake == ("MAJOR", 1, Decimal("1200.00"))  # 10,000.00 - 110,000 × 8 %
        assert stakes.stakes(Rules(), morning.day(-101)) == []
        assert stakes.stakes(Rules(), morning.day(400)) == []


@pytest.mark.django_db
def test_the_check_tells_the_money_and_offers_the_switch(book) -> None:
    with tenant(book.tenant.id):
        draft = written(book)
    client = browser(book, "tian")
    place = reverse("commissions:plan-version-lint", args=[draft.pk])
    shown = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", client.get(place).content.decode())))
    assert "lose ¥1,200.00 against smaller ones" in shown
    assert client.post(reverse("commissions:plan-version-protect", args=[draft.pk])).status_code == 303
    with tenant(book.tenant.id):
        draft.refresh_from_db()
        assert draft.settings["cliff_protection"] is True
    assert "CLIFF" not in client.get(place).content.decode()


@pytest.mark.django_db
def test_the_api_tells_the_same_to_those_only_who_write_or_approve(book) -> None:
    with tenant(book.tenant.id):
        row = default().versions.get(code="1")
    found = Api(book, "gao").get(f"plan-versions/{row.pk}/lint/").json()
    assert found["stakes"] == [{"customer_class": "MAJOR", "contracts": 1, "amount": "1200.00"}]
    assert {each["code"] for each in found["findings"]} == {"CLIFF", "WIN_BACK_ABOVE_LATE", "NEW_AFTER_GAP"}
    assert Api(book, "li").get(f"plan-versions/{row.pk}/lint/").status_code == 403
    assert Api(book, "he").get(f"plan-versions/{row.pk}/lint/").status_code == 404


@pytest.mark.django_db
def test_a_tier_that_the_plan_has_no_band_for_is_told(here) -> None:
    bands = [{"class": "GENERAL", "from": "0.00", "dept_rate": "0.1"}]
    version = settings.judged({"bands": bands}, "CNY")
    assert classes.missing_classes(version, morning.today()) == ["COMPANY", "KEY", "MAJOR"]
    assert classes.missing_classes(Rules(), morning.today()) == []


# A tier without a band


NO_KEY = [
    {"class": "GENERAL", "from": "0.00", "to": "100000.00", "dept_rate": "0.1", "ops_rate": "0.01"},
    {"class": "MAJOR", "from": "100000.00", "to": "1000000.00", "dept_rate": "0.08", "ops_rate": "0.01"},
    {"class": "COMPANY", "from": "1000000.00", "to": None, "dept_rate": "0.05", "ops_rate": "0.01"},
]


def without_key(company) -> PlanVersion:
    """A draft that knows no KEY customers, though the tier rules do."""
    with tenant(company.tenant.id):
        first = drafts.next_month(morning.today())
        return drafts.draft(
            default(), code="9", valid_from=first, settings={"bands": NO_KEY}, by=company.tian, **NOW
        )


@pytest.mark.django_db
def test_a_version_without_a_band_for_a_tier_is_not_submitted_and_the_answer_names_the_part(yunheng) -> None:
    draft = without_key(yunheng)
    answer = Api(yunheng, "tian").post(f"plan-versions/{draft.pk}/submission/")
    assert (answer.status_code, codes(answer)) == (400, [("settings.bands", "tier_without_band")])
    client = browser(yunheng, "tian")
    answered = client.post(reverse("commissions:plan-version-submit", args=[draft.pk]))
    words = "is of this class, and pays these rates: Give KEY a band"
    assert words in unescape(client.get(answered["Location"]).content.decode())
    with tenant(yunheng.tenant.id):
        draft.refresh_from_db()
        assert draft.state == "DRAFT"


@pytest.mark.django_db
def test_it_is_not_replayed_either(yunheng) -> None:
    draft, day = without_key(yunheng), morning.today()
    asked = {"since": f"{day.replace(year=day.year - 1)}", "until": f"{day}"}
    answer = Api(yunheng, "tian").post(f"plan-versions/{draft.pk}/replay/", asked)
    assert (answer.status_code, codes(answer)) == (400, [("settings.bands", "tier_without_band")])
    form = browser(yunheng, "tian").post(reverse("commissions:replay-new", args=[draft.pk]), asked)
    assert (form.status_code, "Give KEY a band" in form.content.decode()) == (422, True)


@pytest.mark.django_db
def test_a_contract_whose_tier_no_version_pays_waits_without_keeping_the_others_from_their_pay(here) -> None:
    """A version that slipped through: accrual leaves the contract, and the month says which it waits for."""
    months.settings(bands=NO_KEY)
    first = date(2025, 1, 10)
    decided, other = (months.contract(here, number, "40000.00", first) for number in ("A", "B"))
    TierOverride.objects.create(
        customer=decided.customer, tier="KEY", valid_from=first, reason="战略客户", decided_by=here.gao
    )
    for signed in (decided, other):
        morning.receive(signed, "40000.00", first, f"R-{signed.number}")
    on = date(2025, 2, 8)
    assert {row.contract.number for row in LedgerEntry.objects.filter(member=here.li)} == {"B"}
    assert accrual.outstanding(on) == {decided.pk}
    with pytest.raises(Conflict) as caught:
        months.step(here, "calculate", "tian", "2025-01", on)
    (fault,) = caught.value.faults
    assert (fault.code, str(fault.message).endswith(": A.")) == ("tier_without_band", True)
    months.settings(bands=[*NO_KEY[:2], NO_KEY[2] | {"class": "KEY"}])
    months.bring(here, "2025-01", on, to="calculate")
    assert {row.contract.number for row in LedgerEntry.objects.filter(member=here.li)} == {"A", "B"}
