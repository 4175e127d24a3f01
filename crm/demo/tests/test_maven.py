"""The published company stands in the database: counts against the files, and figures redone by hand."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import QuerySet
from django.test import Client

from commissions.models import Entitlement, LedgerEntry
from crm.accounts.models import Department, Member, User
from crm.demo import maven as published
from crm.demo import tenants
from crm.demo.tests import truths
from crm.periods import add_months
from crm.tenancy.context import tenant
from customers.models import Contract, Customer, Interaction, Payment, Receivable, Standing
from lifecycle.models import RiskScore

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = date(2028, 3, 1)  # so that the last deals close on a 29 February
SHIFT = date(2028, 2, 29) - date(2017, 12, 31)  # the published pipeline ends on 2017-12-31
NOON = datetime(2028, 3, 1, 12, tzinfo=ZoneInfo("America/New_York"))
CENT = Decimal("0.01")
RATES = (  # from USD of twelve months on: what a seller gets
    (300_000, "COMPANY", Decimal("0.05")),
    (200_000, "KEY", Decimal("0.06")),
    (100_000, "MAJOR", Decimal("0.08")),
    (0, "GENERAL", Decimal("0.10")),
)


@pytest.fixture(scope="module", autouse=True)
def maven(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The company, made once for all tests here and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        company = tenants.maven(on=TODAY, at=NOON)
        with tenant(company.id):
            yield
        transaction.set_rollback(True)


def _file(name: str) -> list[dict[str, str]]:
    with (Path(published.__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _moved(day: str) -> date:
    return date.fromisoformat(day) + SHIFT


def _pipeline() -> list[dict[str, str]]:
    """Opportunities of a known account; the rest of the pipeline names nobody."""
    return [row for row in _file("sales_pipeline") if row["account"]]


def _won() -> list[dict[str, str]]:
    rows = [row for row in _pipeline() if row["deal_stage"] == "Won"]
    return sorted(rows, key=lambda row: (row["close_date"], row["opportunity_id"]))


def _band(amount: Decimal) -> tuple[str, Decimal]:
    return next((tier, rate) for start, tier, rate in RATES if amount >= start)


def test_every_account_is_a_customer_and_every_won_deal_a_contract_of_twelve_months_paid_on_its_day() -> None:
    won = _won()
    assert (len(_file("accounts")), len(won)) == (85, 4238)
    assert set(Customer.objects.values_list("name", flat=True)) == {a["account"] for a in _file("accounts")}

    terms = {
        (c.number, c.customer.name, c.gross, c.currency, c.signed_on, c.starts_on, c.ends_on)
        for c in Contract.objects.select_related("customer")
    }
    assert terms == {
        (
            row["opportunity_id"],
            row["account"],
            Decimal(row["close_value"]),
            "USD",
            _moved(row["close_date"]),
            _moved(row["close_date"]),
            add_months(_moved(row["close_date"]), 12),
        )
        for row in won
    }
    paid = Payment.objects.values_list("contract__number", "kind", "amount", "currency", "received_on")
    assert sorted(paid) == sorted(
        (row["opportunity_id"], "RECEIPT", Decimal(row["close_value"]), "USD", _moved(row["close_date"]))
        for row in won
    )


def test_the_sums_are_those_of_the_file() -> None:
    # awk -F, '$5 == "Won" && $4 { n += $8 } END { print n }' sales_pipeline.csv → 10005534
    whole = Decimal("10005534.00")
    assert sum(Contract.objects.values_list("gross", flat=True)) == whole
    assert sum(Payment.objects.values_list("amount", flat=True)) == whole
    assert sum(Standing.objects.values_list("annual_amount", flat=True)) == whole  # all began this year
    assert set(Receivable.objects.values_list("open", flat=True)) == {Decimal("0.00")}
    assert set(Standing.objects.values_list("open_amount", "overdue_amount")) == {(Decimal(0), Decimal(0))}


def test_every_opportunity_with_a_day_is_an_interaction_and_the_last_was_yesterday() -> None:
    told = [row for row in _pipeline() if row["close_date"] or row["engage_date"]]
    assert len(told) == 7212  # 7,375 of a known account less 163 that are prospected only
    found = Interaction.objects.values_list("number", "customer__name", "member__name", "on")
    assert sorted(found) == sorted(
        (
            row["opportunity_id"],
            row["account"],
            row["sales_agent"],
            _moved(row["close_date"] or row["engage_date"]),
        )
        for row in told
    )
    assert max(on for *_, on in found) == TODAY - timedelta(1)


def _users() -> "QuerySet[User]":
    return User.objects.filter(pk__in=Member.objects.values("user"))


def test_teams_are_departments_and_agents_are_members_who_can_sign_in() -> None:
    teams = _file("sales_teams")
    managers, offices = {t["manager"] for t in teams}, {t["regional_office"] for t in teams}
    assert (len(teams), len(managers), len(offices)) == (35, 6, 3)
    departments = Department.objects.exclude(code="HQ").values_list("name", "parent__name", "parent__code")
    assert {(name, parent) for name, parent, code in departments if code != "HQ"} == {
        (f"Team {t['manager']}", f"{t['regional_office']} office") for t in teams
    }
    assert {name for name, _, code in departments if code == "HQ"} == {
        f"{office} office" for office in offices
    }

    people = Member.objects.exclude(department__code="HQ").values_list("name", "department__name")
    assert set(people) == {(t["sales_agent"], f"Team {t['manager']}") for t in teams} | {
        (manager, f"Team {manager}") for manager in managers
    }
    assert not Member.objects.filter(user=None).exists()
    # One password, hashed once: whom it lets in, it lets all in.
    assert len(set(_users().values_list("password", flat=True))) == 1
    for email in ("darcel.schlecht@maven.example", "melvin.marxen@maven.example", "ceo@maven.example"):
        answer = Client().post("/account/login/", {"login": email, "password": tenants.PASSWORD})
        assert (answer.status_code, answer["Location"]) == (302, "/"), email


def test_the_seller_of_the_first_won_deal_manages_the_customer() -> None:
    first: dict[str, str] = {}
    for row in _won():
        first.setdefault(row["account"], row["sales_agent"])
    assert dict(Customer.objects.values_list("name", "owner__name")) == first


def test_tiers_follow_the_bands_in_dollars_of_twelve_months() -> None:
    sold: Counter[str] = Counter()
    for row in _won():
        sold[row["account"]] += int(row["close_value"])
    graded = dict(Standing.objects.values_list("customer__name", "tier"))
    assert graded == {account: _band(Decimal(amount))[0] for account, amount in sold.items()}
    assert Counter(graded.values()) == {"COMPANY": 1, "KEY": 2, "MAJOR": 48, "GENERAL": 34}

    three = Standing.objects.filter(customer__name__in=["Kan-code", "Condax", "Golddex"])
    assert set(three.values_list("customer__name", "tier", "annual_amount", "contracts_in_force")) == {
        ("Kan-code", "COMPANY", Decimal("341455.00"), 115),  # ≥ 300,000
        ("Condax", "KEY", Decimal("206410.00"), 105),  # [200,000, 300,000)
        ("Golddex", "GENERAL", Decimal("51632.00"), 33),  # < 100,000
    }


def test_commission_of_darcel_schlecht_at_condax_deal_by_deal() -> None:
    # A deal is new business: rate of the class at its signature × amount (no VAT, no expense, 100 % his).
    # The class counts what Condax had bought by the end of that day, shown in brackets.
    assert _lines("Condax", "Darcel Schlecht") == [
        ("LSVMMUJ0", Decimal("555.90")),  # 5,559 [10,600 GENERAL] × 10 %
        ("F4J6AVPQ", Decimal("506.50")),  # 5,065 [29,784 GENERAL] × 10 %
        ("DIAR4IM7", Decimal("483.70")),  # 4,837 [34,621 GENERAL] × 10 %
        ("4N2KE2ER", Decimal("78.96")),  # 987 [109,525 MAJOR] × 8 %
        ("9S8E95EI", Decimal("367.84")),  # 4,598 [119,459 MAJOR] × 8 %
        ("KQLS98VW", Decimal("99.60")),  # 1,245 [178,763 MAJOR] × 8 %
        ("ZRCY8P4P", Decimal("433.76")),  # 5,422 [190,966 MAJOR] × 8 %
    ]


def test_commission_of_cassey_cress_at_kan_code_falls_as_the_class_rises() -> None:
    assert _lines("Kan-code", "Cassey Cress") == [
        ("7R4VL3Q8", Decimal("470.50")),  # 4,705 [5,229 GENERAL] × 10 %
        ("A3BK99P6", Decimal("292.30")),  # 2,923 [11,240 GENERAL] × 10 %
        ("7LNGJB3S", Decimal("58.50")),  # 585 [22,121 GENERAL] × 10 %
        ("MK57PHV1", Decimal("462.40")),  # 4,624 [72,428 GENERAL] × 10 %
        ("NOBIC0PD", Decimal("343.52")),  # 4,294 [165,441 MAJOR] × 8 %
        ("P2PVED7R", Decimal("72.56")),  # 907 [197,726 MAJOR] × 8 %
        ("MN4ZHCUZ", Decimal("229.32")),  # 3,822 [293,893 KEY] × 6 %
    ]


def test_commission_of_vicki_laflamme_at_golddex_stays_at_ten_percent() -> None:
    assert _lines("Golddex", "Vicki Laflamme") == [
        ("LCBVIPRA", Decimal("6.00")),  # 60 [28,594 GENERAL] × 10 %
        ("1R8VKE8O", Decimal("563.10")),  # 5,631 [36,542 with the next, of the same day] × 10 %
        ("NDVZAHYA", Decimal("52.40")),  # 524 [36,542 GENERAL] × 10 %
        ("AXHNVQPQ", Decimal("457.30")),  # 4,573 [47,596 GENERAL] × 10 %
        ("7TIWLFZD", Decimal("55.20")),  # 552 [48,148 GENERAL] × 10 %
        ("2SI35CTV", Decimal("5.70")),  # 57 [49,871 GENERAL] × 10 %
        ("F5OETS8V", Decimal("54.40")),  # 544 [50,415 GENERAL] × 10 %
    ]


def _lines(customer: str, seller: str) -> list[tuple[str, Decimal]]:
    """Released on the day of the deal, because the cash came on it, and in full: as entitled."""
    posted = LedgerEntry.objects.filter(customer__name=customer, member__name=seller)
    entitled = Entitlement.objects.filter(customer__name=customer, member__name=seller)
    lines = [
        (entry.contract.number, entry.amount)
        for entry in posted.select_related("contract").order_by("effective_date", "contract__number")
        if (entry.kind, entry.component, entry.effective_date)
        == ("EARNED", "NEW_DEV", entry.contract.signed_on)
    ]
    assert len(lines) == posted.count()
    assert sorted(lines) == sorted(entitled.values_list("contract__number", "amount"))
    return lines


def test_every_line_of_commission_is_its_deal_at_the_rate_of_the_class_of_the_day() -> None:
    sold: dict[str, Counter[str]] = defaultdict(Counter)
    for row in _won():
        sold[row["account"]][row["close_date"]] += int(row["close_value"])
    due: dict[str, Decimal] = {}
    for row in _won():  # deals of one day count each other
        bought = sum(worth for day, worth in sold[row["account"]].items() if day <= row["close_date"])
        rate = _band(Decimal(bought))[1]
        due[row["opportunity_id"]] = (int(row["close_value"]) * rate).quantize(CENT, ROUND_HALF_UP)
    assert dict(LedgerEntry.objects.values_list("contract__number", "amount")) == due
    assert LedgerEntry.objects.count() == len(due)


@pytest.mark.parametrize(
    ("name", "silent", "usual", "silence", "points", "score", "band"),
    [
        # Days between contacts, the last 12: 1 1 2 2 3 3 3 4 4 6 14 16, median 3; silent since 2017-12-05
        # as published, 27 days: 9.0 times > 2.5 → 100. Payments in time 0. (15 × 100 + 15 × 0) ÷ 30 = 50.
        ("Kinnamplus", 27, "3", "9.0000", 100, 50, "AMBER"),
        # 1 1 1 1 1 1 2 2 3 3 4 6, median 1.5; 4 days: 2.6667 > 2.5 → 100, so 50 again.
        ("Condax", 4, "1.5", "2.6667", 100, 50, "AMBER"),
        # 1 1 2 3 4 4 4 5 6 7 12 18, median 4; 3 days: 0.75 ≤ 1.5 → 0.
        ("Golddex", 3, "4", "0.7500", 0, 0, "GREEN"),
    ],
)
def test_risk_says_who_has_gone_silent(name, silent, usual, silence, points, score, band) -> None:
    standing = Standing.objects.get(customer__name=name)
    reasons = ["interaction"] if points else []
    assert (standing.risk_score, standing.risk_band, standing.risk_reasons) == (score, band, reasons)
    told = {
        each["signal"]: each for each in RiskScore.objects.filter(customer__name=name).latest("id").signals
    }
    listened = {signal: each["points"] for signal, each in told.items() if each["points"] is not None}
    assert listened == {"interaction": points, "payment": 0}
    inputs = told["interaction"]["inputs"]
    assert (inputs["silent_days"], Decimal(inputs["usual_interval"])) == (silent, Decimal(usual))
    assert (inputs["silence"], told["payment"]["inputs"]["overdue_days"]) == (silence, 0)


def test_a_company_in_its_first_year_has_new_customers_only() -> None:
    assert Counter(Standing.objects.values_list("stage", flat=True)) == {"NEW": 85}


def test_a_second_run_changes_nothing() -> None:
    truths.a_second_run_changes_nothing("maven")
