"""What is released, held, taken back and when. Base: 200,000.00 MAJOR, alice's total is 16,000.00."""

import pytest

from commissions.calculation import answer
from commissions.tests.worked import ALICE, JSON, cash, contract, entries, event, refund

ALL_PAID = [cash("2025-01-10", "200000.00")]


def asked(plan: JSON | None = None, *, events: list[JSON], **more: object) -> JSON:
    return answer({"plan": plan or {}, "contract": contract(), "splits": ALICE, "events": events} | more)


def posted(answered: JSON, payee: str = "alice") -> list[tuple[str, str, str]]:
    return [
        (row["source_event"], row["kind"], row["amount"])
        for row in answered["ledger"]
        if row["payee"] == payee
    ]


def test_on_invoices_commission_follows_the_invoice_and_a_write_off_takes_it_back() -> None:
    events = [
        event("INVOICE_ISSUED", "2025-02-01", "100000.00"),
        cash("2025-12-01", "30000.00"),
        event("WRITTEN_OFF", "2025-12-20", "50000.00"),
    ]
    answered = asked({"basis": "INVOICED"}, events=events)
    assert entries(answered) == [("EARNED", "8000.00"), ("REVERSAL", "-4000.00")]
    assert answered["ledger"][-1]["reverses"] == "invoice_issued-2025-02-01"
    assert answered["collection"] == {
        "gross_due": "200000.00",
        "net_cash": "30000.00",
        "advance": "0.00",
    }


def test_on_signing_each_year_is_earned_when_it_begins() -> None:
    two_years = contract("400000.00", ends_on="2027-01-01")
    answered = asked({"basis": "SIGNED"}, events=[], contract=two_years, as_of="2026-01-01")
    assert posted(answered) == [("@signed", "EARNED", "16000.00"), ("@year-2", "EARNED", "8000.00")]
    assert answered["ledger"][-1]["effective_date"] == "2026-01-01"


def test_on_signing_a_refund_reverses_the_year_it_belongs_to() -> None:
    two_years = contract("400000.00", ends_on="2027-01-01")
    events = [cash("2025-12-20", "400000.00"), refund("2026-01-10", "50000.00", contract_year=1)]
    answered = asked({"basis": "SIGNED"}, events=events, contract=two_years)
    assert posted(answered)[-1] == ("refunded-2026-01-10", "CLAWBACK", "-4000.00")
    assert answered["ledger"][-2]["reverses"] == "@signed"


def test_a_later_year_is_earned_when_it_has_begun_and_its_cash_is_there() -> None:
    two_years = contract("400000.00", ends_on="2027-01-01")
    events = [cash("2025-01-10", "300000.00")]
    assert posted(asked(events=events, contract=two_years, as_of="2026-01-01")) == [
        ("cash_received-2025-01-10", "EARNED", "16000.00"),
        ("@year-2", "EARNED", "4000.00"),
    ]


def test_a_gate_opens_for_all_that_has_come_and_stays_open_after_a_refund() -> None:
    events = [
        cash("2025-01-10", "199999.99"),
        cash("2025-01-20", "0.01"),
        refund("2025-02-01", "2.00"),
    ]
    assert posted(asked({"release_at": "1"}, events=events)) == [
        ("cash_received-2025-01-20", "EARNED", "16000.00"),
        ("refunded-2025-02-01", "CLAWBACK", "-0.16"),
    ]


def test_without_overdue_factors_late_cash_pays_in_full() -> None:
    assert entries(asked({"overdue_factors": []}, events=[cash("2025-12-31", "200000.00")])) == [
        ("EARNED", "16000.00")
    ]


def test_days_late_count_from_the_receivable_that_is_paid() -> None:
    plan = [{"due_on": "2025-01-01", "gross": "50000.00"}, {"due_on": "2025-09-01", "gross": "150000.00"}]
    answered = asked(events=[cash("2025-08-01", "200000.00")], contract=contract(receivables=plan))
    assert entries(answered) == [("EARNED", "12000.00"), ("FORFEIT", "4000.00")]


def test_cash_pays_the_oldest_receivable_of_whichever_year() -> None:
    plan = [
        {"due_on": "2025-09-01", "gross": "100000.00"},
        {"due_on": "2025-06-01", "gross": "200000.00", "contract_year": 2},
        {"due_on": "2025-01-01", "gross": "100000.00"},
    ]
    two_years = contract("400000.00", ends_on="2027-01-01", receivables=plan)
    answered = asked(events=[cash("2025-01-10", "150000.00")], contract=two_years, as_of="2026-01-01")
    assert posted(answered) == [
        ("cash_received-2025-01-10", "EARNED", "8000.00"),
        ("@year-2", "EARNED", "2000.00"),
    ]


def test_the_holdback_is_released_on_its_day() -> None:
    held = contract(hold_until="2025-06-30")
    answered = asked({"holdback_rate": "0.3"}, events=ALL_PAID, contract=held, as_of="2025-06-30")
    assert posted(answered) == [
        ("cash_received-2025-01-10", "EARNED", "11200.00"),
        ("cash_received-2025-01-10", "HOLD", "4800.00"),
        ("@hold", "RELEASE", "4800.00"),
        ("@hold", "HOLD", "-4800.00"),
    ]
    assert answered["balances"][0] == {
        "payee": "alice",
        "payable": "16000.00",
        "held": "0.00",
        "forfeited": "0.00",
    }


def test_a_holdback_without_a_day_stays_held() -> None:
    answered = asked({"holdback_rate": "0.3"}, events=ALL_PAID, as_of="2030-01-01")
    assert answered["balances"][0]["held"] == "4800.00"


def test_a_refund_after_the_window_lowers_cash_only_and_cash_again_earns_nothing_twice() -> None:
    events = [
        *ALL_PAID,
        refund("2025-03-01", "50000.00"),
        cash("2025-03-05", "50000.00"),
    ]
    answered = asked({"clawback_window_days": 10, "overdue_factors": []}, events=events)
    assert entries(answered) == [("EARNED", "16000.00")]
    assert answered["collection"]["net_cash"] == "200000.00"
    assert answered["warnings"] == [
        {
            "code": "CLAWBACK_WINDOW_EXPIRED",
            "contract_year": None,
            "source_event": "refunded-2025-03-01",
            "amount": "50000.00",
        }
    ]


def test_a_refund_takes_the_newest_receipt_first_and_names_each_it_touches() -> None:
    events = [
        cash("2025-01-10", "120000.00"),
        cash("2025-01-20", "80000.00"),
        refund("2025-02-01", "100000.00"),
    ]
    answered = asked(events=events)
    assert [(row["reverses"], row["amount"]) for row in answered["ledger"][-4:-2]] == [
        ("cash_received-2025-01-10", "-1600.00"),
        ("cash_received-2025-01-20", "-6400.00"),
    ]


def test_a_refund_takes_back_each_portion_at_the_factor_it_was_paid_at() -> None:
    events = [
        cash("2025-01-10", "100000.00"),
        cash("2025-05-01", "100000.00"),
        refund("2025-05-02", "100000.00"),
    ]
    assert entries(asked(events=events)) == [
        ("EARNED", "8000.00"),
        ("EARNED", "4000.00"),
        ("FORFEIT", "4000.00"),
        ("CLAWBACK", "-4000.00"),
        ("FORFEIT", "-4000.00"),
    ]


def test_under_pro_rata_temporis_refunds_change_nothing_and_later_cash_counts_in_part() -> None:
    events = [
        cash("2025-01-10", "100000.00"),
        refund("2025-01-20", "100000.00"),
        event("CONTRACT_CANCELLED", "2025-01-25", served_until="2025-03-15"),
        cash("2025-01-28", "100000.00"),
    ]
    answered = asked({"clawback_mode": "PRORATA_TEMPORIS"}, events=events)
    assert posted(answered) == [
        ("cash_received-2025-01-10", "EARNED", "8000.00"),
        ("contract_cancelled-2025-01-25", "CLAWBACK", "-6400.00"),
        ("cash_received-2025-01-28", "EARNED", "1600.00"),
    ]


def test_over_payment_is_an_advance_and_earns_nothing() -> None:
    answered = asked(events=[cash("2025-01-10", "200000.00"), cash("2025-01-11", "5000.00")])
    assert entries(answered) == [("EARNED", "16000.00")]
    assert answered["collection"]["advance"] == "5000.00"
    assert [(found["code"], found["amount"]) for found in answered["warnings"]] == [
        ("OVERPAYMENT", "5000.00")
    ]


def test_an_event_told_twice_counts_once() -> None:
    twice = [*ALL_PAID, cash("2025-01-10", "200000.0", entered_on="2025-01-10")]
    assert entries(asked(events=twice)) == [("EARNED", "16000.00")]


def test_a_fact_of_the_future_is_not_known_yet() -> None:
    late = [cash("2025-01-10", "200000.00", entered_on="2025-01-12")]
    assert entries(asked(events=late, as_of="2025-01-11")) == []
    assert entries(asked(events=late, as_of="2025-01-12")) == [("EARNED", "16000.00")]


@pytest.mark.parametrize(
    ("entered_on", "period"),
    [
        ("2025-01-31", "2025-01"),
        ("2025-02-05", "2025-01"),
        ("2025-02-06", "2025-02"),
        ("2025-04-09", "2025-04"),
    ],
)
def test_an_event_posts_in_the_first_month_that_was_open_when_it_was_known(
    entered_on: str, period: str
) -> None:
    periods = [
        {"period": "2025-01", "status": "CLOSED", "closed_on": "2025-02-05"},
        {"period": "2025-03", "status": "CLOSED", "closed_on": "2025-04-05"},
    ]
    answered = asked(events=[cash("2025-01-10", "200000.00", entered_on=entered_on)], periods=periods)
    first = answered["ledger"][0]
    assert (first["posting_period"], first["effective_date"]) == (period, "2025-01-10")
