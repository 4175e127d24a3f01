"""公司安排: the company names the department that is responsible for a customer, and takes that back."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Department, Member
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from customers import ownership
from customers.assignment import policies
from customers.assignment.candidates import Market, Newcomer
from customers.assignment.placing import credits_of, place
from customers.crediting import Place
from customers.faults import of_fields
from customers.models import Arrangement, Customer, OwnershipCredit

Kind = OwnershipCredit.Role


def arrange(
    customer: Customer, *, department: Department, reason: str, by: Actor | None, at: datetime, on: date
) -> Arrangement:
    """Let a department be responsible from today on, by the row of the table that asks for arrangements.

    Its owner stays if he works there; else the developer, else the next in turn gets the customer. Shares
    that an earlier decision proposed end, those of this one begin. An arrangement in force ends today.
    Refused: department not_active, not_followed (the table gives it to another); reason required,
    max_length; "" later_change.
    """
    made = Arrangement(customer=customer, department=department, reason=reason.strip(), valid_from=on)
    made.approved_by_id = by.id if by else None
    faults = of_fields(made, "reason")
    if not department.is_active:
        faults.append(Fault("department", "not_active", _("This department is closed.")))
    if faults:
        raise Refused(*faults)
    held = Customer.objects.select_for_update(no_key=True, of=("self",)).get(pk=customer.pk)
    _end(held, on)
    made.save(force_insert=True)
    _redecide(held, made, by=by, at=at, on=on)
    data = {"department": department.name, "reason": made.reason}
    record(event("customer.arranged", subject=made.pk, customer=held.pk, data=data, by=by, at=at, on=on))
    customer.refresh_from_db(fields=["owner", "responsible_dept", "pool", "version"])
    return made


def end(row: Arrangement, *, by: Actor | None, at: datetime, on: date) -> None:
    """Take an arrangement back from today on: the customer stays where it is, and the rules hold again.

    Conflict over when it has ended already.
    """
    held = Arrangement.objects.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if held is None or not held.holds(on):
        raise Conflict(Fault("", "over", _("This arrangement is over already.")))
    _end(held.customer, on)
    data = {"department": held.department.name}
    about: dict[str, Any] = {"subject": held.pk, "customer": held.customer_id, "data": data}
    record(event("customer.arrangement_ended", by=by, at=at, on=on, **about))


def note(newcomers: Iterable[Newcomer], *, by: Actor | None, on: date) -> None:
    """Keep what the company arranged when customers were registered."""
    Arrangement.objects.bulk_create(
        Arrangement(
            customer=one.customer,
            department=one.override,
            reason=one.reason,
            approved_by_id=by.id if by else None,
            valid_from=on,
        )
        for one in newcomers
        if one.override is not None
    )


def _redecide(held: Customer, made: Arrangement, *, by: Actor | None, at: datetime, on: date) -> None:
    market, policy = Market(), policies.in_force(on)
    newcomer = Newcomer(held, _developer(held), made.department, reason=made.reason)
    (placed,) = place(market, [newcomer], policy.table)
    if placed.decision.responsible_dept != made.department.code:
        words = _("The decision table in force gives it to another department all the same.")
        raise Refused(Fault("department", "not_followed", words))
    credits = list(credits_of(market, placed, policy, by, on))
    manager = next(credit for credit in credits if credit.role == Kind.MANAGER)
    stays = held.owner if held.owner and held.owner.department_id == made.department.pk else None
    there = Place(stays or manager.member, None, manager.inputs, made.department)
    told: dict[str, Any] = {"by": by, "at": at, "on": on}
    ownership.hand_over(
        {held.pk: there}, rule=placed.decision.rule, policy=policy, reason=made.reason, **told
    )
    _share(held, [credit for credit in credits if credit.role == Kind.COLLABORATOR], on)


def _developer(held: Customer) -> Member | None:
    found = ownership.in_force(Kind.DEVELOPER).filter(customer=held).select_related("member").first()
    return found.member if found else None


def _share(held: Customer, shares: list[OwnershipCredit], on: date) -> None:
    """The shares that decisions proposed until now end, those of this one begin."""
    open_ones = ownership.in_force(Kind.COLLABORATOR).filter(customer=held, policy__isnull=False)
    open_ones.filter(valid_from__gte=on).delete()
    open_ones.update(valid_to=on)
    OwnershipCredit.objects.bulk_create(shares)


def _end(customer: Customer, on: date) -> None:
    mine = Arrangement.objects.filter(customer=customer)
    mine.filter(valid_from__gte=on).delete()
    mine.exclude(valid_to__lte=on).update(valid_to=on)
