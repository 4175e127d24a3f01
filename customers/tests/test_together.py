"""Two people at once: each act runs in its own connection and commits, in a company of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connections, transaction

from crm.accounts import departments, members, tenants
from crm.accounts.rights import Role
from crm.events.models import Event
from crm.refusal import Refused
from crm.tenancy.context import tenant
from crm.tenancy.fields import tenant_field
from crm.tenancy.models import Tenant
from crm.tests.cast import NOW, TODAY
from customers import cash, contracts, interactions, ownership, registry
from customers.models import (
    Claim,
    Contract,
    Customer,
    OwnershipCredit,
    Payment,
    PoolPolicy,
    Receivable,
    Registration,
)
from customers.pools import sea
from customers.registrations import outcomes, registering
from customers.tests.deals import terms

pytestmark = [pytest.mark.django_db(databases=["default", "owner"]), pytest.mark.slow]
YESTERDAY = TODAY - timedelta(1)
ACTS = {"by": None, "at": NOW, "on": TODAY}


def alone(act: Callable[[], Any], using: str = "default") -> Any:
    """What the act gives in a connection and a committed transaction of its own."""

    def run() -> Any:
        try:
            with transaction.atomic(using=using):
                return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result(timeout=60)


def at_once(number: int, *acts: Callable[[], Any]) -> list[Any]:
    """What the acts give, or the faults of those refused, when all are begun in the same moment."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            with tenant(number), transaction.atomic():
                Tenant.objects.count()
                start.wait(30)
                return act()
        except Refused as refused:
            return [(fault.field, fault.code) for fault in refused.faults]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [each.result(timeout=60) for each in [threads.submit(run, act) for act in acts]]


def _remove(number: int) -> None:
    tables = [model._meta.db_table for model in apps.get_models() if tenant_field(model)]
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in tables:
            cursor.execute(f"DELETE FROM {table} WHERE tenant_id = %s", [number])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DELETE FROM tenancy_tenant WHERE id = %s", [number])


@pytest.fixture
def race(db: None) -> Iterator[SimpleNamespace]:
    """A company with one commercial department, committed; gone after the test."""

    def found() -> SimpleNamespace:
        company = tenants.found(slug="race", name="赛跑", at=NOW, on=TODAY)
        with tenant(company.id):
            sales = departments.create(code="SALES", name="商务部")
            staff = {
                code: members.add(
                    code=code, name=code, department=sales, roles=[Role.SALES], at=NOW, on=TODAY
                )
                for code in ("li", "wu", "xu")
            }
        return SimpleNamespace(id=company.id, **staff)

    made = alone(found)
    yield made
    alone(lambda: _remove(made.id), using="owner")


def seen(number: int, look: Callable[[], Any]) -> Any:
    def inside() -> Any:
        with tenant(number):
            return look()

    return alone(inside)


def register(name: str, **fields: Any) -> Customer:
    return registry.register(name=name, **ACTS | fields)


def signed(race: SimpleNamespace) -> Contract:
    def act() -> Contract:
        buyer = register("华信科技", developer=race.li)
        return contracts.sign(buyer, terms=terms(), **ACTS)

    return seen(race.id, act)


def receive(contract: Contract, number: str, amount: str) -> Payment:
    return cash.receive(contract, number=number, amount=Decimal(amount), received_on=date(2026, 1, 5), **ACTS)


def test_two_who_register_at_once_get_two_codes(race) -> None:
    made = at_once(race.id, *(lambda n=n: register(f"公司{n}").code for n in range(4)))
    assert sorted(made) == ["K-000001", "K-000002", "K-000003", "K-000004"]


def test_inbound_customers_of_one_moment_go_to_different_people(race) -> None:
    owners = at_once(race.id, *(lambda n=n: register(f"公司{n}").owner.code for n in range(3)))
    assert sorted(owners) == ["li", "wu", "xu"]


def test_of_two_who_register_the_same_company_at_once_one_is_told(race) -> None:
    made = at_once(race.id, *(lambda n=n: register(n).name for n in ("华信科技有限公司", "上海华信科技公司")))
    assert [("name", "duplicate_name")] in made
    assert seen(race.id, Customer.objects.count) == 1


def test_of_two_who_give_the_same_code_at_once_one_is_told(race) -> None:
    made = at_once(race.id, *(lambda n=n: register(n, code="A-1").name for n in ("甲公司", "乙公司")))
    assert [("code", "duplicate")] in made
    assert seen(race.id, Customer.objects.count) == 1


def test_a_receipt_sent_twice_at_once_has_one_effect(race) -> None:
    contract = signed(race)
    made = at_once(race.id, *(lambda: receive(contract, "R-1", "50000.00").pk for _ in range(3)))
    assert len(set(made)) == 1
    assert seen(race.id, Payment.objects.count) == 1
    assert seen(race.id, lambda: Event.objects.filter(name="payment.received").count()) == 1
    assert seen(race.id, lambda: Receivable.objects.get().applied) == Decimal("50000.00")


def test_receipts_of_one_moment_all_settle_the_instalment(race) -> None:
    contract = signed(race)
    at_once(race.id, *(lambda n=n: receive(contract, f"R-{n}", "10000.00") for n in range(4)))
    assert seen(race.id, lambda: Receivable.objects.get().applied) == Decimal("40000.00")


def test_two_refunds_at_once_do_not_give_back_more_than_there_was(race) -> None:
    contract = signed(race)
    seen(race.id, lambda: receive(contract, "R-1", "50000.00"))

    def back(number: str) -> str:
        about = {"number": number, "amount": Decimal("30000.00"), "refunded_on": TODAY}
        return cash.refund(contract, **about, **ACTS).number

    made = at_once(race.id, lambda: back("B-1"), lambda: back("B-2"))
    assert [("amount", "refund_exceeds_cash")] in made
    assert seen(race.id, lambda: Payment.objects.filter(kind="REFUND").count()) == 1


def test_of_two_who_sign_one_number_at_once_one_is_told(race) -> None:
    buyer = seen(race.id, lambda: register("华信科技", developer=race.li))
    made = at_once(race.id, *(lambda: contracts.sign(buyer, terms=terms(), **ACTS).number for _ in range(2)))
    assert [("number", "duplicate_contract")] in made
    assert seen(race.id, Contract.objects.count) == 1


def test_two_transfers_at_once_leave_one_manager(race) -> None:
    buyer = seen(race.id, lambda: register("华信科技", developer=race.li, on=date(2026, 1, 1)))
    give = lambda to: ownership.transfer([buyer], to=to, reason="换人", **ACTS)  # noqa: E731
    assert at_once(race.id, lambda: give(race.wu), lambda: give(race.xu)) == [1, 1]

    def look() -> tuple[int, bool]:
        in_force = OwnershipCredit.objects.filter(role="MANAGER", valid_to=None)
        return in_force.count(), in_force.get().member_id == Customer.objects.get().owner_id

    assert seen(race.id, look) == (1, True)


def test_of_two_edits_of_one_version_at_once_one_is_told(race) -> None:
    buyer = seen(race.id, lambda: register("华信科技"))

    def edit(city: str) -> int:
        own = Customer.objects.get(pk=buyer.pk)
        return registry.edit(own, changes={"city": city}, version=1, **ACTS).version

    made = at_once(race.id, lambda: edit("宁波"), lambda: edit("杭州"))
    assert sorted(map(str, made)) == ["2", "[('', 'stale')]"]


def file(name: str, who: Any) -> Customer:
    """Somebody registers a company 报备, alone responsible for its development if nobody else does."""
    company = registering.Company(name, need="维保", no_code_reason="新设")
    return registering.register(
        company, registering.Person("王经理"), **ACTS | {"by": who, "on": YESTERDAY}
    ).customer


def reach(row: Customer, who: Any) -> Any:
    about = {"kind": "CALL", "note": "通了", "happened_on": YESTERDAY}
    return interactions.log(row, **about, **ACTS | {"by": who}).pk


def developers(race: SimpleNamespace) -> list[tuple]:
    def look() -> list[tuple]:
        credits = OwnershipCredit.objects.filter(role="DEVELOPER").order_by("id")
        return list(credits.values_list("member__code", "customer__name"))

    return seen(race.id, look)


def test_of_many_who_register_and_reach_one_company_at_once_exactly_one_is_its_developer(race) -> None:
    names = ("甬江机械有限公司", "宁波甬江机械有限公司", "甬江机械公司")
    people = dict(zip(names, (race.li, race.wu, race.xu), strict=True))

    def act(name: str) -> str:
        reach(file(name, people[name]), people[name])
        return name

    made = at_once(race.id, *(partial(act, name) for name in names))
    assert sorted(map(type, made), key=str) == [list, list, str]
    assert [each for each in made if isinstance(each, list)] == [[("name", "duplicate_name")]] * 2
    (winner,) = (each for each in made if isinstance(each, str))
    assert developers(race) == [(people[winner].code, winner)]


def test_of_many_contacts_of_one_moment_one_puts_a_registration_in_effect(race) -> None:
    row = seen(race.id, lambda: file("甬江机械有限公司", race.li))
    at_once(race.id, *(partial(reach, row, who) for who in (race.li, race.wu, race.xu, race.li)))
    assert developers(race) == [("li", "甬江机械有限公司")]

    def look() -> tuple[int, int]:
        told = Event.objects.filter(name="registration.effective").count()
        return told, OwnershipCredit.objects.filter(role="MANAGER", valid_to=None).count()

    assert seen(race.id, look) == (1, 1)


def test_a_contact_and_the_night_that_lapses_at_once_agree(race) -> None:
    row = seen(race.id, lambda: file("甬江机械有限公司", race.li))
    night = partial(outcomes.lapse_due, YESTERDAY + timedelta(8), NOW)
    at_once(race.id, partial(reach, row, race.li), night)
    state = seen(race.id, lambda: Registration.objects.get().state)
    assert len(developers(race)) == (state == "EFFECTIVE")


def test_of_many_claims_at_once_exactly_one_wins_and_no_cap_is_passed(race) -> None:
    people = (race.li, race.wu, race.xu)

    def fill() -> list[Customer]:
        PoolPolicy.objects.update(daily_claims=3, holding_cap=2)
        rows = [register(f"公海客户{number}") for number in range(10)]
        for row in rows:
            sea.give_back(row, reason="试", **ACTS)
        OwnershipCredit.objects.filter(member__isnull=False).delete()
        return list(Customer.objects.filter(pk__in=[row.pk for row in rows]))

    rows = seen(race.id, fill)
    acts = [
        (lambda who=who, row=row: sea.claim(row, by=who, at=NOW, on=TODAY)) for row in rows for who in people
    ]
    answers = at_once(race.id, *acts)
    won = [each for each in answers if isinstance(each, Customer)]
    refused = {code for each in answers if isinstance(each, list) for _field, code in each}
    assert refused <= {"taken", "holding_cap"}

    def look() -> tuple[list, int]:
        held = [Customer.objects.filter(owner=who).count() for who in people]
        return held, Claim.objects.values("customer").distinct().count()

    held, claimed = seen(race.id, look)
    assert (sum(held), max(held), claimed) == (len(won), 2, len(won))
    assert len(won) == len({each.pk for each in won}) == 6


def test_one_customer_claimed_a_hundred_times_fifty_at_once_has_one_owner(race) -> None:
    def fill() -> Customer:
        row = register("公海客户")
        sea.give_back(row, reason="试", **ACTS)
        OwnershipCredit.objects.filter(member__isnull=False).delete()
        return Customer.objects.get(pk=row.pk)

    row = seen(race.id, fill)
    people = [race.li, race.wu, race.xu, race.li, race.wu] * 10
    claims = [partial(sea.claim, row, by=who, at=NOW, on=TODAY) for who in people]
    answers = at_once(race.id, *claims) + at_once(race.id, *claims)
    assert sum(isinstance(each, Customer) for each in answers) == 1
    assert [each for each in answers if isinstance(each, list)] == [[("", "taken")]] * 99


def test_two_moves_at_once_close_no_circle(race) -> None:
    """Each alone is right; the second sees the first."""
    one, two = (seen(race.id, partial(register, name)) for name in ("甲集团", "乙集团"))

    def put_under(row: Customer, parent: Customer) -> str:
        fresh = Customer.objects.get(pk=row.pk)
        registry.edit(fresh, changes={"parent": parent}, version=fresh.version, **ACTS)
        return "done"

    answers = at_once(race.id, partial(put_under, one, two), partial(put_under, two, one))
    assert sorted(map(str, answers)) == sorted(["done", str([("parent", "circle")])])
