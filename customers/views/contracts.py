from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import F, Sum
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.periods import last_day
from crm.web.access import PageRequest, page
from crm.web.fragments import show
from crm.web.keyset import Sort
from crm.web.listing import Column, Listing, View
from customers.filters.records import ContractFilters
from customers.models import Contract, Receivable

ENDS_SOON = 90
SORTS: dict[str, Sort | str] = {
    "number": "number",
    "customer": "customer__name",
    "signed_on": "signed_on",
    "starts_on": "starts_on",
    "ends_on": "ends_on",
    "gross": Sort("gross", right=Right.SEE_AMOUNT),
    "updated_at": "updated_at",
}


class ContractList(Listing):
    """The contracts of the customers within a viewer's reach. Queries: rows, counts, collected."""

    filters = ContractFilters
    sorts = SORTS
    ordering = "-signed_on"
    columns = (
        Column("number", _("Contract number"), "l1 w-xl", "number"),
        Column("customer", _("Customer"), "l2", "customer"),
        Column("department", _("Department"), "w-l p2"),
        Column("gross", _("Amount incl. VAT"), "r w-l", "gross", Right.SEE_AMOUNT),
        Column("collected", _("Collected"), "r w-s", right=Right.RECEIVABLE_VIEW),
        Column("signed", _("Signed on"), "r w-m p3", "signed_on"),
        Column("ends", pgettext_lazy("column", "Ends"), "r w-l", "ends_on"),
        Column("state", _("State"), "w-m"),
    )

    def __init__(self, request: PageRequest) -> None:
        self.today: date = request.today
        self.views = _views(self.today)
        rows = Contract.objects.select_related("customer", "responsible_dept")
        super().__init__(request, reach(request.viewer, rows))

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The rows of the page, ready for the template."""
        shares = self._shares() if self.viewer.may(Right.RECEIVABLE_VIEW) else {}
        return [
            {
                "contract": row,
                "customer": row.customer,
                "department": row.responsible_dept.name if row.responsible_dept else "",
                "share": shares.get(row.pk),
                "last_day": last_day(row.ends_on),
                "soon": not row.cancelled_on and 0 <= (row.ends_on - self.today).days <= ENDS_SOON,
            }
            for row in self.rows
        ]

    def _shares(self) -> dict[Any, Decimal]:
        """How much of each contract of the page was collected, as a share of one."""
        parts = Receivable.objects.filter(contract__in=self.rows).order_by().values("contract")
        sums = parts.annotate(came=Sum("applied"), due=Sum(F("amount") - F("waived")))
        return {each["contract"]: each["came"] / each["due"] for each in sums if each["due"]}


def _views(today: date) -> tuple[View, ...]:
    now = f"starts_on__lte={today}&ends_on__gt={today}&is_cancelled=false"
    soon = f"{now}&ends_on__lte={today + timedelta(days=ENDS_SOON)}&ordering=ends_on"
    return (
        View("all", _("All")),
        View("now", pgettext_lazy("contracts", "In force"), now),
        View("ends", _("Ends in 90 days"), soon),
    )


@require_safe
@page(Right.CONTRACT_VIEW)
def contracts(request: PageRequest) -> HttpResponse:
    """The contract list; htmx asks for the list alone."""
    found = ContractList(request)
    sees = {"amount": request.viewer.may(Right.SEE_AMOUNT), "cash": request.viewer.may(Right.RECEIVABLE_VIEW)}
    context = {"list": found, "sees": sees, "on": request.today}
    return show(
        request, "customers/contracts.html", context, regions={"list": "customers/_contract_list.html"}
    )
