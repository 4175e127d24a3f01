"""Settings that shape the pools and who shares them. Base: 200,000.00 MAJOR, pools 16,000.00 and 3,000.00."""

import pytest

from commissions.calculation import answer
from commissions.tests.worked import ALICE, JSON, contract, event, shares

PREVIOUS = {"number": "P-1", "gross": "200000.00", "starts_on": "2024-01-01", "ends_on": "2025-01-01"}


def rows(answered: JSON) -> list[tuple[str, str, str]]:
    return [(row["component"], row["payee"], row["amount"]) for row in answered["payees"]]


def pools(answered: JSON) -> tuple[str, str]:
    return answered["dept_total"], answered["ops_total"]


def asked(plan: JSON | None = None, **more: object) -> JSON:
    return answer({"plan": plan or {}, "contract": contract(), "splits": ALICE} | more)


def test_the_ops_pool_may_come_out_of_the_department_pool() -> None:
    assert pools(asked({"ops_from_dept": True})) == ("13000.00", "3000.00")


def test_the_department_fund_is_taken_before_the_split() -> None:
    assert rows(asked({"dept_fund_bps": 2500}, splits=shares(a=5000, b=5000))) == [
        ("NEW_DEV", "a", "6000.00"),
        ("NEW_DEV", "b", "6000.00"),
        ("DEPT_FUND", "SALES_DEPT", "4000.00"),
        ("OPS_SHARE", "OPS_DEPT", "3000.00"),
    ]


def test_distribution_by_pool_gives_all_to_the_department() -> None:
    assert rows(asked({"distribution": "POOL"}))[0] == ("NEW_DEV", "SALES_DEPT", "16000.00")


def test_overlays_are_paid_beside_the_split() -> None:
    assert rows(asked(overlays=shares(coach=1000, boss=12_000))) == [
        ("NEW_DEV", "alice", "16000.00"),
        ("OVERLAY", "coach", "1600.00"),
        ("OVERLAY", "boss", "19200.00"),
        ("OPS_SHARE", "OPS_DEPT", "3000.00"),
    ]


def test_ops_as_the_responsible_department_gets_both_pools_as_two_rows() -> None:
    answered = answer({"contract": contract(responsible_dept="OPS_DEPT")})
    assert rows(answered) == [("NEW_DEV", "OPS_DEPT", "16000.00"), ("OPS_SHARE", "OPS_DEPT", "3000.00")]


def test_the_base_may_include_the_tax() -> None:
    taxed = contract("212000.00", vat_rate="0.06")
    assert pools(asked(contract=taxed)) == ("16000.00", "3000.00")
    assert pools(asked({"base_tax": "INCLUSIVE"}, contract=taxed)) == ("16960.00", "3180.00")


def test_only_the_listed_expenses_are_deducted() -> None:
    spent = contract(expenses=[{"amount": "50000.00", "category": kind} for kind in ("TRAVEL", "GIFTS")])
    assert pools(asked(contract=spent)) == ("12000.00", "2250.00")
    assert pools(asked({"deductible_expenses": []}, contract=spent)) == ("16000.00", "3000.00")


def test_a_dated_expense_of_the_contract_is_an_event() -> None:
    spent = contract(expenses=[{"amount": "50000.00", "category": "TRAVEL", "date": "2025-03-01"}])
    assert pools(asked(contract=spent, as_of="2025-02-28")) == ("16000.00", "3000.00")
    assert asked(contract=spent)["as_of"] == "2025-03-01"
    assert pools(asked(contract=spent)) == ("12000.00", "2250.00")


@pytest.mark.parametrize(
    ("setting", "starts_on", "pool"),
    [
        ({}, "2025-01-01", "16800.00"),
        ({"growth_mode": "SPLIT_INCREMENT"}, "2025-01-01", "16000.00"),
        ({"growth_mode": "SPLIT_INCREMENT"}, "2025-02-15", "14400.00"),
        ({"late_factor": "0.5"}, "2025-02-15", "8400.00"),
        ({"win_back_same_dept_cap": "0.25"}, "2025-06-01", "6000.00"),
        ({"renewal_max_gap_days": 44, "late_max_gap_days": 44}, "2025-02-15", "9600.00"),
        ({"win_back_max_gap_days": 44}, "2025-02-15", "24000.00"),
        ({"renewal_factors": [{"from": "0", "to": None, "factor": "1"}]}, "2025-01-01", "24000.00"),
    ],
)
def test_the_factor_of_a_renewal_that_grew_by_half(setting: JSON, starts_on: str, pool: str) -> None:
    ends_on = starts_on.replace("2025", "2026")
    grown = contract("300000.00", signed_on=starts_on, starts_on=starts_on, ends_on=ends_on)
    assert pools(asked(setting, contract=grown, previous=PREVIOUS))[0] == pool


def test_a_free_trial_is_not_renewed() -> None:
    answered = asked(previous=PREVIOUS | {"gross": "0.00"})
    assert (answered["case"], answered["gap_days"], answered["q"]) == ("NEW", 0, None)


def test_a_contract_that_runs_on_stands_on_neither_side_of_the_ratio() -> None:
    beside = PREVIOUS | {"number": "P-2", "ends_on": "2026-01-01"}
    answered = asked(previous=PREVIOUS, customer={"contracts": [beside]})
    assert (answered["case"], answered["q"], answered["annual_amount"]) == ("RENEWAL", "1.0000", "300000.00")


@pytest.mark.parametrize(("ends_on", "q"), [("2025-04-01", "0.5000"), ("2025-04-02", "1.0000")])
def test_a_contract_that_ends_soon_after_belongs_to_what_is_renewed(ends_on: str, q: str) -> None:
    beside = PREVIOUS | {"number": "P-2", "starts_on": "2024-04-02", "ends_on": ends_on}
    linked = contract(renewal_of="P-1")
    answered = asked(contract=linked, previous=PREVIOUS, customer={"contracts": [beside]})
    assert answered["q"] == q


def test_a_renewal_split_in_two_keeps_its_ratio() -> None:
    half = contract("120000.00", number="C-2")
    answered = asked(contract=contract("120000.00"), previous=PREVIOUS, customer={"contracts": [half]})
    assert answered["q"] == "1.2000"


def test_a_start_before_the_end_is_a_renewal_only_with_a_link() -> None:
    early = contract(signed_on="2024-12-01", starts_on="2024-12-01", ends_on="2025-12-01")
    assert asked(contract=early, previous=PREVIOUS)["case"] == "ADD_ON"
    linked = asked(contract=early | {"renewal_of": "P-1"}, previous=PREVIOUS)
    assert (linked["case"], linked["gap_days"], linked["annual_amount"]) == ("RENEWAL", -31, "200000.00")


def test_a_class_given_to_the_contract_before_counts() -> None:
    answered = asked(previous=PREVIOUS | {"class": "COMPANY"})
    assert (answered["previous_class"], answered["rate_class"]) == ("COMPANY", "COMPANY")


def test_a_class_set_by_hand_counts_for_commission() -> None:
    override = {"class": "COMPANY", "from": "2025-01-01"}
    answered = asked(customer={"class_override": override})
    assert (answered["customer_class"], pools(answered)) == ("COMPANY", ("10000.00", "4000.00"))


def test_the_factor_falls_with_the_customer_year() -> None:
    two_years = contract("400000.00", ends_on="2027-01-01")
    plan = {"year_decay": ["1", "0.9"], "renewal_factors": [{"from": "0", "factor": "1"}]}
    assert [year["dept_pool"] for year in asked(plan, contract=two_years)["years"]] == [
        "16000.00",
        "14400.00",
    ]
    old = asked(plan, contract=two_years, customer={"first_contract_on": "2019-05-05"})
    assert [year["dept_pool"] for year in old["years"]] == ["14400.00", "14400.00"]


@pytest.mark.parametrize(
    ("mode", "before", "pool"),
    [
        ("MARGINAL", "150000.00", "22000.00"),
        ("WHOLE", "150000.00", "24000.00"),
        ("MARGINAL", "0.00", "16000.00"),
        ("WHOLE", "0.00", "24000.00"),
    ],
)
def test_the_quota_speeds_up_what_is_above_it(mode: str, before: str, pool: str) -> None:
    tiers = [
        {"from": "200000.00", "factor": "1.5"},
        {"from": "0", "to": "200000.00", "factor": "1"},
    ]
    quota = {"mode": mode, "credited_before": before, "tiers": tiers}
    assert pools(asked({"quota": quota}))[0] == pool


def test_later_years_may_be_left_unpaid() -> None:
    two_years = contract("400000.00", ends_on="2027-01-01")
    years = asked({"later_years": "FIRST_YEAR_ONLY"}, contract=two_years)["years"]
    assert [(year["dept_pool"], year["ops_pool"], year["q"]) for year in years] == [
        ("16000.00", "3000.00", None),
        ("0.00", "0.00", None),
    ]


def test_a_year_after_a_free_one_has_no_ratio_and_full_factors() -> None:
    stepped = contract("200000.00", ends_on="2027-01-01", schedule=["0.00", "200000.00"])
    second = asked(contract=stepped)["years"][1]
    assert (second["q"], second["dept_factor"], second["ops_factor"]) == (None, "1.000000", "1.000000")


def test_a_broken_last_year_is_compared_by_the_year() -> None:
    broken = contract("300000.00", ends_on="2026-07-01")
    years = asked(contract=broken)["years"]
    assert [(year["gross"], year["q"]) for year in years] == [("200000.00", None), ("100000.00", "1.0000")]


def test_the_contract_cap_fills_the_years_in_order() -> None:
    two_years = contract("400000.00", ends_on="2027-01-01")
    answered = asked({"caps": [{"scope": "CONTRACT", "amount": "20000.00"}]}, contract=two_years)
    assert [(year["dept_pool"], year["dept_pool_capped"]) for year in answered["years"]] == [
        ("16000.00", "16000.00"),
        ("8000.00", "4000.00"),
    ]
    assert answered["dept_total"] == "24000.00"


def handover(day: str, old: str, new: str, **more: object) -> JSON:
    return event("HANDOVER", day, from_payee=old, to_payee=new) | {"id": f"{old}-{day}"} | more


@pytest.mark.parametrize(
    ("handovers", "expected"),
    [
        ([handover("2024-12-02", "old", "alice")], [("alice", "8000.00"), ("old", "8000.00")]),
        ([handover("2024-12-01", "old", "alice")], [("alice", "16000.00")]),
        ([handover("2025-01-02", "old", "alice")], [("alice", "16000.00")]),
        (
            [handover("2024-12-10", "old", "alice"), handover("2024-12-20", "older", "alice")],
            [("alice", "8000.00"), ("older", "8000.00")],
        ),
    ],
)
def test_shortly_after_a_handover_the_old_owner_keeps_half(
    handovers: list[JSON], expected: list[tuple[str, str]]
) -> None:
    found = [
        (payee, amount)
        for component, payee, amount in rows(asked(events=handovers))
        if component != "OPS_SHARE"
    ]
    assert found == expected


def test_an_old_owner_who_shares_already_is_named_once() -> None:
    answered = asked(
        {"handover_old_owner_bps": 3333},
        splits=shares(old=4000, new=6000),
        events=[handover("2024-12-20", "old", "new")],
    )
    assert rows(answered)[:2] == [("NEW_DEV", "old", "9598.40"), ("NEW_DEV", "new", "6401.60")]


@pytest.mark.parametrize(
    ("as_of", "case", "stage"),
    [
        ("2024-10-02", None, "ACTIVE"),
        ("2024-10-03", None, "RENEWAL_DUE"),
        ("2025-01-01", None, "OVERDUE"),
        ("2025-04-01", None, "OVERDUE"),
        ("2025-04-02", "LAPSED", "CHURNED"),
    ],
)
def test_without_a_contract_the_stage_is_told(as_of: str, case: str | None, stage: str) -> None:
    answered = answer({"as_of": as_of, "previous": PREVIOUS})
    assert (answered["case"], answered["customer_stage"]) == (case, stage)
    assert (answered["collection"], answered["payees"], answered["ops_total"]) == (None, [], "0.00")
