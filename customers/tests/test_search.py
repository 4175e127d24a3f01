import pytest
from django.db import connection, connections
from django.db.utils import ProgrammingError

from crm.tenancy.context import NoTenant, tenant
from crm.tests.cast import NOW, TODAY
from customers import contacts, ownership, registry, search
from customers.models import Contact, Customer, SearchKey
from customers.tests.deals import acts, customer

pytestmark = pytest.mark.django_db
CODE = "91110000802100433B"


def named(term: str, limit: int = 50, **sees) -> list[str]:
    """Names of the customers found, in order."""
    ids = search.find(term, limit, **sees)
    names = dict(Customer.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [names[pk] for pk in ids]


@pytest.mark.parametrize(
    "term",
    [
        "华信科技有限公司",
        "华",
        "信科",
        "科技有限",
        "華信",
        "华 信科技",
        "hxkj",
        "HXKJ",
        "xkj",
        "huaxinke",
        "hx-07",
        "ＨＸ-07",
        "x-07",
        "李主任",
        "主任",
    ],
)
def test_a_customer_is_found_by(here, term: str) -> None:
    buyer = customer(here, code="HX-07")
    contacts.add(buyer, name="李主任", **acts(here.li))
    customer(here, "另一家")
    assert named(term) == ["华信科技有限公司"]


@pytest.mark.parametrize(
    "term", ["", "  ", "信华", "华科", "kxj", "08", "华信科技有限公司无", "\x00", "%", "'", "\ud800"]
)
def test_nothing_is_found_by(here, term: str) -> None:
    customer(here, code="HX-07")
    assert named(term) == []


def test_a_place_name_is_spelled_as_it_is_spoken(here) -> None:
    customer(here, "重庆长江重工有限公司")
    assert named("cqcjzg") == ["重庆长江重工有限公司"]
    assert named("chongqing") == ["重庆长江重工有限公司"]


def test_letters_in_a_name_stay_in_its_initials(here) -> None:
    customer(here, "ABB 中国（上海）")
    assert named("abbzg") == named("abbzhongguo") == named("abb中国") == ["ABB 中国（上海）"]


def test_what_begins_with_the_term_comes_first_then_the_shorter(here) -> None:
    for name in ("东方华信集团股份", "华信科技有限公司", "新华信", "华信"):
        customer(here, name)
    assert named("华信") == ["华信", "华信科技有限公司", "新华信", "东方华信集团股份"]
    assert named("华信", 2) == ["华信", "华信科技有限公司"]


def test_a_code_that_begins_with_the_term_comes_before_a_part_of_a_name(here) -> None:
    customer(here, "A1 号仓库", code="Z-1")
    customer(here, "北门A1仓", code="Z-2")
    customer(here, "另一家", code="A1-77")
    assert named("a1") == ["A1 号仓库", "另一家", "北门A1仓"]


@pytest.mark.parametrize(
    "term", ["13800001234", "138 0000 1234", "138-0000-1234", "1234", "00001", "li@hx.example"]
)
def test_phones_and_mail_find_only_for_those_who_may_see_them(here, term: str) -> None:
    buyer = customer(here, code="HX")
    contacts.add(buyer, name="李", phone="138 0000 1234", email="Li@hx.example", **acts(here.li))
    assert named(term, phones=True) == ["华信科技有限公司"]
    assert named(term) == []


def test_three_digits_of_a_phone_are_a_guess_and_no_search(here) -> None:
    contacts.add(customer(here), name="李", phone="13800001234", **acts(here.li))
    assert named("123", phones=True) == []


def test_a_credit_code_finds_only_for_those_who_may_see_it(here) -> None:
    customer(here, credit_code=CODE, code="HX")
    for term in (CODE, "9111", CODE.lower(), "9111 0000"):
        assert named(term, credit_codes=True) == ["华信科技有限公司"]
        assert named(term) == []
    assert named("0000", credit_codes=True) == []


def test_changes_are_found_at_once_and_the_old_no_more(here) -> None:
    buyer = customer(here)
    contact = contacts.add(buyer, name="李", phone="13800001234", **acts(here.li))
    changes = {"name": "启明软件", "code": "QM-1"}
    registry.edit(buyer, changes=changes, version=1, **acts(here.li))
    contacts.edit(contact, changes={"phone": "13900005678"}, version=1, **acts(here.li))
    assert named("qmrj") == named("qm-1") == named("5678", phones=True) == ["启明软件"]
    assert named("华信") == named("hxkj") == named("1234", phones=True) == []
    contacts.remove(contact, **acts(here.li))
    assert named("5678", phones=True) == []


def test_the_other_company_is_never_found(here, beihe) -> None:
    with tenant(beihe.tenant.id):
        theirs = customer(beihe, credit_code=CODE)
        contacts.add(theirs, name="李", phone="13800001234", **acts(beihe.li))
    for term in ("华信", "hxkj", "1234", "9111", "李"):
        assert search.find(term, phones=True, credit_codes=True) == []
        assert search.find(term, phones=True, credit_codes=True, within=[theirs.pk]) == []
    with tenant(beihe.tenant.id):
        assert search.find("华信") == [theirs.pk]


def test_a_search_without_a_tenant_is_refused() -> None:
    with pytest.raises(NoTenant):
        search.index()
    with pytest.raises(Exception, match=r"app.tenant_id|bigint"):
        search.find("华信")


def test_a_reader_finds_what_he_reaches_by_what_he_may_see(here) -> None:
    mine = customer(here, "华信一", developer=here.li)
    theirs = customer(here, "华信二", developer=here.sun, credit_code=CODE)
    for row in (mine, theirs):
        contacts.add(row, name="李", phone="13800001234", **acts(here.li))

    def found(who: str, term: str) -> list[str]:
        ids = search.reachable(here.viewer(who), term)
        return sorted(Customer.objects.filter(pk__in=ids).values_list("name", flat=True))

    assert found("gao", "华信") == ["华信一", "华信二"]
    assert found("li", "华信") == ["华信一"]
    assert found("zhou", "华信") == []
    assert found("chen", "华信") == ["华信一"]
    assert found("he", "1234") == ["华信一", "华信二"]
    assert found("an", "1234") == []
    assert [found(who, "9111") for who in ("gao", "he")] == [["华信二"], []]


def test_a_reader_with_very_many_customers_finds_them_too(here, monkeypatch) -> None:
    monkeypatch.setattr(search, "OWN_MOST", 1)
    for name in ("华信一", "华信二"):
        customer(here, name)
    customer(here, "别人", developer=here.sun)
    assert len(search.reachable(here.viewer("chen"), "二")) == 1
    assert search.reachable(here.viewer("chen"), "别人") == []


def test_imported_customers_are_indexed_by_their_event(here) -> None:
    from crm.events.record import event

    rows = [Customer(code=str(n), name=f"启明{n}", registered_on=TODAY) for n in range(3)]
    Customer.objects.bulk_create(rows)
    Contact.objects.create(customer=rows[2], name="赵", phone="13800009999")
    told = event("customers.imported", at=NOW, on=TODAY, data={"ids": [str(row.pk) for row in rows]})
    search.index_for([told])
    assert named("qm2") == named("9999", phones=True) == ["启明2"]
    later = Contact.objects.create(customer=rows[0], name="钱", phone="13800008888")
    search.index_for([event("contacts.imported", at=NOW, on=TODAY, data={"ids": [str(later.pk)]})])
    assert named("8888", phones=True) == ["启明0"]
    assert Customer.objects.get(pk=rows[0].pk).name_key == "启明0"


def test_indexing_again_writes_nothing(here) -> None:
    customer(here)
    before = SearchKey.objects.extra(select={"place": "ctid::text"}).values_list("place", flat=True)[0]
    assert search.index() == 1
    assert (
        SearchKey.objects.extra(select={"place": "ctid::text"}).values_list("place", flat=True)[0] == before
    )


@pytest.mark.django_db(databases=["default", "reader"])
def test_only_the_application_may_call_the_function(here) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proacl::text FROM pg_proc WHERE proname = 'customers_find'")
        (rights,) = cursor.fetchone()
    assert "crm_reader" not in rights
    assert not rights.startswith("{=")
    with connections["reader"].cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("SELECT customers_find('x', NULL, NULL, NULL, 1)")


CROWD = """
INSERT INTO customers_customer (tenant_id, id, code, name, credit_code, industry, province, city, address,
  website, source, note, registered_on, is_blocked, initials, pinyin, version, created_at, updated_at)
SELECT %(tenant)s, crm_uuid7(), 'C' || n, 'x', '', '', '', '', '', '', '', '', '2026-01-01', false,
  md5(n::text), md5(n::text), 1, now(), now() FROM generate_series(1, 5000) n
"""
KEYS = """
INSERT INTO customers_searchkey (tenant_id, customer_id, folded, others, contacts, grams, contact_grams)
SELECT %(tenant)s, id, md5(code) || chr(10) || code, '', md5(name || code), a.grams, a.grams
FROM customers_customer CROSS JOIN LATERAL (
  SELECT array_agg(DISTINCT substr(md5(code), i, 2)) AS grams FROM generate_series(1, 32) i) a
WHERE tenant_id = %(tenant)s
"""
SCANS = """
SELECT sum(seq_scan) FROM pg_stat_xact_user_tables
WHERE relname IN ('customers_customer', 'customers_searchkey')
"""


@pytest.mark.slow
def test_no_search_reads_a_whole_table(here) -> None:
    with connection.cursor() as cursor:
        for statement in (CROWD, KEYS):
            cursor.execute(statement, {"tenant": here.tenant.id})
        for table in ("customers_customer", "customers_searchkey"):
            cursor.execute("SELECT crm_analyze(%s)", [table])
        cursor.execute(SCANS)
        before = cursor.fetchone()
        for term in ("华", "a", "ab", "abc", "hxkj", "a1b2", "C77", "7734"):
            search.find(term, phones=True, credit_codes=True)
        cursor.execute(SCANS)
        assert cursor.fetchone() == before


def test_the_owner_of_the_function_does_not_widen_what_is_reached(here) -> None:
    buyer = customer(here, developer=here.sun)
    ownership.transfer([buyer], to=here.zhao, reason="x", **acts(here.gao))
    assert search.reachable(here.viewer("li"), "华信") == []
