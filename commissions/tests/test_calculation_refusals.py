"""Faults of meaning and of history: what is refused, where and why (spec/what-if.md §6)."""

import copy
from typing import Any

from commissions.calculation import answer
from commissions.calculation.faults import MESSAGES
from commissions.tests.worked import JSON, cash, contract, errors, event, refund, shares

OTHER = {"number": "P-1", "gross": "1.00", "starts_on": "2024-01-01", "ends_on": "2025-01-01"}


def refused(**more: Any) -> list[tuple[str, str]]:
    return errors(answer({"contract": contract()} | more))


def with_contract(**more: Any) -> list[tuple[str, str]]:
    return refused(contract=contract(**more))


def with_plan(**more: Any) -> list[tuple[str, str]]:
    return refused(plan=more)


def with_events(*events: JSON, **more: Any) -> list[tuple[str, str]]:
    return refused(events=[*events], **more)


def bands(*rows: tuple[str, str, str | None]) -> list[JSON]:
    return [{"class": name, "from": start, "to": end, "dept_rate": "0.1"} for name, start, end in rows]


def test_tables_tile_from_zero_without_end() -> None:
    step = {"from": "0", "to": "1", "factor": "1"}
    assert with_plan(renewal_factors=[]) == [("plan.renewal_factors", "not_from_zero")]
    assert with_plan(ops_renewal_factors=[step]) == [("plan.ops_renewal_factors", "not_unbounded")]
    assert with_plan(overdue_factors=[{"from": 0, "to": 5, "factor": "1"}, {"from": 6, "factor": "0"}]) == [
        ("plan.overdue_factors", "hole")
    ]
    assert with_plan(quota={"mode": "WHOLE", "tiers": [step, step]}) == [("plan.quota.tiers", "overlap")]
    assert refused(plan={"versions": [{"bands": bands(("A", "5", "5"))}]}) == [
        ("plan.versions[0].bands", "empty_band")
    ]


def test_the_lowest_gap_or_overlap_is_told() -> None:
    assert with_plan(bands=bands(("A", "0", "10"), ("B", "11", "20"), ("C", "19", None))) == [
        ("plan.bands", "hole")
    ]


def test_caps_of_a_plan() -> None:
    contract_cap = {"scope": "CONTRACT", "amount": "1.00"}
    assert with_plan(caps=[contract_cap, contract_cap]) == [("plan.caps[1].scope", "duplicate_scope")]
    assert with_plan(caps=[contract_cap | {"excess": "CARRY"}]) == [("plan.caps[0].excess", "invalid_choice")]


def test_basis_points_of_a_plan_stay_inside_the_whole() -> None:
    assert with_plan(dept_fund_bps=10_001, handover_old_owner_bps=10_001) == [
        ("plan.dept_fund_bps", "invalid_integer"),
        ("plan.handover_old_owner_bps", "invalid_integer"),
    ]


def test_versions_of_a_plan() -> None:
    assert refused(plan={"versions": []}) == [("plan.versions", "no_plan_version")]
    assert with_plan(valid_from="2025-01-02") == [("plan.versions", "no_plan_version")]
    assert with_plan(valid_from="2025-01-01", valid_to="2025-01-01") == [
        ("plan.valid_to", "end_before_start")
    ]
    assert refused(plan={"versions": [{}, {"currency": "USD", "valid_from": "2026-01-01"}]}) == [
        ("plan.versions", "version_overlap"),
        ("plan.versions", "currency_mismatch"),
    ]
    change = {"plan_change": "BY_EVENT_DATE", "valid_to": "2026-01-01"}
    other = {"valid_from": "2026-01-01", "bands": bands(("A", "0", None))}
    assert refused(plan={"versions": [change, other]}) == [("plan.versions[1].bands", "unknown_class")]


def test_terms_and_schedules() -> None:
    assert with_contract(ends_on="2025-01-01", schedule=["1.00"]) == [
        ("contract.ends_on", "end_before_start")
    ]
    assert with_contract(schedule=[]) == [("contract.schedule", "schedule_length")]
    assert with_contract(schedule=["1.00"]) == [("contract.schedule", "schedule_mismatch")]
    assert refused(previous=OTHER | {"schedule": ["2.00"]}) == [("previous.schedule", "schedule_mismatch")]
    group = {"group_contracts": [OTHER | {"ends_on": "2023-01-01"}]}
    assert refused(customer=group) == [("customer.group_contracts[0].ends_on", "end_before_start")]


def test_currencies_need_a_rate_and_the_plans_own_has_none() -> None:
    assert with_contract(currency="USD") == [("contract.book_rate", "unknown_rate")]
    assert with_contract(book_rate="7.1") == [("contract.book_rate", "invalid_rate")]
    assert refused(plan={"currency": "USD"}, contract=contract(currency="CNY")) == [
        ("contract.book_rate", "unknown_rate")
    ]


def test_numbers_are_unique_and_links_lead_somewhere() -> None:
    assert refused(previous=OTHER, customer={"contracts": [OTHER]}) == [
        ("customer.contracts[0].number", "duplicate_contract")
    ]
    assert with_contract(renewal_of="P-9") == [("contract.renewal_of", "unknown_contract")]


def test_classes_are_those_of_the_plan() -> None:
    assert refused(previous=OTHER | {"class": "GOLD"}) == [("previous.class", "unknown_class")]
    override = {"class_override": {"class": "GOLD", "from": "2025-01-01"}}
    assert refused(customer=override) == [("customer.class_override.class", "unknown_class")]


def test_receivables_and_expenses_name_years_of_the_contract() -> None:
    item = {"due_on": "2025-01-01", "gross": "200000.00"}
    assert with_contract(receivables=[]) == [("contract.receivables", "schedule_mismatch")]
    assert with_contract(receivables=[item | {"contract_year": 2}]) == [
        ("contract.receivables[0].contract_year", "unknown_contract_year")
    ]
    expense = {"amount": "1.00", "category": "TRAVEL", "contract_year": 0}
    assert with_contract(expenses=[expense]) == [
        ("contract.expenses[0].contract_year", "unknown_contract_year")
    ]
    assert with_events(refund("2025-02-01", "1.00", contract_year=2)) == [
        ("events[0].contract_year", "unknown_contract_year")
    ]


def test_shares_openings_and_months_are_named_once() -> None:
    twice = [{"payee": "a", "basis_points": 1}] * 2
    assert refused(splits=twice, ops_splits=[], overlays=twice, openings=[{"payee": "a"}] * 2) == [
        ("splits", "sum_not_10000"),
        ("splits", "duplicate_payee"),
        ("ops_splits", "sum_not_10000"),
        ("overlays", "duplicate_payee"),
        ("openings", "duplicate_payee"),
    ]
    assert refused(periods=[{"period": "2025-01"}] * 2) == [("periods[1].period", "duplicate_period")]


def test_events_that_contradict_themselves() -> None:
    one = cash("2025-01-10", "1.00")
    assert with_events(one, one | {"amount": "2.00"}) == [("events[1].id", "event_conflict")]
    assert with_events(cash("2024-12-31", "1.00")) == [("events[0].date", "before_signing")]
    assert with_events(event("CONTRACT_CANCELLED", "2025-01-10")) == [("events[0].kept_gross", "required")]
    same = event("HANDOVER", "2024-12-01", from_payee="a", to_payee="a")
    assert with_events(same) == [("events[0].to_payee", "duplicate_payee")]


def test_more_is_not_given_back_than_came_before() -> None:
    came, back = cash("2025-02-01", "10.00"), refund("2025-02-02", "10.01")
    assert with_events(back, came) == [("events[0].amount", "refund_exceeds_cash")]
    assert with_events(came, refund("2025-01-31", "1.00"), as_of="2025-01-01") == [
        ("events[1].amount", "refund_exceeds_cash")
    ]
    assert with_events(came, refund("2025-02-01", "1.00"), plan={"basis": "INVOICED"}) == [
        ("events[1].amount", "refund_exceeds_invoiced")
    ]


def test_no_more_is_written_off_than_is_open() -> None:
    came, lost = cash("2025-02-01", "199999.00"), event("WRITTEN_OFF", "2025-03-01", "1.01")
    assert with_events(came, lost) == [("events[1].amount", "write_off_exceeds_open")]
    two_years = contract("400000.00", ends_on="2027-01-01")
    lost = event("WRITTEN_OFF", "2025-03-01", "200000.01", contract_year=2)
    assert with_events(lost, contract=two_years, plan={"basis": "SIGNED"}) == [
        ("events[0].amount", "exceeds_year")
    ]


def amended(gross: str, day: str = "2025-02-01", **more: Any) -> JSON:
    return event("CONTRACT_AMENDED", day, gross=gross, **more)


def test_an_amendment_fits_the_contract() -> None:
    scheduled = contract(schedule=["200000.00"])
    assert with_events(amended("1.00"), contract=scheduled) == [("events[0].schedule", "required")]
    first = amended("1.00", schedule=["1.00"])
    assert with_events(first, amended("2.00", "2025-03-01")) == [("events[1].schedule", "required")]
    assert with_events(amended("1.00", schedule=["0.50", "0.50"])) == [
        ("events[0].schedule", "schedule_length")
    ]
    assert with_events(amended("1.00", schedule=["2.00"])) == [("events[0].schedule", "schedule_mismatch")]
    item = {"due_on": "2025-03-01", "gross": "2.00"}
    assert with_events(amended("1.00", receivables=[item])) == [
        ("events[0].receivables", "schedule_mismatch")
    ]
    assert with_events(amended("2.00", receivables=[item | {"contract_year": 9}])) == [
        ("events[0].receivables", "unknown_contract_year")
    ]


def test_a_cancellation_keeps_no_more_than_the_price() -> None:
    kept = event("CONTRACT_CANCELLED", "2025-03-01", kept_gross="150000.00")
    assert with_events(amended("100000.00"), kept) == [("events[1].kept_gross", "kept_exceeds_gross")]


def test_by_event_date_every_receipt_needs_a_version() -> None:
    version = {"plan_change": "BY_EVENT_DATE", "valid_to": "2025-06-01"}
    assert with_events(cash("2025-06-01", "1.00"), plan=version) == [("plan.versions", "no_plan_version")]
    two_years = contract("400000.00", ends_on="2027-01-01")
    assert refused(contract=two_years, plan=version) == [("plan.versions", "no_plan_version")]


def test_the_history_stops_at_its_first_fault() -> None:
    assert with_events(refund("2025-02-03", "1.00"), refund("2025-02-02", "1.00")) == [
        ("events[1].amount", "refund_exceeds_cash")
    ]


def test_a_stored_plan_is_found_by_its_code() -> None:
    stored = {"CURRENT": {"versions": [{"code": "2025", "dept_fund_bps": 10_000}]}}
    asked = {"plan": "CURRENT", "contract": contract(), "splits": shares(alice=10_000)}
    assert answer(asked, stored_plan=stored.get)["plan_version"] == "2025"
    assert errors(answer(asked | {"plan": "LAST"}, stored_plan=stored.get)) == [("plan", "invalid_choice")]


def test_messages_speak_the_language_of_the_reader() -> None:
    asked = {"plan": {"valid_from": "2026-01-01"}, "contract": contract()}
    answered = answer(asked, translate=lambda text: f"«{text}»")
    assert answered["errors"][0]["message"] == "«No version of the plan is in force on 2025-01-01.»"


def test_a_request_is_left_as_it_was() -> None:
    asked = {"contract": contract(), "splits": shares(a=5000, b=5000), "events": [cash("2025-01-10", "1.00")]}
    before = copy.deepcopy(asked)
    answer(asked)
    assert asked == before


def test_every_code_has_words() -> None:
    assert all(text.endswith(".") for text in MESSAGES.values())
