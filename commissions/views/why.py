"""Why a commission is what it is, from the stored steps."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commissions.models import Entitlement, LedgerEntry
from commissions.views import onward, told
from commissions.views.mine import Payee, me, payee
from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.templatetags.amounts import money
from crm.web.templatetags.days import day
from crm.web.why import Link, Row, Why, explain


@require_safe
@page()
def entry_why(request: PageRequest, entry_id: UUID) -> HttpResponse:
    """Why an entry has its amount; for its payee and those who review him."""
    rows = LedgerEntry.objects.select_related("contract", "plan_version__plan")
    entry = get_object_or_404(reach(request.viewer, rows), id=entry_id)
    return explain(request, told.entry(entry, request.viewer, tuple(onward.links(request, entry))))


@require_safe
@page()
def entitlement_why(request: PageRequest, entitlement_id: UUID) -> HttpResponse:
    """Why a contract year pays a payee what it does."""
    rows = Entitlement.objects.select_related("contract", "plan_version__plan")
    found = get_object_or_404(reach(request.viewer, rows), id=entitlement_id)
    return explain(request, told.entitlement(found, request.tenant.currency, request.viewer))


@require_safe
@page(Right.COMMISSION_OWN)
def contract_why(request: PageRequest, contract_id: UUID) -> HttpResponse:
    """Why a contract pays me what it does in all."""
    return _contract_why(request, me(request.viewer), contract_id)


@require_safe
@page(Right.COMMISSION_REVIEW)
def payee_contract_why(request: PageRequest, kind: str, payee_id: UUID, contract_id: UUID) -> HttpResponse:
    """The same for a payee that the reader reviews."""
    return _contract_why(request, payee(request.viewer, kind, payee_id), contract_id)


def _contract_why(request: PageRequest, whose: Payee, contract_id: UUID) -> HttpResponse:
    rows = Entitlement.objects.select_related("contract", "plan_version__plan").filter(whose.whose)
    found = list(
        reach(request.viewer, rows.filter(contract_id=contract_id)).order_by("contract_year", "component")
    )
    if not found:
        raise Http404
    currency = request.tenant.currency
    if len(found) == 1:
        return explain(request, told.entitlement(found[0], currency, request.viewer))
    return explain(request, _years(found, currency))


def _years(found: list[Entitlement], currency: str) -> Why:
    """A contract of several years or components: each with its amount, each with its own why."""
    first, total = found[0], sum((row.amount for row in found[1:]), found[0].amount)
    words = _("Contract %(contract)s pays in %(n)s parts; each depends on its own year.")
    return Why(
        title=_("Why %(amount)s?") % {"amount": money(total, currency)},
        sentence=words % {"contract": first.contract.number, "n": len(found)},
        head=(_("Contract year"), _("Component"), _("From"), _("Amount")),
        rows=tuple(
            Row(
                str(row.contract_year),
                (row.get_component_display(), day(row.starts_on), money(row.amount, currency)),
            )
            for row in found
        ),
        result=Row(_("In all"), ("", "", money(total, currency))),
        rule=_("Plan %(name)s") % {"name": first.plan_version.plan.name},
        version=first.plan_version.code,
        valid_from=first.plan_version.valid_from,
        links=tuple(
            Link(
                _("Steps of year %(year)s: %(component)s")
                % {"year": row.contract_year, "component": row.get_component_display()},
                reverse("commissions:entitlement-why", args=[row.id]),
            )
            for row in found
        ),
    )
