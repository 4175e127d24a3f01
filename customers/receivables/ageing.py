"""账龄: what is open of each account (customer × contract), by how many days it has been due.

Seen today, what is open is what the instalments say. Seen from another day it is worked out anew: what had
come by then, less what had gone back, laid over the plan from the oldest on; the plan is that of today.
"""

from bisect import bisect_left
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from crm.tenancy.context import current
from crm.tenancy.statements import run, within
from customers.models import Contract, Receivable

ZERO = Decimal("0.00")


class Bucket(models.TextChoices):
    """How long an instalment has been due (domain.md §2.7); the day it falls due is day 0."""

    NOT_DUE = "NOT_DUE", _("Not due yet")
    D0 = "0-30", _("0–30 days")
    D31 = "31-60", _("31–60 days")
    D61 = "61-90", _("61–90 days")
    D91 = "91-180", _("91–180 days")
    D181 = "181-365", _("181–365 days")
    OVER = ">365", _("over 365 days")


DUE = list(Bucket)[1:]
LAST = (30, 60, 90, 180, 365)  # the last day of each bucket but the one without end
FIRST = (0, *(days + 1 for days in LAST))


def bucket(due_on: date, on: date) -> Bucket:
    """The bucket of what fell due on a day, seen on another."""
    days = (on - due_on).days
    return Bucket.NOT_DUE if days < 0 else DUE[bisect_left(LAST, days)]


def due_within(found: str, on: date, path: str = "due_on") -> Q:
    """The instalments of a bucket seen on a day, by their due dates."""
    if found == Bucket.NOT_DUE:
        return Q(**{f"{path}__gt": on})
    place = DUE.index(Bucket(found))
    fell_due = Q(**{f"{path}__lte": on - timedelta(FIRST[place])})
    return fell_due if place == len(LAST) else fell_due & Q(**{f"{path}__gte": on - timedelta(LAST[place])})


NOW = """
SELECT r.contract_id, r.due_on, r.open FROM customers_receivable r
WHERE r.tenant_id = {tenant} AND r.open > 0 AND {where}"""
THEN = """
SELECT * FROM (
  SELECT o.contract_id, o.due_on, least(o.due, sum(o.due) OVER (
    PARTITION BY o.contract_id ORDER BY o.due_on, o.contract_year, o.number COLLATE "C", o.id
  ) - o.came) AS open
  FROM (
    SELECT r.id, r.contract_id, r.contract_year, r.number, r.due_on,
      greatest(0, r.amount - CASE WHEN k.cancelled_on <= {on} THEN r.waived ELSE 0 END - coalesce((
        SELECT sum(CASE w.kind WHEN 'WRITE_OFF' THEN w.amount ELSE -w.amount END)
        FROM customers_writeoff w WHERE w.tenant_id = {tenant} AND w.contract_id = r.contract_id
          AND w.instalment = r.number AND w.state = 'APPROVED' AND w.decided_on <= {on}), 0)) AS due,
      coalesce((SELECT sum(CASE p.kind WHEN 'RECEIPT' THEN p.amount ELSE -p.amount END)
        FROM customers_payment p WHERE p.tenant_id = {tenant} AND p.contract_id = r.contract_id
          AND p.received_on <= {on}), 0) AS came
    FROM customers_receivable r JOIN customers_contract k ON k.tenant_id = {tenant} AND k.id = r.contract_id
    WHERE r.tenant_id = {tenant} AND k.signed_on <= {on} AND {where}
  ) o
) t WHERE t.open > 0"""
AGED = """(SELECT jsonb_object_agg(b, s) FROM (
  SELECT {bucket} AS b, sum(i.open)::text AS s FROM ({items}) i GROUP BY 1) x)"""
OLDEST = "(SELECT min(i.due_on) FROM ({items}) i)"
TOTALS = """
SELECT bucket, sum(amount), count(*) FROM (
  SELECT i.contract_id, {bucket} AS bucket, round(sum(i.open) * k.book_rate, 2) AS amount
  FROM ({items}) i JOIN customers_contract k ON k.tenant_id = {tenant} AND k.id = i.contract_id
  GROUP BY i.contract_id, 2, k.book_rate
) x GROUP BY bucket"""


def _items(where: str, on: date, today: date) -> str:
    """The open instalments of some contracts seen on a day, as a statement without parameters."""
    return (NOW if on == today else THEN).format(where=where, **_literals(on))


def _literals(on: date) -> dict[str, str]:
    return {"tenant": str(int(current())), "on": f"DATE '{on.isoformat()}'"}


def _bucket(on: date) -> str:
    """The bucket of `i.due_on` in SQL."""
    days = f"({_literals(on)['on']} - i.due_on)"
    cases = " ".join(
        f"WHEN {days} <= {last} THEN '{found.value}'" for last, found in zip(LAST, DUE, strict=False)
    )
    return f"CASE WHEN {days} < 0 THEN '{Bucket.NOT_DUE.value}' {cases} ELSE '{Bucket.OVER.value}' END"


def accounts(on: date, today: date) -> QuerySet[Contract]:
    """The contracts of which something is open on a day, the accounts, within no reach yet.

    Each has `aged`: bucket → text of the amount in its own currency, and `oldest`: its first open due date.
    """
    items = _items("r.contract_id = customers_contract.id", on, today)
    rows = Contract.objects.annotate(
        aged=RawSQL(AGED.format(bucket=_bucket(on), items=items), (), models.JSONField()),
        oldest=RawSQL(OLDEST.format(items=items), (), models.DateField()),
    )
    if on != today:
        return rows.filter(signed_on__lte=on, oldest__isnull=False)
    return rows.filter(Exists(Receivable.objects.filter(contract=OuterRef("pk"), open__gt=0)))


class Total(NamedTuple):
    """What a bucket holds: its amount in the tenant's currency, and of how many accounts."""

    bucket: Bucket
    amount: Decimal
    accounts: int


def totals(contracts: QuerySet[Contract], on: date, today: date) -> list[Total]:
    """What is open of some contracts on a day, bucket by bucket, empty ones too; one statement.

    In the tenant's currency at the book rates, rounded once a contract and bucket.
    """
    ids, values = within(contracts)
    items = _items(f"r.contract_id IN ({ids})", on, today)
    sql = TOTALS.format(bucket=_bucket(on), items=items, **_literals(on))
    found = {name: (amount, count) for name, amount, count in run(sql, values)}
    return [Total(each, *found.get(each.value, (ZERO, 0))) for each in Bucket]


def amounts(aged: dict[str, Any] | None) -> dict[str, Decimal]:
    """The amounts of an account by bucket, in its own currency, and their sum `open`."""
    known = {each.value: Decimal((aged or {}).get(each.value, "0.00")) for each in Bucket}
    return known | {"open": sum(known.values(), ZERO)}
