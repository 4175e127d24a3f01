"""What holds for every contract, history and plan."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from commissions.calculation import answer, calculate, response, trace_of
from commissions.calculation.calculate import ruling_version, signing_of
from commissions.calculation.facts import Event, Kind, Request
from commissions.calculation.faults import MESSAGES
from commissions.calculation.history import engine_events, known_by, own_events
from commissions.calculation.ledger import MEMO, Entry
from commissions.calculation.plan import Plan
from commissions.calculation.release import Dues
from commissions.calculation.result import Result
from commissions.tests.histories import requests
from commissions.tests.worked import COPIES, load
from crm.money import round_ratio

FOREVER = date(2040, 1, 1)
unhurried = settings(deadline=None)  # a busy machine is no fault
NET_CASH = {"clawback_mode": "NET_CASH", "basis": "CASH"}


def under(request: Request, **settings: Any) -> Request:
    """The same request under a plan with these settings."""
    return replace(request, plan=Plan((replace(request.plan.versions[0], **settings),)))


def sums(entries: Any) -> Counter[tuple[Any, ...]]:
    """Totals by year, component, payee and part: what is earned in whatever way, cut, held, forfeited."""
    found: Counter[tuple[Any, ...]] = Counter()
    for entry in entries:
        part = entry.kind if entry.kind in ("CAP", *MEMO) else "EARNED"
        found[entry.contract_year, entry.component, entry.payee, part] += entry.amount
    return Counter({key: amount for key, amount in found.items() if amount})


@unhurried
@given(requests())
def test_rows_sum_to_their_pools(request: Request) -> None:
    result = calculate(replace(request, overlays=()))
    for pool in result.years:
        rows = [row for row in result.rows if row.contract_year == pool.year.number]
        ops = [row for row in rows if row.component == "OPS_SHARE"]
        dept = [row for row in rows if row.component != "OPS_SHARE"]
        assert sum(row.before_cap for row in dept) == pool.dept_pool
        assert sum(row.amount for row in dept) == pool.dept_pool_capped
        assert sum(row.amount for row in ops) == pool.ops_pool


@unhurried
@given(requests(), st.randoms())
def test_the_order_in_which_events_are_told_has_no_meaning(request: Request, random: Any) -> None:
    shuffled = list(request.events)
    random.shuffle(shuffled)
    told = calculate(replace(request, events=(*shuffled, *shuffled[:2])))
    assert response(told) == response(calculate(request))


@unhurried
@given(requests())
def test_the_same_request_has_the_same_answer(request: Request) -> None:
    first, second = calculate(request), calculate(request)
    assert first.ledger == second.ledger
    assert list(trace_of(first)) == list(trace_of(second))


@unhurried
@given(requests(), st.integers(-30, 1500))
def test_an_earlier_day_sees_a_prefix_of_the_ledger(request: Request, days: int) -> None:
    whole = calculate(replace(request, as_of=FOREVER)).ledger
    early = calculate(replace(request, as_of=date(2024, 1, 1) + timedelta(days))).ledger
    assert [row[:10] for row in early] == [row[:10] for row in whole[: len(early)]]


@unhurried
@given(requests(), st.lists(st.integers(0, 300), min_size=8, max_size=8))
def test_the_total_is_the_target_whatever_the_path(request: Request, delays: list[int]) -> None:
    otherwise = tuple(
        replace(event, entered_on=event.on + timedelta(delay))
        for event, delay in zip(request.events, delays, strict=False)
    )
    one = calculate(replace(request, as_of=FOREVER))
    other = calculate(replace(request, events=otherwise, as_of=FOREVER))
    assert sums(one.ledger) == sums(other.ledger)
    assert sums(one.ledger) == due_at_once(request)


def due_at_once(request: Request) -> Counter[tuple[Any, ...]]:
    """What is due when all events become known in business order, without any posting."""
    contract = request.contract
    assert contract is not None
    signing = signing_of(request, contract, ruling_version(request, FOREVER))
    dues = Dues(request, signing)
    events = known_by(own_events(request) + engine_events(contract, signing.term, signing.version), FOREVER)
    found: Counter[tuple[Any, ...]] = Counter()
    for event in sorted(events, key=lambda event: event.order):
        gone, come = dues.learn(event)
        for sign, portions in ((-1, gone), (1, come)):
            for portion in portions:
                for part, amount in zip(("EARNED", "CAP", *MEMO), portion[2:6], strict=True):
                    found[(*portion.row[:3], part)] += sign * amount
    return Counter({key: amount for key, amount in found.items() if amount})


def plain(request: Request) -> Request:
    """Cash only, every year begun, nothing late, held or taken back."""
    cash = tuple(event for event in request.events if event.kind is Kind.CASH_RECEIVED)
    settings = {"overdue_factors": (), "holdback_rate": 0, "release_at": 0, "caps": (), **NET_CASH}
    return replace(under(request, **settings), events=cash, as_of=FOREVER)


def collected_of(result: Result) -> dict[int, int]:
    """What plain cash covers of each contract year, when there is no payment plan."""
    assert result.collection is not None
    left = min(result.collection.net_cash, result.collection.gross_due)
    collected = {}
    for pool in result.years:
        collected[pool.year.number] = min(left, pool.gross)
        left -= collected[pool.year.number]
    return collected


def released_by_row(result: Result) -> Counter[tuple[Any, ...]]:
    """round(T x collected / due) of every row."""
    collected = collected_of(result)
    found: Counter[tuple[Any, ...]] = Counter()
    for row in result.rows:
        due = result.years[row.contract_year - 1].gross
        if due:
            found[(*row[:3], "EARNED")] += round_ratio(row.amount * collected[row.contract_year], due)
    return Counter({key: amount for key, amount in found.items() if amount})


@unhurried
@given(requests())
def test_plain_cash_releases_its_share_of_every_row(request: Request) -> None:
    request = plain(request)
    assume(request.contract is not None and request.contract.receivables is None)
    result = calculate(request)
    assert sums(result.ledger) == released_by_row(result)


@unhurried
@given(requests(), st.integers(0, 1200))
def test_under_pro_rata_temporis_the_served_share_stays(request: Request, days: int) -> None:
    request = under(plain(request), clawback_mode="PRORATA_TEMPORIS")
    contract = request.contract
    assume(contract is not None and contract.receivables is None)
    assert contract is not None
    until = contract.signed_on + timedelta(days)
    stop = Event("stop", Kind.CONTRACT_CANCELLED, contract.signed_on, until, served_until=until)
    result = calculate(replace(request, events=(*request.events, stop)))
    expected: Counter[tuple[Any, ...]] = Counter()
    for key, amount in released_by_row(result).items():
        year = result.years[key[0] - 1].year
        unserved = max(0, (year.ends_on - max(until, year.starts_on)).days)
        expected[key] = amount - round_ratio(amount * unserved, year.days)
    assert sums(result.ledger) == Counter({key: amount for key, amount in expected.items() if amount})


@unhurried
@given(requests())
def test_what_was_collected_in_full_is_accounted_for_in_full(request: Request) -> None:
    contract = request.contract
    assert contract is not None
    paid = Event("all", Kind.CASH_RECEIVED, contract.ends_on, amount=contract.gross)
    request = replace(under(request, **NET_CASH), events=(paid,), as_of=FOREVER)
    result = calculate(request)
    assume(all(pool.gross for pool in result.years))
    found: Counter[tuple[Any, ...]] = Counter()
    for entry in result.ledger:
        found[entry.contract_year, entry.component, entry.payee] += entry.amount
    assert found == Counter({row[:3]: row.amount for row in result.rows if row.amount})


@unhurried
@given(requests(), st.integers(1, 10**8))
def test_more_cash_never_earns_less(request: Request, amount: int) -> None:
    request = replace(under(request, **NET_CASH), as_of=FOREVER)
    last = max([event.on for event in request.events], default=date(2025, 6, 1)) + timedelta(1)
    more = Event("more", Kind.CASH_RECEIVED, last, amount=amount)
    before, after = calculate(request), calculate(replace(request, events=(*request.events, more)))
    less = {balance.payee: balance for balance in before.balances}
    for balance in after.balances:
        assert balance.payable >= less[balance.payee].payable
        assert balance.held >= less[balance.payee].held
        assert balance.forfeited >= less[balance.payee].forfeited


@unhurried
@given(requests(), st.integers(0, 400))
def test_a_closed_month_never_changes(request: Request, days: int) -> None:
    """An event entered after a month was closed leaves its entries and statements as they were."""
    contract = request.contract
    closed = [period for period in request.periods if period.closed_on is not None]
    assume(closed and contract is not None)
    assert contract is not None
    known = max(period.closed_on for period in closed if period.closed_on) + timedelta(1)
    on = contract.signed_on + timedelta(days)
    late = Event("late", Kind.CASH_RECEIVED, on, max(on, known), amount=contract.gross)
    before = calculate(replace(request, as_of=FOREVER))
    after = calculate(replace(request, events=(*request.events, late), as_of=FOREVER))
    last = max(period.month for period in closed)
    assert early(after.ledger, last) == early(before.ledger, last)
    paid = [
        [row for row in result.statements if row.period <= last and (row.payable or row.closing_carry)]
        for result in (before, after)
    ]
    assert paid[0] == paid[1]


def early(ledger: tuple[Entry, ...], month: int) -> list[tuple[Any, ...]]:
    return [entry[:10] for entry in ledger if entry.posting_period <= month]


@unhurried
@given(requests(), st.integers(0, 150))
def test_a_payment_given_back_in_full_is_mirrored_to_the_fen(request: Request, days: int) -> None:
    contract = request.contract
    assert contract is not None
    settings = NET_CASH | {"clawback_window_days": 150, "holdback_rate": 0}
    paid = Event("in", Kind.CASH_RECEIVED, contract.starts_on, amount=contract.gross)
    back = Event("out", Kind.REFUNDED, contract.starts_on + timedelta(days), amount=contract.gross)
    result = calculate(replace(under(request, **settings), events=(paid, back), as_of=back.on))
    given_, taken = (
        [entry for entry in result.ledger if entry.source_event == source] for source in ("in", "out")
    )
    assert {entry.reverses for entry in taken} <= {"in"}
    assert sums(taken) == Counter({key: -amount for key, amount in sums(given_).items()})


@unhurried
@given(requests())
def test_statements_balance(request: Request) -> None:
    result = calculate(replace(request, as_of=FOREVER))
    for row in result.statements:
        assert row.opening_carry + sum(row.by_kind.values()) == row.payable + row.closing_carry
        assert row.payable >= 0
        assert row.draw_due >= 0
    assert every_entry_is_stated(result)


def every_entry_is_stated(result: Result) -> bool:
    """The carry of each month opens the next."""
    carries: dict[str, int] = {}
    for row in result.statements:
        if row.opening_carry != carries.get(row.payee, 0):
            return False
        carries[row.payee] = row.closing_carry
    return True


@unhurried
@given(requests())
def test_no_entry_is_zero_and_every_one_has_its_step(request: Request) -> None:
    result = calculate(replace(request, as_of=FOREVER))
    posts = [step for step in trace_of(result) if step["rule"] == "POST"]
    assert [entry.source_event for entry in result.ledger] == [step["source_event"] for step in posts]
    assert all(entry.amount for entry in result.ledger)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["2025-03-01", "9999-12-31", "0001-01-01", "0.5", "1.00", "2025-03", "CASH", "V1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
EXAMPLES = [case["request"] for name in ("commission", "tiers") for case in load(COPIES, name)["cases"]] + [
    load(COPIES, "full-response")["request"]
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything inside a JSON value."""
    keys: list[Any] = [*value] if isinstance(value, dict) else []
    keys = [*range(len(value))] if isinstance(value, list) else keys
    return [path] + [found for key in keys for found in places(value[key], (*path, key))]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_request_breaks_the_calculation(data: st.DataObject) -> None:
    asked = json.loads(json.dumps(data.draw(st.sampled_from(EXAMPLES))))
    for _ in range(data.draw(st.integers(1, 3))):
        *path, last = data.draw(st.sampled_from(places(asked)[1:]))
        inside = asked
        for key in path:
            inside = inside[key]
        inside[last] = data.draw(JUNK)
    answered = answer(asked)
    json.dumps(answered, ensure_ascii=False).encode()
    assert {found["code"] for found in answered.get("errors", [])} <= MESSAGES.keys()


@unhurried
@given(JUNK)
def test_junk_is_refused(junk: Any) -> None:
    assert "errors" in answer(junk)
