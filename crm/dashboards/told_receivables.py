"""What happened to the accounts of a customer (往来账款), told in one line; amounts only to who sees them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.dashboards.entries import Kind
from crm.dashboards.told_ownership import note
from crm.web.templatetags.amounts import money
from crm.web.templatetags.days import span
from customers.models import Dunning


def _terms(data: Mapping[str, Any], viewer: Viewer) -> str:
    words = _("%(days)s days of credit, a statement every %(months)s months")
    told = words % {"days": data.get("credit_days"), "months": data.get("statement_months")}
    return f"{data.get('contract', '')} · {told}"


def _write_off(data: Mapping[str, Any], viewer: Viewer) -> str:
    told = note(data, viewer)
    amount = ""
    if viewer.may(Right.SEE_AMOUNT):
        amount = money(Decimal(str(data["amount"])), data.get("currency") or "CNY")
    return " · ".join(filter(None, [str(data.get("number", "")), amount, told]))


def _dunned(data: Mapping[str, Any], viewer: Viewer) -> str:
    words = _("%(contract)s: %(step)s, overdue since %(since)s")
    step = Dunning.Step(data["step"]).label
    told = [words % {"contract": data["contract"], "step": step, "since": data["since"]}]
    if viewer.may(Right.SEE_AMOUNT):
        told.append(money(Decimal(str(data["amount"])), data.get("currency") or "CNY"))
    return " · ".join(told)


def _reconciled(data: Mapping[str, Any], viewer: Viewer) -> str:
    """Which period, at what it closes, and what the customer says differs."""
    period = span(date.fromisoformat(data["starts_on"]), date.fromisoformat(data["ends_on"]))
    if not viewer.may(Right.SEE_AMOUNT):
        return period
    currency = data.get("currency") or "CNY"
    told = [period, money(Decimal(str(data["closing_balance"])), currency)]
    if data.get("difference_amount"):
        words = _("difference %(amount)s")
        told.append(words % {"amount": money(Decimal(str(data["difference_amount"])), currency)})
    return " · ".join(filter(None, [*told, data.get("signatory"), note(data, viewer)]))


def _statement(title: Any, tone: str = "") -> Kind:
    return Kind("contract", "file-text", title, _reconciled, tone, Right.RECEIVABLE_VIEW)


def _decided(title: Any, tone: str = "") -> Kind:
    return Kind("contract", "receipt", title, _write_off, tone, Right.RECEIVABLE_VIEW)


KINDS: dict[str, Kind] = {
    "credit_terms.agreed": Kind(
        "contract",
        "calendar",
        gettext_lazy("Credit terms agreed"),
        _terms,
        right=Right.RECEIVABLE_VIEW,
    ),
    "account.dunned": Kind(
        "contract", "hourglass", gettext_lazy("Dunned"), _dunned, "amber", Right.RECEIVABLE_VIEW
    ),
    "write_off.proposed": _decided(gettext_lazy("Write-off proposed"), "amber"),
    "write_off.approved": _decided(gettext_lazy("Write-off approved"), "red"),
    "write_off.refused": _decided(gettext_lazy("Write-off refused")),
    "write_off.withdrawn": _decided(gettext_lazy("Write-off withdrawn")),
    "reconciliation.prepared": _statement(gettext_lazy("Statement of account prepared")),
    "reconciliation.sent": _statement(gettext_lazy("Statement of account sent")),
    "reconciliation.signed": _statement(gettext_lazy("Statement of account signed"), "green"),
    "reconciliation.disagreed": _statement(gettext_lazy("Statement of account disagreed with"), "red"),
    "reconciliation.redrafted": _statement(gettext_lazy("Statement of account a draft again")),
    "reconciliation.discarded": _statement(gettext_lazy("Draft of a statement of account thrown away")),
}
