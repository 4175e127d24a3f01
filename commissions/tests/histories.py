"""Hypothesis strategies: sound contracts with sound histories, under plans of every kind."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import strategies as st

from commissions.calculation.facts import Contract, Event, Kind, Period, Receivable, Request, Share
from commissions.calculation.plan import Cap, Floor, Plan, PlanVersion
from crm.periods import add_months, month_end, month_number, schedule, term

START = date(2024, 1, 1)
PAYEES = ("ann", "bo", "cy")
RATES = [Fraction(text) for text in ("0", "0.06", "0.13")]


@st.composite
def shares(draw: st.DrawFn) -> tuple[Share, ...]:
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=2, max_size=2)))
    points = (cuts[0], cuts[1] - cuts[0], 10_000 - cuts[1])
    return tuple(Share(payee, part) for payee, part in zip(PAYEES, points, strict=True))


@st.composite
def versions(draw: st.DrawFn) -> PlanVersion:
    cap = draw(st.none() | st.integers(0, 3_000_000))
    return PlanVersion(
        basis=draw(st.sampled_from(["CASH", "CASH", "INVOICED", "SIGNED"])),
        clawback_mode=draw(st.sampled_from(["NET_CASH", "NET_CASH", "PRORATA_TEMPORIS"])),
        clawback_window_days=draw(st.sampled_from([0, 30, 180])),
        release_at=draw(st.sampled_from([Fraction(0), Fraction("0.5"), Fraction(1)])),
        holdback_rate=draw(st.sampled_from([Fraction(0), Fraction("0.333333")])),
        overdue_factors=draw(st.sampled_from([(), PlanVersion().overdue_factors])),
        ops_from_dept=draw(st.booleans()),
        cliff_protection=draw(st.booleans()),
        dept_fund_bps=draw(st.sampled_from([0, 1234])),
        growth_mode=draw(st.sampled_from(["FACTOR", "SPLIT_INCREMENT"])),
        caps=() if cap is None else (Cap("CONTRACT", cap),),
        max_netoff_rate=draw(st.sampled_from([None, Fraction("0.2")])),
        floor=draw(st.sampled_from([None, Floor(100_000), Floor(50_000, False)])),
        min_payout=draw(st.sampled_from([0, 20_000])),
    )


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    starts_on = START + timedelta(draw(st.integers(0, 400)))
    ends_on = add_months(starts_on, draw(st.sampled_from([5, 12, 12, 18, 36])))
    gross = draw(st.integers(0, 200_000_000))
    return Contract(
        number="C-1",
        gross=gross,
        signed_on=starts_on - timedelta(draw(st.integers(0, 30))),
        starts_on=starts_on,
        ends_on=ends_on,
        vat_rate=draw(st.sampled_from(RATES)),
        receivables=draw(st.none() | plans(gross, starts_on, ends_on)),
        hold_until=draw(st.none() | st.just(add_months(starts_on, 6))),
    )


@st.composite
def plans(draw: st.DrawFn, gross: int, starts_on: date, ends_on: date) -> tuple[Receivable, ...]:
    """A payment plan of two instalments a contract year."""
    years = zip(term(starts_on, ends_on).years, schedule(gross, starts_on, ends_on), strict=True)
    items = []
    for year, amount in years:
        first = draw(st.integers(0, amount))
        later = year.starts_on + timedelta(draw(st.integers(0, 200)))
        items += [
            Receivable(year.starts_on, first, year.number),
            Receivable(later, amount - first, year.number),
        ]
    return tuple(items)


@st.composite
def histories(draw: st.DrawFn, contract: Contract, most: int = 8) -> tuple[Event, ...]:
    """Events in business order that the contract can have had; amounts may pass the price."""
    day, cash, invoiced, refunded = contract.signed_on, 0, 0, 0
    events = []
    for place in range(draw(st.integers(0, most))):
        day += timedelta(draw(st.integers(0, 120)))
        kinds = [Kind.CASH_RECEIVED, Kind.CASH_RECEIVED, Kind.INVOICE_ISSUED, Kind.EXPENSE_BOOKED]
        kinds += [Kind.REFUNDED, Kind.CONTRACT_AMENDED, Kind.CONTRACT_CANCELLED]
        kind = draw(st.sampled_from(kinds))
        left = max(0, min(cash, invoiced) - refunded)
        amount = draw(st.integers(0, left if kind is Kind.REFUNDED else contract.gross + 1))
        cash += amount if kind is Kind.CASH_RECEIVED else 0
        invoiced += amount if kind is Kind.INVOICE_ISSUED else 0
        refunded += amount if kind is Kind.REFUNDED else 0
        known = day + timedelta(draw(st.sampled_from([0, 0, 5, 70])))
        extra = {"category": "TRAVEL"} if kind is Kind.EXPENSE_BOOKED else {}
        if kind is Kind.CONTRACT_AMENDED:
            events.append(Event(f"e{place}", kind, day, known, gross=amount))
        elif kind is Kind.CONTRACT_CANCELLED:
            events.append(Event(f"e{place}", kind, day, known, kept_gross=0))
        else:
            approved = kind is Kind.REFUNDED and draw(st.booleans())
            events.append(Event(f"e{place}", kind, day, known, amount=amount, approved=approved, **extra))
    return tuple(events)


@st.composite
def months(draw: st.DrawFn) -> tuple[Period, ...]:
    """A closed stretch of months, then an open one."""
    first = month_number(START)
    closed = draw(st.integers(0, 12))
    late = timedelta(draw(st.integers(0, 20)))
    periods = [Period(first + place, month_end(first + place) + late) for place in range(closed)]
    return (*periods, Period(first + closed + 12))


@st.composite
def requests(draw: st.DrawFn) -> Request:
    contract = draw(contracts())
    before = Contract(
        number="P-1",
        gross=draw(st.integers(0, 100_000_000)),
        signed_on=START - timedelta(800),
        starts_on=START - timedelta(800),
        ends_on=contract.starts_on - timedelta(draw(st.integers(0, 400))),
    )
    return Request(
        plan=Plan((draw(versions()),)),
        contract=contract,
        previous=draw(st.sampled_from([None, before])),
        splits=draw(shares()),
        overlays=draw(st.sampled_from([(), (Share("ann", 700),)])),
        events=draw(histories(contract)),
        periods=draw(months()),
    )
