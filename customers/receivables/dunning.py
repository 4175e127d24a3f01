"""催收: the steps by which an overdue account is dunned, as tenant data, climbed by the night.

Days count from the due date of the oldest open instalment plus the days of credit of the account. Every
step is told once; money that comes eases the account at once.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm import versions
from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.refusal import Fault
from crm.tenancy.statements import run
from crm.versions import LONG_AGO
from customers.models import Dunning, DunningPolicy

MOST_DAYS = 1000
AT_ONCE = 5000
STEPS = DunningPolicy.STEPS

WANTED = """
WITH overdue AS (
  SELECT contract_id, customer_id, min(due_on) AS since, sum(open) AS open FROM customers_receivable
  WHERE tenant_id = %(tenant)s AND open > 0 AND due_on < %(on)s {some} GROUP BY contract_id, customer_id
), aged AS (
  SELECT o.*, %(on)s - o.since - coalesce(t.credit_days, 0) AS days FROM overdue o
  LEFT JOIN customers_creditterms t ON t.tenant_id = %(tenant)s AND t.contract_id = o.contract_id
), wanted AS MATERIALIZED (
  SELECT *, CASE WHEN days >= %(legal_days)s THEN 5 WHEN days >= %(joint_days)s THEN 4
    WHEN days >= %(third_days)s THEN 3 WHEN days >= %(second_days)s THEN 2 ELSE 1 END AS step
  FROM aged WHERE days >= %(first_days)s
), eased AS (
  DELETE FROM customers_dunning d
  WHERE d.tenant_id = %(tenant)s {some_d}
    AND NOT EXISTS (SELECT FROM wanted w WHERE w.contract_id = d.contract_id)
  RETURNING d.contract_id, d.customer_id
)"""
CLIMB = """
{wanted}, climbed AS (
  INSERT INTO customers_dunning AS d (tenant_id, version, created_at, updated_at, contract_id, customer_id,
    step, since, reached_on)
  SELECT %(tenant)s, 1, %(at)s, %(at)s, contract_id, customer_id, step, since, %(on)s FROM wanted
  ON CONFLICT (tenant_id, contract_id) DO UPDATE SET step = excluded.step, since = excluded.since,
    reached_on = excluded.reached_on, version = d.version + 1, updated_at = excluded.updated_at
  WHERE (d.step, d.since) IS DISTINCT FROM (excluded.step, excluded.since)
  RETURNING d.contract_id, d.customer_id, d.step, d.since
)
SELECT c.contract_id, c.customer_id, k.number, c.step, c.since, w.open, k.currency
FROM climbed c JOIN wanted w ON w.contract_id = c.contract_id
JOIN customers_contract k ON k.tenant_id = %(tenant)s AND k.id = c.contract_id
UNION ALL SELECT contract_id, customer_id, NULL, NULL, NULL, NULL, NULL FROM eased"""
EASE = "{wanted} SELECT contract_id, customer_id FROM eased"


def in_force(on: date) -> DunningPolicy:
    """The steps on a day; the defaults, not saved, for a tenant that has laid down none."""
    found: DunningPolicy | None = versions.on_day(DunningPolicy, on).first()
    return found or DunningPolicy(valid_from=LONG_AGO)


def climb(on: date, at: datetime) -> int:
    """A step of the night: every overdue account stands at its step; returns how many moved or ended."""
    sql = CLIMB.format(wanted=WANTED.format(some="", some_d=""))
    rows = run(sql, _cuts(on) | {"at": at})
    events = [_told(row, on, at) if row[3] else _settled(row[0], row[1], on, at) for row in rows]
    for start in range(0, len(events), AT_ONCE):
        record(*events[start : start + AT_ONCE])
    return len(rows)


def ease_for(events: Sequence[Event]) -> None:
    """Follows money and whatever else makes less overdue: accounts that need no dunning any more."""
    customers = {each.customer_id for each in events if each.customer_id}
    if not customers or not Dunning.objects.filter(customer__in=customers).exists():
        return
    latest = max(events, key=lambda each: each.at)
    _ease(customers, latest.on, latest.at)


def _ease(customers: Collection[UUID], on: date, at: datetime) -> None:
    some = {"some": "AND customer_id = ANY(%(ids)s)", "some_d": "AND d.customer_id = ANY(%(ids)s)"}
    rows = run(EASE.format(wanted=WANTED.format(**some)), _cuts(on) | {"ids": list(customers)})
    if rows:
        record(*(_settled(contract, customer, on, at) for contract, customer in rows))


def _cuts(on: date) -> dict[str, Any]:
    rules = in_force(on)
    return {"on": on} | {name: getattr(rules, name) for name in STEPS}


def _told(row: tuple, on: date, at: datetime) -> Event:
    contract_id, customer_id, number, step, since, amount, currency = row
    data = {
        "contract": number,
        "contract_id": str(contract_id),
        "step": step,
        "since": since.isoformat(),
        "days": (on - since).days,
        "amount": str(amount),
        "currency": currency,
    }
    return event("account.dunned", subject=contract_id, customer=customer_id, data=data, at=at, on=on)


def _settled(contract_id: UUID, customer_id: UUID, on: date, at: datetime) -> Event:
    data = {"contract_id": str(contract_id)}
    return event("account.eased", subject=contract_id, customer=customer_id, data=data, at=at, on=on)


def lay_down(*, valid_from: date, by: Actor | None, at: datetime, on: date, **days: int) -> DunningPolicy:
    """New steps from a day on, each as days overdue; those in force until then end there.

    Refused: valid_from in_past; days out_of_range, out_of_order. Conflict version_overlap.
    """
    policy = DunningPolicy(valid_from=valid_from, **days)
    faults = _faults(policy)
    versions.lay_down(policy, faults, "dunning.rules_laid_down", STEPS, by=by, at=at, on=on)
    return policy


def _faults(policy: DunningPolicy) -> list[Fault]:
    faults = versions.of_numbers(policy, STEPS, MOST_DAYS)
    days = [getattr(policy, name) for name in STEPS]
    if not faults and sorted(set(days)) != days:
        faults.append(Fault("legal_days", "out_of_order", _("Each step comes later than the one before.")))
    return faults
