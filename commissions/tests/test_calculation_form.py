"""Faults of form (spec/what-if.md §6, stage 1)."""

from typing import Any

import pytest

from commissions.calculation import answer
from commissions.tests.worked import cash, contract, errors, event, refund

OTHER = {"number": "P-1", "gross": "1.00", "starts_on": "2024-01-01", "ends_on": "2025-01-01"}

FORM = [
    ([1], "", "invalid_object"),
    ({}, "contract", "required"),
    ({"customer": {"contracts": []}, "class_dates": []}, "contract", "required"),
    ({"customer": {"group_contracts": [OTHER]}}, "contract", "required"),
    ({"contract": contract() | {"gros": "1.00"}}, "contract.gros", "unknown_field"),
    ({"contract": contract() | {"cancelled_on": "2025-05-01"}}, "contract.cancelled_on", "unknown_field"),
    ({"previous": OTHER | {"renewal_of": "P-0"}}, "previous.renewal_of", "unknown_field"),
    ({"contract": contract(gross=200000)}, "contract.gross", "invalid_amount"),
    ({"contract": contract("1.001")}, "contract.gross", "invalid_amount"),
    ({"contract": contract("10000000000000")}, "contract.gross", "invalid_amount"),
    ({"contract": contract("１.00")}, "contract.gross", "invalid_amount"),
    ({"contract": contract("1.00\n")}, "contract.gross", "invalid_amount"),
    ({"contract": contract("-1.00")}, "contract.gross", "negative_amount"),
    ({"contract": contract(gross=None)}, "contract.gross", "required"),
    ({"contract": contract(vat_rate="0.0000001")}, "contract.vat_rate", "invalid_rate"),
    ({"contract": contract(vat_rate="-0.06")}, "contract.vat_rate", "invalid_rate"),
    ({"contract": contract(vat_rate=0.06)}, "contract.vat_rate", "invalid_rate"),
    ({"contract": contract(currency="USD", book_rate="0")}, "contract.book_rate", "invalid_rate"),
    ({"contract": contract(starts_on="2025-02-29")}, "contract.starts_on", "invalid_date"),
    ({"contract": contract(starts_on="20250101")}, "contract.starts_on", "invalid_date"),
    ({"contract": contract(number="")}, "contract.number", "invalid_string"),
    ({"contract": contract(number="x" * 101)}, "contract.number", "invalid_string"),
    ({"contract": contract(number="a\0b")}, "contract.number", "invalid_string"),
    ({"contract": contract(number="\ud800")}, "contract.number", "invalid_string"),
    ({"contract": "C-1"}, "contract", "invalid_object"),
    ({"contract": contract(schedule="1.00")}, "contract.schedule", "invalid_list"),
    ({"contract": contract(schedule=["1.00", 2])}, "contract.schedule[1]", "invalid_amount"),
    ({"events": [None]}, "events[0]", "invalid_object"),
    ({"events": [cash("2025-01-10", "1.00", id="@mine")]}, "events[0].id", "invalid_id"),
    ({"events": [cash("2025-01-10", "1.00") | {"kind": "CASH"}]}, "events[0].kind", "invalid_choice"),
    ({"events": [cash("2025-01-10", "1.00") | {"kind": ["CASH"]}]}, "events[0].kind", "invalid_choice"),
    ({"events": [cash("2025-01-10", "1.00", approved=True)]}, "events[0].approved", "unknown_field"),
    ({"events": [refund("2025-01-10", "1.00", approved="yes")]}, "events[0].approved", "invalid_boolean"),
    (
        {"events": [refund("2025-01-10", "1.00", contract_year="1")]},
        "events[0].contract_year",
        "invalid_integer",
    ),
    ({"events": [event("EXPENSE_BOOKED", "2025-01-10", "1.00")]}, "events[0].category", "required"),
    ({"splits": [{"payee": "a", "basis_points": True}]}, "splits[0].basis_points", "invalid_integer"),
    ({"splits": [{"payee": "a", "basis_points": 10000.0}]}, "splits[0].basis_points", "invalid_integer"),
    ({"splits": [{"payee": "a", "basis_points": -1}]}, "splits[0].basis_points", "invalid_integer"),
    ({"periods": [{"period": "2025-13"}]}, "periods[0].period", "invalid_period"),
    ({"periods": [{"period": "2025-01", "status": "OPENED"}]}, "periods[0].status", "invalid_choice"),
    ({"openings": [{"payee": "a", "draw_due": "-1.00"}]}, "openings[0].draw_due", "negative_amount"),
    ({"class_dates": ["2025-1-1"]}, "class_dates[0]", "invalid_date"),
    ({"plan": "CURRENT"}, "plan", "invalid_object"),
    ({"plan": {"versions": [{}], "basis": "CASH"}}, "plan.basis", "unknown_field"),
    ({"plan": {"versions": [{"basis": "CASHED"}]}}, "plan.versions[0].basis", "invalid_choice"),
    ({"plan": {"release_at": "1.1"}}, "plan.release_at", "invalid_rate"),
    ({"plan": {"quota": {"tiers": []}}}, "plan.quota.mode", "required"),
    ({"plan": {"quota": {"mode": "WHOLE"}}}, "plan.quota.tiers", "required"),
    (
        {"plan": {"renewal_factors": [{"from": "0.00001", "factor": "1"}]}},
        "plan.renewal_factors[0].from",
        "invalid_rate",
    ),
    (
        {"plan": {"overdue_factors": [{"from": 0, "factor": "1.5"}]}},
        "plan.overdue_factors[0].factor",
        "invalid_rate",
    ),
    ({"plan": {"bands": [{"class": "A", "from": "0"}]}}, "plan.bands[0].dept_rate", "required"),
    ({"id": 7}, "id", "invalid_string"),
]


@pytest.mark.parametrize(("request_", "field", "code"), FORM, ids=[f"{row[1]}-{row[2]}" for row in FORM])
def test_a_fault_of_form_is_named_with_its_field(request_: Any, field: str, code: str) -> None:
    asked = (
        {"contract": contract()} | request_
        if isinstance(request_, dict) and field != "contract"
        else request_
    )
    assert errors(answer(asked)) == [(field, code)]


def test_all_faults_of_form_are_told_at_once_and_none_of_meaning() -> None:
    asked = {
        "id": "mine",
        "contract": contract("x", signed_on=None, ends_on="2024-01-01"),
        "splits": [{"basis_points": 1}],
    }
    answered = answer(asked)
    assert answered["id"] == "mine"
    assert sorted(errors(answered)) == [
        ("contract.gross", "invalid_amount"),
        ("contract.signed_on", "required"),
        ("splits[0].payee", "required"),
    ]
