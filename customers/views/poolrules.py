"""The rules of the pools: the versions of each, a new version, a new pool."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.accounts.roles import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from crm.web.templatetags.marks import TIERS
from customers import poolrules
from customers.forms.pool import PoolForm, RulesForm, label_of, pools
from customers.models import CustomerPool, PoolPolicy

GET_POST = require_http_methods(["GET", "HEAD", "POST"])
SHOWN = (
    "follow_up_days",
    "signature_days",
    "first_touch_days",
    "daily_claims",
    "holding_cap",
    "cool_down_days",
)


@require_safe
@page(Right.CUSTOMER_VIEW)
def rules(request: PageRequest) -> HttpResponse:
    """Every pool with the versions of its rules; everybody may read by what he is judged."""
    versions = list(PoolPolicy.objects.order_by("-valid_from"))
    shown = [
        {
            "pool": pool,
            "versions": [_version(one, request) for one in versions if one.pool_id == pool.pk],
        }
        for pool in pools()
    ]
    heads = [_("Version"), _("From"), _("Until")]
    columns = [{"key": "", "label": label, "classes": "w-m"} for label in heads]
    columns += [{"key": "", "label": label_of(name), "classes": "r w-m"} for name in SHOWN]
    columns.append({"key": "", "label": _("Longer for"), "classes": "w-l"})
    context = {"pools": shown, "columns": columns, "edits": request.viewer.may(Right.POLICY_EDIT)}
    return render(request, "customers/pool_rules.html", context | {"crumbs": _crumbs()[:1]})


def _version(policy: PoolPolicy, request: PageRequest) -> dict:
    longer = [
        f"{TIERS[tier][0] if tier in TIERS else tier} × {times}" for tier, times in policy.stretch.items()
    ]
    ended = policy.valid_to is not None and policy.valid_to <= request.today
    return {
        "policy": policy,
        "numbers": [getattr(policy, name) for name in SHOWN],
        "longer": ", ".join(longer),
        "now": policy.valid_from <= request.today and not ended,
    }


def _crumbs() -> list[dict[str, str]]:
    return [
        {"label": _("Public pool"), "url": reverse("customers:pool")},
        {"label": _("Rules of the pools"), "url": reverse("customers:pool-rules")},
    ]


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
    context = {"form": form, "pool": pool, "last": last, "crumbs": _crumbs()}
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
    context = {"form": form, "crumbs": _crumbs()}
    return render(request, "customers/pool_new.html", context, status=getattr(form, "status", 200))
