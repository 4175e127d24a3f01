"""The neglect ladder: days after a missed follow-up its owner is told, then his head, then it is marked.

What was missed is worked out from the open follow-ups, the last effective contact and the owner's first
day: it is stored nowhere but as what has been told. A contact, or a follow-up done or moved, ends it.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from itertools import cycle
from typing import Any
from uuid import UUID

from crm.accounts.heads import HEADS
from crm.accounts.models import Member
from crm.accounts.rights import Right
from crm.accounts.roles import GRANTS
from crm.events.models import Event
from crm.events.record import event
from crm.periods import add_workdays
from crm.tenancy.statements import run
from customers import ownership
from customers.crediting import HELD, Place
from customers.models import Customer
from lifecycle import neglectrules
from lifecycle.automatic import MOVE, close_many, open_many
from lifecycle.judging import customers_of, only, tell
from lifecycle.models import FollowUp, Neglect, NeglectPolicy

RULE = "NEGLECT"
WORKDAYS = {"owner": 1, "head": 2}  # to make it good, and to decide
Kind, Rung = FollowUp.Kind, Neglect.Rung
# Asked of others, or watched by itself.
APART = (Kind.NEGLECT, Kind.EXTENSION, Kind.DISPUTE, Kind.NEWS, Kind.DUNNING)

# The customers whose owner missed a follow-up so long ago that he is told. Whoever takes a customer over
# has its days anew, or the ladder would throw it from one to the next.
MISSED = f"""
missed AS MATERIALIZED (
  SELECT c.id, c.owner_id, c.responsible_dept_id, min(greatest(f.due_on, held.since)) AS missed_on
  FROM lifecycle_followup f
  JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = f.customer_id
    AND c.owner_id = f.owner_id {{only_customers}}
  JOIN customers_standing s ON s.tenant_id = %(tenant)s AND s.customer_id = c.id {{only_standings}}
  JOIN customers_ownershipcredit m ON m.tenant_id = %(tenant)s AND m.customer_id = c.id
    AND m.role = 'MANAGER' AND m.valid_to IS NULL {{only_credits}}
  {HELD}
  WHERE f.tenant_id = %(tenant)s AND f.state = 'OPEN' AND f.due_on <= %(owner_cut)s {{only_follow_ups}}
    AND held.since <= %(owner_cut)s AND NOT f.kind = ANY (%(apart)s)
    AND (s.last_contact_on IS NULL OR s.last_contact_on < greatest(f.due_on, held.since))
  GROUP BY c.id, c.owner_id, c.responsible_dept_id
)
"""
CLIMB = f"""
WITH {HEADS}, {{missed}}, eased AS (
  DELETE FROM lifecycle_neglect n
  WHERE n.tenant_id = %(tenant)s AND NOT EXISTS (SELECT FROM missed m WHERE m.id = n.customer_id)
  RETURNING n.customer_id
), climbed AS (
  INSERT INTO lifecycle_neglect AS n (tenant_id, version, created_at, updated_at, customer_id, owner_id,
    head_id, missed_on, owner_told_on, head_told_on, flagged_on)
  SELECT %(tenant)s, 1, %(at)s, %(at)s, m.id, m.owner_id,
    CASE WHEN m.missed_on <= %(head_cut)s THEN (array_remove(h.ids, m.owner_id))[1] END, m.missed_on,
    coalesce(o.owner_told_on, %(on)s),
    CASE WHEN m.missed_on <= %(head_cut)s THEN coalesce(o.head_told_on, %(on)s) END,
    CASE WHEN m.missed_on <= %(flag_cut)s THEN coalesce(o.flagged_on, %(on)s) END
  FROM missed m
  LEFT JOIN heads h ON h.department = m.responsible_dept_id
  LEFT JOIN lifecycle_neglect o ON o.tenant_id = %(tenant)s AND o.customer_id = m.id
    AND (o.owner_id, o.missed_on) = (m.owner_id, m.missed_on)
  ON CONFLICT (tenant_id, customer_id) DO UPDATE SET owner_id = excluded.owner_id,
    head_id = excluded.head_id, missed_on = excluded.missed_on, owner_told_on = excluded.owner_told_on,
    head_told_on = excluded.head_told_on, flagged_on = excluded.flagged_on, version = n.version + 1,
    updated_at = excluded.updated_at
  WHERE (n.owner_id, n.missed_on, n.head_told_on, n.flagged_on)
    IS DISTINCT FROM (excluded.owner_id, excluded.missed_on, excluded.head_told_on, excluded.flagged_on)
  RETURNING n.customer_id, n.owner_id, n.head_id, n.missed_on,
    CASE WHEN n.flagged_on = %(on)s THEN 'FLAGGED' WHEN n.head_told_on = %(on)s THEN 'HEAD'
      WHEN n.owner_told_on = %(on)s THEN 'OWNER' END AS rung
)
SELECT r.customer_id, r.rung, r.missed_on, o.id, o.name, h.id, h.name FROM climbed r
JOIN accounts_member o ON o.tenant_id = %(tenant)s AND o.id = r.owner_id
LEFT JOIN accounts_member h ON h.tenant_id = %(tenant)s AND h.id = r.head_id
WHERE r.rung IS NOT NULL
UNION ALL SELECT e.customer_id, NULL, NULL, NULL, NULL, NULL, NULL FROM eased e
"""
EASE = """
WITH {missed}
DELETE FROM lifecycle_neglect n
WHERE n.tenant_id = %(tenant)s AND n.customer_id = ANY (%(customers)s) AND NOT EXISTS (
  SELECT FROM missed m WHERE m.id = n.customer_id AND m.owner_id = n.owner_id AND m.missed_on <= n.missed_on)
RETURNING n.customer_id
"""


# As far as it was told before a moment of who still misses the same follow-up.
RESTORE = f"""
WITH {{missed}}, told AS (
  SELECT e.customer_id, min(e."on") AS owner_told_on,
    min(e."on") FILTER (WHERE e.data ->> 'rung' <> '{Rung.OWNER}') AS head_told_on,
    min(e."on") FILTER (WHERE e.data ->> 'rung' = '{Rung.FLAGGED}') AS flagged_on,
    (array_agg((e.data ->> 'head_id')::uuid ORDER BY e.at DESC))[1] AS head_id
  FROM events_event e JOIN missed m ON m.id = e.customer_id
    AND (e.data ->> 'owner_id', e.data ->> 'missed_on') = (m.owner_id::text, m.missed_on::text)
  WHERE e.tenant_id = %(tenant)s AND e.customer_id = ANY (%(customers)s)
    AND e.name = 'customer.neglected' AND e.at < %(before)s
  GROUP BY e.customer_id
)
INSERT INTO lifecycle_neglect (tenant_id, version, created_at, updated_at, customer_id, owner_id, head_id,
  missed_on, owner_told_on, head_told_on, flagged_on)
SELECT %(tenant)s, 1, %(at)s, %(at)s, m.id, m.owner_id, t.head_id, m.missed_on, t.owner_told_on,
  t.head_told_on, t.flagged_on
FROM missed m JOIN told t ON t.customer_id = m.id
ON CONFLICT (tenant_id, customer_id) DO NOTHING
RETURNING customer_id
"""


def restore(customers: Sequence[UUID], *, before: datetime, at: datetime, on: date) -> list[UUID]:
    """Let the ladder stand where it stood before a moment, unless it was made good since; returns of whom."""
    values = {**_cuts(neglectrules.in_force(on), on), "customers": list(customers), "before": before}
    return [row[0] for row in run(RESTORE.format(missed=_missed(some=True)), values | {"at": at})]


def climb(on: date, at: datetime) -> int:
    """A step of the night: whoever is due to be told is; returns how many customers climbed a rung."""
    rules = neglectrules.in_force(on)
    rows = run(CLIMB.format(missed=_missed(some=False)), {**_cuts(rules, on), "on": on, "at": at})
    told = [row for row in rows if row[1]]
    tell(_told(row, on, at) for row in told)
    _close([row[0] for row in rows if not row[1]], on, at)
    if rules.reassigns:
        _reassign([row[0] for row in told if row[1] == Rung.FLAGGED], on, at)
    return len(told)


def _missed(*, some: bool) -> str:
    columns = {"customers": "c.id", "standings": "s.customer_id", "credits": "m.customer_id"}
    columns["follow_ups"] = "f.customer_id"
    return MISSED.format(**{f"only_{name}": only(column, some) for name, column in columns.items()})


def _cuts(rules: NeglectPolicy, on: date) -> dict[str, Any]:
    """A follow-up that was due on a cut or before has come to its rung."""
    cut = partial(neglectrules.before, on, in_workdays=rules.in_workdays)
    days = {"owner_cut": rules.owner_days, "head_cut": rules.head_days, "flag_cut": rules.flag_days}
    return {name: cut(number) for name, number in days.items()} | {"apart": list(APART)}


def _told(row: tuple, on: date, at: datetime) -> Event:
    customer, rung, missed_on, owner_id, owner, head_id, head = row
    data = {
        "rung": rung,
        "missed_on": str(missed_on),
        "days": (on - missed_on).days,
        "owner": owner,
        "owner_id": str(owner_id),
        "head": head or "",
        "head_id": head_id and str(head_id),
    }
    return event("customer.neglected", subject=customer, customer=customer, data=data, at=at, on=on)


def open_for_rungs(events: Sequence[Event]) -> None:
    """Follows customer.neglected: the owner makes it good; from the second rung on his head sees to it."""
    rows = []
    for each in events:
        inputs = {name: each.data[name] for name in ("missed_on", "owner", "rung")}
        whose = {"owner": each.data["owner_id"], "head": each.data["head_id"]}
        if each.data["rung"] == Rung.OWNER:
            del whose["head"]
        for part, who in whose.items():
            if who:
                due_on = add_workdays(each.on, WORKDAYS[part])
                about = inputs | {"part": part}
                rows.append((each.customer_id, UUID(who), due_on, "", f"neglect:{part}", about))
    open_many(Kind.NEGLECT, MOVE, rows, events)


def ease_for(events: Sequence[Event]) -> None:
    """Follows contacts, follow-ups done or moved, and changes of hands: what was missed may be made good."""
    customers = list(customers_of(events))
    if not Neglect.objects.filter(customer__in=customers).exists():
        return
    latest = max(events, key=lambda each: each.at)
    cuts = _cuts(neglectrules.in_force(latest.on), latest.on)
    values = {**cuts, "customers": customers}
    eased = run(EASE.format(missed=_missed(some=True)), values)
    _close([row[0] for row in eased], latest.on, latest.at)


def _close(customers: Sequence[UUID], on: date, at: datetime) -> None:
    """What the ladder asked of people is past; the events name the customers, and are not recorded."""
    if customers:
        about = partial(event, "customer.neglected", at=at, on=on)
        close_many([Kind.NEGLECT], [about(customer=customer) for customer in customers])


def _reassign(customers: Sequence[UUID], on: date, at: datetime) -> None:
    """Hand customers to the owner's colleagues in turn; one who has none keeps them, and locked ones stay."""
    found = Customer.objects.filter(pk__in=customers, is_locked=False).select_related("owner")
    rows = list(found.order_by("responsible_dept_id", "name", "pk"))
    colleagues = _colleagues({row.responsible_dept_id for row in rows})
    turns = {dept: cycle(people) for dept, people in colleagues.items()}
    places = {}
    for row in rows:
        others = [one for one in colleagues[row.responsible_dept_id] if one.pk != row.owner_id]
        if others:
            turn = turns[row.responsible_dept_id]
            to = next(one for one in turn if one.pk != row.owner_id)
            places[row.pk] = Place(to, None, {"from": row.owner.name})  # type: ignore[union-attr]
    ownership.hand_over(places, rule=RULE, reason="", by=None, at=at, on=on)


def _colleagues(departments: set[UUID | None]) -> dict[UUID | None, list[Member]]:
    sells = [role for role, grant in GRANTS.items() if Right.POOL_CLAIM in grant.rights]
    people = Member.objects.filter(department__in=departments, status=Member.Status.ACTIVE)
    found: dict[UUID | None, list[Member]] = defaultdict(list)
    for one in people.filter(roles__overlap=sells).select_related("department").order_by("code"):
        found[one.department_id].append(one)
    return found
