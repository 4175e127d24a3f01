"""Every row of ui.md §4 that is a day or a span, in both languages."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone
from django.utils.translation import override

from crm.web.templatetags import days

TODAY = date(2026, 11, 20)


def both(show, *arguments) -> tuple[str, str]:
    with override("zh-hans"):
        chinese = show(*arguments)
    with override("en"):
        return chinese, show(*arguments)


def test_a_date_is_iso_in_chinese_and_words_in_english():
    assert both(days.day, TODAY) == ("2026-11-20", "20 Nov 2026")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 1, 3), ("01-03", "3 Jan")),
        (date(2027, 1, 16), ("01-16", "16 Jan")),
        (date(2027, 11, 20), ("2027-11-20", "20 Nov 2027")),
        (date(2025, 3, 1), ("2025-03-01", "1 Mar 2025")),
    ],
)
def test_a_list_drops_the_year_where_no_other_is_meant(day, expected):
    assert both(days.day_list, day, TODAY) == expected


def test_in_january_last_december_needs_no_year():
    assert both(days.day_list, date(2025, 12, 31), date(2026, 1, 5)) == ("12-31", "31 Dec")


def test_a_task_names_the_weekday():
    assert both(days.day_task, date(2026, 11, 24), TODAY) == ("11-24 周二", "Tue 24 Nov")


def test_a_span_shows_its_inclusive_last_day():
    chinese, english = both(days.span, date(2026, 1, 17), date(2027, 1, 17))
    assert chinese == "2026-01-17 至 2027-01-16"
    assert english == "17 Jan 2026 – 16 Jan 2027"
    assert both(days.last_day, date(2027, 1, 17)) == ("2027-01-16", "16 Jan 2027")
    assert both(days.last_day_list, date(2027, 1, 1), TODAY) == ("12-31", "31 Dec")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 10, 30), ("21 天前", "21 days ago")),
        (date(2026, 11, 19), ("昨天", "yesterday")),
        (TODAY, ("今天", "today")),
        (date(2026, 11, 21), ("明天", "tomorrow")),
        (date(2027, 1, 16), ("还有 57 天", "in 57 days")),
        (date(2027, 2, 18), ("还有 90 天", "in 90 days")),
        (date(2027, 2, 19), ("2027-02-19", "19 Feb 2027")),
        (date(2026, 8, 21), ("2026-08-21", "21 Aug 2026")),
    ],
)
def test_up_to_ninety_days_are_counted_then_the_date_stands(day, expected):
    assert both(days.relative, day, TODAY) == expected


def test_a_narrow_column_shortens_the_english_word():
    assert both(days.relative_list, date(2026, 10, 17), TODAY) == ("34 天前", "34 d ago")
    assert both(days.relative_list, date(2026, 12, 1), TODAY) == ("还有 11 天", "in 11 d")
    assert both(days.relative_list, date(2026, 11, 19), TODAY) == ("昨天", "yesterday")


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "expected"),
    [
        (date(2026, 10, 1), date(2027, 1, 1), ("2026 年第 4 季度", "Q4 2026")),
        (date(2026, 1, 1), date(2027, 1, 1), ("2026 年", "2026")),
        (date(2026, 12, 1), date(2027, 1, 1), ("2026 年 12 月", "Dec 2026")),
        (date(2026, 11, 16), date(2026, 11, 23), ("2026-11-16 起一周", "Week of 16 Nov 2026")),
        (date(2026, 11, 1), date(2027, 2, 1), ("2026-11-01 至 2027-01-31", "1 Nov 2026 – 31 Jan 2027")),
    ],
)
def test_a_period_has_a_name_only_when_it_is_one(starts_on, ends_on, expected):
    assert both(days.period, starts_on, ends_on) == expected


def test_a_moment_is_told_on_the_clock_of_the_tenant():
    at = datetime(2026, 11, 18, 6, 22, tzinfo=UTC)
    with timezone.override("Asia/Shanghai"):
        assert both(days.moment, at, TODAY) == ("11-18 14:22", "18 Nov 14:22")
