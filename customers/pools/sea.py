"""The public sea 公海: taking a customer out, giving it back, dealing it out, moving and locking it.

Each act holds the person's row and the customer's until it commits, so that a quota, a cap or a customer
is never passed by two at once. Releases by the clock stand in customers.pools.clocks.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from customers import crediting
from customers.crediting import Place
from customers.models import Claim, Customer, CustomerPool
from customers.pools import clocks
from customers.pools.claiming import holding, verdicts
from customers.pools.rules import all_in_force

CLAIM, RETURN, DISTRIBUTE, POOL_CHANGE = "CLAIM", "RETURN", "DISTRIBUTE", "POOL_CHANGE"
REASON = 200  # characters
WHY_NOT = {
    "taken": _("A colleague has taken this customer a moment ago."),
    "leaving": _("Who leaves the company cannot claim customers any more."),
    "locked": _("This customer is locked."),
    "has_contract": _("A contract with this customer is in force."),
    "cool_down": _("You had this customer before: you may claim it again from %(day)s on."),
    "daily_limit": _("You have claimed %(claims)s of %(claims)s customers today: the next from tomorrow on."),
    "holding_cap": _("You hold %(cap)s of %(cap)s customers without a contract."),
}
SHIELDED = {
    "locked": _("The customer is locked."),
    "contract_in_force": _("A contract is in force."),
    "renewal_window": _("Its contract has just ended: it can still be renewed."),
    "win_back": _("It left less than a year ago: winning it back is its owner's."),
    "open_receivable": _("It still owes us money."),
    "open_dispute": _("Two people claim it: it is to be ruled first."),
}


def claim(customer: Customer, *, by: Actor, at: datetime, on: date) -> Customer:
    """Take a customer out of its pool for oneself; exactly one of many at once gets it.

    Conflict: leaving, taken, locked, has_contract, cool_down, daily_limit, holding_cap.
    """
    member = Member.objects.select_for_update(no_key=True).get(pk=by.id)
    if member.status != Member.Status.ACTIVE:
        raise _no("leaving")
    row = _held([customer.pk]).get(customer.pk)
    if row is None or row.pool_id is None:
        raise _no("taken")
    pool: CustomerPool = row.pool  # type: ignore[assignment]
    verdict, terms = verdicts([row], member, on)[row.pk]
    if verdict.result != "ok":
        raise _no(verdict.result, day=verdict.allowed_from, claims=terms.daily_claims, cap=terms.holding_cap)
    Claim.objects.create(customer=row, member=member, pool=pool, on=on, at=at)
    crediting.move(
        {row.pk: Place(member, None, {"pool": pool.name})}, rule=CLAIM, reason="", by=by, at=at, on=on
    )
    due = on + timedelta(terms.first_touch_days)
    told = _told(row, pool=pool.name, to=member) | {"first_touch_by": str(due)}
    record(event("customer.claimed", subject=row.pk, customer=row.pk, data=told, by=by, at=at, on=on))
    return _caught_up(customer, row, member, None)


def _no(code: str, **words: Any) -> Conflict:
    return Conflict(Fault("", code, WHY_NOT[code] % words if words else WHY_NOT[code]))


def _held(ids: Sequence[UUID]) -> dict[UUID, Customer]:
    rows = Customer.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids)
    return {row.pk: row for row in rows.select_related("owner", "pool").order_by("pk")}


def give_back(customer: Customer, *, reason: str, by: Actor | None, at: datetime, on: date) -> Customer:
    """Return a customer to the pool of its department, with the reason.

    Refused: reason required, max_length. Conflict: not_held (nobody is responsible), or what shields it.
    """
    reason = _reason(reason)
    row = _held([customer.pk])[customer.pk]
    clock = clock_of(row, on)
    if row.owner is None or clock is None:
        raise Conflict(Fault("", "not_held", _("Nobody is responsible for this customer.")))
    if clock.shield:
        raise Conflict(Fault("", clock.shield, SHIELDED[clock.shield]))
    pool = home_of(row)
    crediting.move({row.pk: Place(None, pool, {})}, rule=RETURN, reason=reason, by=by, at=at, on=on)
    told = _told(row, pool=pool.name, reason=reason)
    record(event("customer.returned", subject=row.pk, customer=row.pk, data=told, by=by, at=at, on=on))
    return _caught_up(customer, row, None, pool)


def clock_of(customer: Customer, on: date) -> clocks.Clock | None:
    """When the customer drops, or what shields it; None while nobody has it."""
    return next(iter(clocks.of(Customer.objects.filter(pk=customer.pk), on)), None)


def home_of(customer: Customer) -> CustomerPool:
    """The pool that a customer of its department drops into: the nearest one upwards, or the company's."""
    department = customer.responsible_dept
    ancestors = department.ancestors if department else []
    pools = {pool.department_id: pool for pool in CustomerPool.objects.all()}
    return next((pools[key] for key in reversed(ancestors) if key in pools), pools[None])


def distribute(
    customers: Sequence[Customer],
    *,
    among: Sequence[Member],
    reason: str = "",
    by: Actor | None,
    at: datetime,
    on: date,
) -> int:
    """Deal customers of pools to people in turn; returns how many were dealt.

    Those taken meanwhile are left out; nobody gets more than the cap of the pool lets him hold.
    Refused: among required, not_active; reason max_length.
    """
    _refuse_people(among)
    people = list(
        Member.objects.select_for_update(no_key=True)
        .filter(pk__in=[one.pk for one in among])
        .select_related("department")
        .order_by("pk")
    )
    rows = {
        key: row
        for key, row in _held([one.pk for one in customers]).items()
        if row.pool and not row.is_locked
    }
    dealt = dict(zip(rows.values(), _turns(people, list(rows.values()), on), strict=False))
    if dealt:
        places = {row.pk: Place(to, None, {"pool": row.pool.name}) for row, to in dealt.items()}  # type: ignore[union-attr]
        crediting.move(places, rule=DISTRIBUTE, reason=reason.strip()[:REASON], by=by, at=at, on=on)
        tell = partial(event, "customer.distributed", by=by, at=at, on=on)
        record(
            *(
                tell(subject=row.pk, customer=row.pk, data=_told(row, pool=row.pool.name, to=to))  # type: ignore[union-attr]
                for row, to in dealt.items()
            )
        )
    return len(dealt)


def _refuse_people(among: Sequence[Member]) -> None:
    if not among:
        raise Refused(Fault("among", "required", _("Choose at least one person.")))
    if any(one.status != Member.Status.ACTIVE for one in among):
        raise Refused(Fault("among", "not_active", _("This person is leaving or has left.")))


def _turns(people: Sequence[Member], rows: Sequence[Customer], on: date) -> list[Member]:
    """Whose turn it is, customer by customer, until all are full; the smallest cap of the pools holds."""
    policies, held = all_in_force(on), holding(people)
    cap = min((policies[row.pool].holding_cap for row in rows if row.pool), default=0)
    room = {one.pk: max(0, cap - held[one.pk]) for one in people}
    most = max(room.values(), default=0)
    turns = (one for round_ in range(most) for one in people if room[one.pk] > round_)
    return list(islice(turns, len(rows)))


def move(
    customers: Sequence[Customer],
    *,
    to: CustomerPool,
    reason: str,
    by: Actor | None,
    at: datetime,
    on: date,
) -> int:
    """Move customers from their pools into another; returns for how many that is a change.

    Refused: reason required, max_length.
    """
    reason = _reason(reason)
    held = _held([one.pk for one in customers])
    rows = {key: row for key, row in held.items() if row.pool and row.pool_id != to.pk}
    crediting.move(
        {key: Place(None, to, {}) for key in rows}, rule=POOL_CHANGE, reason=reason, by=by, at=at, on=on
    )
    tell = partial(event, "customer.pool_changed", by=by, at=at, on=on)
    record(
        *(
            tell(subject=key, customer=key, data={"from": row.pool.name, "to": to.name, "reason": reason})  # type: ignore[union-attr]
            for key, row in rows.items()
        )
    )
    return len(rows)


def lock(
    customer: Customer, *, locked: bool, reason: str, by: Actor | None, at: datetime, on: date
) -> Customer:
    """Keep a customer from being released and claimed, or let it be again.

    Refused: reason required, max_length.
    """
    reason = _reason(reason)
    row = _held([customer.pk])[customer.pk]
    if row.is_locked != locked:
        row.is_locked = locked
        row.touch().save(update_fields=["is_locked", "version", "updated_at"])
        name = "customer.locked" if locked else "customer.unlocked"
        record(event(name, subject=row.pk, customer=row.pk, data={"reason": reason}, by=by, at=at, on=on))
    customer.is_locked, customer.version = row.is_locked, row.version
    return customer


def _reason(text: str) -> str:
    if not text.strip():
        raise Refused(Fault("reason", "required", _("Say why.")))
    if len(text.strip()) > REASON:
        raise Refused(Fault("reason", "max_length", _("The reason is too long.")))
    return text.strip()


def _told(row: Customer, *, pool: str, to: Member | None = None, reason: str = "") -> dict[str, Any]:
    was = row.owner
    who = {"from": was and was.name, "from_id": was and str(was.pk), "to": to and to.name}
    return who | {"to_id": to and str(to.pk), "pool": pool, "reason": reason}


def _caught_up(
    customer: Customer, row: Customer, owner: Member | None, pool: CustomerPool | None
) -> Customer:
    """The caller's object as it stands now."""
    customer.owner, customer.pool, customer.version = owner, pool, row.version + 1
    customer.responsible_dept_id = owner.department_id if owner else None
    return customer
