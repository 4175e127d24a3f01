"""Who manages whom: the decision table in its versions, a new one tried against history, one taken back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.refusal import Refused
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from crm.web.templatetags.days import day
from customers.assignment import policies
from customers.assignment.table import Rule
from customers.assignment.tryout import Flow, Move, Page, Tryout, tryout
from customers.assignment.words import conditions, share, who
from customers.forms.assignment import TableForm
from customers.models import AssignmentPolicy

PAGES = (
    ("customers:assignment", gettext_lazy("Decision table"), Right.CUSTOMER_VIEW),
    ("customers:arrangements", pgettext_lazy("assignment", "Company arrangements"), Right.CUSTOMER_VIEW),
    ("customers:remits", pgettext_lazy("assignment", "Departments"), Right.TEAM_VIEW),
)
VERSIONS = [
    {"key": "code", "label": gettext_lazy("Version"), "classes": "w-l"},
    {"key": "state", "label": gettext_lazy("State"), "classes": "w-m"},
    {"key": "span", "label": gettext_lazy("Holds")},
    {"key": "act", "label": "", "classes": "r w-m"},
]
ROWS = [
    {"key": "code", "label": gettext_lazy("Row"), "classes": "w-l"},
    {"key": "when", "label": gettext_lazy("When")},
    {"key": "who", "label": gettext_lazy("Responsible department")},
    {"key": "share", "label": gettext_lazy("Proposed share"), "classes": "w-xl"},
]
FLOWS: list[dict[str, Any]] = [
    {"key": "before", "label": gettext_lazy("Department then")},
    {"key": "after", "label": gettext_lazy("Department by the new table")},
    {"key": "customers", "label": gettext_lazy("Customers"), "classes": "r w-m"},
    {"key": "anyway", "label": gettext_lazy("by the old table too"), "classes": "r w-l p2"},
    {"key": "amount", "label": gettext_lazy("Annual amount"), "classes": "r w-l"},
    {"key": "act", "label": "", "classes": "r w-m"},
]
MOVES: list[dict[str, Any]] = [
    {"key": "name", "label": gettext_lazy("Customer")},
    {"key": "day", "label": gettext_lazy("Day"), "classes": "w-l p2"},
    {"key": "before", "label": gettext_lazy("Department then"), "classes": "w-l"},
    {"key": "after", "label": gettext_lazy("Department by the new table"), "classes": "w-l"},
    {"key": "rule", "label": gettext_lazy("Row"), "classes": "w-l p2"},
    {"key": "amount", "label": gettext_lazy("Annual amount"), "classes": "r w-l"},
]


def tabs(viewer: Viewer, current: str) -> list[dict[str, Any]]:
    """The pages about who manages whom that a viewer may open, for components/tabs.html."""
    return [
        {"label": str(label), "url": reverse(name), "current": name == current}
        for name, label, right in PAGES
        if viewer.may(right)
    ]


@require_safe
@page(Right.CUSTOMER_VIEW)
def table(request: PageRequest) -> HttpResponse:
    """The table in force, or another version of it; everybody may read by what he is judged."""
    versions = list(AssignmentPolicy.objects.prefetch_related("rules"))
    marked = [(row, _state(row, request)) for row in versions]
    wanted = request.GET.get("version", "")
    named = next((row for row in marked if str(row[0].pk) == wanted), None)
    shown, state = named or next(row for row in marked if row[1] == "IN_FORCE")
    context = {
        "shown": shown,
        "state": state,
        "rows": [_told(rule) for rule in shown.table],
        "row_columns": ROWS,
        "versions": marked,
        "columns": VERSIONS,
        "edits": request.viewer.may(Right.ASSIGNMENT_EDIT),
        "tabs": tabs(request.viewer, "customers:assignment"),
    }
    return render(request, "customers/assignment.html", context)


def _state(policy: AssignmentPolicy, request: PageRequest) -> str:
    if policy.valid_from > request.today:
        return "TO_COME"
    ended = policy.valid_to is not None and policy.valid_to <= request.today
    return "ENDED" if ended else "IN_FORCE"


def _told(rule: Rule) -> dict[str, Any]:
    return {"rule": rule, "when": conditions(rule), "who": who(rule), "share": share(rule)}


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.ASSIGNMENT_EDIT)
def new(request: PageRequest) -> HttpResponse:
    """A new version: tried by POST (a table is longer than an address), let hold by the step `activate`."""
    like = policies.in_force(request.today)
    form = TableForm(request.POST or None, on=request.today, like=like)
    context: dict[str, Any] = {"form": form, "currency": request.tenant.currency, "crumbs": _crumbs()}
    if request.POST.get("step") == "activate":
        made = carry_out(form, lambda _data: _placed(form, lambda: _activate(request, form)))
        if made is not None:
            words = _("%(code)s holds from %(day)s.") % {"code": made.code, "day": day(made.valid_from)}
            return done(request, reverse("customers:assignment"), words)
    elif form.is_bound:
        found = carry_out(form, lambda _data: _placed(form, lambda: _try(request, form)))
        context |= _shown(request, form, found) if found is not None else {}
    status = getattr(form, "status", 200) if "tried" not in context else 200
    return render(request, "customers/assignment_new.html", context, status=status)


def _activate(request: PageRequest, form: TableForm) -> AssignmentPolicy:
    return policies.activate(form.proposal, **request.act)


def _try(request: PageRequest, form: TableForm) -> Tryout:
    wanted = _wanted(request)
    return tryout(form.proposal, form.history, request.viewer, on=request.today, page=wanted)


def _placed(form: TableForm, act: Any) -> Any:
    try:
        return act()
    except Refused as refused:
        raise form.place(refused) from refused


def _wanted(request: PageRequest) -> Page:
    number = request.POST.get("page", "1")
    before, arrow, after = request.POST.get("way", "").partition(">")
    return Page(
        before=before if arrow else None,
        after=after if arrow else None,
        number=int(number) if number.isdecimal() and 0 < len(number) < 7 and int(number) else 1,
    )


def _shown(request: PageRequest, form: TableForm, found: Tryout) -> dict[str, Any]:
    """What the trial adds to the page."""
    sees, wanted = request.viewer.may(Right.SEE_AMOUNT), found.page

    def named(code: str) -> str:
        return found.names.get(code) or _("the public pool")

    def row(each: Flow | Move) -> tuple[Any, str, str]:
        return each, named(each.before), named(each.after)

    return {
        "tried": found,
        "answer": _answer(found),
        "day": form.proposal.valid_from,
        "sees_amount": sees,
        "flows": [row(flow) for flow in found.flows],
        "flow_columns": [c for c in FLOWS if sees or c["key"] != "amount"],
        "moves": [row(move) for move in found.moves],
        "move_columns": [c for c in MOVES if sees or c["key"] != "amount"],
        "wins": [(rule.code, found.wins.get(rule.code, 0)) for rule in form.proposal.table],
        "way": f"{wanted.before}>{wanted.after}" if wanted.before is not None else "",
        "previous": wanted.number - 1,
        "next": wanted.number + 1 if found.has_more else 0,
        "first": (wanted.number - 1) * wanted.size + 1,
        "last": (wanted.number - 1) * wanted.size + len(found.moves),
        "kept": list(form.kept),
    }


def _answer(found: Tryout) -> str:
    words = ngettext(
        "%(moved)d of %(n)d would have had another department.",
        "%(moved)d of %(n)d would have had another department.",
        found.asked,
    )
    return words % {"moved": found.moved, "n": found.asked}


@require_POST
@page(Right.ASSIGNMENT_EDIT)
def withdraw(request: PageRequest, policy_id: UUID) -> HttpResponse:
    """Take back a version before it begins."""
    found = get_object_or_404(AssignmentPolicy, pk=policy_id)
    try:
        policies.withdraw(found, **request.act)
    except Refused as refused:
        words = str(refused.faults[0].message)
        return done(request, reverse("customers:assignment"), words, level=messages.ERROR)
    words = _("%(code)s was taken back.") % {"code": found.code}
    return done(request, reverse("customers:assignment"), words)


def _crumbs() -> list[dict[str, str]]:
    return [{"label": _("Who manages whom"), "url": reverse("customers:assignment")}]
