"""A 撞单 in the customer's timeline: what happened in it, in one line."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.dashboards.entries import Kind
from customers.models.dispute import Outcome, Proof, Side

TITLES = {  # by the event's name: the title, and its tone
    "opened": (gettext_lazy("The customer is claimed"), "amber"),
    "evidence_brought": (gettext_lazy("Evidence brought"), ""),
    "answered": (gettext_lazy("Claim answered"), ""),
    "ruled": (pgettext_lazy("timeline", "Dispute ruled"), "accent"),
    "appealed": (gettext_lazy("Ruling appealed"), "amber"),
    "escalated": (gettext_lazy("Ruling late, handed on"), "red"),
    "withdrawn": (gettext_lazy("Claim withdrawn"), ""),
    "closed": (gettext_lazy("Ruling final"), "green"),
}


def words(data: Mapping[str, Any], viewer: Viewer) -> str:
    """From which department or to which judge, what was brought or ruled, and what was said of it."""
    parts = [data.get("to") if "to" in data else data.get("department")]
    if "side" in data:
        parts += [Side(data["side"]).label, Proof(data["kind"]).label]
    if "outcome" in data:
        parts = [Outcome(data["outcome"]).label]
    return " · ".join(str(part) for part in (*parts, data.get("note")) if part)


KINDS = {
    f"ownership_dispute.{name}": Kind("ownership", "flag", title, words, tone, Right.DISPUTE_VIEW)
    for name, (title, tone) in TITLES.items()
}
