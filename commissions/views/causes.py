"""A line of a statement in short: what it came from, and its formula with the numbers, as stored."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from commissions.models import LedgerEntry
from commissions.models.entry import Component
from crm.web.templatetags.amounts import figure, percent


def cause(row: LedgerEntry) -> str:
    """The receipt, refund or other event behind an entry, by its number."""
    word, _colon, number = row.source_event.partition(":")
    named = {
        "cash": _("Receipt %(number)s"),
        "refund": _("Refund %(number)s"),
        "expense": _("Expense %(number)s"),
    }
    if word in named:
        return named[word] % {"number": number}
    if word.startswith("@year-"):
        return _("Start of contract year %(year)s") % {"year": word.removeprefix("@year-")}
    others = {
        "@signed": _("Signature"),
        "@hold": _("End of the holdback"),
        "@month": _("Settlement of the month"),
        "cancelled": _("Cancellation"),
        "dispute": _("Dispute over the customer"),
        "appeal": _("Appeal in the dispute"),
        "split": _("Confirmation of the split"),
        "pool": _("Distribution of the pool"),
        "adjustment": _("Adjustment by hand"),
    }
    return others.get(word, row.source_event)


def how(row: LedgerEntry) -> str:
    """Pool × share = what the year pays; what is due of it by then, less what was posted. "" for a month."""
    steps: dict[str, Any] = {step["rule"]: step for step in row.trace}
    pool = steps.get("POOL-OPS" if row.component == Component.OPS_SHARE else "POOL-DEPT")
    share, post = steps.get("SPLIT"), steps.get("POST")
    if not (pool and share and post):
        return ""
    words = _("%(pool)s × %(share)s = %(total)s; due %(due)s − %(posted)s")
    return words % {
        "pool": _amount(pool["result"]),
        "share": percent(Decimal(share["inputs"]["basis_points"]) / 10_000, 2),
        "total": _amount(share["result"]),
        "due": _amount(post["inputs"]["due"]),
        "posted": _amount(post["inputs"]["posted"]),
    }


def _amount(value: str) -> str:
    return figure(Decimal(value), 2)
