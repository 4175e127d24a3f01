from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm import periods

unhurried = settings(deadline=None)  # a busy machine is no fault
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))


def test_months_keep_the_day_and_clamp_to_the_end_of_the_month() -> None:
    start = date(2024, 2, 29)
    assert [periods.add_months(start, months) for months in (12, 48, -1, 1)] == [
        date(2025, 2, 28),
        date(2028, 2, 29),
        date(2024, 1, 29),
        date(2024, 3, 29),
    ]
    assert periods.add_months(date(2025, 1, 31), 1) == date(2025, 2, 28)


def test_the_calendar_ends_with_9999() -> None:
    with pytest.raises(ValueError):
        periods.add_months(date(9999, 12, 31), 1)
    assert periods.term_months(date(9999, 12, 1), date(9999, 12, 31)) == Fraction(30, 31)


def test_a_leap_year_is_twelve_months() -> None:
    assert periods.term_months(date(2024, 1, 1), date(2025, 1, 1)) == 12


def test_a_part_of_a_month_counts_by_the_days_of_that_step() -> None:
    assert periods.term_months(date(2025, 1, 15), date(2025, 10, 1)) == 8 + Fraction(16, 30)


def test_a_term_does_not_end_before_it_starts() -> None:
    with pytest.raises(ValueError):
        periods.term_months(date(2025, 1, 2), date(2025, 1, 1))
    with pytest.raises(ValueError):
        periods.term(date(2025, 1, 1), date(2025, 1, 1))


def test_contract_years_count_from_the_start() -> None:
    years = periods.term(date(2024, 2, 29), date(2028, 2, 29)).years
    assert [(year.starts_on, year.days) for year in years] == [
        (date(2024, 2, 29), 365),
        (date(2025, 2, 28), 365),
        (date(2026, 2, 28), 365),
        (date(2027, 2, 28), 366),
    ]


def test_the_last_year_may_be_broken() -> None:
    months, years = periods.term(date(2025, 1, 1), date(2026, 7, 1))
    assert (months, [year.months for year in years]) == (18, [12, 6])
    assert periods.year_of(periods.term(date(2025, 1, 1), date(2026, 7, 1)), date(2026, 1, 1)) == 2


def test_days_outside_the_term_belong_to_the_first_or_last_year() -> None:
    span = periods.term(date(2025, 1, 1), date(2027, 1, 1))
    assert [periods.year_of(span, day) for day in (date(2024, 5, 1), date(2030, 1, 1))] == [1, 2]


@pytest.mark.parametrize(
    ("options", "annual"),
    [
        ({}, 12_800_000),
        ({"gross_up_short": True}, 18_000_000),
        ({"book_rate": Decimal("7.10")}, 90_880_000),
    ],
)
def test_a_short_term_counts_as_it_is_unless_grossed_up(options: dict, annual: int) -> None:
    assert periods.annual_fen(12_800_000, date(2025, 1, 15), date(2025, 10, 1), **options) == annual


def test_a_long_term_counts_a_year_of_it() -> None:
    term = date(2025, 1, 1), date(2026, 7, 1)
    assert periods.annual_fen(15_000_000, *term) == 10_000_000
    assert periods.annual_fen(15_000_000, *term, agreed=(9_000_000, 6_000_000), year=2) == 12_000_000


def test_half_open_periods_touch_without_sharing_a_day() -> None:
    may, june = date(2025, 5, 1), date(2025, 6, 1)
    assert [periods.contains(may, june, day) for day in (may, periods.last_day(june), june)] == [
        True,
        True,
        False,
    ]
    assert not periods.overlap((may, june), (june, None))
    assert periods.overlap((may, None), (None, None))


def test_a_contract_is_in_force_once_signed_and_begun_until_ended_or_cancelled() -> None:
    starts_on, ends_on = date(2025, 1, 1), date(2026, 1, 1)
    assert periods.in_force(date(2025, 2, 10), starts_on, ends_on) == (date(2025, 2, 10), ends_on)
    assert periods.in_force(starts_on, starts_on, ends_on, date(2025, 6, 1)) == (starts_on, date(2025, 6, 1))
    assert periods.in_force(starts_on, starts_on, ends_on, starts_on) is None


def test_the_day_is_the_tenants() -> None:
    late = datetime(2025, 6, 30, 16, 30, tzinfo=UTC)
    assert periods.local_day(late, "Asia/Shanghai") == date(2025, 7, 1)
    with pytest.raises(ValueError):
        periods.local_day(datetime(2025, 6, 30), "Asia/Shanghai")  # noqa: DTZ001


def test_months_have_numbers_and_names() -> None:
    december = periods.month_from("2025-12")
    assert periods.month_text(december + 1) == "2026-01"
    assert periods.month_end(december) == date(2025, 12, 31)
    assert periods.month_number(date(2025, 12, 3)) == december


def test_holidays_and_moved_working_days() -> None:
    assert not periods.is_workday(date(2025, 10, 1))
    assert periods.is_workday(date(2025, 9, 28))  # a Sunday worked for the holiday


def test_beyond_the_published_calendar_weekdays_are_worked() -> None:
    monday = date(2090, 1, 2)
    assert [periods.is_workday(date(2090, 1, day)) for day in range(2, 9)] == [True] * 5 + [False] * 2
    assert periods.add_workdays(monday, 5) == date(2090, 1, 9)


def test_the_calendar_says_which_years_it_knows() -> None:
    assert [periods.is_published(day) for day in (date(2003, 12, 31), date(2004, 1, 1))] == [False, True]
    assert [periods.is_published(day) for day in (date(2026, 12, 31), date(2090, 1, 2))] == [True, False]


def test_working_days_skip_the_holiday() -> None:
    assert periods.add_workdays(date(2025, 9, 30), 1) == date(2025, 10, 9)
    assert periods.add_workdays(date(2025, 10, 9), -1) == date(2025, 9, 30)
    assert periods.add_workdays(date(2025, 10, 4), 0) == date(2025, 10, 4)


@unhurried
@given(days, st.integers(1, 6000))
def test_contract_years_tile_the_term(starts_on: date, length: int) -> None:
    ends_on = date.fromordinal(starts_on.toordinal() + length)
    months, years = periods.term(starts_on, ends_on)
    assert (years[0].starts_on, years[-1].ends_on) == (starts_on, ends_on)
    assert all(one.ends_on == two.starts_on for one, two in pairwise(years))
    assert sum(year.months for year in years) == months == periods.term_months(starts_on, ends_on)
    assert all(year.starts_on < year.ends_on and 0 < year.months <= 12 for year in years)


@unhurried
@given(days, st.integers(1, 6000), st.integers(0, 10**15))
def test_the_years_of_a_price_sum_to_it(starts_on: date, length: int, gross: int) -> None:
    shares = periods.schedule(gross, starts_on, date.fromordinal(starts_on.toordinal() + length))
    assert sum(shares) == gross
    assert all(share >= 0 for share in shares)


@unhurried
@given(days, st.integers(0, 600))
def test_a_whole_number_of_months_is_measured_as_such(starts_on: date, months: int) -> None:
    assert periods.term_months(starts_on, periods.add_months(starts_on, months)) == months
