"""Charts: marks in the right place, links behind them, the same figures in the table."""

import re
import xml.etree.ElementTree as ElementTree
from decimal import Decimal

import pytest
from django.utils.translation import override

from crm.web import charts
from crm.web.charts.plot import HEIGHT, TOP, scale_of

QUESTION = charts.Question("Are we ready?", "Almost.", "CNY")
SERIES = (charts.Series("Renewed", "c2"), charts.Series("No quote", "none"))


def amounts(*values) -> tuple[Decimal, ...]:
    return tuple(Decimal(value) * 10_000 for value in values)


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


def tree(plot: charts.Plot) -> ElementTree.Element:
    return ElementTree.fromstring(str(plot.marks))


def bars(plot: charts.Plot, tone: str) -> list[dict]:
    return [node.attrib for node in tree(plot).iter("rect") if node.get("class") == f"tone-{tone}"]


EVERY = {
    "columns": lambda: charts.columns(
        QUESTION, SERIES, [charts.Column("Dec <1>", amounts(95, 25), "/a?b=1&c=2")]
    ),
    "paired": lambda: charts.columns(QUESTION, SERIES, [charts.Column("Dec", amounts(95, 25))], paired=True),
    "lines": lambda: charts.lines(
        QUESTION, ("a", "b"), [charts.Line("x", amounts(1, 2))], hrefs=("/1", "/2")
    ),
    "bullets": lambda: charts.bullets(QUESTION, [charts.Bullet("Q4", *amounts(5, 10), "/q")]),
    "shares": lambda: charts.share_bars(QUESTION, SERIES, [charts.Shares("Key", (2, 5), "/k")]),
    "ageing": lambda: charts.ageing(QUESTION, [charts.Bar("0–30", Decimal(864_000), "c1", "/a")]),
    "dots": lambda: charts.dot_strip(QUESTION, [charts.Dot("华信", 57, Decimal(860_000), "AMBER", "/c")]),
    "matrix": lambda: charts.matrix(
        QUESTION, ["Key"], ["High"], [[charts.Cell(2, Decimal(1_100_000), "/r", "red")]]
    ),
    "bridge": lambda: charts.bridge(QUESTION, [charts.Step("Opening", Decimal(100), total=True)]),
}


@pytest.mark.parametrize("kind", EVERY)
def test_every_chart_is_sound_markup_without_style(kind):
    plot = EVERY[kind]()
    nodes = list(tree(plot).iter())
    assert [node.tag for node in nodes if "style" in node.attrib or node.tag in ("style", "script")] == []
    assert plot.question == "Are we ready?"


@pytest.mark.parametrize("kind", EVERY)
def test_every_chart_survives_having_nothing_to_show(kind):
    empty = {
        "columns": lambda: charts.columns(QUESTION, SERIES, []),
        "paired": lambda: charts.columns(QUESTION, SERIES, [], paired=True),
        "lines": lambda: charts.lines(QUESTION, ("a",), [charts.Line("x", (None,))]),
        "bullets": lambda: charts.bullets(QUESTION, [charts.Bullet("Q4", Decimal(0), Decimal(0))]),
        "shares": lambda: charts.share_bars(QUESTION, SERIES, [charts.Shares("Key", (0, 0))]),
        "ageing": lambda: charts.ageing(QUESTION, [charts.Bar("0–30", Decimal(0))]),
        "dots": lambda: charts.dot_strip(QUESTION, []),
        "matrix": lambda: charts.matrix(QUESTION, ["Key"], ["High"], [[charts.Cell(0)]]),
        "bridge": lambda: charts.bridge(QUESTION, []),
    }[kind]()
    assert tree(empty) is not None


def test_stacked_columns_stand_on_each_other():
    plot = charts.columns(
        QUESTION, SERIES, [charts.Column("Dec", amounts(100, 100)), charts.Column("Jan", amounts(0, 400))]
    )
    below, above = bars(plot, "c2")[0], bars(plot, "none")[0]
    assert float(above["y"]) + float(above["height"]) + 1 == pytest.approx(float(below["y"]))
    assert float(below["y"]) + float(below["height"]) + 1 == pytest.approx(TOP + HEIGHT)
    assert below["height"] == above["height"]


def test_a_column_is_a_link_whose_name_begins_with_what_one_sees():
    plot = charts.columns(QUESTION, SERIES, [charts.Column("Dec", amounts(95, 25), "/contracts/")])
    link = next(tree(plot).iter("a"))
    assert link.get("href") == "/contracts/"
    assert "".join(link.itertext()) == "Dec 1.2M; Renewed 950,000; No quote 250,000"
    assert 'data-tip="Dec 1,200,000\nRenewed 950,000\nNo quote 250,000"' in plot.marks


def test_the_table_holds_what_the_marks_show():
    plot = charts.columns(QUESTION, SERIES, [charts.Column("Dec", amounts(95, 25))], first_column="Month")
    assert plot.head == ("Month", "Renewed", "No quote")
    assert plot.rows == (("Dec", "950,000", "250,000"),)


def test_a_label_from_a_customer_is_escaped():
    assert "Dec &lt;1&gt;" in EVERY["columns"]().marks


def test_a_line_breaks_where_nothing_is_known():
    values = (Decimal(1), Decimal(2), None, Decimal(4))
    plot = charts.lines(QUESTION, "abcd", [charts.Line("x", values)], figures=charts.COUNT)
    path = next(node for node in tree(plot).iter("path") if node.get("class") == "line tone-c1")
    assert path.get("d").count("M") == 2
    assert plot.rows[2] == ("c", "—")


def test_a_forecast_starts_at_the_last_known_point():
    pace = charts.Pace("target", Decimal(0), Decimal(16), (Decimal(13), Decimal(15)), "forecast")
    series = [charts.Line("x", (Decimal(0), Decimal(8), None))]
    plot = charts.lines(QUESTION, "abc", series, figures=charts.COUNT, pace=pace)
    band = next(node for node in tree(plot).iter("path") if node.get("class") == "band")
    assert band.get("d").startswith("M50.00 ")
    assert band.get("d").count("L100 ") == 2


def test_shares_fill_the_whole_row():
    plot = charts.share_bars(QUESTION, SERIES, [charts.Shares("Key", (1, 3), "/k")])
    assert [(bar["x"], bar["width"]) for bar in bars(plot, "c2") + bars(plot, "none")] == [
        ("0%", "25%"),
        ("25%", "75%"),
    ]


def test_a_bullet_past_its_target_keeps_the_tick_inside():
    plot = charts.bullets(QUESTION, [charts.Bullet("Q4", Decimal(20), Decimal(10))])
    assert bars(plot, "c1")[0]["width"] == "100%"
    tick = next(node for node in tree(plot).iter("rect") if node.get("class") == "target")
    assert tick.get("x") == "49.75%"


def test_dots_that_would_touch_stand_in_two_lanes():
    near = [charts.Dot(name, day, Decimal(1), "GREEN") for name, day in (("a", 30), ("b", 31), ("c", 60))]
    plot = charts.dot_strip(QUESTION, near)
    heights = [node.get("y") for node in tree(plot).iter("svg") if node.get("overflow")]
    assert heights == ["14", "42", "14"]


def test_a_bridge_hangs_each_change_between_the_levels():
    steps = [
        charts.Step("Opening", Decimal(100), total=True),
        charts.Step("New", Decimal(40)),
        charts.Step("Churned", Decimal(-60)),
        charts.Step("Closing", Decimal(80), total=True),
    ]
    plot = charts.bridge(QUESTION, steps, figures=charts.COUNT)
    new, lost = bars(plot, "c1")[0], bars(plot, "c4")[0]
    assert new["y"] == lost["y"]
    assert float(lost["height"]) == pytest.approx(float(new["height"]) * 1.5, abs=0.2)
    assert [node.text.strip() for node in tree(plot).iter("text") if node.get("class") == "value"] == [
        "100",
        "+40",
        "−60",
        "80",
    ]


def test_a_bridge_of_small_changes_says_that_its_axis_is_cut():
    steps = [charts.Step("Opening", Decimal(5120), total=True), charts.Step("New", Decimal(24))]
    plot = charts.bridge(QUESTION, steps, figures=charts.COUNT)
    assert len([node for node in tree(plot).iter("rect") if node.get("class") == "break"]) == 1


def test_a_matrix_links_only_cells_that_hold_something():
    plot = charts.matrix(
        QUESTION, ["Key"], ["High", "Low"], [[charts.Cell(2, None, "/r"), charts.Cell(0, None, "/e")]]
    )
    assert re.findall(r'href="([^"]+)"', plot.marks) == ["/r"]


@pytest.mark.parametrize(
    ("top", "ticks"),
    [
        ("1600", [0, 400, 800, 1200, 1600]),
        ("310", [0, 100, 200, 300, 400]),
        ("0", [0, 1]),
        ("7", [0, 2, 4, 6, 8]),
    ],
)
def test_ticks_are_round_and_reach_above_the_highest(top, ticks):
    assert [int(tick) for tick in scale_of([Decimal(top)]).ticks] == ticks
