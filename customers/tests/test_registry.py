from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.accounts.models import Member
from crm.events.models import Event
from crm.refusal import Conflict, Refused
from crm.tenancy.context import tenant
from crm.tests.cast import NOW, TODAY
from customers import credit_codes, registry
from customers.models import Customer, OwnershipCredit, Standing

pytestmark = pytest.mark.django_db
CODE = "91110000802100433B"
OTHER_CODE = "91350100M000100Y43"


def register(company, name="华信科技有限公司", **fields) -> Customer:
    return registry.register(name=name, **{"by": company.li, "at": NOW, "on": TODAY} | fields)


def refusal(act) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        act()
    return [(fault.field, fault.code) for fault in refused.value.faults]


def test_a_new_customer_has_a_code_a_standing_and_its_developer_as_owner(here) -> None:
    customer = register(
        here, developer=here.li, province=" 浙江 ", note=None, credit_code="9111 0000 8021 0043 3b"
    )
    stored = Customer.objects.get(pk=customer.pk)
    assert (stored.code, stored.credit_code, stored.province) == ("K-000001", CODE, "浙江")
    assert (stored.owner_id, stored.responsible_dept_id) == (here.li.id, here.departments["EAST"].id)
    assert (stored.registered_on, stored.version) == (TODAY, 1)
    assert Standing.objects.get(pk=stored.pk).stage == "LEAD"
    assert (stored.name_key, stored.pinyin, stored.initials) == (
        "华信科技",
        "huaxinkejiyouxiangongsi",
        "hxkjyxgs",
    )
    assert (customer.owner, customer.responsible_dept) == (here.li, here.departments["EAST"])


def test_registering_is_told_with_who_became_responsible(here) -> None:
    customer = register(here, developer=here.li)
    (told,) = Event.objects.filter(name="customer.registered")
    assert (told.subject_id, told.customer_id, told.actor_id, told.on) == (
        customer.id,
        customer.id,
        here.li.id,
        TODAY,
    )
    assert told.data == {
        "name": "华信科技有限公司",
        "code": "K-000001",
        "rule": "ASSIGN-03",
        "pool": False,
        "developer": "李娜",
        "owner": "李娜",
        "department": "华东商务部",
    }


def test_codes_go_on_and_pass_over_those_given_by_hand(here) -> None:
    register(here, "甲", code="K-000002")
    assert [register(here, name).code for name in ("乙", "丙")] == ["K-000001", "K-000003"]


def test_a_code_stands_once_in_a_company_but_again_in_another(here, beihe) -> None:
    register(here, "甲", code="A-1")
    assert refusal(lambda: register(here, "乙", code="A-1")) == [("code", "duplicate")]
    with tenant(beihe.tenant.id):
        assert registry.register(name="甲", code="A-1", by=beihe.li, at=NOW, on=TODAY).code == "A-1"
        assert registry.register(name="乙", by=beihe.li, at=NOW, on=TODAY).code == "K-000001"


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"name": "  "}, [("name", "required")]),
        ({"name": "x" * 201}, [("name", "max_length")]),
        ({"industry": "x" * 81, "city": "x" * 41}, [("industry", "max_length"), ("city", "max_length")]),
        ({"credit_code": "12345"}, [("credit_code", "invalid")]),
        ({"credit_code": "91110000802100433O"}, [("credit_code", "invalid")]),
        ({"credit_code": "91110000802100433B9"}, [("credit_code", "invalid")]),
        ({"colour": "red"}, [("colour", "unknown_field")]),
        ({"reason": "x" * 201}, [("reason", "max_length")]),
        ({"name": None}, [("name", "required")]),
    ],
)
def test_a_field_that_is_wrong_is_named(here, fields, faults) -> None:
    assert refusal(lambda: register(here, **fields)) == faults
    assert not Customer.objects.exists()


def test_a_developer_who_has_left_is_refused(here) -> None:
    Member.objects.filter(pk=here.li.pk).update(status=Member.Status.LEFT)
    gone = Member.objects.get(pk=here.li.pk)
    assert refusal(lambda: register(here, developer=gone)) == [("developer", "not_active")]


def test_a_credit_code_is_known_once_whatever_the_name(here) -> None:
    register(here, credit_code=CODE, developer=here.li)
    assert refusal(lambda: register(here, "另一个名字", credit_code=CODE)) == [
        ("credit_code", "duplicate_credit_code")
    ]


def test_the_refusal_of_a_known_customer_names_its_department_and_nothing_else(here) -> None:
    register(here, developer=here.li, note="secret")
    with pytest.raises(Refused) as refused:
        register(here, "華信科技")
    (fault,) = refused.value.faults
    assert (fault.field, fault.code) == ("name", "duplicate_name")
    assert str(fault.message) == "This customer is known already; the responsible department is 华东商务部."


def test_a_known_name_with_another_credit_code_is_another_company(here) -> None:
    register(here, credit_code=CODE)
    assert register(here, "浙江华信科技", credit_code=OTHER_CODE).code == "K-000002"


def test_a_known_name_may_be_registered_for_a_reason(here) -> None:
    register(here)
    assert register(here, reason="分公司单独签约").code == "K-000002"


def test_the_other_company_may_know_the_same_customer(here, beihe) -> None:
    register(here, credit_code=CODE, developer=here.li)
    with tenant(beihe.tenant.id):
        registry.register(
            name="华信科技有限公司", credit_code=CODE, developer=beihe.li, by=beihe.li, at=NOW, on=TODAY
        )
        assert Customer.objects.get().owner_id == beihe.li.id
    assert Customer.objects.get().owner_id == here.li.id


def test_a_failed_check_digit_is_taken_and_can_be_asked_for(here) -> None:
    wrong = CODE[:-1] + "C"
    assert register(here, credit_code=wrong).credit_code == wrong
    assert [credit_codes.check_holds(code) for code in (CODE, OTHER_CODE, wrong, "12345")] == [
        True,
        True,
        False,
        False,
    ]


def test_an_edit_changes_what_differs_and_tells_before_and_after(here) -> None:
    customer = register(here, city="宁波")
    parent = register(here, "集团")
    changes = {"name": "华信软件", "city": "宁波", "parent": parent}
    edited = registry.edit(customer, changes=changes, version=1, by=here.chen, at=NOW, on=TODAY)
    stored = Customer.objects.get(pk=customer.pk)
    assert (stored.name, stored.name_key, stored.initials) == ("华信软件", "华信软件", "hxrj")
    assert (stored.parent_id, stored.version, edited.version) == (parent.id, 2, 2)
    (told,) = Event.objects.filter(name="customer.edited")
    assert told.data == {"name": ["华信科技有限公司", "华信软件"], "parent": [None, "集团"]}


def test_an_edit_that_changes_nothing_is_nothing(here) -> None:
    customer = register(here, city="宁波")
    registry.edit(customer, changes={"city": " 宁波 "}, version=1, by=here.li, at=NOW, on=TODAY)
    assert Customer.objects.get().version == 1
    assert not Event.objects.filter(name="customer.edited").exists()


def test_an_edit_that_was_overtaken_conflicts(here) -> None:
    customer = register(here)
    registry.edit(customer, changes={"city": "宁波"}, version=1, by=here.li, at=NOW, on=TODAY)
    with pytest.raises(Conflict) as conflict:
        registry.edit(customer, changes={"city": "杭州"}, version=1, by=here.chen, at=NOW, on=TODAY)
    assert [(f.field, f.code) for f in conflict.value.faults] == [("", "stale")]
    assert Customer.objects.get().city == "宁波"


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"name": ""}, [("name", "required")]),
        ({"code": ""}, [("code", "required")]),
        ({"code": "TAKEN"}, [("code", "duplicate")]),
        ({"credit_code": "x"}, [("credit_code", "invalid")]),
        ({"credit_code": CODE}, [("credit_code", "duplicate_credit_code")]),
        ({"name": "已有公司"}, [("name", "duplicate_name")]),
        ({"owner": None}, [("owner", "unknown_field")]),
        ({"is_blocked": True}, [("is_blocked", "unknown_field")]),
    ],
)
def test_an_edit_is_judged_like_a_registration(here, changes, faults) -> None:
    register(here, "已有公司", code="TAKEN", credit_code=CODE)
    customer = register(here)
    assert (
        refusal(lambda: registry.edit(customer, changes=changes, version=1, by=here.li, at=NOW, on=TODAY))
        == faults
    )


def test_a_company_cannot_stand_above_itself(here) -> None:
    top = register(here, "集团")
    below = register(here, "子公司", parent=top)
    for parent in (top, below):
        change = partial(
            registry.edit, top, changes={"parent": parent}, version=1, by=here.li, at=NOW, on=TODAY
        )
        assert refusal(change) == [("parent", "circle")]


def test_a_block_needs_a_reason_is_told_and_can_be_lifted(here) -> None:
    customer = register(here)
    about = {"by": here.gao, "at": NOW, "on": TODAY}
    assert refusal(lambda: registry.block(customer, reason=" ", **about)) == [("reason", "required")]
    assert refusal(lambda: registry.block(customer, reason="x" * 201, **about)) == [("reason", "max_length")]
    registry.block(customer, reason="欠款", **about)
    assert (customer.is_blocked, Customer.objects.get().block_reason, customer.version) == (True, "欠款", 2)
    registry.block(customer, reason="再次", **about)
    registry.unblock(customer, **about)
    assert (Customer.objects.get().is_blocked, Customer.objects.get().block_reason) == (False, "")
    told = Event.objects.filter(name="customer.edited").order_by("id").values_list("data", flat=True)
    assert list(told) == [
        {"is_blocked": [False, True], "block_reason": ["", "欠款"]},
        {"is_blocked": [True, False], "block_reason": ["欠款", ""]},
    ]


def test_registering_asks_as_much_for_the_tenth_customer_as_for_the_first(here) -> None:
    counts = []
    for number in range(10):
        with CaptureQueriesContext(connection) as queries:
            register(here, f"公司{number}", developer=here.li, on=TODAY + timedelta(number))
        counts.append(len(queries))
    assert counts == [counts[0]] * 10
    assert OwnershipCredit.objects.count() == 20
