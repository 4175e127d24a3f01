"""Every row of ui.md §4 that is a number, in both languages."""

from decimal import Decimal

import pytest
from django.template import engines
from django.utils.translation import override

from crm.web.templatetags import amounts


def shown(source: str, language: str, **values) -> str:
    with override(language):
        return engines["django"].from_string(source).render(values)


@pytest.mark.parametrize(
    ("show", "amount", "chinese", "english"),
    [
        (amounts.money_list, "860000", "86.00", "860,000"),
        (amounts.money_list, "-9600", "−0.96", "−9,600"),
        (amounts.money_list, "0", "0.00", "0"),
        (amounts.money_chart, "3100000", "310.0", "3.1M"),
        (amounts.money_chart, "864000", "86.4", "864k"),
        (amounts.money_tick, "3000000", "300", "3M"),
        (amounts.money_tick, "0", "0", "0"),
        (amounts.money_short, "864000", "86.4 万", "864k"),
        (amounts.money_tile, "8120000", "¥812.0 万", "¥8.12M"),
        (amounts.money_tile, "99999999.99", "¥10,000.0 万", "¥100.00M"),
        (amounts.money_tile, "186000000", "¥1.86 亿", "¥186.00M"),
        (amounts.money_tile, "1860000000", "¥18.60 亿", "¥1.86B"),
        (amounts.money_tile, "6650", "¥6,650", "¥6,650"),
        (amounts.money_tile, "-412600", "−¥41.3 万", "−¥412,600"),
        (amounts.money, "860000", "¥860,000.00", "¥860,000.00"),
        (amounts.money, "-9600", "−¥9,600.00", "−¥9,600.00"),
        (amounts.money, "-0.004", "¥0.00", "¥0.00"),
        (amounts.percent, "0.912", "91.2%", "91.2%"),
        (amounts.rate, "0.06", "6%", "6%"),
        (amounts.rate, "0.015", "1.5%", "1.5%"),
        (amounts.rate, "1", "100%", "100%"),
        (amounts.quotient, "1.1", "1.1000", "1.1000"),
        (amounts.score, "47", "47", "47"),
    ],
)
def test_an_amount_reads_as_its_language_counts(show, amount, chinese, english):
    with override("zh-hans"):
        assert show(Decimal(amount)) == chinese
    with override("en"):
        assert show(Decimal(amount)) == english


def test_another_currency_is_named_before_the_figure():
    assert amounts.money(Decimal("150000"), "USD") == "USD 150,000.00"
    with override("en"):
        assert amounts.money_tile(Decimal("8120000"), "USD") == "USD 8.12M"


def test_half_a_cent_rounds_away_from_zero_on_both_sides():
    assert amounts.money(Decimal("0.005")) == "¥0.01"
    assert amounts.money(Decimal("-0.005")) == "−¥0.01"


def test_a_float_is_refused():
    with pytest.raises(TypeError):
        amounts.figure(1.1, 2)


def test_an_unknown_amount_is_a_dash_that_reads_none():
    chinese = shown("{{ x|money_list }}", "zh-hans", x=None)
    assert (
        chinese == '<span class="nil"><span aria-hidden="true">—</span><span class="unseen">无</span></span>'
    )
    assert '<span class="unseen">none</span>' in shown("{{ x|money }}", "en", x=None)


def test_zero_is_not_unknown():
    assert shown("{{ x|money_list }}", "zh-hans", x=Decimal(0)) == "0.00"


def test_the_header_names_the_unit_of_its_column():
    assert shown("{{ x|with_unit }}", "zh-hans", x="年额") == "年额（万元）"
    assert shown("{{ x|with_unit }}", "en", x="Annual") == "Annual (CNY)"


def test_an_amount_is_written_in_capitals_for_contracts():
    assert shown("{{ x|capitals }}", "en", x=Decimal("860000.00")) == "人民币捌拾陆万元整"
