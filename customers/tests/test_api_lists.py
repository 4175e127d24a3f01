"""The list of customers by the API: filters, search, order, pages, and only what the caller may see."""

from typing import Any

import pytest

from crm.accounts import roles
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, codes, statements
from crm.tests.cast import Company
from customers import cash, contacts, registry, tagging
from customers.models import Customer, Standing, Tag

pytestmark = pytest.mark.django_db
PHONE, CODE = "13987654321", "91110000802100433B"


@pytest.fixture
def book(yunheng: Company) -> Company:
    """Four customers of 李娜 and one of 孙悦, each different in what it is and where it stands."""
    with tenant(yunheng.tenant.id):
        act: dict[str, Any] = {"by": yunheng.li, "at": morning.noon(morning.today()), "on": morning.today()}
        key = morning.customer(yunheng.li, "华信科技", province="浙江", city="宁波", credit_code=CODE)
        morning.sign(key, "K-1", "600000.00", starts_on=morning.day(-60), due=[morning.day(-50)])
        contacts.add(key, name="王经理", phone=PHONE, **act)
        tagging.put(key, name="重点", **act)
        morning.customer(yunheng.li, "东方药业", province="上海", city="上海", industry="医药")
        small = morning.customer(yunheng.li, "甬江机械", province="浙江", city="杭州", code="YJ-1")
        morning.sign(small, "K-2", "120000.00", starts_on=morning.day(-300))
        morning.customer(yunheng.li, "北仑物流", province="浙江", city="宁波", parent=key)
        morning.customer(yunheng.sun, "孙悦的客户", province="北京", city="北京")
        cash.refresh_all(morning.today(), morning.noon(morning.today()))
        registry.block(small, reason="欠款", **act)
        Standing.objects.filter(customer=key).update(risk_score=80, risk_band="RED")
    return yunheng


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["results"]]


ALL_OF_LI = {"华信科技", "东方药业", "甬江机械", "北仑物流"}


# Rows


def test_a_reader_has_the_rows_within_his_reach(book, beihe) -> None:
    seen = {
        person: set(names(Api(book, person).get("customers/"))) for person in ("li", "sun", "chen", "gao")
    }
    assert seen == {
        "li": ALL_OF_LI,
        "sun": {"孙悦的客户"},
        "chen": ALL_OF_LI,
        "gao": ALL_OF_LI | {"孙悦的客户"},
    }
    assert names(Api(beihe, "gao").get("customers/")) == []


def test_operations_see_whom_a_contract_in_force_is_served(book) -> None:
    assert set(names(Api(book, "wang").get("customers/"))) == {"华信科技", "甬江机械"}


def test_a_row_out_of_reach_is_404_however_it_is_asked(book, beihe) -> None:
    with tenant(book.tenant.id):
        key = Customer.objects.get(name="华信科技").pk
    for stranger in (Api(book, "sun"), Api(beihe, "gao")):
        assert stranger.get(f"customers/{key}/").status_code == 404
        assert stranger.get(f"customers/{key}/timeline/").status_code == 404
        assert stranger.get(f"customers/{key}/why/").status_code == 404
    assert Api(book, "sun").patch(f"customers/{key}/", {"city": "x"}).status_code == 404


# Filters and search


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("province=浙江", {"华信科技", "甬江机械", "北仑物流"}),
        ("region=宁波,上海", {"华信科技", "北仑物流", "东方药业"}),
        ("city=宁波&city=杭州", {"华信科技", "北仑物流", "甬江机械"}),
        ("industry=医药", {"东方药业"}),
        ("tier=GENERAL", {"东方药业", "北仑物流"}),
        ("tier=COMPANY,KEY,MAJOR,BIG&annual_amount__lt=600000", {"甬江机械"}),
        ("annual_amount__gte=600000", {"华信科技"}),
        ("annual_amount__gt=600000", set()),
        ("annual_amount__lt=600000&province=上海", {"东方药业"}),
        ("owner=me", ALL_OF_LI),
        ("owner=none", set()),
        ("department=me", ALL_OF_LI),
        ("contracts_in_force__gte=1", {"华信科技", "甬江机械"}),
        ("overdue=true", {"华信科技", "甬江机械"}),
        ("overdue=false", {"东方药业", "北仑物流"}),
        ("overdue_amount__gte=600000", {"华信科技"}),
        ("risk_band=RED", {"华信科技"}),
        ("risk_score__gte=81", set()),
        ("is_blocked=true", {"甬江机械"}),
        ("code=YJ-1", {"甬江机械"}),
        (f"credit_code={CODE}", {"华信科技"}),
        (f"first_ends_on__lte={morning.day(70)}", {"甬江机械"}),
        (f"registered_on={morning.day(-730)}", ALL_OF_LI),
        ("updated_at__gte=2100-01-01T00:00:00%2B08:00", set()),
    ],
)
def test_a_list_is_filtered(book, query: str, found: set[str]) -> None:
    assert set(names(Api(book, "li").get(f"customers/?{query}"))) == found


def test_a_list_is_filtered_by_tag_parent_and_person(book) -> None:
    api = Api(book, "gao")
    with tenant(book.tenant.id):
        tag, parent = Tag.objects.get().pk, Customer.objects.get(name="华信科技").pk
    assert names(api.get(f"customers/?tag={tag}")) == ["华信科技"]
    assert names(api.get(f"customers/?parent={parent}")) == ["北仑物流"]
    assert names(api.get(f"customers/?owner={book.sun.id}")) == ["孙悦的客户"]
    assert len(names(api.get(f"customers/?owner={book.sun.id},{book.li.id}"))) == 5


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("信", ["华信科技"]),
        ("華信", ["华信科技"]),
        ("huaxin", ["华信科技"]),
        ("hx", ["华信科技"]),
        ("YJ-1", ["甬江机械"]),
        (CODE[:8], ["华信科技"]),
        ("王经理", ["华信科技"]),
        (PHONE, ["华信科技"]),
        ("4321", ["华信科技"]),
        ("没有这家", []),
        ("孙悦", []),
    ],
)
def test_a_search_finds_any_part_of_what_the_reader_may_see(book, term: str, found: list[str]) -> None:
    assert names(Api(book, "li").get("customers/", {"search": term})) == found


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("colour=red", ("colour", "unknown")),
        ("annual_amount__gte=many", ("annual_amount__gte", "invalid")),
        ("annual_amount__gte=NaN", ("annual_amount__gte", "invalid")),
        ("risk_band=PINK", ("risk_band", "invalid_choice")),
        ("registered_on=20.11.2026", ("registered_on", "invalid")),
        ("owner=x", ("owner", "invalid")),
        ("ordering=colour", ("ordering", "unknown")),
        ("fields=colour", ("fields", "unknown")),
        ("expand=standing", ("expand", "unknown")),
        ("limit=0", ("limit", "out_of_range")),
        ("limit=201", ("limit", "out_of_range")),
        ("count=perhaps", ("count", "invalid")),
        ("cursor=x", ("cursor", "unknown")),
        ("search=" + "x" * 101, ("search", "max_length")),
    ],
)
def test_a_question_that_makes_no_sense_is_400(book, query: str, fault: tuple[str, str]) -> None:
    answer = Api(book, "li").get(f"customers/?{query}")
    assert (answer.status_code, codes(answer)) == (400, [fault])


# Order and pages


def walk(api: Api, query: str) -> list[str]:
    """The names of every page, by the links."""
    found, url = [], f"customers/?{query}"
    while url:
        answer = api.get(url)
        found += names(answer)
        url = answer.json()["next"]
    return found


@pytest.mark.parametrize(
    "ordering",
    [
        *("name", "-name", "code", "-code", "annual_amount", "-annual_amount", "-annual_amount,name"),
        *("first_ends_on", "-first_ends_on", "risk_score", "-risk_score", "last_contact_on", "next_on"),
        *("-overdue_amount", "registered_on", "-updated_at"),
    ],
)
def test_pages_of_one_hold_each_row_once_in_the_order_of_one_page(book, ordering: str) -> None:
    api = Api(book, "gao")
    whole = names(api.get(f"customers/?ordering={ordering}"))
    assert (walk(api, f"ordering={ordering}&limit=1"), len(set(whole))) == (whole, 5)


def test_the_largest_come_first_and_what_is_unknown_last(book) -> None:
    api = Api(book, "li")
    assert names(api.get("customers/?ordering=-annual_amount"))[:2] == ["华信科技", "甬江机械"]
    assert names(api.get("customers/?ordering=first_ends_on"))[:2] == ["甬江机械", "华信科技"]
    assert names(api.get("customers/?ordering=-first_ends_on"))[:2] == ["华信科技", "甬江机械"]


def test_a_page_leads_back_and_keeps_its_question(book) -> None:
    api = Api(book, "li")
    first = api.get("customers/?province=浙江&ordering=name&limit=2&fields=name").json()
    second = api.get(first["next"]).json()
    assert [len(first["results"]), len(second["results"]), second["next"]] == [2, 1, None]
    assert api.get(second["previous"]).json()["results"] == first["results"]


def test_a_cursor_of_another_order_is_refused(book) -> None:
    api = Api(book, "li")
    link = api.get("customers/?ordering=name&limit=1").json()["next"]
    answer = api.get(link.replace("ordering=name", "ordering=-annual_amount"))
    assert (answer.status_code, codes(answer)) == (400, [("cursor", "unknown")])


def test_a_row_that_comes_in_between_moves_nothing(book) -> None:
    api = Api(book, "li")
    first = api.get("customers/?ordering=-registered_on,name&limit=2").json()
    seen = [row["name"] for row in first["results"]]
    with tenant(book.tenant.id):
        morning.customer(book.li, "今天才来", on=morning.today())
    rest = names(api.get(first["next"]))
    assert (set(seen + rest), len(seen + rest)) == (ALL_OF_LI, 4)


def test_a_count_is_of_the_filter_and_the_reach(book) -> None:
    assert Api(book, "li").get("customers/?count=true&limit=1").json()["count"] == 4
    assert Api(book, "gao").get("customers/?count=true&province=浙江").json()["count"] == 3


def test_a_list_asks_as_much_for_many_rows_as_for_one(book) -> None:
    api = Api(book, "li")
    api.get("customers/")

    def cost(query: str) -> int:
        with statements() as sql:
            assert api.get(f"customers/?{query}").status_code == 200
        return len(sql)

    embeds = "expand=owner,responsible_dept,contacts,contracts"
    assert cost("limit=1") == cost("limit=50")
    assert cost(f"limit=1&{embeds}") == cost(f"limit=50&{embeds}") == cost("limit=50") + 2


def test_fields_trim_and_expand_embeds(book) -> None:
    (row,) = (
        Api(book, "li")
        .get("customers/?search=华信&fields=name,owner,contracts&expand=owner,contracts")
        .json()["results"]
    )
    assert sorted(row) == ["contracts", "name", "owner"]
    assert (row["owner"]["name"], [deal["number"] for deal in row["contracts"]]) == ("李娜", ["K-1"])


# Secrets: a hidden field is absent, and cannot be filtered, sorted, searched or written


HIDDEN: list[tuple[str, set[str]]] = [
    ("he", {"annual_amount", "credit_code", "open_amount", "overdue_amount"}),
    ("he", {"risk_score", "risk_band", "risk_reasons"}),
    ("wang", {"annual_amount", "credit_code", "open_amount", "overdue_amount"}),
    ("tian", {"credit_code", "open_amount", "overdue_amount", "risk_score", "risk_band", "risk_reasons"}),
    ("an", {"annual_amount", "credit_code", "open_amount", "overdue_amount", "risk_score"}),
]


@pytest.mark.parametrize(("person", "hidden"), HIDDEN)
def test_a_hidden_field_is_absent(book, person: str, hidden: set[str]) -> None:
    rows = Api(book, person).get("customers/").json()["results"]
    assert [hidden & set(row) for row in rows] == [set()] * len(rows) != []


FILTERS: dict[str, str] = {
    "annual_amount": "annual_amount__gte=1",
    "open_amount": "open_amount__gte=1",
    "overdue_amount": "overdue_amount__gte=1",
    "risk_score": "risk_score__gte=1",
    "risk_band": "risk_band=RED",
    "credit_code": f"credit_code={CODE}",
}


@pytest.mark.parametrize(("person", "hidden"), HIDDEN)
def test_a_hidden_field_is_no_filter_no_order_and_no_choice_of_fields(book, person: str, hidden) -> None:
    api = Api(book, person)
    for field in sorted(hidden):
        questions = [FILTERS.get(field, f"{field}=x"), f"ordering={field}", f"fields={field}"]
        for question in questions:
            answer = api.get(f"customers/?{question}")
            asked = field if question in FILTERS.values() else question.partition("=")[0]
            told = [(name.partition("__")[0], code) for name, code in codes(answer)]
            assert (answer.status_code, told) == (400, [(asked, "unknown")]), question


def test_whether_something_is_overdue_is_hidden_with_the_amount(book) -> None:
    for person in ("he", "wang", "tian", "an"):
        answer = Api(book, person).get("customers/?overdue=true")
        assert (answer.status_code, codes(answer)) == (400, [("overdue", "unknown")]), person


def test_a_hidden_field_is_not_searched(book) -> None:
    def found(person: str, term: str) -> list[str]:
        return names(Api(book, person).get("customers/", {"search": term}))

    assert [found("he", "4321"), found("he", CODE[:8])] == [["华信科技"], []]
    assert [found("an", "4321"), found("an", CODE[:8])] == [[], []]
    assert [found("qian", "4321"), found("qian", CODE[:8])] == [["华信科技"], ["华信科技"]]


def test_a_hidden_field_expands_to_nobody(book) -> None:
    for person, embed in (("he", "contracts"), ("an", "contracts"), ("wang", "contracts")):
        answer = Api(book, person).get(f"customers/?expand={embed}")
        assert (answer.status_code, codes(answer)) == (400, [("expand", "unknown")])
    (row,) = Api(book, "an").get("customers/?search=华信&expand=contacts").json()["results"]
    assert ["phone" in person for person in row["contacts"]] == [False]


@pytest.fixture
def _without_credit_codes(monkeypatch) -> None:
    """Sales who may not see credit codes: no role of the table edits customers and is kept from them."""
    grant = roles.GRANTS[roles.Role.SALES]
    less = roles.RoleGrant(grant.rights - {roles.Right.SEE_CREDIT_CODE}, customers=grant.customers)
    monkeypatch.setitem(roles.GRANTS, roles.Role.SALES, less)


@pytest.mark.usefixtures("_without_credit_codes")
def test_a_hidden_field_is_not_written(book) -> None:
    api = Api(book, "li")
    (row,) = api.get("customers/?search=东方").json()["results"]
    answer = api.patch(f"customers/{row['id']}/", {"credit_code": "91350100M000100Y43"})
    assert (answer.status_code, codes(answer)) == (400, [("credit_code", "unknown")])
    made = api.post("customers/", {"name": "新客户", "credit_code": "91350100M000100Y43"})
    assert (made.status_code, codes(made)) == (400, [("credit_code", "unknown")])
