import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.utils import DatabaseError, ProgrammingError

from crm.accounts.models import Department, Member
from crm.events.models import Event
from crm.events.record import event, record
from crm.tenancy import audit
from crm.tenancy.context import NoTenant, tenant
from crm.tests.cast import NOW, TODAY
from customers.models import Customer

pytestmark = pytest.mark.django_db


def test_a_query_outside_a_scope_raises() -> None:
    with pytest.raises(NoTenant):
        Member.objects.count()


def test_raw_sql_without_a_tenant_is_an_error_of_the_database(yunheng) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_member")


def test_raw_sql_sees_the_tenant_in_scope_only(yunheng, beihe) -> None:
    with tenant(yunheng.tenant.id), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tenant_id FROM accounts_member")
        assert cursor.fetchall() == [(yunheng.tenant.id,)]
    with tenant(beihe.tenant.id), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tenant_id FROM accounts_member")
        assert cursor.fetchall() == [(beihe.tenant.id,)]


def test_a_rolled_back_savepoint_does_not_leave_the_other_tenants_setting(yunheng, beihe) -> None:
    with tenant(yunheng.tenant.id):
        assert Member.objects.count() == 13
        with pytest.raises(ZeroDivisionError), transaction.atomic(), tenant(beihe.tenant.id):
            Member.objects.count()
            raise ZeroDivisionError
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT tenant_id FROM accounts_member")
            assert cursor.fetchall() == [(yunheng.tenant.id,)]


def test_a_row_of_another_tenant_cannot_be_fetched_by_its_id(here, beihe) -> None:
    with pytest.raises(Member.DoesNotExist):
        Member.objects.get(id=beihe.li.id)


def test_a_row_cannot_point_into_another_tenant(here, beihe) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.create(
            code="X",
            name="X",
            registered_on=TODAY,
            owner_id=beihe.li.id,
            responsible_dept=here.departments["EAST"],
        )


def test_a_row_of_another_tenant_is_not_saved_in_this_scope(here, beihe) -> None:
    foreign = Department(code="X", name="X", tenant_id=beihe.tenant.id)
    with pytest.raises(PermissionError):
        foreign.save()


def test_a_row_smuggled_in_by_sql_is_refused_by_the_policy(here, beihe) -> None:
    smuggle = "INSERT INTO customers_tag (tenant_id, name, version, created_at, updated_at)"
    refused = pytest.raises(ProgrammingError, match="row-level security")
    with connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(f"{smuggle} VALUES (%s, 'x', 1, now(), now())", [beihe.tenant.id])


def test_the_same_code_may_stand_in_two_tenants_but_not_twice_in_one(here, beihe) -> None:
    Department.objects.create(code="SAME", name="one")
    with tenant(beihe.tenant.id):
        Department.objects.create(code="SAME", name="two")
    with pytest.raises(IntegrityError), transaction.atomic():
        Department.objects.create(code="SAME", name="three")


def test_an_event_can_be_neither_changed_nor_deleted(here) -> None:
    (written,) = record(event("member.added", at=NOW, on=TODAY))
    with pytest.raises(TypeError):
        written.save()
    for change in (lambda: Event.objects.update(name="x"), lambda: Event.objects.all().delete()):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            change()


def test_grouping_by_a_tenants_row_names_its_whole_key(here) -> None:
    from django.db.models import Count

    heads = Department.objects.annotate(people=Count("members")).order_by("code")
    assert {d.code: d.people for d in heads}["EAST"] == 3


def test_a_joined_row_comes_from_the_same_tenant(here) -> None:
    sql = str(Member.objects.select_related("department").query)
    assert '"accounts_member"."tenant_id" = "accounts_department"."tenant_id"' in sql


@pytest.mark.django_db(databases=["default", "owner"])
def test_the_schema_has_no_hole() -> None:
    assert audit.findings() == []


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize(
    ("careless", "fault"),
    [
        ("CREATE TABLE careless (id int)", "is neither a table of tenants nor on the list"),
        (
            "ALTER TABLE customers_tag DISABLE ROW LEVEL SECURITY",
            "row-level security is not enabled and forced",
        ),
        (
            "CREATE POLICY open ON customers_tag USING (true)",
            "must have exactly one permissive policy on the tenant",
        ),
        ("CREATE UNIQUE INDEX careless ON customers_tag (name)", "careless is unique beyond the tenant"),
        ("CREATE VIEW careless AS SELECT * FROM customers_tag", "is a view that does not ask as its reader"),
        (
            "GRANT TRUNCATE ON customers_tag TO crm_app",
            "may be emptied or referenced by the application role",
        ),
        (
            "GRANT UPDATE ON events_event TO crm_app",
            "is append-only but may be changed by the application role",
        ),
    ],
)
def test_the_audit_finds_a_hole(careless: str, fault: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(careless)
    assert [text for _, text in audit.findings()] == [fault]
