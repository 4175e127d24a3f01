"""Time: half-open periods, months, contract years, the tenant's day, working days.

A period is [start, end): the first day inside, the second outside, None meaning without end.
Rules YEARS and ANNUAL of spec/what-if.md stand here, for all apps.
"""

from calendar import monthrange
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import chinese_calendar

from crm.money import Exact, ratio, round_ratio

ONE_DAY = timedelta(days=1)
TWELVE = Fraction(12)


class Year(NamedTuple):
    """One contract year [starts_on, ends_on); `months` is 12 except in a broken last year."""

    number: int
    starts_on: date
    ends_on: date
    months: Fraction

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days


class Term(NamedTuple):
    """The term of a contract: its exact length in months and its contract years in order."""

    months: Fraction
    years: tuple[Year, ...]


def contains(starts_on: date | None, until: date | None, day: date) -> bool:
    """Whether `day` is in [starts_on, until); None is without bound."""
    return (starts_on is None or starts_on <= day) and (until is None or day < until)


def overlap(one: tuple[date | None, date | None], other: tuple[date | None, date | None]) -> bool:
    """Whether two half-open periods share a day."""
    starts = [bound for bound in (one[0], other[0]) if bound is not None]
    ends = [bound for bound in (one[1], other[1]) if bound is not None]
    return not starts or not ends or max(starts) < min(ends)


def last_day(until: date) -> date:
    """The last day inside a half-open period, as people read it."""
    return until - ONE_DAY


def in_force(
    signed_on: date, starts_on: date, ends_on: date, cancelled_on: date | None = None
) -> tuple[date, date] | None:
    """The days on which a contract is in force: signed, begun, neither ended nor cancelled (rule CLASS)."""
    begins = max(signed_on, starts_on)
    ends = ends_on if cancelled_on is None else min(ends_on, cancelled_on)
    return (begins, ends) if begins < ends else None


def add_months(day: date, months: int) -> date:
    """`day` some months later (or earlier), clamped to the end of the month.

    Always count from the original date: steps that follow each other lose the clamped days.
    ValueError outside the years 1 to 9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day <= 28:
        return date(year, month + 1, day.day)
    if not 0 < year < 10_000:
        raise ValueError(f"year {year} is out of range")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _days_of_step(starts_on: date, months: int) -> int:
    """Days from add_months(starts_on, months) to the next monthly step."""
    if starts_on.year + months // 12 >= 9998:
        months -= 4800  # the calendar repeats after 400 years, and Python's ends with 9999
    return (add_months(starts_on, months + 1) - add_months(starts_on, months)).days


def term_months(starts_on: date, ends_on: date) -> Fraction:
    """The length of [starts_on, ends_on) in months, exactly: whole steps plus a part of the next one.

    A year of 366 days is 12. ValueError when it ends before it starts.
    """
    if ends_on < starts_on:
        raise ValueError("a term does not end before it starts")
    whole = (ends_on.year - starts_on.year) * 12 + ends_on.month - starts_on.month
    if add_months(starts_on, whole) > ends_on:
        whole -= 1
    rest = (ends_on - add_months(starts_on, whole)).days
    return Fraction(whole) + (Fraction(rest, _days_of_step(starts_on, whole)) if rest else 0)


def _is_one_year(starts_on: date, ends_on: date) -> bool:
    return (
        ends_on.year - starts_on.year == 1
        and ends_on.month == starts_on.month
        and ends_on.day == starts_on.day
    )


@lru_cache(maxsize=16_384)
def term(starts_on: date, ends_on: date) -> Term:
    """The contract years of [starts_on, ends_on) (rule YEARS); year k starts 12(k - 1) months after the
    start, the last one stops with the term. ValueError for an empty term.
    """
    if _is_one_year(starts_on, ends_on):
        return Term(TWELVE, (Year(1, starts_on, ends_on, TWELVE),))
    if ends_on <= starts_on:
        raise ValueError("a term has at least one day")
    months = term_months(starts_on, ends_on)
    count = -(-months // 12)
    bounds = [add_months(starts_on, 12 * before) for before in range(count)] + [ends_on]
    lengths = [TWELVE] * (count - 1) + [months - 12 * (count - 1)]
    if lengths[-1] == 12:
        lengths[-1] = TWELVE
    years = zip(range(1, count + 1), pairwise(bounds), lengths, strict=True)
    return Term(months, tuple(Year(number, *ends, length) for number, ends, length in years))


def year_of(span: Term, day: date) -> int:
    """The number of the contract year that contains `day`; before the start 1, from the end on the last."""
    reached = sum(year.starts_on <= day for year in span.years)
    return max(1, reached)


def schedule(gross_fen: int, starts_on: date, ends_on: date) -> tuple[int, ...]:
    """The gross of each contract year in 分: equal parts by months, cut down, the rest in the last year."""
    months, years = term(starts_on, ends_on)
    if len(years) == 1:
        return (gross_fen,)
    above, below = months.numerator, months.denominator
    parts = [gross_fen * 12 * below // above] * (len(years) - 1)
    return (*parts, gross_fen - sum(parts))


def annual_fen(
    gross_fen: int,
    starts_on: date,
    ends_on: date,
    *,
    agreed: tuple[int, ...] | None = None,
    year: int = 1,
    book_rate: Exact = 1,
    gross_up_short: bool = False,
) -> int:
    """What a contract counts a year, tax included, in 分 of the plan's currency (rule ANNUAL).

    `agreed` is the schedule in 分 if one was agreed, `year` the contract year asked about, `book_rate`
    plan currency per unit of the contract's. Rounded once. A term below twelve months counts as it is,
    unless `gross_up_short`.
    """
    span = term(starts_on, ends_on)
    amount, months = gross_fen, span.months
    if months is not TWELVE:
        if months < 12:
            months = months if gross_up_short else TWELVE
        elif agreed is not None:
            amount, months = agreed[year - 1], span.years[year - 1].months
    if months is TWELVE and book_rate == 1:
        return amount
    above, below = ratio(book_rate)
    return round_ratio(amount * 12 * months.denominator * above, months.numerator * below)


def month_number(day: date) -> int:
    """The month of a day as a running number, for sums and comparisons."""
    return day.year * 12 + day.month - 1


def month_text(number: int) -> str:
    """A running month number as YYYY-MM."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def month_from(text: str) -> int:
    """YYYY-MM as a running month number. ValueError for anything else."""
    return month_number(date.fromisoformat(f"{text}-01"))


def month_end(number: int) -> date:
    """The last day of a month."""
    year, month = divmod(number, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])


def local_day(at: datetime, zone: str | ZoneInfo) -> date:
    """The tenant's day at a moment. ValueError for a moment without a time zone."""
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return at.astimezone(zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)).date()


def is_workday(day: date) -> bool:
    """Whether people work on that day, by the State Council's calendar with its 调休.

    In years the calendar does not know, Monday to Friday; `is_published` tells which those are.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def is_published(day: date) -> bool:
    """Whether the holidays of that day's year are known; the State Council names them in November before."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def add_workdays(day: date, count: int) -> date:
    """The count-th working day after `day` (before it, if negative); 0 is the day itself."""
    step = ONE_DAY if count > 0 else -ONE_DAY
    for _ in range(abs(count)):
        day += step
        while not is_workday(day):
            day += step
    return day


def workdays_until(day: date, on: date) -> int:
    """The working days left after `on` up to and with `day`; none once it has come."""
    return sum(is_workday(on + ONE_DAY * ahead) for ahead in range(1, (day - on).days + 1))
