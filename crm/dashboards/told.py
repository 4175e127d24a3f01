"""What happened to a customer, told in one line. Amounts are told only to those who may see them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.accounts.access import Viewer
from crm.accounts.roles import Right
from crm.dashboards import told_disputes
from crm.dashboards.entries import Entry, Kind
from crm.events.models import Event
from crm.web.templatetags.amounts import money
from crm.web.templatetags.days import day, day_list, last_day, moment
from crm.web.templatetags.marks import STAGES, TIERS
from customers.models import (
    Collaboration,
    Contract,
    Customer,
    CustomerIntel,
    Interaction,
    Payment,
    ValueSegment,
)
from lifecycle.models import FollowUp, Neglect
from tiers.models import ReviewLine

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
DROPS = {
    "follow_up": gettext_lazy("no follow-up in time"),
    "signature": gettext_lazy("no signature in time"),
    "first_touch": gettext_lazy("no first contact in time"),
    "registered": gettext_lazy("registered, and not reached in time"),
}
SECRET_FIELDS = {"credit_code": Right.SEE_CREDIT_CODE}


def _sum(data: Mapping[str, Any], viewer: Viewer, field: str = "amount") -> str:
    if not viewer.may(Right.SEE_AMOUNT) or not data.get(field):
        return ""
    return money(Decimal(str(data[field])), data.get("currency") or "CNY")


def _contract(data: Mapping[str, Any], viewer: Viewer) -> str:
    number = str(data.get("number") or "")
    contract = str(data.get("contract") or "")
    return " · ".join(
        filter(None, [number, contract, _sum(data, viewer, "gross"), _sum(data, viewer), _note(data, viewer)])
    )


def _graded(data: Mapping[str, Any], viewer: Viewer) -> str:
    return _arrow(*(str(TIERS[c][0]) if c in TIERS else c for c in (data["previous"], data["tier"])))


def _moved(data: Mapping[str, Any], viewer: Viewer) -> str:
    return _arrow(*(str(STAGES.get(c, c)) for c in (data["from"], data["to"])))


def _valued(data: Mapping[str, Any], viewer: Viewer) -> str:
    names = (str(ValueSegment(c).label) if c else "—" for c in (data["from"], data["to"]))
    return " · ".join(filter(None, [_arrow(*names), data.get("value")]))


def _arrow(before: str, after: str) -> str:
    return f"{before} → {after}" if before else after


def _risk(data: Mapping[str, Any], viewer: Viewer) -> str:
    return _("Score %(score)s") % {"score": data["score"]} if data.get("score") is not None else ""


def _edited(data: Mapping[str, Any], viewer: Viewer) -> str:
    open_fields = {
        name: change
        for name, change in data.items()
        if isinstance(change, list) and (name not in SECRET_FIELDS or viewer.may(SECRET_FIELDS[name]))
    }
    return "; ".join(
        f"{_label(name)}: {old or '—'} → {new or '—'}" for name, (old, new) in open_fields.items()
    )


def _label(name: str) -> str:
    if name == "tags":
        return _("Tags")
    try:
        return str(getattr(Customer._meta.get_field(name), "verbose_name", name))
    except FieldDoesNotExist:
        return name


def _note(data: Mapping[str, Any], viewer: Viewer) -> str:
    return str(data.get("note") or data.get("reason") or data.get("title") or "")


def _arranged(data: Mapping[str, Any], viewer: Viewer) -> str:
    """Which department, and why."""
    return " · ".join(filter(None, [str(data.get("department") or ""), _note(data, viewer)]))


def _person(data: Mapping[str, Any], viewer: Viewer) -> str:
    """Who is responsible, from whom he took over, and why."""
    to = _arrow(str(data.get("from") or ""), str(data.get("to") or data.get("owner") or ""))
    return " · ".join(filter(None, [to, _note(data, viewer)]))


def _helper(data: Mapping[str, Any], viewer: Viewer) -> str:
    """Who helps with what, and whether he may write."""
    part, rights = Collaboration.Role(data["role"]).label, Collaboration.Rights(data["rights"]).label
    return f"{data['name']} · {part} · {rights}"


def _pooled(data: Mapping[str, Any], viewer: Viewer) -> str:
    """From whom or to whom, which pool, by which term of its rules or for what reason."""
    term = DROPS.get(data.get("by", ""), "")
    return " · ".join(filter(None, [_person(data, viewer), str(data.get("pool") or ""), str(term)]))


def _extended(data: Mapping[str, Any], viewer: Viewer) -> str:
    """How many days, for whom or to be decided by whom, why, and when the customer drops now."""
    days = _("%(days)s days") % {"days": data["days"]}
    drops = data.get("drops_on")
    until = _("drops on %(day)s") % {"day": day(date.fromisoformat(drops))} if drops else ""
    return " · ".join(filter(None, [days, str(data.get("to") or ""), until, _note(data, viewer)]))


def _neglected(data: Mapping[str, Any], viewer: Viewer) -> str:
    """Whose follow-up was missed, since when, and who was told."""
    missed = _("due %(day)s, %(days)s days ago") % {
        "day": day(date.fromisoformat(data["missed_on"])),
        "days": data["days"],
    }
    told = data["head"] if data["rung"] != Neglect.Rung.OWNER else ""
    rung = str(Neglect.Rung(data["rung"]).label)
    return " · ".join(filter(None, [rung, data["owner"], missed, told]))


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
    moved = _person(data, viewer) if data["from_id"] != data["to_id"] else ""
    return " · ".join(filter(None, [developer, moved]))


def _decided(data: Mapping[str, Any], viewer: Viewer) -> str:
    tier = str(TIERS[data["tier"]][0]) if data.get("tier") in TIERS else str(data.get("tier") or "")
    until = (
        _("until %(day)s") % {"day": last_day(date.fromisoformat(data["until"]))} if data.get("until") else ""
    )
    return " · ".join(filter(None, [tier, until, _note(data, viewer)]))


def _reviewed(data: Mapping[str, Any], viewer: Viewer) -> str:
    """In which cycle, to what end, why, and what was agreed to be done."""
    verdict = str(ReviewLine.Verdict(data["verdict"]).label)
    return " · ".join(filter(None, [data["review"], verdict, data["reason"], data.get("next_step")]))


def _somebody(data: Mapping[str, Any], viewer: Viewer) -> str:
    return " · ".join(str(data[part]) for part in ("name", "title") if data.get(part))


def _task(data: Mapping[str, Any], viewer: Viewer) -> str:
    title = data.get("title") or (FollowUp.Kind(data["kind"]).label if data.get("kind") else "")
    to = data.get("to") or data.get("owner")
    return " · ".join(str(part) for part in (title, to, data.get("note")) if part)


KINDS: dict[str, Kind] = {
    "interaction.logged": Kind("contact", "message", gettext_lazy("Contact"), _note, "accent"),
    "follow_up.opened": Kind("contact", "clipboard-check", gettext_lazy("Follow-up opened"), _task),
    "follow_up.assigned": Kind("contact", "clipboard-check", gettext_lazy("Follow-up handed on"), _task),
    "follow_up.closed": Kind("contact", "checklist", gettext_lazy("Follow-up closed"), _task),
    "contract.signed": Kind("contract", "file-text", gettext_lazy("Contract signed"), _contract, "green"),
    "contract.cancelled": Kind("contract", "file-text", gettext_lazy("Contract cancelled"), _contract, "red"),
    "expense.booked": Kind(
        "contract", "receipt", gettext_lazy("Expense booked"), _contract, right=Right.SEE_EXPENSE
    ),
    "payment.received": Kind(
        "contract", "cash", gettext_lazy("Cash received"), _contract, "green", Right.RECEIVABLE_VIEW
    ),
    "payment.refunded": Kind(
        "contract", "cash", gettext_lazy("Cash refunded"), _contract, "red", Right.RECEIVABLE_VIEW
    ),
    "customer.registered": Kind("ownership", "user-plus", gettext_lazy("Customer registered"), _person),
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
    "customer.transferred": Kind("ownership", "arrows-exchange", gettext_lazy("Handed over"), _person),
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
        "ownership", "arrows-exchange", gettext_lazy("Moved to another pool"), _person
    ),
    "customer.locked": Kind("ownership", "lock", gettext_lazy("Locked"), _note),
    "customer.unlocked": Kind("ownership", "lock", gettext_lazy("Unlocked"), _note),
    "extension.asked": Kind("ownership", "hourglass", gettext_lazy("More days asked for"), _extended),
    "extension.granted": Kind(
        "ownership", "hourglass", gettext_lazy("More days granted"), _extended, "green"
    ),
    "extension.refused": Kind(
        "ownership", "hourglass", gettext_lazy("More days refused"), _extended, "amber"
    ),
    "customer.neglected": Kind(
        "contact", "alert-circle", gettext_lazy("Follow-up missed"), _neglected, "amber"
    ),
    "intel.relayed": Kind("contact", "speakerphone", gettext_lazy("News passed on"), _news),
    "intel.acknowledged": Kind("contact", "speakerphone", gettext_lazy("News answered"), _news),
    "intel.escalated": Kind("contact", "speakerphone", gettext_lazy("News not answered"), _person, "amber"),
    "intel.thanked": Kind("contact", "star", gettext_lazy("Thanked for news"), _note),
    **told_disputes.KINDS,
    "customer.edited": Kind("system", "pencil", gettext_lazy("Record changed"), _edited),
    "contact.added": Kind("system", "user-plus", gettext_lazy("Contact person added"), _somebody),
    "contact.removed": Kind("system", "user", gettext_lazy("Contact person removed"), _somebody),
    "customer.tier_decided": Kind("system", "target-arrow", gettext_lazy("Tier by decision"), _decided),
    "customer.tier_decision_ended": Kind(
        "system", "target-arrow", gettext_lazy("Tier decision ended"), _decided
    ),
    "customer.reviewed": Kind("system", "checklist", gettext_lazy("Evaluated"), _reviewed),
    "customer.tier_proposed": Kind("system", "target-arrow", gettext_lazy("Tier proposed"), _decided),
    "customer.tier_proposal_closed": Kind(
        "system", "target-arrow", gettext_lazy("Tier proposal refused or taken back"), _decided
    ),
    "customer.graded": Kind("system", "target-arrow", pgettext_lazy("timeline", "Tier"), _graded),
    "customer.valued": Kind("system", "star", pgettext_lazy("timeline", "Customer value"), _valued),
    "stage.moved": Kind("system", "refresh", pgettext_lazy("timeline", "Stage"), _moved),
    "risk.flagged": Kind(
        "system", "alert-triangle", gettext_lazy("Churn risk high"), _risk, "red", Right.RISK_VIEW
    ),
    "risk.cleared": Kind(
        "system", "alert-triangle", gettext_lazy("Churn risk no longer high"), _risk, "green", Right.RISK_VIEW
    ),
}


def event(found: Event, viewer: Viewer, today: date) -> Entry:
    """An event in words; when it is entered days after its business date, that date is said too."""
    kind = KINDS[found.name]
    title, icon = str(kind.title), kind.icon
    if found.name == "interaction.logged" and found.data.get("kind") in CONTACT_ICONS:
        title, icon = _contact(found.data["kind"])
    meta = found.actor_name or _("System")
    entered = timezone.localtime(found.at).date()
    if entered != found.on:
        meta = f"{meta} · {day(found.on)}"
    words = kind.words(found.data, viewer)
    return Entry(
        found.at, found.id, moment(found.at, today), title, meta, words, icon, kind.tone, _url(found)
    )


def _url(found: Event) -> str:
    if found.name.startswith("ownership_dispute.") and found.subject_id:
        return reverse("customers:dispute", args=[found.subject_id])
    if found.name.startswith("intel.") and found.subject_id:
        return reverse("customers:intel-one", args=[found.subject_id])
    if found.name.startswith("registration.") and found.subject_id:
        return reverse("customers:registration", args=[found.subject_id])
    if found.name in ("contract.signed", "contract.cancelled") and found.subject_id:
        return reverse("customers:contract", args=[found.subject_id])
    return ""


def _contact(kind: str) -> tuple[str, str]:
    return str(Interaction.Kind(kind).label), CONTACT_ICONS[Interaction.Kind(kind)]


def interaction(row: Interaction, today: date) -> Entry:
    """A contact that came by an import."""
    title, icon = _contact(row.kind)
    meta = row.member.name if row.member else ""
    return Entry(row.at, row.id, day_list(row.on, today), title, meta, row.note, icon, "accent")


def contract(row: Contract, viewer: Viewer, at: datetime, today: date) -> Entry:
    """A contract that came by an import."""
    amount = money(row.gross, row.currency) if viewer.may(Right.SEE_AMOUNT) else ""
    text = " · ".join(filter(None, [row.number, amount, row.title]))
    url = reverse("customers:contract", args=[row.id])
    shown = day_list(row.signed_on, today)
    return Entry(at, row.id, shown, _("Contract signed"), "", text, "file-text", "green", url)


def payment(row: Payment, viewer: Viewer, at: datetime, today: date) -> Entry:
    """A receipt or a refund that came by an import."""
    refund = row.kind == Payment.Kind.REFUND
    amount = money(row.amount, row.currency) if viewer.may(Right.SEE_AMOUNT) else ""
    text = " · ".join(filter(None, [row.contract.number, amount]))
    title, tone = (_("Cash refunded"), "red") if refund else (_("Cash received"), "green")
    return Entry(at, row.id, day_list(row.received_on, today), title, "", text, "cash", tone)
