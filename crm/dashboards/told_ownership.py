"""Who is responsible for a customer, in its timeline: what changed, in one line."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.accounts.access import Viewer
from crm.dashboards.entries import Kind
from crm.web.templatetags.days import day
from customers.models import Collaboration, CustomerIntel

DROPS = {
    "follow_up": gettext_lazy("no follow-up in time"),
    "signature": gettext_lazy("no signature in time"),
    "first_touch": gettext_lazy("no first contact in time"),
    "registered": gettext_lazy("registered, and not reached in time"),
}


def arrow(before: str, after: str) -> str:
    return f"{before} → {after}" if before else after


def note(data: Mapping[str, Any], viewer: Viewer) -> str:
    return str(data.get("note") or data.get("reason") or data.get("title") or "")


def _arranged(data: Mapping[str, Any], viewer: Viewer) -> str:
    """Which department, and why."""
    return " · ".join(filter(None, [str(data.get("department") or ""), note(data, viewer)]))


def person(data: Mapping[str, Any], viewer: Viewer) -> str:
    """Who is responsible, from whom he took over, and why."""
    to = arrow(str(data.get("from") or ""), str(data.get("to") or data.get("owner") or ""))
    return " · ".join(filter(None, [to, note(data, viewer)]))


def _helper(data: Mapping[str, Any], viewer: Viewer) -> str:
    """Who helps with what, and whether he may write."""
    part, rights = Collaboration.Role(data["role"]).label, Collaboration.Rights(data["rights"]).label
    return f"{data['name']} · {part} · {rights}"


def _pooled(data: Mapping[str, Any], viewer: Viewer) -> str:
    """From whom or to whom, which pool, by which term of its rules or for what reason."""
    term = DROPS.get(data.get("by", ""), "")
    return " · ".join(filter(None, [person(data, viewer), str(data.get("pool") or ""), str(term)]))


def _extended(data: Mapping[str, Any], viewer: Viewer) -> str:
    """How many days, for whom or to be decided by whom, why, and when the customer drops now."""
    days = _("%(days)s days") % {"days": data["days"]}
    drops = data.get("drops_on")
    until = _("drops on %(day)s") % {"day": day(date.fromisoformat(drops))} if drops else ""
    return " · ".join(filter(None, [days, str(data.get("to") or ""), until, note(data, viewer)]))


def _news(data: Mapping[str, Any], viewer: Viewer) -> str:
    """From which department, what it was worth, what was said."""
    outcome = CustomerIntel.Outcome(data["outcome"]).label if data.get("outcome") else ""
    return " · ".join(str(part) for part in (data.get("department"), outcome, data.get("note")) if part)


def _filed(data: Mapping[str, Any], viewer: Viewer) -> str:
    """Who registered the customer, for which department, because of what need."""
    return " · ".join(str(data[part]) for part in ("member", "department", "need") if data.get(part))


def _effective(data: Mapping[str, Any], viewer: Viewer) -> str:
    """Which department is its developer now, and who is responsible if that has changed."""
    developer = (
        _("Developer: %(department)s") % {"department": data["developer"]} if data["developer"] else ""
    )
    moved = person(data, viewer) if data["from_id"] != data["to_id"] else ""
    return " · ".join(filter(None, [developer, moved]))


KINDS: dict[str, Kind] = {
    "customer.registered": Kind("ownership", "user-plus", gettext_lazy("Customer registered"), person),
    "registration.filed": Kind("ownership", "file-text", gettext_lazy("Registered by a developer"), _filed),
    "registration.effective": Kind(
        "ownership", "circle-check", gettext_lazy("Registration took effect"), _effective, "green"
    ),
    "registration.lapsed": Kind(
        "ownership", "alert-circle", gettext_lazy("Registration lapsed"), _filed, "amber"
    ),
    "customer.arranged": Kind(
        "ownership", "building", gettext_lazy("Arranged by the company"), _arranged, "accent"
    ),
    "customer.arrangement_ended": Kind(
        "ownership", "building", gettext_lazy("Arrangement of the company ended"), _arranged
    ),
    "customer.transferred": Kind("ownership", "arrows-exchange", gettext_lazy("Handed over"), person),
    "collaboration.begun": Kind("ownership", "users", gettext_lazy("Collaborator added"), _helper, "green"),
    "collaboration.ended": Kind("ownership", "users", gettext_lazy("Collaborator removed"), _helper),
    "customer.claimed": Kind(
        "ownership", "user-plus", gettext_lazy("Claimed from the pool"), _pooled, "green"
    ),
    "customer.distributed": Kind("ownership", "user-plus", gettext_lazy("Dealt out of the pool"), _pooled),
    "customer.returned": Kind("ownership", "arrows-exchange", gettext_lazy("Returned to the pool"), _pooled),
    "customer.released": Kind(
        "ownership", "arrows-exchange", gettext_lazy("Dropped into the pool"), _pooled, "red"
    ),
    "customer.pool_changed": Kind(
        "ownership", "arrows-exchange", gettext_lazy("Moved to another pool"), person
    ),
    "customer.locked": Kind("ownership", "lock", gettext_lazy("Locked"), note),
    "customer.unlocked": Kind("ownership", "lock", gettext_lazy("Unlocked"), note),
    "extension.asked": Kind("ownership", "hourglass", gettext_lazy("More days asked for"), _extended),
    "extension.granted": Kind(
        "ownership", "hourglass", gettext_lazy("More days granted"), _extended, "green"
    ),
    "extension.refused": Kind(
        "ownership", "hourglass", gettext_lazy("More days refused"), _extended, "amber"
    ),
    "intel.relayed": Kind("contact", "speakerphone", gettext_lazy("News passed on"), _news),
    "intel.acknowledged": Kind("contact", "speakerphone", gettext_lazy("News answered"), _news),
    "intel.escalated": Kind("contact", "speakerphone", gettext_lazy("News not answered"), person, "amber"),
    "intel.thanked": Kind("contact", "star", gettext_lazy("Thanked for news"), note),
}
