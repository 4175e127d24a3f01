"""The stored steps of a commission in words, for the "why?" beside a number.

Nothing is worked out again. What the reader may not see is left out: contract amounts, expenses, and
the pool that others share.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from commissions.models import Entitlement, LedgerEntry
from commissions.models.entry import Component, Kind
from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.web.templatetags.amounts import figure, money, percent, rate
from crm.web.templatetags.days import day
from crm.web.templatetags.marks import TIERS
from crm.web.why import Link, Row, Why

CASES = {
    "NEW": pgettext_lazy("case", "New"),
    "ADD_ON": pgettext_lazy("case", "Add-on"),
    "RENEWAL": pgettext_lazy("case", "Renewal"),
    "LATE_RENEWAL": pgettext_lazy("case", "Late renewal"),
    "WIN_BACK": pgettext_lazy("case", "Win-back"),
    "LAPSED": pgettext_lazy("case", "Lapsed"),
}
Step = Mapping[str, Any]
Rows = Iterator[Row]


def _amount(value: Any) -> str:
    try:
        return figure(Decimal(value), 2)
    except ArithmeticError:
        return str(value)  # a part of a 分, kept as a fraction


def _times(value: Any) -> str:
    return f"× {figure(Decimal(value), 4)}"


def _class_name(code: str) -> str:
    return str(TIERS[code][1]) if code in TIERS else code


def _class(step: Step, viewer: Viewer) -> Rows:
    inputs, label = step["inputs"], _("Class at signature")
    if inputs["override"]:
        label = _("Class, set by hand")
    elif viewer.may(Right.SEE_AMOUNT):
        words = _("Class at signature: %(own)s with this contract, %(others)s in others")
        label = words % {"own": _amount(inputs["own"]), "others": _amount(inputs["others"])}
    yield Row(label, (_class_name(step["result"]),))


def _case(step: Step, viewer: Viewer) -> Rows:
    inputs, label = step["inputs"], _("No contract before it")
    gap = inputs["gap_days"] or 0
    if inputs["previous"] and not gap:
        label = _("Follows %(contract)s without a gap") % {"contract": inputs["previous"]}
    elif inputs["previous"]:
        words = ngettext(
            "Starts %(n)d day after the end of %(contract)s",
            "Starts %(n)d days after the end of %(contract)s",
            gap,
        )
        label = words % {"n": gap, "contract": inputs["previous"]}
    yield Row(label, (str(CASES.get(step["result"], step["result"])),))


def _rate_class(step: Step, viewer: Viewer) -> Rows:
    inputs = step["inputs"]
    if inputs["previous"] != inputs["new"]:
        yield Row(_("Rate class: the higher of before and now"), (_class_name(step["result"]),))


def _ratio(step: Step, viewer: Viewer) -> Rows:
    label = _("Renewal ratio q")
    if viewer.may(Right.SEE_AMOUNT):
        label = f"{label} = {_amount(step['inputs']['r'])} ÷ {_amount(step['inputs']['p'])}"
    yield Row(label, (step["result"],))


def _base(step: Step, viewer: Viewer) -> Rows:
    inputs = step["inputs"]
    if not viewer.may(Right.SEE_AMOUNT):
        return
    vat = Decimal(inputs["vat_rate"])
    label = _("Amount of year %(year)s without %(vat)s tax") if vat else _("Amount of year %(year)s")
    yield Row(label % {"year": step["contract_year"], "vat": rate(vat)}, (_amount(inputs["a"]),))
    if viewer.may(Right.SEE_EXPENSE) and Decimal(inputs["e"]):
        yield Row(_("Less direct expenses"), (_amount(-Decimal(inputs["e"])),))
    if inputs["a"] != step["result"]:
        yield Row(_("Base N, never below zero"), (_amount(step["result"]),))


def _dept_pool(step: Step, viewer: Viewer) -> Rows:
    inputs = step["inputs"]
    label = _("Department rate, %(class)s") % {"class": _class_name(inputs["rate_class"])}
    yield Row(label, (f"× {rate(Decimal(inputs['r_dept']))}",))
    yield from _factor(inputs)
    yield Row(_("Department pool"), (_amount(step["result"]),))


def _factor(inputs: Mapping[str, Any]) -> Rows:
    """The factor, and what it is made of when it is made of several."""
    parts = {
        "f": _("by the ratio q"),
        "late_factor": _("late renewal or win-back"),
        "year_decay": _("by the years of the customer"),
        "quota_factor": _("by the quota"),
    }
    known = [f"{parts[name]} {figure(Decimal(inputs[name]), 4)}" for name in parts if name in inputs]
    if Decimal(inputs["factor"]) != 1 or known:
        yield Row(
            _("Factor") + (f": {', '.join(known)}" if len(known) > 1 else ""), (_times(inputs["factor"]),)
        )


def _ops_pool(step: Step, viewer: Viewer) -> Rows:
    inputs = step["inputs"]
    yield Row(_("Operations rate"), (f"× {rate(Decimal(inputs['r_ops']))}",))
    yield from _factor({"factor": inputs["factor"]})
    yield Row(_("Operations pool"), (_amount(step["result"]),))


def _split(step: Step, viewer: Viewer) -> Rows:
    inputs = step["inputs"]
    label = _("Share") if "distribution" not in inputs else _("Share, as the pool was distributed")
    yield Row(label, (f"× {percent(Decimal(inputs['basis_points']) / 10_000, 2)}",))
    if inputs["dept_fund_bps"]:
        kept = percent(Decimal(inputs["dept_fund_bps"]) / 10_000, 2)
        yield Row(_("of what the department fund leaves"), (f"− {kept}",))
    yield Row(_("The year pays in all"), (_amount(step["result"]),))


def _post(step: Step, viewer: Viewer) -> Rows:
    inputs = step["inputs"]
    for part in inputs.get("slices", ()):
        yield from _slice(part, viewer)
    yield Row(_("Due by then"), (_amount(inputs["due"]),))
    if Decimal(inputs["posted"]):
        yield Row(_("Less posted before"), (_amount(-Decimal(inputs["posted"])),))


def _slice(part: Mapping[str, Any], viewer: Viewer) -> Rows:
    """What a receipt adds to the cash of its year, and what lateness takes off."""
    whole, cash = Decimal(part["g"]), Decimal(part["amount"])
    label = _("Receipt %(number)s") % {"number": part["receipt"].partition(":")[2] or part["receipt"]}
    if viewer.may(Right.SEE_AMOUNT):
        label = _("%(receipt)s: %(cash)s of %(whole)s") % {
            "receipt": label,
            "cash": _amount(cash),
            "whole": _amount(whole),
        }
    yield Row(label, (f"× {percent(cash / whole, 2)}" if whole else "",))
    if Decimal(part["overdue_factor"]) != 1:
        late = part["days_late"]
        words = ngettext("It came %(n)d day late", "It came %(n)d days late", late)
        yield Row(words % {"n": late}, (_times(part["overdue_factor"]),))


def _statement(step: Step, viewer: Viewer) -> Rows:
    """How a payee's month was settled: what came in, what the rules added, what is carried on."""
    inputs = step["inputs"]
    parts = {
        "opening": _("Carried in"),
        "above": _("What the month brought"),
        "below": _("What it took back"),
    }
    for name, label in parts.items():
        if Decimal(inputs[name]):
            yield Row(label, (_amount(inputs[name]),))
    if inputs["floor"] is not None:
        yield Row(_("Guaranteed each month"), (_amount(inputs["floor"]),))
    if Decimal(inputs["draw_due"]):
        yield Row(_("Guarantee still to be recovered before"), (_amount(inputs["draw_due"]),))
    for kind, amount in inputs["added"].items():
        yield Row(str(Kind(kind).label), (_amount(amount),))
    if Decimal(inputs["min_payout"]):
        yield Row(_("Least that is paid out"), (_amount(inputs["min_payout"]),))
    yield Row(_("Carried on to the next month"), (_amount(inputs["closing"]),))
    yield Row(_("The month pays"), (_amount(step["result"]),))


def _adjustment(step: Step, viewer: Viewer) -> Rows:
    """What an adjustment by hand corrects, and why."""
    inputs = step["inputs"]
    if inputs["line"] is not None:
        yield Row(_("The line that it corrects"), (_amount(inputs["line"]),))
    yield Row(_("Reason"), (inputs["reason"],))


TOLD: dict[str, Callable[[Step, Viewer], Rows]] = {
    "CLASS": _class,
    "CASE": _case,
    "RATE-CLASS": _rate_class,
    "RATIO": _ratio,
    "BASE": _base,
    "POOL-DEPT": _dept_pool,
    "POOL-OPS": _ops_pool,
    "SPLIT": _split,
    "POST": _post,
    "STATEMENT": _statement,
    "ADJUSTMENT": _adjustment,
}


def rows(trace: Sequence[Step], component: str, viewer: Viewer) -> tuple[Row, ...]:
    """The steps in order; the pool of the other component is nobody's business here."""
    foreign = "POOL-DEPT" if component == Component.OPS_SHARE else "POOL-OPS"
    steps = (step for step in trace if step["rule"] in TOLD and step["rule"] != foreign)
    return tuple(told for step in steps for told in TOLD[step["rule"]](step, viewer))


def _why(
    row: LedgerEntry | Entitlement, amount: str, sentence: str, viewer: Viewer, formula: str = ""
) -> Why:
    return Why(
        title=_("Why %(amount)s?") % {"amount": amount},
        sentence=sentence,
        rows=rows(row.trace, row.component, viewer),
        formula=formula,
        result=Row(_("Amount"), (amount,)),
        rule=row.plan_version.plan.name,
        version=row.plan_version.code,
        valid_from=row.plan_version.valid_from,
        computed_at=getattr(row, "posted_at", None),
        links=(_entries_beside(row),),
    )


def _entries_beside(row: LedgerEntry | Entitlement) -> Link:
    """The other rows of the contract, or of the payee's month."""
    url = reverse("commissions:entries")
    if row.contract_id is not None:
        return Link(_("All entries of the contract"), f"{url}?contract={row.contract_id}")
    month = getattr(row, "posting_period", "")
    kind, payee = ("member", row.member_id) if row.member_id else ("department", row.department_id)
    return Link(_("All entries of the month"), f"{url}?posting_period={month}&{kind}={payee}")


def entry(row: LedgerEntry, viewer: Viewer, links: tuple[Link, ...] = ()) -> Why:
    """Why an entry has its amount: the record written when it was posted; `links` lead on from it."""
    sentence = _("%(kind)s when the month was settled: how the rules of the plan made it what it pays.")
    told: dict[str, Any] = {"kind": row.get_kind_display()}
    if row.is_by_hand:
        sentence = _("An adjustment by hand, proposed by one and approved by another.")
    if row.contract is not None:
        sentence = _("%(component)s of contract %(contract)s, year %(year)s: %(kind)s on %(day)s.")
        told |= {"component": row.get_component_display(), "contract": row.contract.number}
        told |= {"year": row.contract_year, "day": day(row.effective_date)}
    formula = _("posted in %(month)s") % {"month": row.posting_period}
    if row.round:
        words = _("%(posted)s, correction no. %(round)s: the difference to what stood there")
        formula = words % {"posted": formula, "round": row.round}
    why = _why(row, money(row.amount, row.currency), sentence % told, viewer, formula)
    return replace(why, links=(*why.links, *links))


def entitlement(row: Entitlement, currency: str, viewer: Viewer) -> Why:
    """Why a contract year will pay a payee so much in all."""
    words = _("What year %(year)s of contract %(contract)s pays in all, when its cash arrives in time.")
    sentence = words % {"year": row.contract_year, "contract": row.contract.number}
    formula = _("rounded once for the pool, split by largest remainder")
    return _why(row, money(row.amount, currency), sentence, viewer, formula)
