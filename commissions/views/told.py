"""The stored steps of a commission in words, for the "why?" beside a number."""

from typing import Any

from django.utils.translation import gettext as _

from commissions.models import Entitlement, LedgerEntry
from crm.web.templatetags.amounts import money
from crm.web.templatetags.days import day
from crm.web.why import Row, Why

HIDDEN = ("payee", "slices")


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


def _with(inputs: dict[str, Any]) -> str:
    shown = {name: value for name, value in inputs.items() if value is not None and name not in HIDDEN}
    return ", ".join(f"{name} {value}" for name, value in shown.items())


def _rows(trace: list[dict[str, Any]]) -> tuple[Row, ...]:
    return tuple(
        Row(_name(step["rule"]), (_(step["formula"]), _with(step["inputs"]), str(step["result"] or "")))
        for step in trace
    )


def _why(row: LedgerEntry | Entitlement, amount: str, sentence: str, formula: str) -> Why:
    return Why(
        title=_("Why %(amount)s?") % {"amount": amount},
        sentence=sentence,
        head=(_("Step"), _("Formula"), _("With"), _("Result")),
        rows=_rows(row.trace),
        formula=formula,
        result=Row(_("Amount"), ("", "", amount)),
        rule=_("Plan %(name)s") % {"name": row.plan_version.plan.name},
        version=row.plan_version.code,
        valid_from=row.plan_version.valid_from,
    )


def entry(row: LedgerEntry) -> Why:
    """Why an entry has its amount: the record written when it was posted."""
    words = _("%(component)s of contract %(contract)s, year %(year)s, %(kind)s on %(day)s.")
    sentence = words % {
        "component": row.get_component_display(),
        "contract": row.contract.number,
        "year": row.contract_year,
        "kind": row.get_kind_display(),
        "day": day(row.effective_date),
    }
    source = _("posted in %(month)s because of %(event)s")
    formula = source % {"month": row.posting_period, "event": row.source_event}
    return _why(row, money(row.amount, row.currency), sentence, formula)


def entitlement(row: Entitlement, currency: str) -> Why:
    """Why a contract year will pay a payee so much in all."""
    words = _("What year %(year)s of contract %(contract)s pays in all, when its cash arrives in time.")
    sentence = words % {"year": row.contract_year, "contract": row.contract.number}
    return _why(row, money(row.amount, currency), sentence, "")
