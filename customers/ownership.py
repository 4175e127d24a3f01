"""谁开发，谁管理: the one door through which anybody becomes responsible for a customer (domain.md §2.2)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import Lag
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Department, Member
from crm.events.record import Actor, event, record
from crm.refusal import Fault, Refused
from crm.tenancy.among import among
from customers import crediting
from customers.assignment import deciding, policies
from customers.assignment.candidates import Market, Newcomer
from customers.assignment.placing import REGISTRATION, credits_of, place
from customers.crediting import Place
from customers.models import AssignmentPolicy, Customer, OwnershipCredit

TRANSFER = "TRANSFER"
TAKE_BACK = "TAKE_BACK"  # undoes a handover
DISPUTE = "DISPUTE"  # what a ruling decides
Kind = OwnershipCredit.Role


def assign(
    newcomers: Sequence[Newcomer], *, by: Actor | None, at: datetime, on: date
) -> list[deciding.Decision]:
    """Decide who is responsible for new customers, and write the credits and the customers' owners.

    A customer stays with its developer when his department is responsible; otherwise the department's
    people take turns. Rule ASSIGN-09 leaves it in the company's pool. Records no event, the
    caller's tells the decision. A few statements whatever the number of newcomers.
    """
    market, policy = Market(), policies.in_force(on)
    placed = list(place(market, newcomers, policy.table))
    OwnershipCredit.objects.bulk_create(
        [credit for each in placed for credit in credits_of(market, each, policy, by, on)], batch_size=2000
    )
    crediting.carry([newcomer.customer.id for newcomer in newcomers])
    for each in placed:
        each.newcomer.customer.owner, each.newcomer.customer.responsible_dept = each.owner, each.department
        each.newcomer.customer.pool = None if each.department else market.pool
    return [each.decision for each in placed]


def develop(newcomers: Sequence[Newcomer], *, by: Actor | None, at: datetime, on: date) -> list[str]:
    """Name the developers of known customers; returns by which rule each is managed from now on.

    A customer that its developer held by registration alone goes to whom the rules say. Others stay
    with whoever has them. Records no event, the caller's tells it.
    """
    market, policy = Market(), policies.in_force(on)
    ids = [newcomer.customer.pk for newcomer in newcomers]
    rows = Customer.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids)
    list(rows.order_by("pk"))
    managed = {held.customer_id: held.held_by for held in in_force(Kind.MANAGER).filter(customer__in=ids)}
    trials = [one for one in newcomers if managed.get(one.customer.pk) == REGISTRATION]
    placed = list(place(market, trials, policy.table))
    credits = [credit for each in placed for credit in credits_of(market, each, policy, by, on)]
    managers = {credit.customer_id: credit for credit in credits if credit.role == Kind.MANAGER}
    others = [credit for credit in credits if credit.role != Kind.MANAGER]
    others += [_developer(one, by, on) for one in newcomers if one.customer.pk not in managers]
    OwnershipCredit.objects.bulk_create(others, batch_size=2000)
    for rule in sorted({credit.rule for credit in managers.values()}):
        places = {key: _place(credit) for key, credit in managers.items() if credit.rule == rule}
        crediting.move(places, rule=rule, policy=policy, reason="", by=by, at=at, on=on)
    return [managers[key].rule if key in managers else managed.get(key, "") for key in ids]


def _developer(newcomer: Newcomer, by: Actor | None, on: date) -> OwnershipCredit:
    who: Member = newcomer.developer  # type: ignore[assignment]
    about = {"customer": newcomer.customer, "member": who, "department_id": who.department_id}
    decided = {"valid_from": on, "rule": REGISTRATION, "decided_by_id": by.id if by else None}
    return OwnershipCredit(role=Kind.DEVELOPER, **about, **decided)


def _place(manager: OwnershipCredit) -> Place:
    return Place(manager.member, manager.pool, manager.inputs, manager.department)


def in_force(role: str) -> "QuerySet[OwnershipCredit]":
    """The credits of a role that have not ended."""
    return OwnershipCredit.objects.filter(role=role, valid_to__isnull=True)


def why(customer: Customer) -> list[OwnershipCredit]:
    """The answer to "why him?": all credits, newest first, each with its rule, reason and inputs."""
    credits = OwnershipCredit.objects.filter(customer=customer).order_by("-valid_from", "role", "-id")
    return list(credits.select_related("department", "member", "pool", "policy", "decided_by"))


def transfer(
    customers: Sequence[Customer], *, to: Member, reason: str, by: Actor | None, at: datetime, on: date
) -> int:
    """Make `to` responsible for customers from the day `on`; returns for how many that is a change.

    The manager's credit in force ends on that day and his begins; a second change on one day replaces
    the first. A few statements whatever the number of customers.
    Refused: to not_active; reason required; "" later_change (a credit begins after that day).
    """
    return _transfer([(customer, to) for customer in customers], reason, by=by, at=at, on=on)


def share_out(
    customers: Sequence[Customer],
    *,
    among: Sequence[Member],
    reason: str,
    by: Actor | None,
    at: datetime,
    on: date,
) -> int:
    """Deal customers to people in turn, as when somebody leaves: 7 among three are 3, 2 and 2.

    Refused: among required, and as in `transfer`.
    """
    if not among:
        raise Refused(Fault("among", "required", _("Choose at least one person.")))
    turns = deciding.round_robin(among, len(customers))
    return _transfer(list(zip(customers, turns, strict=True)), reason, by=by, at=at, on=on)


class Takeover(NamedTuple):
    """A day on which one person took a customer over from another."""

    customer_id: UUID
    on: date
    from_member_id: UUID
    to_member_id: UUID


def takeovers(customer_ids: Collection[UUID]) -> list[Takeover]:
    """Every takeover of the customers in order, for the 50/50 window of domain.md §2.2.

    What a rule gives another than who registered the customer is none: he develops it. Neither is one
    that was taken back, nor a ruling: that has divided what there is between the two.
    """
    managers = OwnershipCredit.objects.filter(among("customer_id", customer_ids), role=Kind.MANAGER)
    managers = managers.exclude(rule=REGISTRATION)
    before = Window(Lag("member_id"), partition_by=[F("customer_id")], order_by=["valid_from"])
    rows = managers.annotate(before=before).order_by("customer_id", "valid_from")
    found: list[Takeover] = []
    for rule, *change in rows.values_list("rule", "customer_id", "valid_from", "before", "member_id"):
        takeover = Takeover(*change)
        if None in change or takeover.from_member_id == takeover.to_member_id or rule == DISPUTE:
            continue
        if rule != TAKE_BACK:
            found.append(takeover)
        elif found and found[-1].customer_id == takeover.customer_id:
            found.pop()
    return found


def hand_over(
    places: Mapping[UUID, Place],
    *,
    rule: str,
    policy: AssignmentPolicy | None = None,
    reason: str,
    by: Actor | None,
    at: datetime,
    on: date,
) -> dict[UUID, Customer]:
    """Let customers pass to people by one rule; returns those for whom it is a change, as they were.

    Who may get them the caller has judged. Refused: "" later_change (a credit begins after that day).
    """
    held = Customer.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=places)
    rows = {row.pk: row for row in held.select_related("owner").order_by("pk")}
    moved = {key: place for key, place in places.items() if key in rows and _moves(rows[key], place)}
    if not moved:
        return {}
    _refuse(_of_history(moved, on))
    crediting.move(moved, rule=rule, policy=policy, reason=reason, by=by, at=at, on=on)
    tell = partial(event, "customer.transferred", by=by, at=at, on=on)
    departments = Department.objects.in_bulk([place.department_id for place in moved.values()])
    record(
        *(
            tell(subject=key, customer=key, data=_told(rows[key].owner, place, departments, reason))
            for key, place in moved.items()
        )
    )
    return {key: rows[key] for key in moved}


def _transfer(
    pairs: Sequence[tuple[Customer, Member]], reason: str, *, by: Actor | None, at: datetime, on: date
) -> int:
    reason = reason.strip()
    wanted = {customer.pk: to for customer, to in pairs}
    _refuse(_of_transfer(wanted.values(), reason))
    places = {key: Place(to, None, {}) for key, to in wanted.items()}
    moved = hand_over(places, rule=TRANSFER, reason=reason, by=by, at=at, on=on)
    for customer, to in pairs:
        if customer.pk in moved:
            customer.owner, customer.responsible_dept_id, customer.pool = to, to.department_id, None
            customer.version = moved[customer.pk].version + 1
    return len(moved)


def _moves(customer: Customer, to: Place) -> bool:
    there = (to.member and to.member.pk, to.department_id)
    return (customer.owner_id, customer.responsible_dept_id) != there


def _told(
    was: Member | None, to: Place, departments: Mapping[Any, Department], reason: str
) -> dict[str, Any]:
    who = {"from": was and was.name, "from_id": was and str(was.pk)}
    who |= {"to": to.member and to.member.name, "to_id": to.member and str(to.member.pk)}
    return who | {"department": departments[to.department_id].name, "reason": reason}


def _of_transfer(people: Collection[Member], reason: str) -> list[Fault]:
    faults = []
    if any(to.status != Member.Status.ACTIVE for to in people):
        faults.append(Fault("to", "not_active", _("This person is leaving or has left.")))
    if not reason:
        faults.append(Fault("reason", "required", _("Say why the customer changes hands.")))
    elif len(reason) > 200:
        faults.append(Fault("reason", "max_length", _("The reason is too long.")))
    return faults


def _of_history(moved: Collection[UUID], on: date) -> list[Fault]:
    managers = OwnershipCredit.objects.filter(customer__in=list(moved), role=Kind.MANAGER)
    if not managers.filter(Q(valid_from__gt=on) | Q(valid_to__gt=on)).exists():
        return []
    return [Fault("", "later_change", _("The customer has changed hands after that day already."))]


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise Refused(*faults)
