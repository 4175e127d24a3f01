"""What a month pays. Each receipt of 12,500.00 earns alice 1,000.00."""

from commissions.calculation import answer
from commissions.tests.worked import ALICE, JSON, cash, contract, refund, shares

NO_DECAY = {"overdue_factors": []}


def statements(plan: JSON, events: list[JSON], last: str = "2025-03", **more: object) -> list[JSON]:
    """Alice's statements from January on."""
    request = {
        "plan": NO_DECAY | plan,
        "contract": contract(),
        "splits": ALICE,
        "events": events,
        "periods": [{"period": "2025-01"}, {"period": last}],
    }
    answered = answer(request | more)
    return [row for row in answered["statements"] if row["payee"] == "alice"]


def paid(rows: list[JSON]) -> list[tuple[str, str]]:
    return [(row["payable"], row["closing_carry"]) for row in rows]


def kinds(rows: list[JSON]) -> list[JSON]:
    return [row["by_kind"] for row in rows]


ONE_A_MONTH = [cash(f"2025-0{month}-10", "12500.00") for month in (1, 2, 3)]
BIG_FIRST = [cash("2025-01-10", "50000.00"), cash("2025-02-10", "12500.00")]


def test_a_cap_by_month_cuts_the_excess() -> None:
    rows = statements({"caps": [{"scope": "PAYEE_PERIOD", "amount": "2500.00"}]}, BIG_FIRST)
    assert paid(rows) == [("2500.00", "0.00"), ("1000.00", "0.00"), ("0.00", "0.00")]
    assert kinds(rows)[0] == {"EARNED": "4000.00", "CAP": "-1500.00"}


def test_a_cap_by_month_may_carry_the_excess_on() -> None:
    cap = {"scope": "PAYEE_PERIOD", "amount": "2500.00", "excess": "CARRY"}
    assert paid(statements({"caps": [cap]}, BIG_FIRST)) == [
        ("2500.00", "1500.00"),
        ("2500.00", "0.00"),
        ("0.00", "0.00"),
    ]


def test_a_cap_by_year_counts_what_was_paid_before() -> None:
    cap = {"scope": "PAYEE_YEAR", "amount": "5000.00"}
    openings = [{"payee": "alice", "paid_this_year": "3500.00"}]
    rows = statements({"caps": [cap]}, ONE_A_MONTH, openings=openings)
    assert paid(rows) == [("1000.00", "0.00"), ("500.00", "0.00"), ("0.00", "0.00")]


def test_a_cap_by_year_that_was_passed_before_leaves_nothing_and_takes_nothing() -> None:
    cap = {"scope": "PAYEE_YEAR", "amount": "5000.00"}
    openings = [{"payee": "alice", "paid_this_year": "6000.00"}]
    rows = statements({"caps": [cap]}, ONE_A_MONTH[:1], openings=openings)
    assert kinds(rows)[0] == {"EARNED": "1000.00", "CAP": "-1000.00"}
    assert paid(rows)[0] == ("0.00", "0.00")


def test_a_cap_by_year_begins_anew_in_january() -> None:
    cap = {"scope": "PAYEE_YEAR", "amount": "1500.00", "excess": "CARRY"}
    rows = statements({"caps": [cap]}, BIG_FIRST, last="2026-01")
    assert (paid(rows)[0], paid(rows)[11], paid(rows)[12]) == (
        ("1500.00", "2500.00"),
        ("0.00", "3500.00"),
        ("1500.00", "2000.00"),
    )


def test_a_guarantee_that_is_not_recoverable_is_never_taken_back() -> None:
    floor = {"floor": {"amount": "2000.00", "recoverable": False}}
    rows = statements(floor, [cash("2025-02-10", "50000.00")], last="2025-02")
    assert kinds(rows) == [{"FLOOR": "2000.00"}, {"EARNED": "4000.00"}]
    assert [row["draw_due"] for row in rows] == ["0.00", "0.00"]


def test_a_draw_is_recovered_from_what_is_above_the_floor_only() -> None:
    floor = {"floor": {"amount": "800.00"}}
    openings = [{"payee": "alice", "draw_due": "300.00"}]
    rows = statements(floor, ONE_A_MONTH[:1] + ONE_A_MONTH[2:], openings=openings)
    assert kinds(rows) == [
        {"EARNED": "1000.00", "RECOVER": "-200.00"},
        {"FLOOR": "800.00"},
        {"EARNED": "1000.00", "RECOVER": "-200.00"},
    ]
    assert [row["draw_due"] for row in rows] == ["100.00", "900.00", "700.00"]


def test_a_small_amount_waits_for_the_next_month() -> None:
    assert paid(statements({"min_payout": "2000.00"}, ONE_A_MONTH)) == [
        ("0.00", "1000.00"),
        ("2000.00", "0.00"),
        ("0.00", "1000.00"),
    ]


def test_only_a_part_of_a_month_may_be_netted_off() -> None:
    events = [
        cash("2025-01-05", "50000.00"),
        refund("2025-02-05", "50000.00"),
        cash("2025-02-20", "31250.00"),
    ]
    rows = statements({"max_netoff_rate": "0.2"}, [*events, cash("2025-03-20", "37500.00")])
    assert paid(rows) == [("4000.00", "0.00"), ("2000.00", "-3500.00"), ("2400.00", "-2900.00")]


def test_an_opening_carry_is_a_part_of_the_first_month() -> None:
    openings = [{"payee": "alice", "carry": "-400.00"}, {"payee": "bob", "carry": "55.00"}]
    rows = statements({}, ONE_A_MONTH, openings=openings)
    assert (rows[0]["opening_carry"], rows[0]["payable"]) == ("-400.00", "600.00")


def test_caps_and_floors_do_not_touch_ops_and_overlays() -> None:
    plan = {
        "caps": [{"scope": "PAYEE_PERIOD", "amount": "1.00"}],
        "floor": {"amount": "5000.00"},
        "min_payout": "9000.00",
    }
    request = {
        "plan": plan,
        "contract": contract(),
        "splits": ALICE,
        "overlays": shares(coach=1000),
        "events": [cash("2025-01-10", "200000.00")],
        "periods": [{"period": "2025-01"}],
    }
    by_payee = {row["payee"]: row["payable"] for row in answer(request)["statements"]}
    assert by_payee == {"alice": "0.00", "coach": "1600.00", "OPS_DEPT": "3000.00"}


def test_a_month_is_closed_when_it_or_a_later_one_is() -> None:
    periods = [{"period": "2025-04"}, {"period": "2025-02", "status": "CLOSED"}, {"period": "2025-01"}]
    rows = statements({}, [], periods=periods)
    assert [(row["period"], row["status"]) for row in rows] == [
        ("2025-01", "CLOSED"),
        ("2025-02", "CLOSED"),
        ("2025-03", "OPEN"),
        ("2025-04", "OPEN"),
    ]
