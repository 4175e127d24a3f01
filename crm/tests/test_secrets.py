"""What a role may not see stands in no answer it gets, however it asks (quality.md, isolation 4)."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from commissions.models import LedgerEntry
from crm.accounts.access import reach, viewer_of
from crm.accounts.rights import Right
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser
from crm.tests.cast import Company
from crm.tests.kinds import PEOPLE
from crm.tests.test_apart import addresses, everything
from customers import cash, contacts, registry
from customers.models import Customer, Standing

pytestmark = pytest.mark.django_db(databases=["default", "reader"])

PHONE, CREDIT_CODE = "13987654321", "91330201MA2ABCDE3X"
GROSS, EXPENSE = Decimal("345678.00"), Decimal("4321.09")
MOMENT = re.compile(r"\d\d:\d\d:\d\d\.\d+")  # its digits are no amount
QUESTIONS = (
    "/find/?q=4321",
    "/find/?q=91330201",
    "/customers/?search=4321",
    "/customers/check/?name=矩阵 li",
    "/customers/?ordering=-annual_amount",
    "/contracts/?ordering=-gross",
    "/api/v1/customers/?expand=contacts,contracts,standing",
    "/api/v1/customers/?ordering=-annual_amount",
    "/api/v1/customers/?annual_amount__gte=300000",
    "/api/v1/customers/?fields=id,name,annual_amount,credit_code",
    "/api/v1/customers/?search=4321",
    "/api/v1/contracts/?expand=years,splits,expenses,receivables,payments",
    "/api/v1/contracts/?ordering=-gross",
    "/api/v1/contracts/?fields=id,gross",
    "/api/v1/contacts/?search=4321",
    "/api/v1/events/?limit=200",
    "/api/v1/entries/?limit=200",
)


def written(amount: Decimal) -> set[str]:
    """An amount as pages, lists and the API write it; the last two digits of 万 are enough to tell it.

    Of a small one only its cents tell it: -43 stands in many an id.
    """
    exact = {f"{amount:.2f}", f"{amount:,.2f}"}
    return exact if abs(amount) < 1000 else exact | {f"{amount:,.0f}", f"{amount / 10_000:.2f}"}


@dataclass(frozen=True)
class Secret:
    """Something planted: every spelling of it, and the right that shows it."""

    spellings: frozenset[str]
    right: Right


def plant(company: Company) -> tuple[list[Secret], set[str]]:
    """李娜's customer with a phone, a credit code, a contract, an expense and cash of figures found nowhere
    else; returns the secrets by right, and the spellings of what the contract pays."""
    noon, on = morning.noon(morning.today()), morning.today()
    with tenant(company.tenant.id):
        buyer, act = Customer.objects.get(name="矩阵 li"), {"by": company.li, "at": noon, "on": on}
        registry.edit(buyer, changes={"credit_code": CREDIT_CODE}, version=buyer.version, **act)
        contacts.add(buyer, name="赵秘书", phone=PHONE, **act)
        deal = morning.sign(buyer, "S-1", str(GROSS), starts_on=morning.day(-20), due=[morning.day(9)])
        about = {"number": "S-1-E", "category": "TRAVEL", "amount": EXPENSE, "incurred_on": morning.day(-1)}
        cash.book_expense(deal, **about, **act)
        morning.receive(deal, "172839.00", morning.day(-1))
        yearly = Standing.objects.get(customer=buyer).annual_amount
        paid = LedgerEntry.objects.filter(contract=deal).values_list("amount", flat=True)
        pays = set().union(*(written(amount) for amount in paid))
    amounts = written(GROSS) | written(Decimal("172839.00")) | written(yearly)
    return [
        Secret(frozenset(amounts), Right.SEE_AMOUNT),
        Secret(frozenset(written(EXPENSE)), Right.SEE_EXPENSE),
        Secret(frozenset({PHONE, f"{PHONE[:3]} {PHONE[3:7]} {PHONE[7:]}"}), Right.SEE_PHONE),
        Secret(frozenset({CREDIT_CODE}), Right.SEE_CREDIT_CODE),
    ], pays


def asked(company: Company, person: str, records: Any) -> dict[str, str]:
    """Every answer the person gets, by address."""
    api, pages = Api(company, person), browser(company, person)
    found = {}
    for address in (*addresses(records), *QUESTIONS):
        answer: Any = (api if address.startswith("/api/") else pages).get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        found[address] = MOMENT.sub("", body.decode(errors="replace"))  # a file is searched as it is
    return found


@pytest.mark.parametrize("person", PEOPLE)
def test_no_answer_tells_what_a_role_may_not_see(person: str, yunheng: Company) -> None:
    records = everything(yunheng)
    secrets, pays = plant(yunheng)
    with tenant(yunheng.tenant.id):
        viewer = viewer_of(yunheng.people[person])
        reviews = reach(viewer, LedgerEntry.objects.filter(contract__number="S-1")).exists()
    hidden = set().union(*(secret.spellings for secret in secrets if not viewer.may(secret.right)))
    hidden |= set() if reviews else pays
    told = asked(yunheng, person, records)
    assert [(address, one) for address, body in told.items() for one in hidden if one in body] == []


def test_the_planted_secrets_are_told_to_who_may_see_them(yunheng: Company) -> None:
    records = everything(yunheng)
    secrets, pays = plant(yunheng)
    everywhere = "\n".join(asked(yunheng, "gao", records).values())
    for secret in secrets:
        assert any(spelling in everywhere for spelling in secret.spellings), secret.right
    assert any(spelling in everywhere for spelling in pays)
