"""Customer value: how many customers stand in each segment, the rules, a new version, and one's why."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Avg, Count, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.money import quantise
from crm.periods import contains
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from crm.web.templatetags.days import day
from crm.web.why import explain
from customers.models import Customer, ValueSegment
from customers.views.place import reached
from tiers import rfmrules
from tiers.forms import ValueRulesForm
from tiers.models import RfmPolicy
from tiers.views import told_value
from tiers.views.place import tabs

COLUMNS = [
    {"key": "segment", "label": gettext_lazy("Value segment")},
    {"key": "letters", "label": gettext_lazy("R, F, M against the mean"), "classes": "w-xl p2"},
    {"key": "customers", "label": gettext_lazy("Customers"), "classes": "r w-m"},
    {"key": "value", "label": gettext_lazy("Mean value"), "classes": "r w-l"},
    {"key": "annual", "label": gettext_lazy("Annual amount"), "classes": "r w-l"},
]
RULE_COLUMNS = [
    {"key": "code", "label": gettext_lazy("Version"), "classes": "w-l"},
    {"key": "state", "label": gettext_lazy("State"), "classes": "w-m"},
    {"key": "span", "label": gettext_lazy("Holds"), "classes": "w-xl p2"},
    {"key": "weights", "label": gettext_lazy("Weights"), "classes": "w-xl"},
    {"key": "cuts", "label": gettext_lazy("Fixed cuts, for few customers"), "classes": "p2"},
]
LETTERS = {"H": "≥", "L": "<"}
CUTS = {
    "r": gettext_lazy("R from days"),
    "f": gettext_lazy("F from contracts"),
    "m": gettext_lazy("M from amount"),
}


@require_safe
@page(Right.CUSTOMER_VIEW)
def overview(request: PageRequest) -> HttpResponse:
    """The eight segments over the customers in reach, and the versions of the rules."""
    sees = request.viewer.may(Right.SEE_AMOUNT)
    context = {
        "lines": _segments(request.viewer),
        "columns": [c for c in COLUMNS if sees or c["key"] != "annual"],
        "sees_amount": sees,
        "currency": request.tenant.currency,
        "versions": [_version(row, request) for row in RfmPolicy.objects.all()],
        "rule_columns": RULE_COLUMNS,
        "edits": request.viewer.may(Right.POLICY_EDIT),
        "tabs": tabs(request.viewer, "tiers:value"),
    }
    return render(request, "tiers/value.html", context)


def _segments(viewer: Viewer) -> list[dict[str, Any]]:
    rows = reach(viewer, Customer.objects.order_by()).exclude(standing__rfm_segment="")
    found = {
        segment: (number, value, annual)
        for segment, number, value, annual in rows.values_list("standing__rfm_segment").annotate(
            number=Count("pk"), value=Avg("standing__rfm_value"), annual=Sum("standing__annual_amount")
        )
    }
    return [_line(segment, *found.get(segment, (0, None, Decimal(0)))) for segment in ValueSegment]


def _line(segment: ValueSegment, number: int, value: Decimal | None, annual: Decimal) -> dict[str, Any]:
    return {
        "segment": segment,
        "letters": " · ".join(
            f"{name} {LETTERS[high]}" for name, high in zip("RFM", segment.value, strict=True)
        ),
        "number": number,
        "value": None if value is None else quantise(value),
        "annual": annual,
        "url": f"{reverse('dashboards:book')}?{urlencode({'view': 'all', 'rfm_segment': segment.value})}",
    }


def _version(row: RfmPolicy, request: PageRequest) -> dict[str, Any]:
    rules = rfmrules.rules_of(row)
    cuts = [
        (str(label), ", ".join(f"{bound.normalize():,f}" for bound in rules.cuts[letter]))
        for letter, label in CUTS.items()
    ]
    weights = (("R", rules.weight_r), ("F", rules.weight_f), ("M", rules.weight_m))
    return {
        "row": row,
        "weights": " + ".join(f"{weight.normalize():f} {letter}" for letter, weight in weights),
        "cuts": cuts,
        "holds": contains(row.valid_from, row.valid_to, request.today),
        "to_come": row.valid_from > request.today,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.POLICY_EDIT)
def new_rules(request: PageRequest) -> HttpResponse:
    """A new version of the rules, from a day on."""
    like = RfmPolicy.objects.latest("valid_from")
    form = ValueRulesForm(request.POST or None, like=rfmrules.rules_of(like), on=request.today)
    if request.method == "POST":
        made = carry_out(
            form,
            lambda data: rfmrules.lay_down(
                form.rules, code=data["code"], valid_from=data["valid_from"], **request.act
            ),
        )
        if made is not None:
            words = _("%(code)s holds from %(day)s.") % {"code": made.code, "day": day(made.valid_from)}
            return done(request, reverse("tiers:value"), words)
    context = {
        "form": form,
        "like": like,
        "title": _("New rules of customer value"),
        "crumbs": [{"label": _("Customer value"), "url": reverse("tiers:value")}],
    }
    return render(request, "tiers/value_rules.html", context, status=getattr(form, "status", 200))


@require_safe
@page(Right.CUSTOMER_VIEW)
def why(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Why the customer has its value and its segment."""
    customer = reached(request, Customer.objects.all(), customer_id)
    found = told_value.value(customer, request.viewer, request.tenant.currency)
    if found is None:
        raise Http404
    return explain(request, found)
