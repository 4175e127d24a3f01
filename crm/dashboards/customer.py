"""The customer page 360°: facts, rail and tabs of one customer, each part with the reader's rights."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Sum
from django.http import Http404

from commissions.models import Entitlement, LedgerEntry
from commissions.models.entry import MEMO_KINDS
from crm.accounts.access import Viewer, reach
from crm.accounts.roles import Right
from customers.models import Contact, Contract, Customer, OwnershipCredit, Receivable


@dataclass(frozen=True)
class Pay:
    """A viewer's own commission with one customer, in the plan's currency."""

    expected: Decimal
    posted: Decimal

    @property
    def open(self) -> Decimal:
        return self.expected - self.posted


@dataclass(frozen=True)
class Place:
    """Everything the head of the page and its rail show."""

    customer: Customer
    manager: OwnershipCredit | None = None
    developers: list[OwnershipCredit] = field(default_factory=list)
    oldest_due_on: date | None = None
    contacts: list[Contact] = field(default_factory=list)
    pay: Pay | None = None


def find(customer_id: UUID, viewer: Viewer) -> Customer:
    """The customer, if the viewer can reach it; Http404 for any other id."""
    rows = Customer.objects.select_related("standing", "owner", "responsible_dept", "parent")
    customer = reach(viewer, rows).filter(id=customer_id).first()
    if customer is None:
        raise Http404
    return customer


def place(customer: Customer, viewer: Viewer, on: date) -> Place:
    """Head and rail of the page as of `on`."""
    credits = list(
        OwnershipCredit.objects.filter(customer=customer, valid_to__isnull=True)
        .select_related("member", "department")
        .order_by("-basis_points", "id")
    )
    return Place(
        customer=customer,
        manager=next((c for c in credits if c.role == OwnershipCredit.Role.MANAGER), None),
        developers=[c for c in credits if c.role == OwnershipCredit.Role.DEVELOPER],
        oldest_due_on=_oldest_due(customer, on) if viewer.may(Right.RECEIVABLE_VIEW) else None,
        contacts=list(customer.contacts.all()[:5]),
        pay=_pay(customer, viewer) if viewer.may(Right.COMMISSION_OWN) else None,
    )


def _oldest_due(customer: Customer, on: date) -> date | None:
    late = Receivable.objects.filter(customer=customer, due_on__lt=on, applied__lt=F("amount"))
    return late.order_by("due_on").values_list("due_on", flat=True).first()


def _pay(customer: Customer, viewer: Viewer) -> Pay | None:
    mine: dict[str, Any] = {"customer": customer, "member_id": viewer.id}
    expected = Entitlement.objects.filter(**mine).aggregate(sum=Sum("amount"))["sum"]
    if expected is None:
        return None
    posted = (
        LedgerEntry.objects.filter(**mine).exclude(kind__in=MEMO_KINDS).aggregate(sum=Sum("amount"))["sum"]
    )
    return Pay(expected, posted or Decimal("0.00"))


def contracts(customer: Customer) -> QuerySet[Contract]:
    """The customer's contracts with what was collected of each, newest first."""
    return (
        Contract.objects.filter(customer=customer)
        .select_related("responsible_dept", "renewal_of")
        .annotate(collected=Sum("receivables__applied"), due=Sum("receivables__amount"))
        .order_by("-starts_on", "-id")
    )


def ownership(customer: Customer) -> QuerySet[OwnershipCredit]:
    """Who developed and managed the customer since when, newest first."""
    return OwnershipCredit.objects.filter(customer=customer).select_related(
        "member", "department", "decided_by"
    )
