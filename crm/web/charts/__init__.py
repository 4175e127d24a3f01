"""Charts drawn by the server: pure functions from figures to a `Plot`, shown by `{% plot chart %}`.

Percentages across and pixels down, so that text never scales; colours by class; every mark may be a link;
the same figures stand in a data table. No script, no style attribute.
"""

from crm.web.charts.bridge import Step, bridge
from crm.web.charts.columns import Column, columns
from crm.web.charts.dots import Dot, dot_strip
from crm.web.charts.lines import Line, Pace, lines
from crm.web.charts.matrix import Cell, matrix
from crm.web.charts.plot import AMOUNT, COUNT, MONEY, SHARE, Figures, Plot, Question, Series
from crm.web.charts.rows import Bar, Bullet, Shares, ageing, bullets, share_bars

__all__ = [
    "AMOUNT",
    "COUNT",
    "MONEY",
    "SHARE",
    "Bar",
    "Bullet",
    "Cell",
    "Column",
    "Dot",
    "Figures",
    "Line",
    "Pace",
    "Plot",
    "Question",
    "Series",
    "Shares",
    "Step",
    "ageing",
    "bridge",
    "bullets",
    "columns",
    "dot_strip",
    "lines",
    "matrix",
    "share_bars",
]
