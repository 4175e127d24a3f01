"""Registration 报备: who registers a company and reaches it within seven days is its developer."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from crm.accounts.access import reach
from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests.cast import NOW, TODAY, Company
from customers import interactions, ownership, registry
from customers.duplicates import check
from customers.models import Capability, Contact, Customer, OwnershipCredit, Registration, Territory
from customers.pools import clocks, sea
from customers.pools.protection import drop
from customers.registrations import outcomes, registering
from customers.registrations.registering import Person
from customers.tests.deals import customer, refusal
from lifecycle.models import FollowUp

pytestmark = pytest.mark.django_db
CODE = "91330212MA2AB3CD4R"


def on(day: date, by: Any = None) -> dict[str, Any]:
    return {"by": by, "at": NOW + (day - TODAY), "on": day}


def later(days: int) -> date:
    return TODAY + timedelta(days)


def filed(company: Company, who: str = "li", day: date = TODAY, **given: Any) -> Registration:
    """李娜 registers 宁波甬江: a line for maintenance, 王经理 is whom she speaks with."""
    row = given.pop("customer", None)
    about = {"name": "宁波甬江机械有限公司", "need": "年度维保", "no_code_reason": "新设，尚未领证"} | given
    person = Person("王经理", "13800001234", "设备科")
    return registering.register(
        registering.Company(**about), person, customer=row, **on(day, company.people[who])
    )


def call(row: Registration, who: Any, day: date, *, logged: date | None = None, reached: bool = True) -> None:
    interactions.log(
        Customer.objects.get(pk=row.customer_id),
        kind="CALL",
        note="约看现场" if reached else "无人接听",
        happened_on=day,
        is_effective=reached,
        **on(logged or day, who),
    )


def credits(row: Customer, role: str) -> list[tuple]:
    found = OwnershipCredit.objects.filter(customer=row, role=role).order_by("valid_from")
    return [
        (c.rule, c.member and c.member.code, c.department and c.department.code, c.valid_from, c.valid_to)
        for c in found
    ]


def developers(row: Registration) -> list[tuple]:
    return [(member, department) for _, member, department, _, _ in credits(row.customer, "DEVELOPER")]


def todos(row: Registration) -> list[tuple]:
    found = FollowUp.objects.filter(customer=row.customer_id, kind="REGISTRATION").order_by("id")
    return [(todo.owner.code, todo.due_on, todo.state, str(todo.headline)) for todo in found]


def test_a_registered_company_is_the_registrants_for_seven_days_without_a_developer(here) -> None:
    row = filed(here, credit_code="9133 0212-ma2ab3cd4r", province="浙江", expected_annual=Decimal("80000"))
    assert (row.state, row.due_on, row.days_left(later(3)), row.credit_code) == ("OPEN", later(7), 4, CODE)
    made = Customer.objects.get(pk=row.customer_id)
    assert (made.owner, made.credit_code, made.province) == (here.li, CODE, "浙江")
    assert credits(made, "MANAGER") == [("REGISTRATION", "li", "EAST", TODAY, None)]
    assert developers(row) == []
    assert row.contact == Contact.objects.get(customer=made, name="王经理", is_primary=True)
    told = Event.objects.get(name="registration.filed").data
    assert (told["department"], told["need"], told["due_on"]) == ("华东商务部", "年度维保", str(later(7)))


def test_what_a_registration_needs_is_asked_for(here) -> None:
    assert refusal(lambda: filed(here, name=" ", need="")) == [("name", "required"), ("need", "required")]
    assert refusal(lambda: filed(here, no_code_reason=" ")) == [("no_code_reason", "required")]
    assert refusal(lambda: filed(here, credit_code="91O")) == [("credit_code", "invalid")]
    nobody = registering.Company("甲公司", CODE, need="维保")
    assert refusal(lambda: registering.register(nobody, Person(" "), **on(TODAY, here.li))) == [
        ("contact_name", "required")
    ]
    assert not Customer.objects.exists()


@pytest.mark.parametrize("day", [0, 7])
def test_a_contact_on_the_first_and_on_the_seventh_day_fixes_the_developer(here, day: int) -> None:
    row = filed(here)
    call(row, here.li, later(day))
    fresh = Registration.objects.get(pk=row.pk)
    assert (fresh.state, fresh.effective_on, fresh.fixes_developer) == ("EFFECTIVE", later(day), True)
    assert (fresh.follow_up.note, fresh.lapsed_on) == ("约看现场", None)
    assert developers(row) == [("li", "EAST")]
    assert credits(row.customer, "MANAGER")[-1] == ("ASSIGN-03", "li", "EAST", later(day), None)
    assert outcomes.lapse_due(later(8), NOW) == 0


def test_a_contact_on_the_eighth_day_is_too_late(here) -> None:
    row = filed(here)
    call(row, here.li, later(8))
    assert outcomes.lapse_due(later(8), NOW) == 1
    assert (Registration.objects.get().state, developers(row)) == ("LAPSED", [])


def test_a_call_that_was_not_answered_and_one_of_another_department_fix_nothing(here) -> None:
    row = filed(here)
    call(row, here.li, TODAY, reached=False)
    call(row, here.wang, TODAY)
    assert (Registration.objects.get().state, developers(row)) == ("OPEN", [])


def test_a_contact_before_the_registration_does_not_count(here) -> None:
    row = filed(here)
    call(row, here.li, later(-1), logged=TODAY)
    assert Registration.objects.get().state == "OPEN"


def test_a_colleague_of_the_department_may_reach_the_customer_for_the_registrant(here) -> None:
    row = filed(here)
    call(row, here.zhou, later(2))
    assert developers(row) == [("li", "EAST")]


def test_a_second_contact_changes_nothing(here) -> None:
    row = filed(here)
    call(row, here.li, later(1))
    call(row, here.li, later(2))
    assert Registration.objects.get().effective_on == later(1)
    assert len(credits(row.customer, "DEVELOPER")) == 1
    assert Event.objects.filter(name="registration.effective").count() == 1


def test_a_contact_entered_after_the_seventh_day_counts_until_the_night_has_lapsed_it(here) -> None:
    first, second = filed(here), filed(here, name="绍兴越瓷文化有限公司")
    call(first, here.li, later(6), logged=later(8))
    assert outcomes.lapse_due(later(8), NOW) == 1
    call(second, here.li, later(6), logged=later(9))
    assert (developers(first), developers(second)) == ([("li", "EAST")], [])


# Who manages it then


@pytest.fixture
def regions(here: Company) -> Iterator[Company]:
    """The north has 北京, the east 浙江."""
    for code, province in (("EAST", "浙江"), ("NORTH", "北京")):
        Territory.objects.create(department=here.departments[code], province=province)
    yield here


def test_a_small_customer_of_another_region_goes_there_with_a_share_for_the_developer(regions) -> None:
    row = filed(regions, province="北京", expected_annual=Decimal("100000"))
    call(row, regions.li, later(1))
    (collaborator,) = credits(row.customer, "COLLABORATOR")
    assert collaborator == ("ASSIGN-05", "li", "EAST", later(1), None)
    assert [(c[0], c[2]) for c in credits(row.customer, "MANAGER")] == [
        ("REGISTRATION", "EAST"),
        ("ASSIGN-05", "NORTH"),
    ]
    made = Customer.objects.get(pk=row.customer_id)
    assert (made.responsible_dept.code, made.owner.department.code) == ("NORTH", "NORTH")
    assert reach(regions.viewer("li"), Customer.objects.filter(pk=made.pk)).exists()
    assert ownership.takeovers([made.pk]) == []


def test_what_the_registrant_had_still_to_do_goes_along(regions) -> None:
    row = filed(regions, province="北京")
    about = {"next_on": later(5), "next_note": "报价"}
    made = Customer.objects.get(pk=row.customer_id)
    interactions.log(made, kind="VISIT", note="看现场", happened_on=TODAY, **about, **on(TODAY, regions.li))
    made.refresh_from_db()
    todo = FollowUp.objects.get(customer=made, kind="NEXT_STEP")
    assert (todo.owner, made.owner == regions.li) == (made.owner, False)


def test_what_nobody_can_manage_goes_into_the_pool_and_keeps_its_developer(here) -> None:
    Capability.objects.create(department=here.departments["EAST"], product_kind="CUSTOM")
    row = filed(here)
    call(row, here.li, TODAY)
    assert credits(row.customer, "MANAGER") == [("ASSIGN-09", None, None, TODAY, None)]
    assert (Customer.objects.get().pool is not None, developers(row)) == (True, [("li", "EAST")])


def test_a_customer_that_a_head_has_given_to_another_stays_there(here) -> None:
    row = filed(here)
    ownership.transfer([row.customer], to=here.wu, reason="宁波客户", **on(later(1), here.chen))
    call(row, here.li, later(2))
    assert developers(row) == [("li", "EAST")]
    assert credits(row.customer, "MANAGER")[-1] == ("TRANSFER", "wu", "NINGBO", later(1), None)


# Who comes second


def test_a_later_registrant_is_told_masked_that_it_is_protected_and_until_when(here) -> None:
    filed(here)
    with pytest.raises(registering.Refused) as refused:
        filed(here, "sun", name="宁波甬江机械（集团）有限公司")
    (fault,) = refused.value.faults
    assert (fault.field, fault.code) == ("name", "duplicate_name")
    assert (fault.about["responsible_dept"], fault.about["protected_until"]) == ("华东商务部", str(later(15)))
    assert "李娜" not in str(fault.message)
    assert Registration.objects.count() == 1


def test_the_same_credit_code_under_another_name_is_told_too(here) -> None:
    filed(here, credit_code=CODE)
    assert refusal(lambda: filed(here, "sun", name="甬江装备公司", credit_code=CODE)) == [
        ("credit_code", "duplicate_credit_code")
    ]


def test_who_holds_a_registration_cannot_register_it_twice(here) -> None:
    row = filed(here)
    assert refusal(lambda: filed(here)) == [("", "registered")]
    call(row, here.li, TODAY)
    assert refusal(lambda: filed(here)) == [("", "developed")]


def test_a_customer_in_the_pool_is_claimed_and_not_registered(here) -> None:
    row = filed(here)
    sea.give_back(row.customer, reason="无需求", **on(TODAY, here.li))
    assert refusal(lambda: filed(here, "sun")) == [("name", "duplicate_name")]
    assert outcomes.lapse_due(later(1), NOW) == 1
    sea.claim(Customer.objects.get(), **on(later(1), here.sun))
    again = filed(here, "sun", later(1))
    call(again, here.sun, later(2))
    assert developers(again) == [("sun", "NORTH")]
    assert credits(again.customer, "MANAGER")[-1][0] == "CLAIM"


def test_an_inbound_customer_may_be_registered_by_whoever_has_it(here) -> None:
    row = registry.register(name="宁波甬江机械有限公司", **on(later(-20)))
    again = filed(here, row.owner.code, customer=row)
    assert again.customer == row
    call(again, row.owner, later(1))
    assert developers(again) == [(row.owner.code, row.owner.department.code)]


def test_a_customer_of_somebody_else_is_not_taken_by_naming_it(here) -> None:
    row = customer(here)
    assert refusal(lambda: filed(here, "sun", name=row.name, customer=row)) == [("name", "duplicate_name")]


# The night


def test_a_night_lapses_what_was_not_reached_once_and_tells_when_it_drops(here) -> None:
    row = filed(here)
    assert outcomes.lapse_due(later(7), NOW) == 0
    assert outcomes.lapse_due(later(8), NOW) == 1
    assert outcomes.lapse_due(later(9), NOW) == 0
    assert Registration.objects.get().lapsed_on == later(8)
    told = Event.objects.get(name="registration.lapsed").data
    assert told == {
        "member": "李娜",
        "member_id": str(here.li.pk),
        "department": "华东商务部",
        "drops_on": str(later(16)),
    }
    assert Customer.objects.get(pk=row.customer_id).owner == here.li


def test_a_night_asks_one_statement_to_lapse_whatever_the_number(here, django_assert_max_num_queries) -> None:
    def night(first: int, count: int, day: date) -> int:
        for number in range(first, first + count):
            filed(here, day=day, name=f"第{number}机械有限公司")
        with django_assert_max_num_queries(35) as asked:
            assert outcomes.lapse_due(day + timedelta(8), NOW) == count
        return len(asked)

    assert night(0, 2, TODAY) == night(10, 12, later(20))


def test_the_night_of_one_company_leaves_the_others_registrations(here, beihe) -> None:
    with tenant(beihe.tenant.id):
        theirs = filed(beihe)
    filed(here)
    assert outcomes.lapse_due(later(8), NOW) == 1
    with tenant(beihe.tenant.id):
        assert Registration.objects.get(pk=theirs.pk).state == "OPEN"


def test_what_a_registration_alone_holds_drops_on_the_sixteenth_day_whoever_called_since(here) -> None:
    row = filed(here)
    outcomes.lapse_due(later(8), NOW)
    call(row, here.li, later(10))
    (clock,) = clocks.of(Customer.objects.all(), TODAY)
    assert (clock.on, clock.by) == (later(16), "registered")
    said = drop("", later(10), TODAY, registered=True)
    assert (said.on, said.by) == (clock.on, clock.by)
    assert clocks.release_due(later(15), NOW) == 0
    assert clocks.release_due(later(16), NOW) == 1
    assert Customer.objects.get().owner is None


def test_a_lapsed_one_may_be_registered_again_and_then_take_effect(here) -> None:
    row = filed(here)
    outcomes.lapse_due(later(8), NOW)
    again = filed(here, day=later(9))
    call(again, here.li, later(10))
    assert again.customer == row.customer
    assert (developers(row), Registration.objects.count()) == ([("li", "EAST")], 2)
    (clock,) = clocks.of(Customer.objects.all(), later(10))
    assert (clock.on, clock.by) == (later(41), "follow_up")


# What is to be done


def test_the_registrant_sees_his_deadline_and_a_contact_settles_it(here) -> None:
    row = filed(here)
    reach_it = "Reach the customer, or the registration lapses"
    assert todos(row) == [("li", later(7), "OPEN", reach_it)]
    call(row, here.li, later(1))
    assert todos(row) == [("li", later(7), "DONE", reach_it)]


def test_a_lapsed_registration_asks_to_be_registered_again_until_the_customer_drops(here) -> None:
    row = filed(here)
    outcomes.lapse_due(later(8), NOW)
    again = f"Register again, or the customer drops into the pool on {later(16)}"
    assert [(due, state, said) for _, due, state, said in todos(row)] == [
        (later(7), "CANCELLED", "Reach the customer, or the registration lapses"),
        (later(15), "OPEN", again),
    ]
    clocks.release_due(later(16), NOW)
    assert todos(row)[-1][2] == "CANCELLED"


# Rows


def test_a_registration_is_seen_by_its_department_and_by_who_reaches_the_customer(here) -> None:
    row = filed(here)
    seen = {
        name
        for name in here.people
        if reach(here.viewer(name), Registration.objects.filter(pk=row.pk)).exists()
    }
    assert seen == {"gao", "li", "chen", "he", "qian", "tian", "an", "shen"}


def test_the_masked_answer_to_others_names_no_person(here) -> None:
    filed(here)
    (known,) = check(here.viewer("sun"), name="甬江机械公司", on=TODAY)
    assert (known.blocks, known.department, known.protected_until, known.name) == (
        True,
        "华东商务部",
        later(15),
        "",
    )


@pytest.mark.parametrize(
    ("broken", "constraint"),
    [
        ({"no_code_reason": ""}, "registration_code_or_reason"),
        ({"need": ""}, "registration_says_whom"),
        ({"lapsed_on": TODAY}, "registration_lapsed"),
        ({"effective_on": TODAY}, "registration_effective"),
        ({"fixes_developer": True}, "registration_effective"),
        ({"due_on": TODAY}, "registration_due"),
    ],
)
def test_the_database_refuses_what_contradicts_itself(here, broken: dict, constraint: str) -> None:
    row = filed(here)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Registration.objects.filter(pk=row.pk).update(**broken)


def test_the_database_refuses_a_second_developer_of_a_customer(here) -> None:
    row = filed(here)
    call(row, here.li, TODAY)
    stored = Registration.objects.get()
    stored.pk = None
    with pytest.raises(IntegrityError, match="registration_one_developer"), transaction.atomic():
        Registration(
            **{
                field.attname: getattr(stored, field.attname)
                for field in Registration._meta.concrete_fields
                if field.attname not in ("id", "tenant_id")
            }
        ).save(force_insert=True)
