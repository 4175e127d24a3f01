"""A book of business made by a few statements: what the night and the pages read."""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction

from commissions.models import AccrualState
from crm.accounts.models import Department
from crm.bench.room import fill, tidy
from customers.models import (
    Contact,
    Contract,
    ContractYear,
    CreditSplit,
    Customer,
    Interaction,
    Payment,
    Receivable,
    Standing,
)

FILLED = (Customer, Standing, Contact, Contract, ContractYear, CreditSplit, Receivable, Payment, Interaction)
GRACE = timedelta(days=90)
ONE_IN_TWENTY = "substr(c.code, 2)::int %% 20 = 0"


class Book(NamedTuple):
    """The tenant whose book it is, the day and the moment as of which it was made."""

    company: int
    on: date
    at: datetime

    @property
    def days(self) -> dict[str, Any]:
        """The parameters of a statement about the tenant and the day."""
        return {"tenant": self.company, "on": self.on, "window": self.on - GRACE}


def fill_book(book: Book, size: int) -> None:
    """Customers of one department with a chain of three contracts, paid but for the last, and six calls."""
    for step in (_customers, _standings, _contracts, _years, _money, _calls):
        with transaction.atomic():
            step(book, size)
        tidy(
            *FILLED, AccrualState
        )  # keys to a table that was empty a moment ago are checked by reading it all


def _customers(book: Book, size: int) -> None:
    name = "(ARRAY['杭州', '苏州', '深圳', '成都', '武汉'])[1 + n %% 5] || n || '科技有限公司'"
    code = {
        "code": "'C' || n",
        "name": name,
        "name_key": name,
        "registered_on": f"'{book.on}'::date - 1500",
        "responsible_dept_id": f"'{Department.objects.get(code='HQ').pk}'::uuid",
    }
    fill(Customer, code, f"generate_series(1, {size}) AS n", book.at)


def _standings(book: Book, _size: int) -> None:
    mine = f"customers_customer AS c WHERE c.tenant_id = {book.company}"
    person = {"customer_id": "c.id", "name": "'王' || c.code", "is_primary": "true"}
    phone = {"phone": "'138' || lpad(substr(c.code, 2), 8, '0')"}
    fill(Contact, person | phone, mine, book.at)
    called = f"'{book.on}'::date - abs(hashtext(c.code)) %% 60 - 30"
    fill(Standing, {"customer_id": "c.id", "last_contact_on": called}, mine, book.at)


def _contracts(book: Book, _size: int) -> None:
    """One contract in ten runs two years; the chain began on any day of a year."""
    chains = f"""(
      SELECT c.id, c.code || '-' || k AS number, 1 + (abs(hashtext(c.code || k)) %% 10 = 0)::int AS years,
             '{book.on}'::date - abs(hashtext(c.code)) %% 365 - 365 * k AS starts,
             c.responsible_dept_id AS dept,
             round((20000 * exp(abs(hashtext(c.code)) %% 1000 / 200.0))::numeric, 2) AS amount
      FROM customers_customer c, generate_series(0, 2) AS k WHERE c.tenant_id = {book.company}) AS k"""
    term = {
        "number": "k.number",
        "customer_id": "k.id",
        "responsible_dept_id": "k.dept",
        "gross": "k.amount * k.years",
        "signed_on": "k.starts",
        "starts_on": "k.starts",
        "ends_on": "(k.starts + k.years * interval '1 year')::date",
        "entered_on": "k.starts",
    }
    fill(Contract, term, chains, book.at)


def _years(book: Book, _size: int) -> None:
    begins, ends = (f"(k.starts_on + {n} * interval '1 year')::date" for n in ("(n - 1)", "n"))
    year = {"contract_id": "k.id", "customer_id": "k.customer_id", "number": "n", "starts_on": begins}
    year |= {"ends_on": ends, "counts_from": begins, "counts_until": ends}
    year |= dict.fromkeys(["gross", "annual_amount"], "round(k.gross / years, 2)")
    years = f"""customers_contract AS k
      CROSS JOIN LATERAL (SELECT date_part('year', age(k.ends_on, k.starts_on))::int AS years) AS y
      CROSS JOIN LATERAL generate_series(1, years) AS n WHERE k.tenant_id = {book.company}"""
    fill(ContractYear, year, years, book.at)
    split = {"contract_id": "k.id", "department_id": "k.responsible_dept_id", "basis_points": "10000"}
    fill(CreditSplit, split, f"customers_contract k WHERE k.tenant_id = {book.company}", book.at)


def _money(book: Book, _size: int) -> None:
    """An instalment a year, settled by a receipt on its day in all contracts but the last."""
    paid = f"y.starts_on < '{book.on}'::date - 365"
    due = {
        "number": "k.number || '/' || y.number",
        "contract_id": "k.id",
        "customer_id": "k.customer_id",
        "due_on": "y.starts_on",
        "amount": "y.gross",
        "contract_year": "y.number",
        "applied": f"CASE WHEN {paid} THEN y.gross ELSE 0 END",
    }
    years = f"""customers_contractyear y JOIN customers_contract k
      ON k.tenant_id = y.tenant_id AND k.id = y.contract_id WHERE y.tenant_id = {book.company}"""
    fill(Receivable, due, years, book.at)
    receipt = {name: due[name] for name in ("number", "contract_id", "customer_id", "amount")}
    receipt |= {"received_on": "y.starts_on", "entered_on": "y.starts_on"}
    fill(Payment, receipt, f"{years} AND {paid}", book.at)
    state = {"contract_id": "k.id", "calculated_on": f"'{book.on}'::date", "next_on": "NULL::date"}
    fill(AccrualState, state, f"customers_contract k WHERE k.tenant_id = {book.company}", book.at)


def _calls(book: Book, _size: int) -> None:
    day = f"'{book.on}'::date - abs(hashtext(c.code)) %% 60 - 30 * n"
    call = {"customer_id": "c.id", "on": day, "at": f"({day})::timestamptz"}
    calls = f"customers_customer c, generate_series(1, 6) AS n WHERE c.tenant_id = {book.company}"
    fill(Interaction, call, calls, book.at)
