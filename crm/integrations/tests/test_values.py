"""How cells are read: what people write, and what is refused instead of guessed."""

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.integrations.imports.dates import Day, read_moment
from crm.integrations.imports.faults import Misread
from crm.integrations.imports.numbers import Amount, Rate, read_amount
from crm.integrations.imports.values import CELL_MAX, CUT, NULL, Code, Text, YesNo, clean


def read(column, cells):
    return column.read(cells, column.memo())


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("12345.67", "12345.67"),
        ("12,345.67", "12345.67"),
        ("1,234,567", "1234567.00"),
        ("86万", "860000.00"),
        ("1.2亿", "120000000.00"),
        ("1.23456万", "12345.60"),
        ("１２３４５．６７", "12345.67"),
        ("１２，３４５．６７", "12345.67"),
        ("¥86,000", "86000.00"),
        ("12345元", "12345.00"),
        ("\u22125.00", "-5.00"),
        ("-0.00", "0.00"),
        ("1E+5", "100000.00"),
        ("12.3400", "12.34"),
    ],
)
def test_an_amount_is_read_as_people_write_it(written, amount):
    assert str(read_amount(written)) == amount


@pytest.mark.parametrize(
    "written", ["1,2345.67", "12.345", "1.2345678万", "abc", "1,23", "--5", "", "NaN", "1e99", "5 6"]
)
def test_an_amount_that_could_mean_two_things_is_refused(written):
    with pytest.raises(Misread):
        read_amount(written)


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=2, allow_nan=False))
def test_every_amount_reads_back_as_itself(amount):
    assert read_amount(f"{amount:f}") == amount
    assert read_amount(f"{amount:,f}") == amount


@given(st.text())
def test_no_text_makes_an_amount_or_a_date_fail_otherwise(text):
    for take, refusal in ((read_amount, Misread), (read_moment, (ValueError, OverflowError))):
        with suppress(refusal):
            take(text)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20",
        "2026/11/20",
        "2026/11/20 00:00",
        "20261120",
        "2026年11月20日",
        "2026.11.20",
        "46346",
        "２０２６-11-20",
    ],
)
def test_a_date_is_read_as_people_write_it(written):
    assert read_moment(written).date() == date(2026, 11, 20)


@pytest.mark.parametrize(
    "written",
    [
        "2026-13-01",
        "2026-02-30",
        "20/11/2026",
        "11/20/2026",
        "26-11-20",
        "9999-99-99",
        "2026-11",
        "昨天",
        "12345678",
    ],
)
def test_a_date_that_does_not_exist_or_could_be_another_is_refused(written):
    values, faults = read(Day(), [written])
    assert (values, [wrong.code for _row, wrong in faults]) == ([NULL], ["date"])


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_every_date_reads_back_as_itself(day):
    assert read_moment(day.isoformat()).date() == day
    assert read_moment(f"{day.year}年{day.month}月{day.day}日").date() == day


def test_a_time_of_day_and_a_zone_are_kept():
    assert read_moment("2026-11-20 14:30") == datetime(2026, 11, 20, 14, 30)  # noqa: DTZ001
    assert read_moment("2026-11-20T14:30:05+08:00").utcoffset().total_seconds() == 8 * 3600


def test_an_inclusive_last_day_becomes_the_day_after():
    assert read(Day(shift=1), ["2026-12-31"])[0] == ["2027-01-01"]


@pytest.mark.parametrize(
    ("written", "rate"), [("6%", "0.06"), ("0.06", "0.06"), ("13", "0.13"), ("0", "0"), ("6.5％", "0.065")]
)
def test_a_rate_is_percent_or_share(written, rate):
    values, faults = read(Rate(), [written])
    assert (Decimal(values[0]), faults) == (Decimal(rate), [])


def test_an_amount_column_keeps_plain_numbers_and_refuses_the_others():
    values, faults = read(Amount(Decimal(0)), ["5", "", "1,2345.67", "-1", "86万"])
    assert values == ["5", NULL, NULL, NULL, "860000.00"]
    assert [(index, wrong.code) for index, wrong in faults] == [(2, "amount"), (3, "amount_range")]


def test_what_no_column_takes_is_told_by_its_own_code():
    cells = ["=1+1", "a\x00b", "x\udce4", "y" * 100 + CUT, " plain "]
    kept, faults = clean(cells, "UTF-8")
    assert kept == ["", "", "", "", "plain"]
    assert [wrong.code for _row, wrong in faults] == ["formula", "nul", "bad_bytes", "cell_too_long"]


def test_text_is_one_line_unless_it_may_have_more():
    assert read(Text(50), ["a  b\nc"])[0] == ["a b c"]
    assert read(Text(50, lines=True), ["a\r\nb\tc"])[0] == [r"a\nb\tc"]


def test_a_long_text_is_refused_with_its_limit():
    _values, faults = read(Text(3), ["abcd", "abc"])
    assert [(index, dict(wrong.params)["limit"]) for index, wrong in faults] == [(0, 3)]
    assert CELL_MAX == 32_767


def test_a_code_loses_width_and_spaces():
    assert read(Code(40), ["Ａ０ １"])[0] == ["A01"]


def test_yes_and_no_in_both_languages():
    assert read(YesNo(), ["是", "No", "1", "×"])[0] == ["t", "f", "t", "f"]
