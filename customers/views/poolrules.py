"""The rules of the pools: the versions of each, a new version, a new pool."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.periods import contains
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from crm.web.templatetags.marks import TIERS
from customers.forms.pool import PoolForm, RulesForm, label_of, pools
from customers.models import CustomerPool, PoolPolicy
from customers.pools import rules as poolrules
from customers.pools.rules import NUMBERS
from customers.views.pool import above

GET_POST = require_http_methods(["GET", "HEAD", "POST"])
LATEST = 3  # versions shown


@require_safe
@page(Right.CUSTOMER_VIEW)
def rules(request: PageRequest) -> HttpResponse:
    """Every pool with its latest versions side by side; everybody may read by what he is judged."""
    shown = [_beside(pool, request) for pool in pools()]
    context = {
        "pools": shown,
        "edits": request.viewer.may(Right.POLICY_EDIT),
        "crumbs": above(request.viewer),
    }
    return render(request, "customers/pool_rules.html", context)


def _beside(pool: CustomerPool, request: PageRequest) -> dict[str, Any]:
    versions = list(PoolPolicy.objects.filter(pool=pool).order_by("-valid_from")[:LATEST])
    lines = [(label_of(name), [getattr(one, name) for one in versions]) for name in NUMBERS]
    lines.append((label_of("stretch"), [_longer(one) for one in versions]))
    marked = [(one, contains(one.valid_from, one.valid_to, request.today)) for one in versions]
    return {"pool": pool, "versions": marked, "lines": lines}


def _longer(policy: PoolPolicy) -> str:
    names = {tier: TIERS[tier][0] if tier in TIERS else tier for tier in policy.stretch}
    return ", ".join(f"{names[tier]} × {times}" for tier, times in policy.stretch.items()) or "—"


def _crumbs(viewer: Viewer) -> list[dict[str, str]]:
    here = {"label": _("Rules of the pools"), "url": reverse("customers:pool-rules")}
    return [*above(viewer), here]


@GET_POST
@page(Right.POLICY_EDIT)
def new_rules(request: PageRequest, pool_id: UUID) -> HttpResponse:
    """A new version of a pool's rules, from a day on."""
    pool = CustomerPool.objects.filter(pk=pool_id).first()
    if pool is None:
        raise Http404
    last = PoolPolicy.objects.filter(pool=pool).latest("valid_from")
    form = RulesForm(request.POST or None, last=last, on=request.today)
    if request.method == "POST":
        made = carry_out(
            form,
            lambda data: poolrules.lay_down(
                pool,
                code=data["code"],
                valid_from=data["valid_from"],
                rules=form.rules,
                **request.act,
            ),
        )
        if made is not None:
            return done(request, reverse("customers:pool-rules"), _("The rules are laid down."))
    context = {"form": form, "pool": pool, "last": last, "crumbs": _crumbs(request.viewer)}
    return render(request, "customers/pool_new_rules.html", context, status=getattr(form, "status", 200))


@GET_POST
@page(Right.POLICY_EDIT)
def new_pool(request: PageRequest) -> HttpResponse:
    """A pool for the people of a department."""
    form = PoolForm(request.POST or None, on=request.today)
    if request.method == "POST":
        made = carry_out(form, lambda data: poolrules.open_pool(**data, **request.act))
        if made is not None:
            return done(request, reverse("customers:pool-rules"), _("The pool is open."))
    context = {"form": form, "crumbs": _crumbs(request.viewer)}
    return render(request, "customers/pool_new.html", context, status=getattr(form, "status", 200))
