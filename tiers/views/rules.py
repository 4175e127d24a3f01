"""The rules of grading: their versions, a new one with what it would change, taking one back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.accounts.rights import Right
from crm.refusal import Refused
from crm.web.access import PageRequest, page
from crm.web.charts import Question
from crm.web.fragments import carry_out, done
from crm.web.templatetags.days import day
from tiers import policies
from tiers.forms import RulesForm
from tiers.models import TierPolicy
from tiers.preview import Page, Preview, preview
from tiers.views.flows import matrix
from tiers.views.place import labels, tabs

COLUMNS = [
    {"key": "code", "label": gettext_lazy("Version"), "classes": "w-l"},
    {"key": "state", "label": gettext_lazy("State"), "classes": "w-m"},
    {"key": "span", "label": gettext_lazy("Holds"), "classes": "w-l p2"},
    {"key": "bands", "label": gettext_lazy("Bands")},
    {"key": "settings", "label": gettext_lazy("How it judges"), "classes": "p2"},
    {"key": "act", "label": "", "classes": "r w-m"},
]
MOVE_COLUMNS = [
    {"key": "name", "label": gettext_lazy("Customer")},
    {"key": "before", "label": gettext_lazy("Tier until then"), "classes": "w-l"},
    {"key": "after", "label": gettext_lazy("Tier then"), "classes": "w-l"},
    {"key": "amount", "label": gettext_lazy("Annual amount"), "classes": "r w-l"},
    {"key": "cause", "label": gettext_lazy("Because of"), "classes": "w-l p2"},
]
LISTED = ("from", "to", "page")


@require_safe
@page(Right.CUSTOMER_VIEW)
def versions(request: PageRequest) -> HttpResponse:
    """All versions of the rules, the latest first."""
    found = TierPolicy.objects.prefetch_related("bands")
    context = {
        "versions": [(row, _state(row, request)) for row in found],
        "columns": COLUMNS,
        "edits": request.viewer.may(Right.POLICY_EDIT),
        "tabs": tabs(request.viewer, "tiers:policies"),
    }
    return render(request, "tiers/policies.html", context)


def _state(policy: TierPolicy, request: PageRequest) -> str:
    if policy.valid_from > request.today:
        return "TO_COME"
    ended = policy.valid_to is not None and policy.valid_to <= request.today
    return "ENDED" if ended else "IN_FORCE"


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.POLICY_EDIT)
def new(request: PageRequest) -> HttpResponse:
    """A new version: typed and looked at by GET, so that the preview has an address; activated by POST."""
    like = policies.in_force(request.today)
    sent = request.POST if request.method == "POST" else request.GET
    form = RulesForm(sent if "code" in sent else None, on=request.today, like=like)
    context: dict[str, Any] = {"form": form, "currency": like.currency, "crumbs": _crumbs()}
    if request.method == "POST":
        made = carry_out(form, lambda _data: policies.activate(form.proposal, **request.act))
        if made is not None:
            words = _("%(code)s holds from %(day)s.")
            return done(
                request, reverse("tiers:policies"), words % {"code": made.code, "day": day(made.valid_from)}
            )
    elif form.is_bound:
        wanted = _wanted(request)
        found = carry_out(
            form,
            lambda _data: preview(form.proposal, request.viewer, on=request.today, page=wanted),
        )
        context |= _shown(request, form, found) if found is not None else {}
    status = getattr(form, "status", 200) if "preview" not in context else 200
    return render(request, "tiers/policy.html", context, status=status)


def _wanted(request: PageRequest) -> Page:
    number = request.GET.get("page", "1")
    return Page(
        before=request.GET.get("from") or None,
        after=request.GET.get("to") or None,
        number=int(number) if number.isdecimal() and 0 < len(number) < 7 and int(number) else 1,
    )


def _shown(request: PageRequest, form: RulesForm, found: Preview) -> dict[str, Any]:
    """What the preview adds to the page."""
    sees, page = request.viewer.may(Right.SEE_AMOUNT), found.page
    kept = [(name, text) for name, text in form.kept if name not in LISTED]
    day_before = form.proposal.valid_from - timedelta(days=1)
    own = labels(policies.in_force(day_before).bands.all()) | labels(form.proposal.bands)
    narrowed = {name: tier for name, tier in (("from", page.before), ("to", page.after)) if tier}

    def url(**changes: Any) -> str:
        return f"{request.path}?{urlencode([*kept, *changes.items()])}#changes"

    return {
        "preview": found,
        "day": form.proposal.valid_from,
        "sees_amount": sees,
        "columns": [c for c in MOVE_COLUMNS if sees or c["key"] != "amount"],
        "matrix": matrix(
            Question(_("Who changes tier?"), _answer(found)),
            found.flows,
            own,
            _order(form, own),
            link=lambda before, after: url(**{"from": before, "to": after}),
            sees_amount=sees,
        ),
        "moves": [(move, own.get(move.before, ""), own.get(move.after, "")) for move in found.moves],
        "all_url": url() if narrowed else "",
        "previous_url": url(**narrowed, page=page.number - 1) if page.number > 1 else "",
        "next_url": url(**narrowed, page=page.number + 1) if found.has_more else "",
        "first": (page.number - 1) * page.size + 1,
        "last": (page.number - 1) * page.size + len(found.moves),
        "kept": kept,
    }


def _answer(found: Preview) -> str:
    words = ngettext("%(n)d customer changes tier.", "%(n)d customers change tier.", found.moved)
    said = words % {"n": found.moved}
    if not found.anyway:
        return said
    more = ngettext(
        "%(n)d of them would by the old rules too.", "%(n)d of them would by the old rules too.", found.anyway
    )
    return f"{said} {more % {'n': found.anyway}}"


@require_POST
@page(Right.POLICY_EDIT)
def withdraw(request: PageRequest, policy_id: UUID) -> HttpResponse:
    """Take back a version before it begins."""
    found = get_object_or_404(TierPolicy, pk=policy_id)
    try:
        policies.withdraw(found, **request.act)
    except Refused as refused:
        words = str(refused.faults[0].message)
        return done(request, reverse("tiers:policies"), words, level=messages.ERROR)
    return done(request, reverse("tiers:policies"), _("%(code)s was taken back.") % {"code": found.code})


def _order(form: RulesForm, own: dict[str, str]) -> Sequence[str]:
    """The tiers, highest first; those that only the old rules know stand last."""
    rising = [band.tier for band in form.proposal.bands]
    return [*reversed(rising), *(tier for tier in own if tier not in rising)]


def _crumbs() -> list[dict[str, str]]:
    return [{"label": _("Tier rules"), "url": reverse("tiers:policies")}]
