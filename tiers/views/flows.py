"""Customers from tier to tier as one picture that is its own table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from crm.web import charts
from tiers.views.place import named


class Counted(Protocol):
    """How many customers went from a tier to another, worth how much a year."""

    @property
    def before(self) -> str: ...
    @property
    def after(self) -> str: ...
    @property
    def customers(self) -> int: ...
    @property
    def amount(self) -> Decimal: ...


def matrix(
    question: charts.Question,
    flows: Iterable[Counted],
    own: Mapping[str, str],
    order: Sequence[str],
    *,
    link: Callable[[str, str], str],
    sees_amount: bool,
) -> charts.Plot:
    """Tiers before by tiers after, highest first; who moved is set off, and an arrow says up or down.

    `own` are the tenant's words for its tiers, `link` leads to the customers of a cell that moved.
    """
    found = {(flow.before, flow.after): flow for flow in flows}
    tiers = [tier for tier in order if any(tier in pair for pair in found)]
    tiers += sorted({tier for pair in found for tier in pair} - {*tiers})
    cells = [
        [_cell(found.get((before, after)), tiers, before, after, link, sees_amount) for after in tiers]
        for before in tiers
    ]
    names = [named(tier, own) for tier in tiers]
    return charts.matrix(question, names, names, cells, corner=_("from ↓ to →"))


def _cell(
    flow: Counted | None,
    tiers: Sequence[str],
    before: str,
    after: str,
    link: Callable[[str, str], str],
    sees_amount: bool,
) -> charts.Cell:
    if flow is None:
        return charts.Cell(0)
    fall = tiers.index(after) - tiers.index(before) if before else 0
    sign = "↑" if fall < 0 else "↓" if fall else ""
    href = link(before, after) if before and before != after else ""
    amount = flow.amount if sees_amount else None
    return charts.Cell(flow.customers, amount, href, "moved" if sign else "", sign)
