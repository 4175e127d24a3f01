"""A plan as a page of sentences with boxes: which settings stand where, what each asks, how it is typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.models import ContractExpense

Words = str | Promise
Category = ContractExpense.Category
DEDUCTIBLE = tuple((each.value, each.label) for each in Category if each is not Category.OTHER)


@dataclass(frozen=True)
class Box:
    """One setting; `kind` says how it is typed: see commissions.forms.typed."""

    name: str
    label: Words
    kind: str
    choices: tuple[tuple[str, Words], ...] = ()
    help: Words = ""


@dataclass(frozen=True)
class Table:
    """A setting of several rows; of a span only its start is typed, since it reaches up to the next."""

    name: str
    label: Words
    columns: tuple[Box, ...]
    help: Words = ""
    span: bool = True
    spare: int = 1


@dataclass(frozen=True)
class Part:
    """A titled part of the page."""

    id: str
    title: Words
    items: tuple[Box | Table, ...] = field(default=())


def _factor(label: Words) -> Box:
    return Box("factor", label, "factor")


_FROM = pgettext_lazy("plan", "from")
_FACTOR = pgettext_lazy("plan", "factor")
_Q_HELP = _("q is the renewal against the contract before it. Each row reaches up to where the next begins.")

RATES = Part(
    "rates",
    _("Classes and rates"),
    (
        Table(
            "bands",
            _("A customer of this annual amount is of this class, and pays these rates"),
            (
                Box("class", _("class"), "text"),
                Box("from", _FROM, "amount"),
                Box("dept_rate", _("to the department"), "percent"),
                Box("ops_rate", _("to operations"), "percent"),
            ),
            _("A band reaches up to where the next one begins; the lowest begins at 0."),
        ),
        Box(
            "class_basis",
            _("The class rests on"),
            "choice",
            (
                ("IN_FORCE_ANNUALISED", _("contracts in force, a year")),
                ("TRAILING_12M", _("contracts signed in twelve months")),
                ("CALENDAR_YEAR", _("contracts signed since 1 January")),
            ),
        ),
        Box(
            "class_scope",
            _("counted over"),
            "choice",
            (("CUSTOMER", _("the customer alone")), ("GROUP", _("the whole group"))),
        ),
        Box("gross_up_short", _("Terms below a year are annualised"), "check"),
        Box("downgrade_grace_days", _("A class is left after so many days below it"), "days"),
        Box(
            "cliff_protection",
            _("A larger contract never pays less than a smaller one would (cliff protection)"),
            "check",
        ),
    ),
)
BASE = Part(
    "base",
    _("What the rates are taken of"),
    (
        Box(
            "base_tax",
            _("The amount of a contract year"),
            "choice",
            (("EXCLUSIVE", _("without tax")), ("INCLUSIVE", _("with tax"))),
        ),
        Box(
            "deductible_expenses",
            _("less expenses of these categories"),
            "several",
            DEDUCTIBLE,
        ),
        Box("ops_from_dept", _("Operations are paid out of the department's pool"), "check"),
        Box(
            "distribution",
            _("The pool goes"),
            "choice",
            (
                ("BY_CREDIT", _("to persons by the split of the contract")),
                ("POOL", _("to the department, whose head distributes it")),
            ),
        ),
        Box("dept_fund_bps", _("The department keeps as its fund"), "bps"),
    ),
)
RENEWALS = Part(
    "renewals",
    _("Renewals"),
    (
        Box("renewal_max_gap_days", _("A renewal starts at most so many days after the end"), "days"),
        Box("late_max_gap_days", _("a late renewal at most"), "days"),
        Box("win_back_max_gap_days", _("a win-back at most"), "days"),
        Box(
            "renewal_window_days", _("Contracts signed or ending within so many days stand beside it"), "days"
        ),
        Table(
            "renewal_factors",
            _("A renewal with this q pays this part of the department's rate"),
            (Box("from", pgettext_lazy("plan", "q from"), "q"), _factor(_FACTOR)),
            _Q_HELP,
        ),
        Table(
            "ops_renewal_factors",
            _("and this part of the operations rate"),
            (Box("from", pgettext_lazy("plan", "q from"), "q"), _factor(_FACTOR)),
            _Q_HELP,
        ),
        Box("late_factor", _("A late renewal pays that times"), "factor"),
        Box("win_back_same_dept_cap", _("A win-back by the same department pays at most"), "factor"),
        Box("win_back_other_dept_factor", _("A win-back by another department pays"), "factor"),
    ),
)
GROWTH = Part(
    "growth",
    _("Later years and growth"),
    (
        Box(
            "later_years",
            _("Contract years after the first"),
            "choice",
            (("AS_RENEWAL", _("pay as renewals")), ("FIRST_YEAR_ONLY", _("pay nothing"))),
        ),
        Box(
            "growth_mode",
            _("Growth at a renewal"),
            "choice",
            (
                ("FACTOR", _("raises the factor")),
                ("SPLIT_INCREMENT", _("pays the new rate on the increment")),
            ),
        ),
        Table(
            "year_decay",
            _("In customer year 1, 2, … the department's pool is multiplied by"),
            (_factor(_FACTOR),),
            _("The last factor repeats. Empty: no decay."),
            span=False,
        ),
    ),
)
QUOTA = Part(
    "quota",
    _("Quota accelerator"),
    (
        Box(
            "quota.mode",
            _("What the department was credited this year"),
            "choice",
            (
                ("", _("does not matter")),
                ("MARGINAL", _("multiplies each slice by its factor")),
                ("WHOLE", _("multiplies the whole contract by the factor reached")),
            ),
        ),
        Table(
            "quota.tiers",
            _("From this credited amount on the factor is"),
            (Box("from", _FROM, "amount"), _factor(_FACTOR)),
            _("The lowest tier begins at 0. A factor below 1 there stands for a quota not met."),
            spare=3,
        ),
        Box("quota.credited_before", _("Each year begins with so much credited already"), "optional amount"),
    ),
)
RELEASE = Part(
    "release",
    _("When it is paid out"),
    (
        Box(
            "basis",
            _("Commission is released"),
            "choice",
            (
                ("CASH", _("as cash arrives")),
                ("INVOICED", _("as it is invoiced")),
                ("SIGNED", _("at signature")),
            ),
        ),
        Box("release_at", _("once so much of a contract year is collected"), "percent"),
        Table(
            "overdue_factors",
            _("Cash that comes so many days late releases this part"),
            (Box("from", pgettext_lazy("plan", "days from"), "days"), _factor(_FACTOR)),
            _("The rest is forfeited. Empty: lateness does not matter."),
        ),
        Box("holdback_rate", _("So much is held back until acceptance"), "percent"),
        Box(
            "clawback_mode",
            _("After a refund or cancellation"),
            "choice",
            (
                ("NET_CASH", _("what the money given back had released is taken back")),
                ("PRORATA_TEMPORIS", _("the days not served are taken back")),
            ),
        ),
        Box("clawback_window_days", _("Refunds count until so many days after the receipt"), "days"),
    ),
)
_EXCESS = (("FORFEIT", _("the rest is forfeited")), ("CARRY", _("the rest is carried on")))
LIMITS = Part(
    "limits",
    _("Caps, floor, payout"),
    (
        Box("caps.CONTRACT.amount", _("A contract pays at most"), "optional amount"),
        Box("caps.PAYEE_PERIOD.amount", _("A payee gets at most, a month"), "optional amount"),
        Box("caps.PAYEE_PERIOD.excess", _("beyond that"), "choice", _EXCESS),
        Box("caps.PAYEE_YEAR.amount", _("A payee gets at most, a year"), "optional amount"),
        Box("caps.PAYEE_YEAR.excess", _("beyond that"), "choice", _EXCESS),
        Box("floor.amount", _("A payee gets at least, a month"), "optional amount"),
        Box("floor.recoverable", _("what was filled up is taken back from later months"), "check"),
        Box("min_payout", _("Less than this is carried to the next month"), "amount"),
        Box(
            "max_netoff_rate",
            _("Clawbacks take at most this part of a month"),
            "optional percent",
            help=_("Empty: all of it."),
        ),
    ),
)
CHANGE = Part(
    "change",
    _("Changes"),
    (
        Box(
            "plan_change",
            _("When the plan changes, a signed contract"),
            "choice",
            (
                ("GRANDFATHER", _("keeps the version of its signature")),
                ("BY_EVENT_DATE", _("is paid by the version in force as its cash arrives")),
            ),
        ),
        Box("handover_window_days", _("Signed within so many days after a handover"), "days"),
        Box("handover_old_owner_bps", _("the former owner gets"), "bps"),
    ),
)
PARTS = (RATES, BASE, RENEWALS, GROWTH, QUOTA, RELEASE, LIMITS, CHANGE)
TABLES: Mapping[str, Table] = {
    item.name: item for part in PARTS for item in part.items if isinstance(item, Table)
}
BOXES: Mapping[str, Box] = {item.name: item for part in PARTS for item in part.items if isinstance(item, Box)}
CAPS = ("CONTRACT", "PAYEE_PERIOD", "PAYEE_YEAR")


def at(settings: Mapping[str, Any], name: str) -> Any:
    """What complete settings say at the name of a box or table; None where there is nothing."""
    head, _dot, rest = name.partition(".")
    if head == "caps":
        scope, column = rest.split(".")
        found = next((cap for cap in settings["caps"] if cap["scope"] == scope), None)
        return found and found[column]
    inner = settings.get(head)
    return inner if not rest else inner and inner[rest]
