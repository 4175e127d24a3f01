"""Kinds of records that stand in addresses, each made twice: near (李娜's) and far (孙悦's)."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from crm.events.models import Event
from crm.integrations import keys
from crm.tests import morning
from crm.tests.cast import NOW, TODAY, Company
from customers import cash, contacts, interactions, tagging
from customers.models import Contract, Customer, OwnershipCredit, Receivable, Usage
from lifecycle import followups

PEOPLE = ("gao", "chen", "wu", "li", "wang", "he", "qian", "tian", "an", "shen")  # one for each role
ALL = frozenset(PEOPLE)
WIDE = frozenset({"gao", "he", "qian", "tian", "an", "shen"})  # who see every customer
OF_LI = WIDE | {"li", "chen"}
OF_SUN = WIDE
SERVED_OF_LI = OF_LI | {"wang"}  # operations see whom a contract in force is served
SERVED_OF_SUN = OF_SUN | {"wang"}


@dataclass(frozen=True)
class Kind:
    """A kind of record: how the two are made in a company's scope, and who of the cast sees each."""

    near: Callable[[Company], UUID]
    far: Callable[[Company], UUID]
    near_seen_by: frozenset[str] = ALL
    far_seen_by: frozenset[str] = ALL


def _customer(company: Company, owner: str) -> Customer:
    found = Customer.objects.filter(name=f"矩阵 {owner}").first()
    return found or morning.customer(company.people[owner], f"矩阵 {owner}")


def _of(owner: str, make: Callable[[Company, str], UUID]) -> Callable[[Company], UUID]:
    return lambda company: make(company, owner)


def _contract(company: Company, owner: str) -> UUID:
    buyer = _customer(company, owner)
    return morning.sign(buyer, f"M-{owner}", "120000.00", starts_on=morning.day(-30), due=[morning.day(9)]).pk


def _contact(company: Company, owner: str) -> UUID:
    person = company.people[owner]
    return contacts.add(_customer(company, owner), name="王经理", by=person, at=NOW, on=TODAY).pk


def _follow_up(company: Company, owner: str) -> UUID:
    person, now = company.people[owner], morning.noon(morning.today())
    row = followups.open(
        _customer(company, owner),
        title="回访",
        due_on=morning.day(5),
        by=person,
        at=now,
        on=morning.today(),
    )
    return row.pk


def _key(company: Company, owner: str) -> UUID:
    member = company.people[owner]
    return keys.issue(member=member, name="m", scopes=["customers:read"], by=member, at=NOW, on=TODAY)[0].pk


def _tag(company: Company, owner: str) -> UUID:
    person = company.people[owner]
    return tagging.put(_customer(company, owner), name="矩阵", by=person, at=NOW, on=TODAY).pk


def _receivable(company: Company, owner: str) -> UUID:
    return Receivable.objects.get(contract=_contract(company, owner)).pk


def _payment(company: Company, owner: str) -> UUID:
    contract = Contract.objects.get(pk=_contract(company, owner))
    return morning.receive(contract, "1000.00", morning.day(-1)).pk


def _expense(company: Company, owner: str) -> UUID:
    contract = Contract.objects.get(pk=_contract(company, owner))
    row = cash.book_expense(
        contract,
        number=f"E-{owner}",
        category="TRAVEL",
        amount=Decimal("100.00"),
        incurred_on=morning.day(-1),
        by=company.people[owner],
        at=NOW,
        on=morning.today(),
    )
    return row.pk


def _interaction(company: Company, owner: str) -> UUID:
    person, on = company.people[owner], morning.today()
    buyer = _customer(company, owner)
    return interactions.log(buyer, kind="CALL", note="通话", happened_on=on, by=person, at=NOW, on=on).pk


def _usage(company: Company, owner: str) -> UUID:
    buyer = _customer(company, owner)
    return Usage.objects.create(customer=buyer, day=morning.today(), measure="logins", value=1).pk


def _ownership(company: Company, owner: str) -> UUID:
    return OwnershipCredit.objects.filter(customer=_customer(company, owner)).order_by("id")[0].pk


def _event(company: Company) -> UUID:
    return Event.objects.order_by("id").values_list("pk", flat=True)[0]


def _mine_and_theirs(
    make: Callable[[Company, str], UUID], near: frozenset[str] = OF_LI, far: frozenset[str] = OF_SUN
) -> Kind:
    return Kind(_of("li", make), _of("sun", make), near, far)


KINDS: dict[str, Kind] = {
    "member": Kind(lambda c: c.li.pk, lambda c: c.sun.pk),
    "department": Kind(lambda c: c.departments["EAST"].pk, lambda c: c.departments["NORTH"].pk),
    "event": Kind(_event, _event),
    "key": _mine_and_theirs(_key, frozenset({"li", "an"}), frozenset({"an"})),
    "customer": _mine_and_theirs(lambda company, owner: _customer(company, owner).pk),
    "contact": _mine_and_theirs(_contact),
    "follow_up": _mine_and_theirs(_follow_up),
    "contract": _mine_and_theirs(_contract, SERVED_OF_LI, SERVED_OF_SUN),
    "receivable": _mine_and_theirs(_receivable, SERVED_OF_LI, SERVED_OF_SUN),
    "payment": _mine_and_theirs(_payment, SERVED_OF_LI, SERVED_OF_SUN),
    "expense": _mine_and_theirs(_expense, SERVED_OF_LI, SERVED_OF_SUN),
    "interaction": _mine_and_theirs(_interaction),
    "usage": _mine_and_theirs(_usage),
    "ownership": _mine_and_theirs(_ownership),
    "tag": Kind(_of("li", _tag), _of("sun", _tag)),
}
