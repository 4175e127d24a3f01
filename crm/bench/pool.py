"""The public sea of a large tenant: the night's release and warnings, and the preview of 30 days."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from crm.accounts.models import Department, Member
from crm.accounts.rights import Role
from crm.bench.book import ONE_IN_TWENTY, Book, fill_book
from crm.bench.cost import ratio
from crm.bench.promise import Bench, Outcome
from crm.bench.room import fill, room, tidy
from customers.models import Contract, Customer, OwnershipCredit, Standing
from customers.pools import clocks
from customers.views.pooling import BOUNDS, MOST

AGGREGATE = "the read-only aggregate of the same rows"
HELD = 400  # customers a person
BARE = """
SELECT count(*), count(tier), min(since), max(last_contact_on), sum(open_amount), max(until), max(last_on),
  count(days), count(dispute), count(*) FILTER (WHERE is_locked), max(rule)
FROM (
  SELECT c.is_locked, s.tier, s.last_contact_on, s.open_amount, m.valid_from AS since, m.rule, k.until,
    k.last_on, e.days, q.id AS dispute
  FROM customers_customer c
  JOIN customers_standing s ON s.tenant_id = %(tenant)s AND s.customer_id = c.id
  JOIN customers_ownershipcredit m ON m.tenant_id = %(tenant)s AND m.customer_id = c.id
    AND m.role = 'MANAGER' AND m.valid_to IS NULL
  LEFT JOIN customers_extension e ON e.tenant_id = %(tenant)s AND e.credit_id = m.id AND e.state = 'GRANTED'
  LEFT JOIN customers_ownershipdispute q ON q.tenant_id = %(tenant)s AND q.customer_id = c.id
    AND q.state IN ('OPEN', 'RULED', 'APPEALED')
  LEFT JOIN (
    SELECT customer_id, max(signed_on) AS last_on, max(least(ends_on, cancelled_on)) AS until
    FROM customers_contract WHERE tenant_id = %(tenant)s GROUP BY customer_id) k ON k.customer_id = c.id
  WHERE c.tenant_id = %(tenant)s AND c.owner_id IS NOT NULL) AS facts"""
# Every second customer lost its contracts years ago, and its owner has had it for up to 25 days.
LONG_OVER = """
UPDATE customers_contract k SET signed_on = k.signed_on - 2000, starts_on = k.starts_on - 2000,
  ends_on = k.ends_on - 2000, entered_on = k.entered_on - 2000
FROM customers_customer c
WHERE c.tenant_id = %(tenant)s AND k.tenant_id = c.tenant_id AND k.customer_id = c.id
  AND substr(c.code, 2)::int %% 2 = 0
"""
PAID = "UPDATE customers_standing s SET open_amount = 0, tier = 'GENERAL' WHERE s.tenant_id = %(tenant)s"
OWNED = """
UPDATE customers_customer c SET owner_id = m.id FROM accounts_member m
WHERE c.tenant_id = %(tenant)s AND m.tenant_id = c.tenant_id
  AND m.code = 'P' || substr(c.code, 2)::int / %(held)s
"""
NEGLECTED = f"""
UPDATE customers_ownershipcredit m SET valid_from = %(on)s - 40 FROM customers_customer c
WHERE c.tenant_id = %(tenant)s AND m.tenant_id = c.tenant_id AND m.customer_id = c.id AND {ONE_IN_TWENTY}
"""


def measure(scale: int) -> Iterator[Outcome]:
    """A night without and with 5 % to release or to warn, and the page that looks 30 days ahead."""
    with _filled(scale) as book:
        least = partial(_run, BARE, book)
        release = partial(clocks.release_due, book.on, book.at)
        far = partial(clocks.warn_due, book.on + timedelta(400), book.at)  # all dropped long before
        yield _outcome("night.release.unchanged", release, least, book, scale, 1.5)
        yield _outcome("night.warn.unchanged", far, least, book, scale, 1.5)
        yield _outcome(
            "night.warn.changed", partial(clocks.warn_due, book.on, book.at), least, book, scale, 2.5
        )
        preview = partial(_preview, book)
        yield _outcome("pool.preview", preview, least, book, scale, 2.0)
        with transaction.atomic():
            _run(NEGLECTED, book)
        tidy(OwnershipCredit)
        yield _outcome("night.release.changed", release, least, book, scale, 2.5)


def _preview(book: Book) -> int:
    return clocks.preview(Customer.objects.all(), book.on, bounds=BOUNDS, shown=MOST).counts[-1]


def _outcome(name: str, do: partial, least: partial, book: Book, scale: int, bound: float) -> Outcome:
    dear, seconds = ratio(book.company, do, least)
    with transaction.atomic():
        found = do()
        transaction.set_rollback(True)
    return Outcome(name, dear, bound, AGGREGATE, f"{found} of {scale} customers, {seconds:.3f} CPU s")


@contextmanager
def _filled(size: int) -> Iterator[Book]:
    at = timezone.now()
    with room(at) as company:
        book = Book(company.id, at.date(), at)
        fill_book(book, size)
        with transaction.atomic():
            _people(book, size)
            for statement in (LONG_OVER, PAID, OWNED):
                _run(statement, book)
            _credits(book)
        tidy(Customer, Standing, Contract, OwnershipCredit, Member)
        yield book


def _people(book: Book, size: int) -> None:
    who = {"code": "'P' || n", "name": "'李' || n", "roles": f"ARRAY['{Role.SALES}']"}
    who |= {"department_id": f"'{Department.objects.get(code='HQ').pk}'::uuid"}
    fill(Member, who, f"generate_series(0, {size // HELD}) AS n", book.at)


def _credits(book: Book) -> None:
    """Owners of up to 25 days, so that nothing is due today and some are near."""
    held = {
        "customer_id": "c.id",
        "role": "'MANAGER'",
        "department_id": "c.responsible_dept_id",
        "member_id": "c.owner_id",
        "valid_from": f"'{book.on}'::date - abs(hashtext(c.code)) %% 26",
        "rule": "'IMPORT'",
    }
    fill(OwnershipCredit, held, f"customers_customer c WHERE c.tenant_id = {book.company}", book.at)


def _run(statement: str, book: Book) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(statement, {**book.days, "held": HELD})
        if cursor.description:
            cursor.fetchall()


BENCHES: dict[str, Bench] = {"pool": measure}
