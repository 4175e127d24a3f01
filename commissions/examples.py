"""Worked examples: small histories of one contract, calculated under any settings; no tenant is in them.

The figures under the default plan are those of domain.md §2.9.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commissions.calculation.answer import answer

SALES, OPS = "SALES_DEPT", "OPS_DEPT"
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Example:
    """A history in words and as a request without its plan."""

    id: str
    words: str | Promise
    facts: Facts


class Worked(NamedTuple):
    """What an example pays the department and operations; None where the plan does not answer it."""

    example: Example
    dept: Decimal | None
    ops: Decimal | None


def _contract(gross: str, year: int = 2026, years: int = 1, **more: Any) -> dict[str, Any]:
    starts = more.pop("starts_on", f"{year}-01-01")
    return {
        "number": f"HT-{year}",
        "gross": gross,
        "signed_on": starts,
        "starts_on": starts,
        "ends_on": f"{int(starts[:4]) + years}{starts[4:]}",
        **more,
    }


def _paid(gross: str, on: str = "2026-01-01") -> list[dict[str, str]]:
    return [{"id": "R-1", "kind": "CASH_RECEIVED", "date": on, "amount": gross}]


def _new(gross: str) -> Facts:
    return {"contract": _contract(gross), "events": _paid(gross)}


def _renewed(before: str, after: str, starts: str = "2026-01-01") -> Facts:
    new = _contract(after, starts_on=starts)
    return {"previous": _contract(before, 2025), "contract": new, "events": _paid(after, starts)}


EXAMPLES = (
    Example("new-small", _("New, 60,000.00 a year"), _new("60000.00")),
    Example("edge-below", _("New, 99,999.99: just below a band"), _new("99999.99")),
    Example("edge-above", _("New, 100,000.00: just above it"), _new("100000.00")),
    Example("new-medium", _("New, 200,000.00"), _new("200000.00")),
    Example("new-large", _("New, 600,000.00"), _new("600000.00")),
    Example("same", _("Renewal of 200,000.00 at the same price"), _renewed("200000.00", "200000.00")),
    Example("grown", _("Renewal of 200,000.00 at 260,000.00"), _renewed("200000.00", "260000.00")),
    Example("shrunk", _("Renewal of 200,000.00 at 120,000.00"), _renewed("200000.00", "120000.00")),
    Example(
        "late",
        _("The same price, renewed 45 days late"),
        _renewed("200000.00", "200000.00", "2026-02-15"),
    ),
    Example(
        "won-back",
        _("The same price, won back after 200 days"),
        _renewed("200000.00", "200000.00", "2026-07-20"),
    ),
    Example(
        "cash-late",
        _("New, 200,000.00, the cash 60 days late"),
        {"contract": _contract("200000.00"), "events": _paid("200000.00", "2026-03-02")},
    ),
    Example(
        "three-years",
        _("Three years, 300,000.00 in all, paid at the start of each"),
        {
            "contract": _contract("300000.00", years=3),
            "events": [
                {"id": f"R-{year}", "kind": "CASH_RECEIVED", "date": f"{year}-01-01", "amount": "100000.00"}
                for year in (2026, 2027, 2028)
            ],
        },
    ),
)


def worked(settings: Facts) -> list[Worked]:
    """Every example under these settings, which are sound: what the department and operations are paid."""
    return [_worked(example, settings) for example in EXAMPLES]


def _worked(example: Example, settings: Facts) -> Worked:
    found = answer({**example.facts, "plan": dict(settings)})
    if "errors" in found:
        return Worked(example, None, None)
    paid = {row["payee"]: Decimal(row["payable"]) for row in found["balances"]}
    return Worked(example, paid.get(SALES, Decimal("0.00")), paid.get(OPS, Decimal("0.00")))
