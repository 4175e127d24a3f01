"""Handing a book over (交接): what moves, who gets what, and taking it back within a week (domain.md §2.2).

The customers pass through the one door of customers.ownership: dated credits, their states as they are,
and what was still to do follows them. Shares of contracts signed before stay with whom they were signed for.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import NOTHING, Viewer, scoped
from crm.accounts.models import Department, Member
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from customers import ownership
from customers.assignment.deciding import round_robin
from customers.crediting import Place
from customers.handovers import leavers
from customers.models import Contact, Contract, Customer, Handover, HandoverRow, OwnershipCredit

HANDOVER = "HANDOVER"
UNDO_DAYS = 7
REASON = 200  # characters
Turns = Mapping[UUID, Member]  # by the customer's id who gets it
WHY_NOT = {
    "nothing": _("None of these customers is theirs any more."),
    "not_done": _("This has not been handed over, or was taken back already."),
    "too_late": _("It could be taken back until %(day)s."),
    "nothing_back": _("Nothing can go back: the person has left, or every customer has changed since."),
}


@dataclass(frozen=True)
class Moving:
    """What passes on with a number of customers, in the tenant's currency."""

    customers: int = 0
    contacts: int = 0
    contracts: int = 0
    annual_amount: Decimal = Decimal(0)
    open_amount: Decimal = Decimal(0)


def book(whose: Member | Department) -> "QuerySet[Customer]":
    """The customers that pass on: those a person is responsible for, or those of a department."""
    rows = Customer.objects.order_by("name", "id")
    if isinstance(whose, Member):
        return rows.filter(owner=whose)
    return rows.filter(responsible_dept=whose)


def counted(rows: "QuerySet[Handover]") -> "QuerySet[Handover]":
    """Each with `customers`: how many wait to pass on while it is open, afterwards how many moved."""
    waiting = Customer.objects.filter(owner=OuterRef("member")).order_by().values("owner")
    number = Coalesce(Subquery(waiting.annotate(n=Count("pk")).values("n")), 0)
    return rows.annotate(customers=Case(When(state=Handover.State.OPEN, then=number), default=Count("rows")))


def people(viewer: Viewer) -> "QuerySet[Member]":
    """Whose books a viewer may hand over."""
    mine = scoped(viewer.customers, viewer, own=Q(pk=viewer.id), department="department")
    return Member.objects.filter(mine)


def departments(viewer: Viewer) -> "QuerySet[Department]":
    """Which departments a viewer may re-organise."""
    return Department.objects.filter(scoped(viewer.customers, viewer, own=NOTHING, department="pk"))


def deal(rows: Sequence[Customer], among: Sequence[Member]) -> dict[UUID, Member]:
    """Who gets which customer when people take turns: 7 among three are 3, 2 and 2.

    Refused: among required.
    """
    if not among:
        raise Refused(Fault("among", "required", _("Choose at least one person.")))
    return {row.pk: to for row, to in zip(rows, round_robin(among, len(rows)), strict=True)}


def moving(customers: Sequence[UUID], on: date) -> Moving:
    """What moves with these customers: a fixed number of queries."""
    contacts = Contact.objects.filter(customer__in=customers).count()
    running = Contract.objects.filter(customer__in=customers, starts_on__lte=on, ends_on__gt=on)
    contracts = running.exclude(cancelled_on__lte=on).count()
    sums = Customer.objects.filter(pk__in=customers).aggregate(
        annual=Sum("standing__annual_amount"), open=Sum("standing__open_amount"), number=Count("pk")
    )
    zero = Decimal(0)
    return Moving(sums["number"], contacts, contracts, sums["annual"] or zero, sums["open"] or zero)


def execute(
    whose: Member | Department, turns: Turns, *, reason: str = "", by: Actor | None, at: datetime, on: date
) -> Handover:
    """Hand customers of a person or a department to others, all in one statement.

    Customers that are theirs no more are left out. What a leaver still has afterwards stays to be handed
    over by the same day. Without `by` the night does it.
    Refused: to not_active, same_person; reason max_length. Conflict: nothing.
    """
    _refuse(_judge(whose, turns, reason.strip()))
    held = _locked(whose)
    mine = set(book(held).filter(pk__in=list(turns)).values_list("pk", flat=True))
    row = _begun(held, on)
    places = {key: Place(to, None, {"handover": str(row.pk)}) for key, to in turns.items() if key in mine}
    act: dict[str, Any] = {"by": by, "at": at, "on": on}
    moved = ownership.hand_over(places, rule=HANDOVER, reason=reason.strip(), **act)
    if not moved:
        raise _no("nothing")
    _write(row, moved, turns, reason.strip(), **act)
    people = Counter(turns[key].name for key in moved)
    data = {"from": held.name, "from_id": str(held.pk), "customers": len(moved), "to": dict(people)}
    record(event("handover.done", subject=row.pk, data=data, **act))
    if isinstance(held, Member):
        leavers.open_for([held], due_on=row.due_on, at=at, on=on)
    return row


def _judge(whose: Member | Department, turns: Turns, reason: str) -> list[Fault]:
    faults = []
    people = set(turns.values())
    if any(one.status != Member.Status.ACTIVE for one in people):
        faults.append(Fault("to", "not_active", _("This person is leaving or has left.")))
    if whose in people:
        faults.append(Fault("to", "same_person", _("These customers are theirs already.")))
    if len(reason) > REASON:
        faults.append(Fault("reason", "max_length", _("The reason is too long.")))
    return faults


def _locked(whose: Member | Department) -> Member | Department:
    """Theirs until the transaction ends, so that two who hand one book over come one after the other."""
    if isinstance(whose, Member):
        people = Member.objects.select_for_update(no_key=True, of=("self",)).select_related("department")
        return people.get(pk=whose.pk)
    return Department.objects.select_for_update(no_key=True).get(pk=whose.pk)


def _begun(whose: Member | Department, on: date) -> Handover:
    """The handover that waits for this person, or a new one."""
    if isinstance(whose, Department):
        return Handover(department=whose, opened_on=on)
    waiting = Handover.objects.select_for_update(of=("self",)).filter(member=whose, state=Handover.State.OPEN)
    return waiting.first() or Handover(member=whose, department_id=whose.department_id, opened_on=on)


def _write(
    row: Handover,
    moved: Mapping[UUID, Customer],
    turns: Turns,
    reason: str,
    *,
    by: Actor | None,
    at: datetime,
    on: date,
) -> None:
    row.state, row.reason = Handover.State.DONE, reason
    row.executed_on, row.executed_at, row.executed_by_id = on, at, by.id if by else None
    row.undo_until = on + timedelta(UNDO_DAYS)
    row.touch().save()
    HandoverRow.objects.bulk_create(
        [
            HandoverRow(
                handover=row,
                customer_id=key,
                from_member_id=was.owner_id,
                from_department_id=was.responsible_dept_id,  # type: ignore[misc]  # no pool in a book
                to_member=turns[key],
            )
            for key, was in moved.items()
        ],
        batch_size=2000,
    )


def undo(handover: Handover, *, by: Actor | None, at: datetime, on: date) -> Handover:
    """Take a handover back within seven days: what nobody has changed since goes back, the rest stays.

    Stays: who changed hands again, with whom a contract was signed since, and whoever's person has left.
    Conflict: not_done, too_late, nothing_back.
    """
    rows = Handover.objects.select_for_update(of=("self",)).select_related("member", "department")
    held = rows.get(pk=handover.pk)
    if held.state != Handover.State.DONE:
        raise _no("not_done")
    if not held.is_undoable(on):
        raise _no("too_late", day=held.undo_until)
    back = {row.customer_id: row for row in untouched(held)}
    act: dict[str, Any] = {"by": by, "at": at, "on": on}
    resumes = _stopped(held, list(back))
    places = {key: _before(row, held, resumes[key]) for key, row in back.items()}
    if not ownership.hand_over(places, rule=ownership.TAKE_BACK, reason=held.reason, **act):
        raise _no("nothing_back")
    came = ExpressionWrapper(Q(customer__in=list(back)), output_field=BooleanField())
    held.rows.update(came_back=came)
    held.state, held.undone_on, held.undone_by_id = Handover.State.UNDONE, on, by.id if by else None
    held.touch().save()
    data = {"from": held.whose.name, "back": len(back), "stayed": held.rows.filter(came_back=False).count()}
    record(event("handover.undone", subject=held.pk, data=data, **act))
    leavers.open_for([held.member] if held.member else [], at=at, on=on)
    return held


def _before(row: HandoverRow, handover: Handover, resumes: Mapping[str, str]) -> Place:
    inputs = {"handover": str(handover.pk), "resumes": resumes}
    return Place(row.from_member, None, inputs, row.from_department)


def _stopped(handover: Handover, customers: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    """Since when and by which rule each customer was held when the handover took it.

    A credit that began on the day itself became that of the handover, and says so in `replaced`.
    """
    day: Any = handover.executed_on
    managers = OwnershipCredit.objects.filter(customer__in=customers, role=OwnershipCredit.Role.MANAGER)
    found = managers.filter(Q(valid_to=day) | Q(valid_from=day, inputs__has_key="replaced"))
    days: dict[UUID, dict[str, str]] = {}
    for credit in found.order_by("valid_from"):
        days[credit.customer_id] = {"since": str(credit.since), "rule": credit.held_by}
        if credit.valid_from == day:
            was = credit.inputs["replaced"]
            own = {"since": str(day), "rule": was["rule"]}
            days[credit.customer_id] = was["inputs"].get("resumes", own)
    return days


def untouched(handover: Handover) -> "QuerySet[HandoverRow]":
    """The customers of a handover that can go back."""
    credit = OwnershipCredit.objects.filter(
        customer=OuterRef("customer"),
        role=OwnershipCredit.Role.MANAGER,
        valid_to=None,
        rule=HANDOVER,
        inputs__handover=str(handover.pk),
    )
    signed = Contract.objects.filter(customer=OuterRef("customer"), created_at__gt=handover.executed_at)
    rows = handover.rows.filter(Exists(credit), ~Exists(signed))
    stays = Q(from_member=None) | ~Q(from_member__status=Member.Status.LEFT)
    return rows.filter(stays).select_related("from_member__department", "from_department")


def _no(code: str, **words: Any) -> Conflict:
    return Conflict(Fault("", code, WHY_NOT[code] % words if words else WHY_NOT[code]))


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise Refused(*faults)
