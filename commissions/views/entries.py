"""The ledger as a list: the rows behind every sum of commission."""

from decimal import Decimal
from functools import cached_property

from django.db.models import Count, Sum
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from commissions.filters import EntryFilters
from commissions.models import LedgerEntry
from commissions.statement import FEWEST, PAYABLE
from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.web.access import PageRequest, page
from crm.web.fragments import show
from crm.web.listing import Column, Listing, View

SORTS = {
    "effective_date": "effective_date",
    "posting_period": "posting_period",
    "amount": "amount",
    "posted_at": "posted_at",
}


class Entries(Listing):
    """The entries that a viewer may see: his own, and those of the payees he reviews."""

    filters = EntryFilters
    sorts = SORTS
    ordering = "-effective_date"
    columns = (
        Column("date", _("Date"), "w-l", "effective_date"),
        Column("contract", _("Contract")),
        Column("payee", _("Payee"), "w-xl p2", right=Right.COMMISSION_REVIEW),
        Column("component", _("Component"), "w-l p2"),
        Column("kind", _("Kind"), "w-l"),
        Column("month", _("Month"), "w-m p3", "posting_period"),
        Column("amount", _("Amount"), "r w-xl", "amount"),
    )
    views = (
        View("own", _("My own"), "member=me", Right.COMMISSION_OWN),
        View("all", _("All that I review"), "", Right.COMMISSION_REVIEW),
    )

    def __init__(self, request: PageRequest) -> None:
        rows = LedgerEntry.objects.select_related("contract", "customer", "member", "department")
        super().__init__(request, reach(request.viewer, rows.defer("trace")))

    @cached_property
    def payable(self) -> Decimal | None:
        """What is paid out of the rows that the filters leave; None over two payees."""
        rows = self.found.order_by()
        sums = rows.aggregate(
            sum=Sum("amount", filter=PAYABLE, default=Decimal("0.00")),
            members=Count("member", distinct=True),
            departments=Count("department", distinct=True),
        )
        payees = sums["members"] + sums["departments"]
        return None if 1 < payees < FEWEST else sums["sum"]


@require_safe
@page(Right.COMMISSION_OWN, Right.COMMISSION_REVIEW, any_of=True)
def entries(request: PageRequest) -> HttpResponse:
    """The entries of the ledger, with what they come to."""
    context = {
        "entries": Entries(request),
        "on": request.today,
        "currency": request.tenant.currency,
        "reviews": request.viewer.may(Right.COMMISSION_REVIEW),
    }
    return show(request, "commissions/entries.html", context, regions={"list": "commissions/_entries.html"})
