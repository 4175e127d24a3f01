"""What an amendment, a cancellation, another version or a late handover changes of what is due."""

from commissions.calculation import answer
from commissions.tests.worked import ALICE, JSON, cash, contract, entries, event, shares

ALL_PAID = [cash("2025-01-10", "200000.00")]


def asked(plan: JSON | None = None, *, events: list[JSON], **more: object) -> JSON:
    return answer({"plan": plan or {}, "contract": contract(), "splits": ALICE, "events": events} | more)


def posted(answered: JSON) -> list[tuple[str, str, str]]:
    rows = [row for row in answered["ledger"] if row["payee"] == "alice"]
    return [(row["source_event"], row["kind"], row["amount"]) for row in rows]


def amended(day: str, gross: str, **more: object) -> JSON:
    return event("CONTRACT_AMENDED", day, gross=gross, **more)


def test_a_higher_price_opens_more_to_earn_in_the_class_of_the_signature() -> None:
    events = [*ALL_PAID, amended("2025-01-15", "600000.00"), cash("2025-01-20", "400000.00")]
    answered = asked(events=events)
    assert answered["customer_class"] == "MAJOR"
    assert posted(answered) == [
        ("cash_received-2025-01-10", "EARNED", "16000.00"),
        ("cash_received-2025-01-20", "EARNED", "32000.00"),
    ]


def test_a_lower_price_gives_back_what_was_too_much() -> None:
    answered = asked(events=[*ALL_PAID, amended("2025-01-15", "150000.00")])
    assert posted(answered)[-1] == ("contract_amended-2025-01-15", "ADJUSTMENT", "-4000.00")
    assert answered["collection"]["advance"] == "50000.00"


def test_the_ratio_follows_an_amended_price_but_not_a_cancellation() -> None:
    previous = {"number": "P-1", "gross": "200000.00", "starts_on": "2024-01-01", "ends_on": "2025-01-01"}
    lowered = asked(events=[amended("2025-01-15", "150000.00")], previous=previous)
    assert (lowered["q"], lowered["dept_total"]) == ("0.7500", "3600.00")
    cancelled = event("CONTRACT_CANCELLED", "2025-01-15", kept_gross="150000.00")
    stopped = asked(events=[cancelled], previous=previous)
    assert (stopped["q"], stopped["dept_total"]) == ("1.0000", "6000.00")


def test_what_a_cancellation_lets_go_leaves_the_ratio_of_later_years() -> None:
    two_years = contract("400000.00", ends_on="2027-01-01")
    cancelled = event("CONTRACT_CANCELLED", "2025-01-15", kept_gross="300000.00")
    years = asked(events=[cancelled], contract=two_years)["years"]
    assert [(year["gross"], year["q"]) for year in years] == [
        ("200000.00", None),
        ("100000.00", "1.0000"),
    ]


def test_given_receivables_keep_their_days_when_the_price_changes() -> None:
    plan = [{"due_on": "2025-01-01", "gross": "100000.00"}, {"due_on": "2025-06-01", "gross": "100000.00"}]
    events = [amended("2025-01-02", "150000.00"), cash("2025-06-30", "150000.00")]
    answered = asked(events=events, contract=contract(receivables=plan))
    assert entries(answered) == [("EARNED", "8000.00"), ("FORFEIT", "4000.00")]


def test_an_amendment_may_bring_its_own_receivables() -> None:
    plan = [{"due_on": "2025-06-30", "gross": "150000.00"}]
    events = [amended("2025-01-02", "150000.00", receivables=plan), cash("2025-06-30", "150000.00")]
    assert entries(asked(events=events)) == [("EARNED", "12000.00")]


def test_by_event_date_an_entry_names_the_version_of_its_day() -> None:
    bands = [
        {"class": name, "from": start, "to": end, "dept_rate": rate}
        for name, start, end, rate in (
            ("GENERAL", "0", "100000.00", "0.1"),
            ("MAJOR", "100000.00", "500000.00", "0.04"),
            ("KEY", "500000.00", "1000000.00", "0.06"),
            ("COMPANY", "1000000.00", None, "0.05"),
        )
    ]
    versions = [
        {"valid_to": "2025-01-15", "plan_change": "BY_EVENT_DATE"},
        {"valid_from": "2025-01-15", "bands": bands, "dept_fund_bps": 5000},
    ]
    events = [cash("2025-01-10", "100000.00"), cash("2025-01-20", "100000.00")]
    answered = asked({"versions": versions}, events=events, contract=contract(responsible_dept="alice"))
    assert [(row["plan_version"], row["component"], row["amount"]) for row in answered["ledger"]] == [
        ("V1", "NEW_DEV", "8000.00"),
        ("V1", "OPS_SHARE", "1500.00"),
        ("V2", "NEW_DEV", "2000.00"),
        ("V2", "DEPT_FUND", "2000.00"),
    ]
    assert answered["dept_total"] == "16000.00"


def test_a_handover_told_late_moves_what_was_posted() -> None:
    moved = event("HANDOVER", "2024-12-20", from_payee="old", to_payee="alice", entered_on="2025-02-01")
    answered = asked(events=[*ALL_PAID, moved])
    assert [(row["payee"], row["kind"], row["amount"]) for row in answered["ledger"][2:]] == [
        ("alice", "ADJUSTMENT", "-8000.00"),
        ("old", "ADJUSTMENT", "8000.00"),
    ]


def test_entries_of_one_event_stand_in_the_order_of_the_rows() -> None:
    answered = answer(
        {
            "plan": {"dept_fund_bps": 1000, "holdback_rate": "0.1"},
            "contract": contract(responsible_dept="zoe"),
            "splits": shares(zoe=5000, adam=5000),
            "overlays": shares(adam=1000),
            "events": ALL_PAID,
        }
    )
    assert [(row["component"], row["payee"], row["kind"]) for row in answered["ledger"]] == [
        (component, payee, kind)
        for component, payee in (
            ("NEW_DEV", "zoe"),
            ("NEW_DEV", "adam"),
            ("DEPT_FUND", "zoe"),
            ("OVERLAY", "adam"),
            ("OPS_SHARE", "OPS_DEPT"),
        )
        for kind in ("EARNED", "HOLD")
    ]
