"""Customers by the API: registering with the rules of ASSIGN, changing, and every way to be refused."""

from decimal import Decimal
from typing import Any

import pytest

from crm.accounts.models import Department, Member
from crm.accounts.rights import Role
from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from customers.models import Customer, OwnershipCredit

pytestmark = pytest.mark.django_db
CODE = "91110000802100433B"
OTHER_CODE = "91350100M000100Y43"


@pytest.fixture
def li(yunheng) -> Api:
    """The API as 李娜, who sells for 华东商务部."""
    return Api(yunheng, "li")


@pytest.fixture
def chen(yunheng) -> Api:
    """The API as 陈静, who heads 华东商务部 and may bring in its books."""
    return Api(yunheng, "chen")


def new(company: Any, **fields: Any) -> dict[str, Any]:
    """A customer that 李娜 developed before it was brought in."""
    return {"name": "华信科技有限公司", "developer": str(company.li.id), **fields}


def credits(company: Any, customer_id: str) -> list[tuple]:
    """Part, department, person, share and rule of each credit."""
    with tenant(company.tenant.id):
        rows = OwnershipCredit.objects.filter(customer=customer_id).order_by("role")
        return list(rows.values_list("role", "department__code", "member__code", "basis_points", "rule"))


# Registering: who becomes responsible


def test_who_develops_a_customer_manages_it(chen, li, yunheng) -> None:
    answer = chen.post("customers/", new(yunheng, province="浙江", city="宁波"))
    made = answer.json()
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert (made["owner"], made["responsible_dept"]) == (
        str(yunheng.li.id),
        str(yunheng.departments["EAST"].id),
    )
    assert (made["code"], made["stage"], made["tier"], made["annual_amount"], made["currency"]) == (
        "K-000001",
        "LEAD",
        "GENERAL",
        "0.00",
        "CNY",
    )
    assert made["registered_on"] == f"{morning.today()}"
    assert li.get(answer["Location"]).json() == made
    assert credits(yunheng, made["id"]) == [
        ("DEVELOPER", "EAST", "li", 10_000, "ASSIGN-03"),
        ("MANAGER", "EAST", "li", 10_000, "ASSIGN-03"),
    ]


def test_a_customer_that_came_by_itself_goes_to_whose_turn_it_is(yunheng) -> None:
    api = Api(yunheng, "chen")
    made = api.post("customers/", {"name": "自来客户"}).json()
    ((role, department, person, share, rule),) = credits(yunheng, made["id"])
    assert (role, share, rule) == ("MANAGER", 10_000, "ASSIGN-08")
    with tenant(yunheng.tenant.id):
        stored = Customer.objects.select_related("responsible_dept", "owner").get(pk=made["id"])
        assert (stored.responsible_dept.code, stored.owner.code) == (department, person)


def test_a_large_customer_goes_to_key_accounts_and_a_place_out_of_reach_is_only_named(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        Department.objects.filter(code="EAST").update(authority_amount=Decimal("500000.00"))
        Department.objects.filter(code="NORTH").update(is_key_account=True)
    chen = Api(yunheng, "chen")
    small = chen.post("customers/", new(yunheng, expected_annual="500000.00")).json()
    assert small["responsible_dept"] == str(yunheng.departments["EAST"].id)
    answer = chen.post("customers/", new(yunheng, name="大客户", expected_annual="500000.01"))
    found = credits(yunheng, answer.json()["id"])
    assert {(role, department, rule) for role, department, _who, _share, rule in found} == {
        ("DEVELOPER", "EAST", "ASSIGN-04"),
        ("MANAGER", "NORTH", "ASSIGN-04"),
        ("COLLABORATOR", "EAST", "ASSIGN-04"),
    }


def test_what_goes_beyond_the_creators_reach_is_answered_by_its_id_alone(yunheng) -> None:
    chen = Api(yunheng, "chen")
    answer = chen.post("customers/", {"name": "陌生客户", "developer": str(yunheng.sun.id)})
    assert (answer.status_code, list(answer.json())) == (201, ["id"])
    assert chen.get(answer["Location"]).status_code == 404
    assert Api(yunheng, "sun").get(answer["Location"]).json()["name"] == "陌生客户"


def test_only_who_may_bring_in_books_names_a_developer(yunheng, beihe) -> None:
    for company in (yunheng, beihe):
        for person in ("li", "wu"):
            refused = Api(company, person).post("customers/", new(company))
            assert (refused.status_code, codes(refused)) == (400, [("developer", "unknown")])
        page = browser(company, "li")
        assert set(page.get("/customers/new/").context["form"].fields) >= {"name", "expected_annual"}
        assert "developer" not in page.get("/customers/new/").context["form"].fields
        typed = {"name": "自来公司", "product_kind": "STANDARD", "line": "DEFAULT"}
        assert page.post("/customers/new/", typed | {"developer": str(company.li.id)}).status_code == 303
        with tenant(company.tenant.id):
            made = Customer.objects.get()
        assert [(role, rule) for role, *_who, rule in credits(company, str(made.pk))] == [
            ("MANAGER", "ASSIGN-08")
        ]


def test_the_head_who_brings_in_a_customer_of_before_names_its_developer_on_the_page(yunheng) -> None:
    form = browser(yunheng, "chen").get("/customers/new/").context["form"]
    assert form["developer"].value() == ""
    typed = {"name": "老客户", "product_kind": "STANDARD", "line": "DEFAULT"}
    typed["developer"] = str(yunheng.zhou.id)
    assert browser(yunheng, "chen").post("/customers/new/", typed).status_code == 303
    with tenant(yunheng.tenant.id):
        made = Customer.objects.get()
    assert credits(yunheng, str(made.pk)) == [
        ("DEVELOPER", "EAST", "zhou", 10_000, "ASSIGN-03"),
        ("MANAGER", "EAST", "zhou", 10_000, "ASSIGN-03"),
    ]


def test_both_forms_of_a_new_customer_lead_to_each_other(yunheng) -> None:
    for path, current in (("/registrations/new/", "I develop it"), ("/customers/new/", "It came by itself")):
        ways = browser(yunheng, "li").get(path).context["ways"]
        assert [way["url"] for way in ways] == ["/registrations/new/", "/customers/new/"]
        assert [way["label"] for way in ways if way["current"]] == [current]


def test_only_who_may_override_the_rules_names_a_department(yunheng) -> None:
    north = str(yunheng.departments["NORTH"].id)
    refused = Api(yunheng, "chen").post("customers/", new(yunheng, override=north))
    assert (refused.status_code, codes(refused)) == (400, [("override", "unknown")])
    with tenant(yunheng.tenant.id):
        Member.objects.filter(pk=yunheng.chen.pk).update(roles=[Role.DEPT_HEAD, Role.EXECUTIVE])
    made = Api(yunheng, "chen").post("customers/", new(yunheng, override=north, reason="公司决定")).json()
    assert made["responsible_dept"] == north
    assert {rule for *_credit, rule in credits(yunheng, made["id"])} == {"ASSIGN-01"}


def test_a_refused_registration_leaves_nothing(chen, yunheng) -> None:
    assert chen.post("customers/", new(yunheng, credit_code="123")).status_code == 400
    with tenant(yunheng.tenant.id):
        assert not Customer.objects.exists()
        assert not Event.objects.filter(name="customer.registered").exists()


# What is refused, and in which words


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"name": ""}, ("name", "blank")),
        ({"name": None}, ("name", "null")),
        ({"name": "x" * 201}, ("name", "max_length")),
        ({"name": ["x"]}, ("name", "invalid")),
        ({"credit_code": "12345"}, ("credit_code", "invalid")),
        ({"developer": "x"}, ("developer", "invalid")),
        ({"developer": "019a2f6e-3c1b-7d44-9f0a-5b7c2d8e1f30"}, ("developer", "does_not_exist")),
        ({"parent": "019a2f6e-3c1b-7d44-9f0a-5b7c2d8e1f30"}, ("parent", "does_not_exist")),
        ({"expected_annual": "-1"}, ("expected_annual", "min_value")),
        ({"expected_annual": "1.234"}, ("expected_annual", "max_decimal_places")),
        ({"expected_annual": "NaN"}, ("expected_annual", "invalid")),
        ({"expected_annual": "1,2345.67"}, ("expected_annual", "invalid")),
        ({"product_kind": "SOFT"}, ("product_kind", "invalid_choice")),
        ({"colour": "red"}, ("colour", "unknown")),
        ({"tenant_id": 2}, ("tenant_id", "unknown")),
        ({"owner": "x"}, ("owner", "unknown")),
        ({"city": "x" * 41}, ("city", "max_length")),
        ({"reason": "x" * 201}, ("reason", "max_length")),
    ],
)
def test_a_field_that_is_wrong_is_told_by_name_and_code(chen, yunheng, fields: dict, fault) -> None:
    answer = chen.post("customers/", new(yunheng, **fields))
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert codes(answer) == [fault]
    with tenant(yunheng.tenant.id):
        assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("language", "title", "blank", "unknown"),
    [
        ("en", "The request is not right", "This field may not be blank.", "There is no such field."),
        ("zh-CN", "请求有误", "该字段不能为空。", "没有这个字段。"),
    ],
)
def test_a_refusal_speaks_the_callers_language(yunheng, language, title, blank, unknown) -> None:
    api = Api(yunheng, "li", **{"Accept-Language": language})
    for body, message in (({"name": ""}, blank), ({"name": "x", "colour": "red"}, unknown)):
        problem = api.post("customers/", body).json()
        assert (problem["title"], problem["errors"][0]["message"]) == (title, message)


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "This customer is known already; the responsible department is 华东商务部."),
        ("zh-Hans", "该客户已登记，责任部门为华东商务部。"),
    ],
)
def test_a_known_credit_code_is_refused_and_tells_the_department_alone(
    chen, yunheng, language, message
) -> None:
    chen.post("customers/", new(yunheng, credit_code=CODE, address="保密路 1 号"))
    sun = Api(yunheng, "sun", **{"Accept-Language": language})
    answer = sun.post("customers/", {"name": "另一家", "credit_code": CODE})
    assert (answer.status_code, codes(answer)) == (400, [("credit_code", "duplicate_credit_code")])
    assert answer.json()["errors"][0]["message"] == message


def test_a_known_name_is_refused_unless_the_credit_codes_differ_or_there_is_a_reason(chen, yunheng) -> None:
    chen.post("customers/", new(yunheng, credit_code=CODE))
    answer = chen.post("customers/", new(yunheng, name="華信科技"))
    assert (answer.status_code, codes(answer)) == (400, [("name", "duplicate_name")])
    other = chen.post("customers/", new(yunheng, name="浙江华信科技", credit_code=OTHER_CODE))
    branch = chen.post("customers/", new(yunheng, name="华信科技", reason="分公司单独签约"))
    assert [other.status_code, branch.status_code] == [201, 201]


def test_ids_of_another_tenant_are_unknown(chen, li, yunheng, beihe) -> None:
    with tenant(beihe.tenant.id):
        theirs = morning.customer(beihe.li, "北禾的客户")
    for fields in ({"developer": str(beihe.li.id)}, {"parent": str(theirs.id)}):
        answer = chen.post("customers/", new(yunheng, **fields))
        assert (answer.status_code, codes(answer)) == (400, [(next(iter(fields)), "does_not_exist")])


def test_a_parent_out_of_reach_is_unknown(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        theirs = morning.customer(yunheng.sun, "孙悦的客户")
    answer = Api(yunheng, "chen").post("customers/", new(yunheng, parent=str(theirs.id)))
    assert (answer.status_code, codes(answer)) == (400, [("parent", "does_not_exist")])


def test_a_developer_who_has_left_is_refused(chen, yunheng) -> None:
    with tenant(yunheng.tenant.id):
        Member.objects.filter(pk=yunheng.zhou.pk).update(status=Member.Status.LEFT)
    answer = chen.post("customers/", new(yunheng, developer=str(yunheng.zhou.id)))
    assert (answer.status_code, codes(answer)) == (400, [("developer", "not_active")])


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', '{"name": "a\\u0000b"}'])
def test_a_body_that_is_no_record_is_refused(li, body: str) -> None:
    answer = li.post("customers/", body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_reading_is_not_writing(yunheng) -> None:
    assert Api(yunheng, "li", "customers:read").post("customers/", new(yunheng)).status_code == 403
    for person in ("he", "qian", "wang", "gao", "tian", "an", "shen"):
        assert Api(yunheng, person).post("customers/", {"name": "x"}).status_code == 403


# Changing


@pytest.fixture
def huaxin(yunheng) -> Customer:
    """李娜's customer in 宁波."""
    with tenant(yunheng.tenant.id):
        return morning.customer(
            yunheng.li, "华信科技有限公司", province="浙江", city="宁波", credit_code=CODE
        )


def test_a_change_merges_counts_the_version_and_is_told(li, yunheng, huaxin) -> None:
    answer = li.patch(f"customers/{huaxin.id}/", {"city": "杭州", "industry": "软件"})
    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    assert (answer.json()["city"], answer.json()["province"]) == ("杭州", "浙江")
    with tenant(yunheng.tenant.id):
        (told,) = Event.objects.filter(name="customer.edited").values_list("data", flat=True)
    assert told == {"city": ["宁波", "杭州"], "industry": ["", "软件"]}


def test_a_change_of_an_old_version_is_412_and_changes_nothing(li, huaxin) -> None:
    path, old = f"customers/{huaxin.id}/", {"If-Match": '"1"'}
    assert li.patch(path, {"city": "杭州"}, headers=old).status_code == 200
    late = li.patch(path, {"city": "温州"}, headers=old)
    assert (late.status_code, codes(late)) == (412, [("", "stale")])
    assert li.get(path).json()["city"] == "杭州"


def test_a_read_record_is_304_until_it_changes(li, huaxin) -> None:
    path = f"customers/{huaxin.id}/"
    known = {"If-None-Match": li.get(path)["ETag"]}
    assert li.get(path, headers=known).status_code == 304
    li.patch(path, {"city": "杭州"})
    assert li.get(path, headers=known).status_code == 200


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"name": ""}, ("name", "blank")),
        ({"code": ""}, ("code", "blank")),
        ({"code": "TAKEN"}, ("code", "duplicate")),
        ({"credit_code": OTHER_CODE}, ("credit_code", "duplicate_credit_code")),
        ({"name": "同名公司"}, ("name", "duplicate_name")),
        ({"developer": None}, ("developer", "unknown")),
    ],
)
def test_a_change_is_judged_like_a_registration(li, yunheng, huaxin, change: dict, fault) -> None:
    with tenant(yunheng.tenant.id):
        morning.customer(yunheng.li, "已有公司", code="TAKEN", credit_code=OTHER_CODE)
        morning.customer(yunheng.li, "同名公司")
    answer = li.patch(f"customers/{huaxin.id}/", change)
    assert (answer.status_code, codes(answer)) == (400, [fault])


def test_a_company_cannot_stand_above_itself(li, huaxin) -> None:
    answer = li.patch(f"customers/{huaxin.id}/", {"parent": str(huaxin.id)})
    assert (answer.status_code, codes(answer)) == (400, [("parent", "circle")])


def test_who_is_responsible_is_not_changed_by_a_patch(li, yunheng, huaxin) -> None:
    answer = li.patch(f"customers/{huaxin.id}/", {"owner": str(yunheng.zhou.id), "tier": "COMPANY"})
    assert (answer.status_code, answer.json()["owner"], answer.json()["version"]) == (
        200,
        str(yunheng.li.id),
        1,
    )


def test_the_same_registration_sent_twice_is_one_customer(chen, yunheng) -> None:
    once = {"Idempotency-Key": "erp-1"}
    first, again = (chen.post("customers/", new(yunheng), headers=once) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    other = chen.post("customers/", new(yunheng, name="别家"), headers=once)
    assert (other.status_code, codes(other)) == (422, [("Idempotency-Key", "reused")])
    with tenant(yunheng.tenant.id):
        assert Customer.objects.count() == 1
