"""Distribution POOL: the whole pool of a contract goes to its department, whose head distributes it.

A pool opens when its contract is first worked out, and is due in five working days. Until it is distributed
all of it is held for the department; then it is its people's by that split, whatever becomes of the total.
What nobody distributes in time goes to whoever stands above, and stays held: it is never lost.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from commissions.models import PoolDistribution, PoolShare
from crm.accounts import heads
from crm.accounts.access import subtree
from crm.accounts.models import Member
from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.periods import add_workdays
from crm.refusal import Conflict, Fault, Refused
from crm.tenancy import statements
from customers.splits import Share, faults_of

WORKDAYS = 5
MOVES = {"status", "roles", "department"}
ESCALATE = f"""
WITH {heads.HEADS}
UPDATE commissions_pooldistribution q
SET asked_id = h.next_id, escalated_on = %(on)s, version = q.version + 1, updated_at = %(at)s
FROM (
  SELECT q.id, q.asked_id, coalesce(
    h.ids[coalesce(array_position(h.ids, q.asked_id), 0) + 1], q.asked_id) AS next_id
  FROM commissions_pooldistribution q LEFT JOIN heads h ON h.department = q.department_id
  WHERE q.tenant_id = %(tenant)s AND q.distributed_on IS NULL AND q.escalated_on IS NULL
    AND q.due_on < %(on)s
) h
LEFT JOIN accounts_member was ON was.tenant_id = %(tenant)s AND was.id = h.asked_id
LEFT JOIN accounts_member now ON now.tenant_id = %(tenant)s AND now.id = h.next_id
WHERE q.tenant_id = %(tenant)s AND q.id = h.id
RETURNING q.contract_id, (SELECT c.customer_id FROM customers_contract c
  WHERE c.tenant_id = %(tenant)s AND c.id = q.contract_id), (SELECT c.number FROM customers_contract c
  WHERE c.tenant_id = %(tenant)s AND c.id = q.contract_id), was.name, now.name, q.due_on
"""
PASS_ON = f"""
WITH {heads.HEADS}
UPDATE commissions_pooldistribution q SET asked_id = h.ids[1], version = q.version + 1, updated_at = %(at)s
FROM heads h
WHERE q.tenant_id = %(tenant)s AND q.distributed_on IS NULL AND h.department = q.department_id
  AND (q.asked_id IS NULL OR NOT q.asked_id = ANY (h.ids))
"""


def of(contract_ids: Collection[UUID]) -> dict[UUID, PoolDistribution]:
    """The pools of contracts with their shares in order; two queries, one where there is none."""
    shares = Prefetch("shares", PoolShare.objects.order_by("position"))
    rows = PoolDistribution.objects.filter(contract_id__in=contract_ids).prefetch_related(shares)
    return {row.contract_id: row for row in rows}


def keep(pooled: Mapping[UUID, UUID], contract_ids: Collection[UUID], on: date) -> None:
    """Open the pools of the contracts of `pooled`, each with its department, that have none yet.

    Of the other contracts those that nobody has distributed are dropped: another plan pays them now.
    """
    rows = PoolDistribution.objects.filter(contract_id__in=contract_ids)
    known = set(rows.values_list("contract_id", flat=True))
    if gone := known - pooled.keys():
        rows.filter(contract_id__in=gone, distributed_on=None).delete()
    new = {key: department for key, department in pooled.items() if key not in known}
    if not new:
        return
    asked = heads.lines(set(new.values()))
    PoolDistribution.objects.bulk_create(
        PoolDistribution(
            contract_id=key,
            department_id=department,
            asked_id=next(iter(asked[department]), None),
            opened_on=on,
            due_on=add_workdays(on, WORKDAYS),
        )
        for key, department in new.items()
    )


def may_distribute(row: PoolDistribution, member_id: UUID) -> bool:
    """Whether a person distributes a pool: he heads its department, or stands above who does."""
    return member_id in heads.lines([row.department_id])[row.department_id]


def people(row: PoolDistribution, but: UUID) -> "QuerySet[Member]":
    """Among whom a pool is distributed: the people of the department and below, save who distributes."""
    at_work = Member.objects.exclude(status=Member.Status.LEFT).exclude(pk=but)
    return at_work.filter(department__in=subtree(row.department_id)).select_related("department")


def distribute(
    row: PoolDistribution,
    *,
    shares: Sequence[Share],
    by: Actor,
    at: datetime,
    on: date,
    version: int | None = None,
) -> PoolDistribution:
    """Distribute a pool among people of its department, for good; it is released on that day.

    Refused: shares required, sum_not_10000; shares[i].payee duplicate_payee, not_active, other_department,
    own_case; shares[i].basis_points invalid_integer; "" not_asked. Conflict: distributed, stale.
    """
    held = PoolDistribution.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
    held.refuse_stale(version)
    if held.distributed_on is not None:
        raise Conflict(Fault("", "distributed", _("This pool is distributed already.")))
    faults = _against(held, shares, by)
    if faults:
        raise Refused(*faults)
    PoolShare.objects.bulk_create(
        PoolShare(
            distribution=held, position=place, member_id=share.payee.pk, basis_points=share.basis_points
        )
        for place, share in enumerate(shares)
    )
    held.distributed_by_id, held.distributed_on = by.id, on
    held.touch().save(update_fields=["distributed_by", "distributed_on", "version", "updated_at"])
    record(_event("commission_pool.distributed", held, _told(held, shares), by=by, at=at, on=on))
    return held


def _against(held: PoolDistribution, shares: Sequence[Share], by: Actor) -> list[Fault]:
    if not may_distribute(held, by.id):
        return [Fault("", "not_asked", _("A pool is distributed by the head of its department."))]
    if not shares:
        return [Fault("shares", "required", _("Say who gets which part of it."))]
    inside = set(people(held, by.id).filter(pk__in=[s.payee.pk for s in shares]).values_list("pk", flat=True))
    wrong = []
    for place, share in enumerate(shares):
        field = f"shares[{place}].payee"
        if share.payee.pk == by.id:
            words = _("Nobody gives himself a part: leave it to whoever stands above you.")
            wrong.append(Fault(field, "own_case", words))
        elif share.payee.pk not in inside:
            words = format_lazy(_("{name} is not of the department."), name=share.payee.name)
            wrong.append(Fault(field, "other_department", words))
    return wrong or faults_of(shares)


def escalate(on: date, at: datetime) -> int:
    """A step of the night: pools that nobody distributed in time go to whoever stands above; how many."""
    late = statements.run(ESCALATE, {"on": on, "at": at})
    tell = partial(event, "commission_pool.escalated", at=at, on=on)
    told = [
        tell(
            subject=key,
            customer=customer,
            data={"number": number, "from": was or "", "to": to or "", "due_on": str(due_on)},
        )
        for key, customer, number, was, to, due_on in late
    ]
    record(*told)
    return len(told)


def pass_on_for(events: Sequence[Event]) -> None:
    """Follows member.edited: what waits for who heads no longer is the next one's to distribute."""
    if any(MOVES & set(each.data["changes"]) for each in events):
        statements.run(PASS_ON, {"at": max(each.at for each in events)})


def _told(row: PoolDistribution, shares: Sequence[Share]) -> dict[str, Any]:
    parts = [{"payee": share.payee.name, "basis_points": share.basis_points} for share in shares]
    return {"department": row.department.name, "shares": parts}


def _event(
    name: str, row: PoolDistribution, data: Mapping[str, Any], *, by: Actor, at: datetime, on: date
) -> Event:
    contract = row.contract
    about: dict[str, Any] = {"subject": contract.pk, "customer": contract.customer_id}
    return event(name, data={"number": contract.number, **data}, by=by, at=at, on=on, **about)
