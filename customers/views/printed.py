"""A statement of account in words: its sums and movements as on its page, and on paper for the seal."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import customers
from crm.accounts.access import Viewer
from crm.money import capitals
from crm.tenancy.models import Tenant
from crm.web import paper
from crm.web.templatetags.amounts import money
from crm.web.templatetags.days import day, span
from customers.models import Reconciliation
from customers.receivables.movements import SIGNS

TEMPLATE = Path(customers.__path__[0]) / "print" / "reconciliation.typ"
KINDS = {
    "due": gettext_lazy("Fell due"),
    "received": gettext_lazy("Received"),
    "refunded": gettext_lazy("Given back"),
    "written_off": gettext_lazy("Written off"),
}


def lines(row: Reconciliation) -> list[dict[str, Any]]:
    """The movements with the sign with which they count, and the balance after each."""
    found, balance = [], row.opening
    for line in row.lines:
        moved = SIGNS[line["kind"]] * Decimal(line["amount"])
        balance += moved
        found.append(
            {
                "on": date.fromisoformat(line["on"]),
                "what": KINDS[line["kind"]],
                "contract": line["contract"],
                "number": line["number"],
                "amount": moved,
                "balance": balance,
            }
        )
    return found


def sums(row: Reconciliation) -> list[tuple[Any, Decimal]]:
    """The figures that add up to the closing balance, with their signs."""
    return [
        (_("Opening balance"), row.opening),
        *((label, SIGNS[name] * getattr(row, name)) for name, label in KINDS.items()),
        (_("Closing balance"), row.closing),
    ]


def reconciliation(row: Reconciliation, *, tenant: Tenant, viewer: Viewer, at: datetime) -> bytes:
    """The statement as PDF: A4, in the reader's language, with room for the customer's answer and seal."""
    return paper.pdf(TEMPLATE, words(row, tenant=tenant, viewer=viewer, at=at))


def words(row: Reconciliation, *, tenant: Tenant, viewer: Viewer, at: datetime) -> dict[str, Any]:
    """Everything that stands on the paper, as text."""
    local = at.astimezone(ZoneInfo(tenant.time_zone))
    made = {"who": viewer.name, "when": f"{local:%Y-%m-%d %H:%M}"}
    period = span(row.starts_on, row.ends_on)
    return {
        "lang": "zh" if (translation.get_language() or "").startswith("zh") else "en",
        "tenant": tenant.name,
        "title": _("Statement of account %(name)s, %(period)s")
        % {"name": row.customer.name, "period": period},
        "heading": _("Statement of account"),
        "to": _("To: %(name)s") % {"name": row.customer.name},
        "note": _ask(row, tenant, period),
        "made": _("Printed by %(who)s, %(when)s") % made,
        "page": _("Page {n} of {of}"),
        "draft": _("Draft") if row.state == Reconciliation.State.DRAFT else None,
        "sums": [[str(label), money(amount, row.currency)] for label, amount in sums(row)],
        "capitals": _in_capitals(row),
        "head": [str(each) for each in (_("Date"), _("What"), _("Number"), _("Amount"), _("Balance"))],
        "rows": [_cells(line, row.currency) for line in lines(row)],
        "empty": _("Nothing moved in this period."),
        "answer": _answer(row),
    }


def _ask(row: Reconciliation, tenant: Tenant, period: str) -> str:
    told = _("Our books show of your account in the period %(period)s what stands below, as of %(day)s.")
    ask = _("Please confirm the closing balance, or tell us where yours differs.")
    return f"{told % {'period': period, 'day': day(row.worked_on)}} {ask}"


def _in_capitals(row: Reconciliation) -> str:
    if row.currency != "CNY":
        return ""
    return _("Closing balance, in capitals: %(capitals)s") % {"capitals": capitals(row.closing)}


def _cells(line: dict[str, Any], currency: str) -> list[str]:
    number = f"{line['contract']}\n{line['number']}" if line["number"] != line["contract"] else line["number"]
    amounts = [money(line[name], currency) for name in ("amount", "balance")]
    return [f"{line['on']:%Y-%m-%d}", str(line["what"]), number, *amounts]


def _answer(row: Reconciliation) -> dict[str, Any]:
    """The part that the customer fills in, or what he has answered."""
    answered = row.state in (Reconciliation.State.SIGNED, Reconciliation.State.DISAGREED)
    said = ""
    if answered and row.answered_on:
        named = {"who": row.signatory, "day": day(row.answered_on)}
        said = _("%(who)s, %(day)s") % named
    theirs = row.their_closing
    return {
        "title": _("Answer of the customer"),
        "agrees": _("The closing balance agrees with our books."),
        "differs": _("It does not agree. Closing balance in our books:"),
        "is_signed": row.state == Reconciliation.State.SIGNED,
        "is_disagreed": row.state == Reconciliation.State.DISAGREED,
        "theirs": "" if theirs is None else money(theirs, row.currency),
        "words": row.answer,
        "because": _("Because:"),
        "seal": _("Seal and signature"),
        "date": _("Date"),
        "said": said,
    }


def named(row: Reconciliation) -> dict[str, str]:
    """The header under which the file is kept: customer and period."""
    name = f"{_('Statement of account')} {row.customer.name} {row.starts_on} {row.last_day}.pdf"
    return {"Content-Disposition": content_disposition_header(False, name) or "inline"}
