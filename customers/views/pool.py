"""The public sea 公海: the list with what a claim would be answered, claiming, dealing out."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.periods import last_day
from crm.refusal import Refused
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done, show
from crm.web.listing import Column, Listing, View
from crm.web.templatetags.days import day
from customers.filters.pools import PooledFilters
from customers.forms.pool import DealForm
from customers.models import Claim, Contact, Customer, CustomerPool, PooledCustomer
from customers.pools import claiming, sea
from customers.pools.rules import all_in_force
from customers.views.place import reached
from customers.views.transfer import picked

MAY_SEE = (Right.POOL_CLAIM, Right.OWNERSHIP_TRANSFER)
SORTS = {"name": "name", "updated_at": "updated_at"}
RULES = {
    "ASSIGN-09": gettext_lazy("nobody is able to manage it"),
    "IMPORT": gettext_lazy("imported without anybody"),
    "RELEASE": gettext_lazy("not attended to in time"),
    "RETURN": gettext_lazy("given back"),
    "POOL_CHANGE": gettext_lazy("moved from another pool"),
}


class Pooled(Listing):
    """Customers that wait in the pools open to a viewer. Queries: rows, counts, and seven for the marks."""

    filters = PooledFilters
    sorts = {"name": "name"}
    ordering = "name"
    columns = (
        Column("name", gettext_lazy("Customer"), "l1", "name"),
        Column("tier", gettext_lazy("Tier"), "w-s"),
        Column("place", gettext_lazy("Region"), "w-m p2"),
        Column("contact", pgettext_lazy("person", "Contact"), "w-l p2"),
        Column("since", gettext_lazy("In the pool since"), "w-m"),
        Column("why", gettext_lazy("Why"), "w-xl p3"),
        Column("before", gettext_lazy("Had before"), "w-l p3"),
        Column("act", "", "r w-xl"),
    )

    def __init__(self, request: PageRequest) -> None:
        self.today: date = request.today
        open_pools = list(CustomerPool.objects.filter(CustomerPool.reach(request.viewer)))
        views = [View(pool.code.lower(), pool.name, f"pool={pool.pk}") for pool in open_pools]
        self.views = (View("all", gettext_lazy("All"), ""), *(views if len(views) > 1 else ()))
        rows = PooledCustomer.objects.select_related("standing", "pool")
        super().__init__(request, reach(request.viewer, rows))

    @property
    def query(self) -> str:
        """The filters in force, for an act on all rows."""
        return self.words.urlencode()

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page, ready for the template."""
        claims = self.viewer.may(Right.POOL_CLAIM)
        verdicts = claiming.verdicts(self.rows, self.viewer.member, self.today) if claims else {}
        stays, former, people = claiming.stays(self.rows), claiming.former(self.rows), contacts(self.rows)
        return [
            {
                "id": row.pk,
                "name": row.name,
                "tier": row.standing.tier,
                "place": " ".join(filter(None, [row.province, row.city])),
                "contact": people.get(row.pk, ""),
                "since": stays[row.pk].valid_from,
                "why": stays[row.pk].reason or str(RULES.get(stays[row.pk].rule, "")),
                "before": ", ".join(former[row.pk][:2]),
                "locked": row.is_locked,
                "claims": claims and verdicts[row.pk][0].result == "ok",
                "wait": _wait(verdicts[row.pk][0].allowed_from) if claims else "",
            }
            for row in self.rows
        ]


def _wait(allowed_from: date | None) -> str:
    return _("for you from %(day)s on") % {"day": day(allowed_from)} if allowed_from else ""


def contacts(rows: Sequence[Customer]) -> dict[UUID, str]:
    """The main contact of each customer, masked: who has not claimed it must not call."""
    found = Contact.objects.filter(customer__in=rows).order_by("customer_id", "-is_primary", "id")
    first = found.distinct("customer_id").values_list("customer_id", "name", "phone")
    return {customer: f"{name[:1]}** {masked(phone)}".strip() for customer, name, phone in first}


def masked(phone: str) -> str:
    """A phone number with its middle hidden: 138****5678; a short one shows nothing."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 9 else "****" if phone else ""


@require_safe
@page(*MAY_SEE, any_of=True)
def pool(request: PageRequest) -> HttpResponse:
    """The pooled customers; htmx asks for the list alone."""
    viewer = request.viewer
    context = {
        "pool": Pooled(request),
        "quota": _quota(request) if viewer.may(Right.POOL_CLAIM) else None,
        "deals": viewer.may(Right.OWNERSHIP_TRANSFER),
        "rules": viewer.may(Right.POLICY_EDIT),
        "on": request.today,
    }
    return show(request, "customers/pool.html", context, regions={"list": "customers/_pool_list.html"})


def _quota(request: PageRequest) -> dict[str, int]:
    """How much of his quota and of his cap the reader has used; the smallest of the pools' numbers."""
    open_pools = CustomerPool.objects.filter(CustomerPool.reach(request.viewer)).values("pk")
    policies = all_in_force(request.today)
    near = [policies[one] for one in policies if one.pk in set(open_pools.values_list("pk", flat=True))]
    member = request.viewer.member
    return {
        "claimed": Claim.objects.filter(member=member, on=request.today).count(),
        "claims": min((policy.daily_claims for policy in near), default=0),
        "held": claiming.holding([member])[member.pk],
        "cap": min((policy.holding_cap for policy in near), default=0),
    }


@require_POST
@page(Right.POOL_CLAIM)
def claim(request: PageRequest, customer_id: UUID) -> HttpResponse:
    """Take a customer out of the pool: on to its page, or back to the list with the reason why not."""
    row = _known(request, customer_id)
    try:
        sea.claim(row, **request.act)
    except Refused as refused:
        said = str(refused.faults[0].message)
        return done(request, reverse("customers:pool"), said, level=messages.WARNING)
    clock = sea.clock_of(row, request.today)
    words = {"name": row.name, "day": day(last_day(clock.on)) if clock else ""}
    said = _("%(name)s is yours. Reach it by %(day)s, or it goes back into the pool.") % words
    return done(request, reverse("dashboards:customer", args=[row.pk]), said)


def _known(request: PageRequest, customer_id: UUID) -> Customer:
    """The customer in a pool open to the reader; one claimed today too, so that he reads that it is taken."""
    row = PooledCustomer.objects.filter(pk=customer_id).first()
    if row is not None and row.pool_id is None:
        lately = CustomerPool.objects.filter(CustomerPool.reach(request.viewer), claims__customer=row)
        if lately.filter(claims__on=request.today).exists():
            return row
    return reached(request, PooledCustomer.objects.all(), customer_id)


@require_POST
@page(Right.OWNERSHIP_TRANSFER)
def deal(request: PageRequest) -> HttpResponse:
    """Deal the picked customers, or all that the filters leave, to up to three people in turn."""
    rows = reach(request.viewer, PooledCustomer.objects.select_related("pool"))
    try:
        filters = PooledFilters(QueryDict(request.POST.get("query", "")), rows, viewer=request.viewer)
        chosen = picked(request, rows, filters.rows)
    except Refused as refused:
        return done(request, reverse("customers:pool"), str(refused.faults[0].message))
    asked = "first" in request.POST
    form = DealForm(request.POST if asked else None, on=request.today)
    if asked:
        dealt = carry_out(form, lambda data: _deal(request, chosen, form))
        if dealt is not None:
            return done(request, reverse("customers:pool"), _dealt(dealt, len(chosen) - dealt))
    context = {
        "form": form,
        "customers": chosen[:8],
        "count": len(chosen),
        "ids": ",".join(str(row.pk) for row in chosen),
        "crumbs": [{"label": _("Public pool"), "url": reverse("customers:pool")}],
    }
    return render(request, "customers/deal.html", context, status=form.status if asked else 200)  # type: ignore[attr-defined]


def _deal(request: PageRequest, chosen: Sequence[Customer], form: DealForm) -> int:
    return sea.distribute(chosen, among=form.among, reason=form.cleaned_data["reason"], **request.act)


def _dealt(dealt: int, left: int) -> str:
    said = ngettext("%(n)d customer dealt out", "%(n)d customers dealt out", dealt) % {"n": dealt}
    if left:
        words = ngettext(
            "%(n)d left: taken, locked, or nobody may hold more",
            "%(n)d left: taken, locked, or nobody may hold more",
            left,
        )
        said += " · " + words % {"n": left}
    return said


def above(viewer: Viewer) -> list[dict[str, str]]:
    """The way back to the pool itself, for those who may see it."""
    pool = {"label": _("Public pool"), "url": reverse("customers:pool")}
    return [pool] if any(map(viewer.may, MAY_SEE)) else []
