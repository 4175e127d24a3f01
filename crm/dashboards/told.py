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
from crm.accounts.rights import Right
from crm.dashboards import told_disputes, told_ownership, told_receivables, told_splits
from crm.dashboards.entries import Entry, Kind
from crm.dashboards.told_ownership import arrow, note
from crm.events.models import Event
from crm.web.templatetags.amounts import money
from crm.web.templatetags.days import day, day_list, last_day, moment
from crm.web.templatetags.marks import STAGES, TIERS
from customers.models import (
    Contract,
    Customer,
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
SECRET_FIELDS = {"credit_code": Right.SEE_CREDIT_CODE}


def _sum(data: Mapping[str, Any], viewer: Viewer, field: str = "amount") -> str:
    if not viewer.may(Right.SEE_AMOUNT) or not data.get(field):
        return ""
    return money(Decimal(str(data[field])), data.get("currency") or "CNY")


def _contract(data: Mapping[str, Any], viewer: Viewer) -> str:
    number = str(data.get("number") or "")
    contract = str(data.get("contract") or "")
    return " · ".join(
        filter(None, [number, contract, _sum(data, viewer, "gross"), _sum(data, viewer), note(data, viewer)])
    )


def _amended(data: Mapping[str, Any], viewer: Viewer) -> str:
    """The contract, its price before and after for who may see it, and why."""
    prices = [_sum(data, viewer, name) for name in ("gross_before", "gross")]
    return " · ".join(filter(None, [data["number"], arrow(*prices) if all(prices) else "", data["reason"]]))


def _graded(data: Mapping[str, Any], viewer: Viewer) -> str:
    return arrow(*(str(TIERS[c][0]) if c in TIERS else c for c in (data["previous"], data["tier"])))


def _moved(data: Mapping[str, Any], viewer: Viewer) -> str:
    return arrow(*(str(STAGES.get(c, c)) for c in (data["from"], data["to"])))


def _valued(data: Mapping[str, Any], viewer: Viewer) -> str:
    names = (str(ValueSegment(c).label) if c else "—" for c in (data["from"], data["to"]))
    return " · ".join(filter(None, [arrow(*names), data.get("value")]))


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


def _neglected(data: Mapping[str, Any], viewer: Viewer) -> str:
    """Whose follow-up was missed, since when, and who was told."""
    missed = _("due %(day)s, %(days)s days ago") % {
        "day": day(date.fromisoformat(data["missed_on"])),
        "days": data["days"],
    }
    told = data["head"] if data["rung"] != Neglect.Rung.OWNER else ""
    rung = str(Neglect.Rung(data["rung"]).label)
    return " · ".join(filter(None, [rung, data["owner"], missed, told]))


def _decided(data: Mapping[str, Any], viewer: Viewer) -> str:
    tier = str(TIERS[data["tier"]][0]) if data.get("tier") in TIERS else str(data.get("tier") or "")
    until = (
        _("until %(day)s") % {"day": last_day(date.fromisoformat(data["until"]))} if data.get("until") else ""
    )
    return " · ".join(filter(None, [tier, until, note(data, viewer)]))


def _reviewed(data: Mapping[str, Any], viewer: Viewer) -> str:
    """In which cycle, to what end, why, and what was agreed to be done."""
    verdict = str(ReviewLine.Verdict(data["verdict"]).label)
    return " · ".join(filter(None, [data["review"], verdict, data["reason"], data.get("next_step")]))


def _somebody(data: Mapping[str, Any], viewer: Viewer) -> str:
    return " · ".join(str(data[part]) for part in ("name", "title") if data.get(part))


def _task(data: Mapping[str, Any], viewer: Viewer) -> str:
    if data.get("kind") == FollowUp.Kind.DUNNING and not viewer.may(Right.RECEIVABLE_VIEW):
        return ""
    title = data.get("title") or (FollowUp.Kind(data["kind"]).label if data.get("kind") else "")
    to = data.get("to") or data.get("owner")
    return " · ".join(str(part) for part in (title, to, data.get("note")) if part)


KINDS: dict[str, Kind] = {
    "interaction.logged": Kind("contact", "message", gettext_lazy("Contact"), note, "accent"),
    "follow_up.opened": Kind("contact", "clipboard-check", gettext_lazy("Follow-up opened"), _task),
    "follow_up.assigned": Kind("contact", "clipboard-check", gettext_lazy("Follow-up handed on"), _task),
    "follow_up.closed": Kind("contact", "checklist", gettext_lazy("Follow-up closed"), _task),
    "contract.signed": Kind("contract", "file-text", gettext_lazy("Contract signed"), _contract, "green"),
    "contract.amended": Kind("contract", "file-text", gettext_lazy("Contract amended"), _amended),
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
    **told_receivables.KINDS,
    **told_ownership.KINDS,
    "customer.neglected": Kind(
        "contact", "alert-circle", gettext_lazy("Follow-up missed"), _neglected, "amber"
    ),
    **told_disputes.KINDS,
    **told_splits.KINDS,
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
    if found.name.startswith("credit_split.") and found.subject_id:
        return reverse("customers:split", args=[found.subject_id])
    if found.name in ("contract.signed", "contract.amended", "contract.cancelled") and found.subject_id:
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
