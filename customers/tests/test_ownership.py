from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.accounts import departments
from crm.accounts.access import reach
from crm.accounts.models import Department, Member
from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests.cast import NOW, TODAY
from customers import ownership, registry
from customers.assignment.candidates import Newcomer
from customers.models import Capability, Customer, OwnershipCredit, Standing, Territory
from customers.tests.deals import acts, refusal

pytestmark = pytest.mark.django_db
STANDARD = {"product_kind": "STANDARD"}


def register(company, name="华信科技有限公司", **fields) -> Customer:
    return registry.register(name=name, **acts(company.li) | fields)


def credits(customer: Customer) -> list[tuple]:
    rows = OwnershipCredit.objects.filter(customer=customer).order_by("role", "id")
    return [
        (c.role, (c.department or c.pool).code, c.member and c.member.code, c.basis_points, c.rule)
        for c in rows
    ]


def able(company, *codes: str, **fields) -> None:
    for code in codes:
        Capability.objects.create(department=company.departments[code], **STANDARD | fields)


def region(company, code: str, province: str, city: str = "") -> None:
    Territory.objects.create(department=company.departments[code], province=province, city=city)


def busy(company, code: str, count: int) -> None:
    for number in range(count):
        held = Customer.objects.create(
            code=f"{code}-{number}",
            name=code,
            registered_on=TODAY,
            responsible_dept=company.departments[code],
        )
        Standing.objects.create(customer=held, contracts_in_force=1)


def test_who_develops_manages(here) -> None:
    customer = register(here, developer=here.li, expected_annual=Decimal("80000.00"))
    assert credits(customer) == [
        ("DEVELOPER", "EAST", "li", 10_000, "ASSIGN-03"),
        ("MANAGER", "EAST", "li", 10_000, "ASSIGN-03"),
    ]


def test_why_gives_the_rule_and_what_it_rested_on(here) -> None:
    region(here, "EAST", "浙江省")
    customer = register(
        here, developer=here.li, province="浙江", city="宁波", expected_annual=Decimal("80000.00")
    )
    manager = ownership.why(customer)[1]
    assert (manager.role, manager.rule, manager.valid_from, manager.decided_by) == (
        "MANAGER",
        "ASSIGN-03",
        TODAY,
        here.li,
    )
    assert manager.inputs == {
        "annual_amount": "80000.00",
        "developer": "李娜",
        "developer_dept": "EAST",
        "able": True,
        "in_region": True,
        "product_kind": "STANDARD",
        "line": "DEFAULT",
        "province": "浙江",
        "city": "宁波",
        "picked": "DEVELOPER",
    }


def test_the_company_may_arrange_it_otherwise_and_the_developer_shares(here) -> None:
    customer = register(here, developer=here.li, override=here.departments["NORTH"], reason="战略客户")
    assert credits(customer) == [
        ("COLLABORATOR", "EAST", "li", 2_000, "ASSIGN-01"),
        ("DEVELOPER", "EAST", "li", 10_000, "ASSIGN-01"),
        ("MANAGER", "NORTH", "sun", 10_000, "ASSIGN-01"),
    ]
    assert {credit.reason for credit in ownership.why(customer)} == {"战略客户"}


def test_above_his_authority_the_key_account_department_manages(here) -> None:
    Department.objects.filter(code="EAST").update(authority_amount=Decimal("100000.00"))
    Department.objects.filter(code="NORTH").update(is_key_account=True)
    customer = register(here, developer=here.li, expected_annual=Decimal("100000.01"))
    assert credits(customer)[0] == ("COLLABORATOR", "EAST", "li", 5_000, "ASSIGN-04")
    assert customer.responsible_dept == here.departments["NORTH"]
    assert register(here, "二", developer=here.li, expected_annual=Decimal("100000.00")).owner == here.li


def test_a_small_customer_of_another_region_goes_there_a_large_one_stays(here) -> None:
    able(here, "EAST", "NORTH")
    region(here, "EAST", "浙江")
    region(here, "NORTH", "北京市")
    small = register(here, "小", developer=here.li, province="北京", expected_annual=Decimal("499999.99"))
    large = register(here, "大", developer=here.li, province="北京", expected_annual=Decimal("500000.00"))
    assert (small.responsible_dept.code, credits(small)[0]) == (
        "NORTH",
        ("COLLABORATOR", "EAST", "li", 3_000, "ASSIGN-05"),
    )
    assert (large.owner, credits(large)[0]) == (here.li, ("COLLABORATOR", "NORTH", None, 2_000, "ASSIGN-06"))


def test_a_city_of_its_own_beats_the_province(here) -> None:
    able(here, "EAST", "NINGBO")
    region(here, "EAST", "浙江")
    region(here, "NINGBO", "浙江", "宁波市")
    inbound = [register(here, city, province="浙江省", city=city) for city in ("宁波", "杭州")]
    assert [customer.responsible_dept.code for customer in inbound] == ["NINGBO", "EAST"]


def test_a_team_has_the_capability_and_the_region_of_its_department(here) -> None:
    able(here, "EAST", "NORTH")
    region(here, "EAST", "浙江")
    customer = register(here, developer=here.wu, province="浙江")
    assert (customer.owner, customer.responsible_dept.code) == (here.wu, "NINGBO")


def test_who_cannot_manage_it_hands_it_to_the_capable_with_the_fewest_customers(here) -> None:
    able(here, "EAST", "NORTH", line="云服务")
    busy(here, "EAST", 2)
    busy(here, "NORTH", 1)
    busy(here, "NINGBO", 3)
    customer = register(here, developer=here.wang, line="云服务")
    assert credits(customer) == [
        ("COLLABORATOR", "OPS", "wang", 3_000, "ASSIGN-07"),
        ("DEVELOPER", "OPS", "wang", 10_000, "ASSIGN-07"),
        ("MANAGER", "NORTH", "sun", 10_000, "ASSIGN-07"),
    ]
    assert ownership.why(customer)[0].inputs["considered"] == [
        {"dept": "NORTH", "in_force_customers": 1},
        {"dept": "EAST", "in_force_customers": 2},
        {"dept": "NINGBO", "in_force_customers": 3},
    ]


def test_a_department_of_another_line_is_not_capable(here) -> None:
    able(here, "NORTH")
    able(here, "OPS", line="运维")
    assert register(here, "一", developer=here.li, line="运维").responsible_dept.code in ("NORTH", "OPS")
    able(here, "EAST", product_kind="CUSTOM")
    assert register(here, "二", developer=here.li).responsible_dept.code == "NORTH"
    assert register(here, "三", developer=here.li, product_kind="CUSTOM").owner == here.li


def test_where_nothing_is_defined_operations_keep_what_they_develop_and_get_nothing_else(here) -> None:
    assert register(here, "一", developer=here.wang).owner == here.wang
    inbound = {register(here, str(number)).responsible_dept.kind for number in range(3)}
    assert inbound == {Department.Kind.SALES}


def test_a_developer_of_finance_hands_over_to_sales(here) -> None:
    customer = register(here, developer=here.qian)
    assert (customer.responsible_dept.kind, credits(customer)[0][:4]) == (
        Department.Kind.SALES,
        ("COLLABORATOR", "FINANCE", "qian", 3_000),
    )


def test_nobody_capable_leaves_it_in_the_pool(here) -> None:
    able(here, "FINANCE", line="只此一家")
    customer = register(here, developer=here.li)
    assert (customer.owner, customer.responsible_dept) == (None, None)
    assert credits(customer) == [
        ("DEVELOPER", "EAST", "li", 10_000, "ASSIGN-09"),
        ("MANAGER", "COMPANY", None, 10_000, "ASSIGN-09"),
    ]
    assert customer.pool.name == "公司公海"
    (told,) = Event.objects.filter(name="customer.registered")
    assert (told.data["rule"], told.data["pool"], told.data["owner"]) == ("ASSIGN-09", True, None)


def test_a_closed_department_gets_nothing(here) -> None:
    Department.objects.filter(code__in=["EAST", "NINGBO"]).update(is_active=False)
    customer = register(here, developer=here.li)
    assert (customer.responsible_dept.code, credits(customer)[0]) == (
        "NORTH",
        ("COLLABORATOR", "EAST", "li", 3_000, "ASSIGN-07"),
    )


def test_customers_who_come_by_themselves_are_dealt_in_turn(here) -> None:
    able(here, "EAST")
    Capability.objects.create(department=here.departments["NINGBO"], product_kind="CUSTOM")
    owners = [register(here, str(number)).owner.code for number in range(7)]
    assert owners == ["chen", "li", "zhou", "chen", "li", "zhou", "chen"]


def test_many_newcomers_are_dealt_in_turn_by_few_statements(here) -> None:
    able(here, "EAST")
    Capability.objects.create(department=here.departments["NINGBO"], product_kind="CUSTOM")

    def arrive(prefix: str, count: int) -> int:
        rows = [Customer(code=f"{prefix}{n}", name=f"{prefix}{n}", registered_on=TODAY) for n in range(count)]
        Customer.objects.bulk_create(rows)
        with CaptureQueriesContext(connection) as queries:
            ownership.assign([Newcomer(row) for row in rows], **acts(None))
        return len(queries)

    few, many = arrive("A", 3), arrive("B", 300)
    assert few == many
    held = Counter(Customer.objects.values_list("owner__code", flat=True))
    assert held == {"chen": 101, "li": 101, "zhou": 101}


def test_a_department_where_nobody_sells_holds_it_without_a_person(here) -> None:
    empty = departments.create(code="NEW", name="新部门", parent=here.departments["HQ"])
    customer = register(here, override=empty, reason="筹建")
    assert (customer.owner, customer.responsible_dept) == (None, empty)


def test_people_who_leave_get_no_turn(here) -> None:
    Member.objects.filter(code="sun").update(status=Member.Status.LEAVING)
    owners = {
        register(here, str(n), override=here.departments["NORTH"], reason="x").owner.code for n in range(2)
    }
    assert owners == {"zhao"}


def transfer(company, customers, to="zhou", reason="区域调整", on=TODAY) -> int:
    about = {"by": company.chen, "at": NOW, "on": on}
    return ownership.transfer(customers, to=company.people[to], reason=reason, **about)


def managers(customer: Customer) -> list[tuple]:
    rows = OwnershipCredit.objects.filter(customer=customer, role="MANAGER").order_by("valid_from")
    return [(row.member.code, row.valid_from, row.valid_to) for row in rows]


def test_a_transfer_ends_one_credit_and_begins_the_next_on_that_day(here) -> None:
    customer = register(here, developer=here.li, on=date(2026, 1, 1))
    assert transfer(here, [customer], "sun") == 1
    assert managers(customer) == [("li", date(2026, 1, 1), TODAY), ("sun", TODAY, None)]
    stored = Customer.objects.get()
    assert (stored.owner_id, stored.responsible_dept_id, stored.version) == (
        here.sun.id,
        here.departments["NORTH"].id,
        2,
    )
    assert (customer.owner, customer.version) == (here.sun, 2)
    assert credits(customer)[0] == ("DEVELOPER", "EAST", "li", 10_000, "ASSIGN-03")
    (told,) = Event.objects.filter(name="customer.transferred")
    assert (told.customer_id, told.actor_id) == (customer.id, here.chen.id)
    assert told.data == {
        "from": "李娜",
        "from_id": str(here.li.id),
        "to": "孙悦",
        "to_id": str(here.sun.id),
        "department": "华北商务部",
        "reason": "区域调整",
    }


def test_the_new_owner_reaches_the_customer(here) -> None:
    customer = register(here, developer=here.li, on=date(2026, 1, 1))
    assert not reach(here.viewer("zhou"), Customer.objects.all()).exists()
    transfer(here, [customer])
    assert reach(here.viewer("zhou"), Customer.objects.all()).get() == customer


def test_two_transfers_on_one_day_leave_no_empty_period(here) -> None:
    customer = register(here, developer=here.li, on=date(2026, 1, 1))
    transfer(here, [customer], "sun")
    transfer(here, [customer], "zhou")
    assert managers(customer) == [("li", date(2026, 1, 1), TODAY), ("zhou", TODAY, None)]
    assert Event.objects.filter(name="customer.transferred").count() == 2
    manager = next(credit for credit in ownership.why(customer) if credit.role == "MANAGER")
    assert manager.inputs["replaced"]["member"] == str(here.sun.id)


def test_a_transfer_on_the_day_of_registration_replaces_the_first_manager(here) -> None:
    customer = register(here, developer=here.li)
    transfer(here, [customer])
    assert managers(customer) == [("zhou", TODAY, None)]


def test_a_transfer_to_the_owner_is_no_change(here) -> None:
    customer = register(here, developer=here.li)
    assert transfer(here, [customer], "li") == 0
    assert (Customer.objects.get().version, Event.objects.filter(name="customer.transferred").count()) == (
        1,
        0,
    )


def test_a_customer_of_the_pool_is_given_to_somebody(here) -> None:
    able(here, "FINANCE", line="只此一家")
    customer = register(here)
    transfer(here, [customer], "li")
    assert managers(customer) == [("li", TODAY, None)]
    assert Customer.objects.get().owner_id == here.li.id


def test_a_transfer_needs_a_reason_and_somebody_who_stays(here) -> None:
    customer = register(here, developer=here.li)
    here.zhou.status = Member.Status.LEAVING
    assert refusal(lambda: transfer(here, [customer], reason=" ")) == [
        ("to", "not_active"),
        ("reason", "required"),
    ]
    assert refusal(lambda: transfer(here, [customer], "sun", reason="x" * 201)) == [("reason", "max_length")]


def test_what_has_changed_later_cannot_be_changed_before(here) -> None:
    customer = register(here, developer=here.li, on=date(2026, 1, 1))
    transfer(here, [customer], on=date(2026, 6, 1))
    back = date(2026, 5, 31)
    assert refusal(lambda: transfer(here, [customer], "sun", on=back)) == [("", "later_change")]
    assert Customer.objects.get().owner_id == here.zhou.id


def test_a_leavers_customers_are_shared_out_in_turn(here) -> None:
    customers = [register(here, str(number), developer=here.li) for number in range(7)]
    among = [here.chen, here.zhou, here.sun]
    assert ownership.share_out(customers, among=among, reason="离职", **acts(here.chen)) == 7
    held = Counter(Customer.objects.values_list("owner__code", flat=True))
    assert held == {"chen": 3, "zhou": 2, "sun": 2}
    nobody = refusal(lambda: ownership.share_out(customers, among=[], reason="离职", **acts(here.chen)))
    assert nobody == [("among", "required")]


def test_a_thousand_customers_change_hands_in_a_few_statements(here) -> None:
    rows = [Customer(code=str(n), name=str(n), registered_on=TODAY) for n in range(1000)]
    Customer.objects.bulk_create(rows)
    ownership.assign(
        [Newcomer(row, developer=here.li) for row in rows], **acts(None) | {"on": date(2026, 1, 1)}
    )
    with CaptureQueriesContext(connection) as queries:
        assert transfer(here, rows, "sun") == 1000
    assert len(queries) < 20
    assert OwnershipCredit.objects.filter(role="MANAGER", member=here.sun, valid_to=None).count() == 1000
    assert Event.objects.filter(name="customer.transferred").count() == 1000


def test_the_other_company_keeps_its_owner(here, beihe) -> None:
    with tenant(beihe.tenant.id):
        other = registry.register(name="华信科技有限公司", developer=beihe.li, **acts(beihe.li))
    transfer(here, [register(here, developer=here.li), other])
    with tenant(beihe.tenant.id):
        assert Customer.objects.get().owner_id == beihe.li.id
        assert managers(other) == [("li", TODAY, None)]


def test_takeovers_tell_who_took_over_from_whom(here) -> None:
    customer = register(here, developer=here.li, on=date(2026, 1, 1))
    transfer(here, [customer], on=date(2026, 3, 1))
    transfer(here, [customer], "sun", on=date(2026, 5, 1))
    assert ownership.takeovers([customer.id]) == [
        (customer.id, date(2026, 3, 1), here.li.id, here.zhou.id),
        (customer.id, date(2026, 5, 1), here.zhou.id, here.sun.id),
    ]


steps = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["li", "zhou", "sun", "zhao"])), max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_changes_hands_there_is_always_exactly_one_manager(here, moves) -> None:
    with transaction.atomic():
        began = day = date(2026, 1, 1)
        customer = register(here, developer=here.li, on=began)
        owner_of = {began: "li"}
        for later, to in moves:
            day += timedelta(later)
            transfer(here, [customer], to, on=day)
            owner_of[day] = to
        periods = managers(customer)
        assert periods[0][1] == began
        assert [end for _, _, end in periods] == [start for _, start, _ in periods[1:]] + [None]
        assert all(end is None or start < end for _, start, end in periods)
        found = {on: next(m for m, s, e in periods if s <= on and (e is None or on < e)) for on in owner_of}
        assert found == owner_of
        assert Customer.objects.get(pk=customer.pk).owner.code == owner_of[day]
        transaction.set_rollback(True)
