"""The customer page 360°: facts, rail and tabs of one customer, each part with the reader's rights."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import (
    BooleanField,
    Case,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.http import Http404

from commissions.models import Entitlement, LedgerEntry
from commissions.models.entry import MEMO_KINDS
from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.web.templatetags.marks import TIERS
from customers.assignment.placing import REGISTRATION
from customers.models import (
    Contact,
    Contract,
    Customer,
    CustomerTag,
    OwnershipCredit,
    Receivable,
    Registration,
)
from lifecycle.models import FollowUp, RiskScore
from tiers import strategies
from tiers.models import TierBand
from tiers.policies import NoPolicy, in_force
from tiers.views.strategies import visitor

ZERO = Decimal("0.00")
CONTACTS_IN_RAIL = 5
TODOS = 10
RENEWAL_DAYS = 90


@dataclass(frozen=True)
class Pay:
    """A viewer's own commission with one customer, in the plan's currency."""

    expected: Decimal
    posted: Decimal
    currency: str

    @property
    def open(self) -> Decimal:
        return self.expected - self.posted


@dataclass(frozen=True)
class Place:
    """Everything that the head of the page and its rail show, whatever the tab."""

    customer: Customer
    bands: list[TierBand]
    manager: OwnershipCredit | None
    developers: list[OwnershipCredit] = field(default_factory=list)
    oldest_due_on: date | None = None

    @property
    def may_be_registered(self) -> bool:
        """Whether it has an owner and no developer, and is not held by a registration already."""
        held = self.manager is not None and self.manager.held_by == REGISTRATION
        return bool(self.customer.owner_id and not self.developers and not held)

    @property
    def tier_name(self) -> str:
        """The tenant's own word for the customer's tier; "" for one of the four usual ones."""
        return next((own_name(b) for b in self.bands if b.tier == self.customer.standing.tier), "")


def find(customer_id: UUID, viewer: Viewer, *, to_write: bool = False) -> Customer:
    """The customer, if the viewer can reach it, with its counts; Http404 for any other id.

    `may_write` and `may_govern` tell what he may do with it besides. PermissionDenied `to_write` on one that
    he is only let read.
    """
    rows = Customer.objects.select_related("standing", "owner", "responsible_dept", "parent")
    counts = {"contracts_count": _count(Contract), "contacts_count": _count(Contact)}
    levels = {"may_write": _holds(Customer.writes(viewer)), "may_govern": _holds(Customer.governs(viewer))}
    customer = reach(viewer, rows.annotate(**counts)).annotate(**levels).filter(id=customer_id).first()
    if customer is None:
        raise Http404
    if to_write and not customer.may_write:  # type: ignore[attr-defined]
        raise PermissionDenied
    return customer


def _holds(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _count(model: type) -> Any:
    rows = model.objects.filter(customer=OuterRef("pk")).order_by()  # type: ignore[attr-defined]
    return Coalesce(Subquery(rows.values("customer").annotate(n=Count("pk")).values("n")), 0)


def place(customer: Customer, viewer: Viewer, on: date) -> Place:
    """Head and rail of the page as of `on`."""
    credits = list(
        OwnershipCredit.objects.filter(customer=customer, valid_to__isnull=True)
        .select_related("member", "department", "pool")
        .order_by("-basis_points", "id")
    )
    return Place(
        customer=customer,
        bands=bands(on),
        manager=next((c for c in credits if c.role == OwnershipCredit.Role.MANAGER), None),
        developers=[c for c in credits if c.role == OwnershipCredit.Role.DEVELOPER],
        oldest_due_on=_oldest_due(customer, on) if viewer.may(Right.RECEIVABLE_VIEW) else None,
    )


def bands(on: date) -> list[TierBand]:
    """The tiers of the policy in force on a day, lowest first; none when no policy is in force."""
    try:
        return sorted(in_force(on).bands.all(), key=lambda band: band.rank)
    except NoPolicy:
        return []


def own_name(band: TierBand) -> str:
    """The tenant's own word for a tier; "" where the usual one is meant."""
    return band.name or ("" if band.tier in TIERS else band.tier)


def _oldest_due(customer: Customer, on: date) -> date | None:
    late = Receivable.objects.filter(customer=customer, due_on__lt=on, open__gt=0)
    return late.order_by("due_on").values_list("due_on", flat=True).first()


def pay(customer: Customer, viewer: Viewer, currency: str) -> Pay | None:
    """The viewer's own commission with the customer; None for one who gets none."""
    mine: dict[str, Any] = {"customer": customer, "member_id": viewer.id}
    expected = Entitlement.objects.filter(**mine).aggregate(sum=Sum("amount"))["sum"]
    if expected is None:
        return None
    payable = LedgerEntry.objects.filter(**mine).exclude(kind__in=MEMO_KINDS)
    return Pay(expected, payable.aggregate(sum=Sum("amount"))["sum"] or ZERO, currency)


def risk(customer: Customer) -> RiskScore | None:
    """The stored churn score behind what Standing says today."""
    return RiskScore.objects.filter(customer=customer).order_by("-at", "-id").first()


def service(customer: Customer, on: date) -> dict[str, Any] | None:
    """What the customer is due by its strategy, in words where they are needed; None without one."""
    found = strategies.of(customer, on)
    return None if found is None else {"due": found, "visitor": visitor(found.strategy)}


def todos(customer: Customer, viewer: Viewer) -> list[FollowUp]:
    """What is open to be done for the customer as far as a reader may know, the next first."""
    rows = FollowUp.objects.filter(FollowUp.told_to(viewer), customer=customer, state=FollowUp.State.OPEN)
    return list(rows.select_related("owner").order_by("due_on", "id")[:TODOS])


def tags(customer: Customer) -> list[CustomerTag]:
    """The tags on the customer, by name."""
    return list(CustomerTag.objects.filter(customer=customer).select_related("tag").order_by("tag__name"))


def contacts(customer: Customer) -> list[Contact]:
    """The contacts that the rail has room for, the main one first."""
    return list(Contact.objects.filter(customer=customer)[:CONTACTS_IN_RAIL])


def contracts(customer: Customer) -> QuerySet[Contract]:
    """The customer's contracts with what is due and what was collected of each, newest first."""
    parts = Receivable.objects.filter(contract=OuterRef("pk")).order_by().values("contract")
    return (
        Contract.objects.filter(customer=customer)
        .select_related("responsible_dept", "renewal_of")
        .annotate(
            collected=Coalesce(Subquery(parts.annotate(sum=Sum("applied")).values("sum")), ZERO),
            due=Coalesce(Subquery(parts.annotate(sum=Sum(F("amount") - F("waived"))).values("sum")), ZERO),
        )
        .order_by("-starts_on", "-id")
    )


def renewing(customer: Customer, on: date) -> Contract | None:
    """The contract in force that ends first within 90 days and that no other renews yet."""
    return (
        Contract.objects.filter(
            customer=customer,
            starts_on__lte=on,
            ends_on__gt=on,
            ends_on__lte=on + timedelta(days=RENEWAL_DAYS),
            cancelled_on__isnull=True,
            renewals__isnull=True,
        )
        .order_by("ends_on", "id")
        .first()
    )


def registrations(customer: Customer, on: date) -> list[tuple[Registration, int | None]]:
    """Who registered the customer 报备, newest first, each with the days left while it is to be reached."""
    rows = Registration.objects.filter(customer=customer).select_related("member", "department")
    return [(row, row.days_left(on) if row.is_open else None) for row in rows]


def ownership(customer: Customer) -> QuerySet[OwnershipCredit]:
    """Who developed and managed the customer since when, newest first."""
    rows = OwnershipCredit.objects.filter(customer=customer)
    return rows.select_related("member", "department", "pool", "decided_by").order_by("-valid_from", "-id")
