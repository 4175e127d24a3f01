"""A statement on paper: the same figures as on its page."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

import commissions
from commissions import payouts, statements
from commissions.models import LedgerEntry, Statement
from commissions.views import causes, told
from crm.accounts.access import Viewer
from crm.money import capitals
from crm.periods import add_months, local_day
from crm.tenancy.models import Tenant
from crm.web import paper
from crm.web.templatetags.amounts import money
from crm.web.templatetags.days import day
from crm.web.templatetags.days import period as month_in_words

TEMPLATE = Path(commissions.__path__[0]) / "print" / "statement.typ"


def statement(row: Statement, *, tenant: Tenant, viewer: Viewer, at: datetime) -> bytes:
    """The statement as PDF: A4, in the reader's language, with who printed it and when."""
    return paper.pdf(TEMPLATE, words(row, tenant=tenant, viewer=viewer, at=at))


def words(row: Statement, *, tenant: Tenant, viewer: Viewer, at: datetime) -> dict[str, Any]:
    """Everything that stands on the paper, as text."""
    month = row.period.first_day
    named = {"name": row.payee_name, "month": month_in_words(month, add_months(month, 1))}
    local = at.astimezone(ZoneInfo(tenant.time_zone))
    made = {"who": viewer.name, "when": f"{local:%Y-%m-%d %H:%M}"}
    groups = statements.groups(row)
    return {
        "lang": "zh" if (translation.get_language() or "").startswith("zh") else "en",
        "tenant": tenant.name,
        "title": _("Commission statement %(name)s, %(month)s") % named,
        "heading": _("Commission statement of %(name)s, %(month)s") % named,
        "note": _note(row, tenant.time_zone),
        "made": _("Printed by %(who)s, %(when)s") % made,
        "page": _("Page {n} of {of}"),
        "draft": _("Draft") if row.is_draft else None,
        "sums": _sums(row, statements.year(row, local.date())),
        "equation": _("Carried in + posted = to be paid + carried on"),
        "capitals": _in_capitals(row),
        "head": [_("Date"), _("Contract"), _("How"), _("Amount")],
        "total": _("Sum"),
        "groups": [
            {
                "title": group.label
                if group.is_paid
                else _("%(kind)s (noted, not paid)") % {"kind": group.label},
                "sum": money(group.sum, row.currency),
                "rows": [_line(entry, viewer) for entry in group.lines],
            }
            for group in groups
        ],
    }


def _note(row: Statement, zone: str) -> str:
    tail = _("Gross, before income tax.")
    if row.published_at is None:
        return f"{_('Draft, not approved yet.')} {tail}"
    return (
        f"{_('Approved and published on %(day)s.') % {'day': day(local_day(row.published_at, zone))}} {tail}"
    )


def _sums(row: Statement, year: statements.Year) -> list[list[str]]:
    pairs = [
        (_("Carried in"), row.opening_carry),
        (_("Posted"), row.posted),
        (_("To be paid"), row.payable),
        (_("Carried on"), row.closing_carry),
        (_("Paid this year"), year.paid),
        (_("Still to come"), year.to_come),
    ]
    payout = payouts.of_statement(row)
    if payout.differs:
        words = {_("Kept out by a dispute"): payout.kept_out, _("Kept out before, paid now"): payout.freed}
        pairs += [(label, amount) for label, amount in words.items() if amount]
        pairs.append((pgettext("payout", "Paid out"), payout.paid))
    if row.draw_due:
        pairs.append((_("Guarantee still to be recovered"), row.draw_due))
    return [[label, money(amount, row.currency)] for label, amount in pairs]


def _in_capitals(row: Statement) -> str:
    if row.currency != "CNY":
        return ""
    return _("To be paid, in capitals: %(capitals)s") % {"capitals": capitals(row.payable)}


def _line(entry: LedgerEntry, viewer: Viewer) -> list[str]:
    """Date, contract with customer, what led to the amount step by step, and the amount."""
    place = _("Of no contract") if entry.is_by_hand else _("The month as a whole")
    if entry.contract is not None:
        place = f"{entry.contract.number}\n{entry.contract.customer.name}"
    steps = "; ".join(f"{r.label} {r.cells[0]}" for r in told.rows(entry.trace, entry.component, viewer))
    what = entry.get_component_display() or entry.get_kind_display()
    rule = f"{entry.plan_version.plan.name} {entry.plan_version.code}"
    how = f"{causes.cause(entry)} · {what} · {rule}\n{steps}"
    return [f"{entry.effective_date:%Y-%m-%d}", place, how, money(entry.amount, entry.currency)]


def named(row: Statement) -> dict[str, str]:
    """The header under which the file is kept: month and payee."""
    name = f"{row.period.month} {row.payee_name}.pdf"
    return {"Content-Disposition": content_disposition_header(False, name) or "inline"}
