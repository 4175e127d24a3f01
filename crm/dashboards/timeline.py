"""The one timeline of a customer: its events in words, newest first, with the reader's rights applied."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.accounts.access import Viewer
from crm.accounts.roles import Right
from crm.events.models import Event
from crm.web.templatetags.amounts import money
from crm.web.templatetags.days import day
from crm.web.templatetags.marks import STAGES, TIERS
from customers.models import Interaction

PAGE = 30
Words = Callable[[Mapping[str, Any], Viewer], str]


@dataclass(frozen=True)
class Entry:
    """One line of the timeline, ready to be shown."""

    at: datetime
    on: date
    title: str
    meta: str
    text: str
    icon: str
    tone: str


@dataclass(frozen=True)
class Kind:
    """How events of one name are told: group of the filter, icon, tone, title, and the words of its data."""

    group: str
    icon: str
    title: Any
    words: Words
    tone: str = ""


GROUPS = {
    "contact": pgettext_lazy("timeline", "Contact"),
    "contract": pgettext_lazy("timeline", "Contract & cash"),
    "ownership": pgettext_lazy("timeline", "Ownership"),
    "system": pgettext_lazy("timeline", "System"),
}
CONTACT_ICONS = {
    Interaction.Kind.CALL: "phone",
    Interaction.Kind.VISIT: "map-pin",
    Interaction.Kind.WECHAT: "brand-wechat",
    Interaction.Kind.EMAIL: "mail",
    Interaction.Kind.MEETING: "users",
    Interaction.Kind.OTHER: "message",
}


def _sum(data: Mapping[str, Any], viewer: Viewer, field: str = "amount") -> str:
    if not viewer.may(Right.SEE_AMOUNT) or not data.get(field):
        return ""
    return str(money(Decimal(str(data[field])), data.get("currency") or "CNY"))


def _contract(data: Mapping[str, Any], viewer: Viewer) -> str:
    words = [
        str(data.get("number") or data.get("contract") or ""),
        _sum(data, viewer, "gross"),
        _sum(data, viewer),
    ]
    return " · ".join(filter(None, words))


def _graded(data: Mapping[str, Any], viewer: Viewer) -> str:
    before, after = (
        data.get("previous") or data.get("before") or "",
        data.get("tier") or data.get("after") or "",
    )
    return _arrow(*(str(TIERS[code][0]) if code in TIERS else code for code in (before, after)))


def _moved(data: Mapping[str, Any], viewer: Viewer) -> str:
    before, after = data.get("from") or data.get("before") or "", data.get("to") or data.get("after") or ""
    return _arrow(*(str(STAGES.get(code, code)) for code in (before, after)))


def _arrow(before: str, after: str) -> str:
    return f"{before} → {after}" if before else after


def _risk(data: Mapping[str, Any], viewer: Viewer) -> str:
    return _("Score %(score)s") % {"score": data["score"]} if data.get("score") is not None else ""


def _edited(data: Mapping[str, Any], viewer: Viewer) -> str:
    hidden = {"credit_code"} if not viewer.may(Right.SEE_CREDIT_CODE) else set()
    changes = [
        f"{name}: {old or '—'} → {new or '—'}" for name, (old, new) in data.items() if name not in hidden
    ]
    return "; ".join(changes)


def _note(data: Mapping[str, Any], viewer: Viewer) -> str:
    return str(data.get("note") or data.get("reason") or data.get("title") or "")


def _person(data: Mapping[str, Any], viewer: Viewer) -> str:
    return " · ".join(
        filter(None, [str(data.get("to_name") or data.get("owner") or ""), _note(data, viewer)])
    )


def _expense(data: Mapping[str, Any], viewer: Viewer) -> str:
    return _contract(data, viewer) if viewer.may(Right.SEE_EXPENSE) else ""


KINDS: dict[str, Kind] = {
    "interaction.logged": Kind("contact", "message", gettext_lazy("Contact"), _note, "accent"),
    "customer.registered": Kind("ownership", "user-plus", gettext_lazy("Customer registered"), _person),
    "customer.transferred": Kind("ownership", "arrows-exchange", gettext_lazy("Handed over"), _person),
    "customer.edited": Kind("system", "pencil", gettext_lazy("Record changed"), _edited),
    "contract.signed": Kind("contract", "file-text", gettext_lazy("Contract signed"), _contract, "green"),
    "contract.cancelled": Kind("contract", "file-text", gettext_lazy("Contract cancelled"), _contract, "red"),
    "expense.booked": Kind("contract", "receipt", gettext_lazy("Expense booked"), _expense),
    "payment.received": Kind("contract", "cash", gettext_lazy("Cash received"), _contract, "green"),
    "payment.refunded": Kind("contract", "cash", gettext_lazy("Cash refunded"), _contract, "red"),
    "customer.graded": Kind("system", "target-arrow", gettext_lazy("Tier"), _graded),
    "stage.moved": Kind("system", "refresh", gettext_lazy("Stage"), _moved),
    "risk.flagged": Kind("system", "alert-triangle", gettext_lazy("Churn risk red"), _risk, "red"),
    "risk.cleared": Kind(
        "system", "alert-triangle", gettext_lazy("Churn risk no longer red"), _risk, "green"
    ),
    "follow_up.opened": Kind("contact", "clipboard-check", gettext_lazy("Follow-up opened"), _note),
    "follow_up.closed": Kind("contact", "clipboard-check", gettext_lazy("Follow-up closed"), _note),
}


def names(viewer: Viewer, group: str = "") -> list[str]:
    """Names of the events a viewer may read, of one group or of all."""
    shut = set()
    if not viewer.may(Right.INTERACTION_VIEW):
        shut.add("contact")
    if not viewer.may(Right.CONTRACT_VIEW):
        shut.add("contract")
    return [n for n, kind in KINDS.items() if kind.group not in shut and group in ("", kind.group)]


def entries(
    customer_id: UUID, viewer: Viewer, *, group: str = "", before: tuple[datetime, UUID] | None = None
) -> tuple[Sequence[Entry], Event | None]:
    """A page of the timeline, and the event behind which the next page begins (None at the end)."""
    rows = Event.objects.filter(customer_id=customer_id, name__in=names(viewer, group))
    if before:
        at, last = before
        rows = rows.filter(Q(at__lt=at) | Q(at=at, id__lt=last))
    found = list(rows.order_by("-at", "-id")[: PAGE + 1])
    return [entry(each, viewer) for each in found[:PAGE]], found[PAGE - 1] if len(found) > PAGE else None


def entry(event: Event, viewer: Viewer) -> Entry:
    """One event in words."""
    kind = KINDS[event.name]
    title, icon = str(kind.title), kind.icon
    if event.name == "interaction.logged" and event.data.get("kind") in CONTACT_ICONS:
        title = str(Interaction.Kind(event.data["kind"]).label)
        icon = CONTACT_ICONS[event.data["kind"]]
    meta = event.actor_name or str(_("System"))
    if event.at.date() != event.on and abs((event.at.date() - event.on).days) > 1:
        meta = f"{meta} · {day(event.on)}"
    return Entry(event.at, event.on, title, meta, kind.words(event.data, viewer), icon, kind.tone)
