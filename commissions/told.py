"""The stored steps of a commission in words, for the "why?" beside a number."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from commissions.models import Entitlement, LedgerEntry
from commissions.models.entry import Component, Kind


@dataclass(frozen=True)
class Row:
    """One step: its name, and its result."""

    label: str
    cells: list[str]
    idle: bool = False


@dataclass(frozen=True)
class Told:
    """An explanation, as templates/components/explanation.html shows it."""

    title: str
    sentence: str
    head: list[str]
    rows: list[Row]
    total: Row | None = None
    notes: list[str] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)


def _name(rule: str) -> str:
    names = {
        "VERSION": _("Plan version"),
        "CLASS": _("Class at signature"),
        "CASE": _("Case"),
        "RATE-CLASS": _("Rate class"),
        "RATIO": _("Renewal ratio q"),
        "BASE": _("Base of the year"),
        "POOL-DEPT": _("Department pool"),
        "POOL-OPS": _("Operations pool"),
        "SPLIT": _("Share"),
        "POST": _("Posted"),
    }
    return names.get(rule, rule)


def _inputs(inputs: dict[str, Any]) -> str:
    shown = {
        k: v for k, v in inputs.items() if v is not None and not isinstance(v, list | dict) and k != "payee"
    }
    return ", ".join(f"{name} {value}" for name, value in shown.items())


def _rows(trace: list[dict[str, Any]]) -> list[Row]:
    return [
        Row(_name(step["rule"]), [_(step["formula"]), _inputs(step["inputs"]), str(step["result"] or "")])
        for step in trace
    ]


def _head() -> list[str]:
    return [_("Step"), _("Formula"), _("With"), _("Result")]


def entry(row: LedgerEntry) -> Told:
    """Why an entry has its amount: the record written when it was posted."""
    words = _("%(component)s of contract %(contract)s, year %(year)s, %(kind)s on %(day)s.")
    sentence = words % {
        "component": Component(row.component).label,
        "contract": row.contract.number,
        "year": row.contract_year,
        "kind": Kind(row.kind).label,
        "day": row.effective_date,
    }
    notes = [
        _("Plan %(version)s") % {"version": row.plan_version.code},
        _("posted %(at)s for %(month)s") % {"at": f"{row.posted_at:%Y-%m-%d}", "month": row.posting_period},
        _("source %(event)s") % {"event": row.source_event},
    ]
    total = Row(_("Amount"), ["", "", f"{row.amount:,.2f} {row.currency}"])
    return Told(
        _("Why %(amount)s?") % {"amount": f"{row.amount:,.2f}"},
        sentence,
        _head(),
        _rows(row.trace),
        total,
        notes,
    )


def entitlement(row: Entitlement) -> Told:
    """Why a contract year will pay a payee so much in all."""
    words = _("What year %(year)s of contract %(contract)s pays in all, when its cash arrives in time.")
    sentence = words % {"year": row.contract_year, "contract": row.contract.number}
    total = Row(_("Amount"), ["", "", f"{row.amount:,.2f}"])
    notes = [_("Plan %(version)s") % {"version": row.plan_version.code}]
    title = _("Why %(amount)s?") % {"amount": f"{row.amount:,.2f}"}
    return Told(title, sentence, _head(), _rows(row.trace), total, notes)
