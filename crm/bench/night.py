"""The night beside a bare aggregate of the rows it reads."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from crm.bench.cost import ratio
from crm.bench.promise import Outcome
from crm.bench.room import fill, room, tidy
from crm.tenancy.context import current
from customers.models import Contract, ContractYear, Customer, Standing
from tiers import grading
from tiers.models import Grade

GRACE = timedelta(days=90)
SIZES = (1_000, 10_000, 100_000)

# What has to be read and added up to know every customer's figures of the day, and nothing else.
AGGREGATE = """
SELECT count(*), count(tier), sum(annual_amount), sum(amount), sum(contracts), min(first_ends_on) FROM (
  SELECT t.tier, t.annual_amount, y.amount, c.contracts, c.first_ends_on
  FROM customers_standing t
  LEFT JOIN (
    SELECT customer_id, sum(annual_amount) FILTER (WHERE counts_until > %(on)s) AS amount
    FROM customers_contractyear
    WHERE tenant_id = %(tenant)s AND counts_from <= %(on)s AND counts_until > %(window)s
    GROUP BY customer_id) AS y USING (customer_id)
  LEFT JOIN (
    SELECT customer_id, count(*) AS contracts, min(least(ends_on, cancelled_on)) AS first_ends_on
    FROM customers_contract
    WHERE tenant_id = %(tenant)s AND ends_on > %(on)s AND starts_on <= %(on)s AND signed_on <= %(on)s
      AND (cancelled_on IS NULL OR cancelled_on > %(on)s)
    GROUP BY customer_id) AS c USING (customer_id)
  WHERE t.tenant_id = %(tenant)s) AS figures"""
LIMIT = "the read-only aggregate of the same rows"


class Nights(NamedTuple):
    """A tenant's book graded as of `on`, and what may be asked of it again."""

    company: int
    on: date
    at: datetime

    def grade(self) -> int:
        return grading.grade_all(self.on, self.at)

    def aggregate(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(AGGREGATE, {"tenant": current(), "on": self.on, "window": self.on - GRACE})
            cursor.fetchall()


def grade(scale: int) -> Iterator[Outcome]:
    """night.grade: unchanged, with 5 % of the customers changed, and no dearer a customer by size."""
    at = timezone.now()
    seconds = {}
    for size in sorted({*(size for size in SIZES if size < scale), scale}):
        with room(at) as company:
            nights = Nights(company.id, at.date(), at)
            _begin(nights, size)
            dear, seconds[size] = ratio(company.id, nights.grade, nights.aggregate)
            if size == scale:
                detail = f"{size} customers in {seconds[size]:.3f} CPU s"
                yield Outcome("night.grade.unchanged", dear, 1.5, LIMIT, detail)
                yield _changed(nights)
    told = ", ".join(f"{size}: {size / spent:,.0f} customers/CPU s" for size, spent in seconds.items())
    least = min(spent / size for size, spent in seconds.items())
    limit = "a customer in the tenant where he costs least"
    yield Outcome("night.grade.growth", seconds[scale] / scale / least, 1.2, limit, told)


def _begin(nights: Nights, size: int) -> None:
    with transaction.atomic():
        book(nights, size)
    tidy(Customer, Standing, Contract, ContractYear)
    with transaction.atomic():
        nights.grade()
    tidy(Standing, Grade)


def _changed(nights: Nights) -> Outcome:
    """Prices of one customer in twenty rise by 6 %."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_contractyear y SET annual_amount = round(annual_amount * 1.06, 2)"
            " FROM customers_customer c WHERE c.tenant_id = y.tenant_id AND c.id = y.customer_id"
            " AND y.tenant_id = %s AND substr(c.code, 2)::int %% 20 = 0",
            [nights.company],
        )
    tidy(ContractYear)
    dear, seconds = ratio(nights.company, nights.grade, nights.aggregate)
    with transaction.atomic():
        rows = nights.grade()
    return Outcome("night.grade.changed", dear, 2.5, LIMIT, f"{rows} judgements, {seconds:.3f} CPU s")


def book(nights: Nights, size: int) -> None:
    """Customers with a chain of three contracts of one year (one in ten: of two) begun on any day of it."""
    at, on = nights.at, nights.on
    code = {"code": "'C' || n", "name": "'客户' || n", "registered_on": f"'{on}'::date"}
    fill(Customer, code, f"generate_series(1, {size}) AS n", at)
    mine = f"customers_customer AS c WHERE c.tenant_id = {nights.company}"
    fill(Standing, {"customer_id": "c.id"}, mine, at)
    draw = "abs(hashtext(c.code || k))"
    chains = f"""(
      SELECT c.id, c.code || '-' || k AS number, 1 + ({draw} %% 10 = 0)::int AS years,
             '{on}'::date - abs(hashtext(c.code)) %% 365 - 365 * k AS starts,
             round((20000 * exp(abs(hashtext(c.code)) %% 1000 / 200.0))::numeric, 2) AS amount
      FROM customers_customer c, generate_series(0, 2) AS k WHERE c.tenant_id = {nights.company}) AS k"""
    term = {
        "number": "k.number",
        "customer_id": "k.id",
        "gross": "k.amount * k.years",
        "signed_on": "k.starts",
        "starts_on": "k.starts",
        "ends_on": "(k.starts + k.years * interval '1 year')::date",
        "entered_on": "k.starts",
    }
    fill(Contract, term, chains, at)
    begins, ends = (f"(k.starts_on + {n} * interval '1 year')::date" for n in ("(n - 1)", "n"))
    year = {"contract_id": "k.id", "customer_id": "k.customer_id", "number": "n", "starts_on": begins}
    year |= {"ends_on": ends, "counts_from": begins, "counts_until": ends}
    year |= dict.fromkeys(["gross", "annual_amount"], "round(k.gross / years, 2)")
    years = f"""customers_contract AS k
      CROSS JOIN LATERAL (SELECT date_part('year', age(k.ends_on, k.starts_on))::int AS years) AS y
      CROSS JOIN LATERAL generate_series(1, years) AS n WHERE k.tenant_id = {nights.company}"""
    fill(ContractYear, year, years, at)
