import psycopg
import pytest
from psycopg import errors, sql

from crm.embedded.postgres import SUPERUSER
from crm.embedded.roles import APP, OWNER, READER, grant_roles, prepare
from crm.embedded.servers import DATABASE, Servers


@pytest.fixture
def table(kept: Servers):  # type: ignore[no-untyped-def]
    """A table under row-level security with one row of tenant 1 and one of tenant 2."""
    with psycopg.connect(kept.urls.owner, autocommit=True) as owner:
        owner.execute("""
            CREATE TABLE sign (id bigserial PRIMARY KEY, tenant_id bigint NOT NULL);
            ALTER TABLE sign ENABLE ROW LEVEL SECURITY;
            ALTER TABLE sign FORCE ROW LEVEL SECURITY;
            CREATE POLICY tenant ON sign USING (tenant_id = current_setting('app.tenant_id')::bigint);
            INSERT INTO sign (tenant_id) VALUES (1), (2);
        """)
        yield "sign"
        owner.execute("DROP TABLE sign")


def connect(kept: Servers, role: str, database: str = DATABASE) -> psycopg.Connection:
    return psycopg.connect(kept.postgres.url(role, database), autocommit=True)


@pytest.mark.parametrize("role", [APP, READER])
def test_row_level_security_binds(kept: Servers, table: str, role: str) -> None:
    with connect(kept, role) as line:
        with pytest.raises(errors.UndefinedObject):
            line.execute("SELECT * FROM sign")
        line.execute("SET app.tenant_id = 1")
        assert line.execute("SELECT tenant_id FROM sign").fetchall() == [(1,)]


def test_the_owner_sees_every_tenant(kept: Servers, table: str) -> None:
    with connect(kept, OWNER) as line:
        assert line.execute("SELECT tenant_id FROM sign ORDER BY 1").fetchall() == [(1,), (2,)]


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE sign",
        "ALTER TABLE sign DISABLE ROW LEVEL SECURITY",
        "DROP TABLE sign",
        "CREATE TABLE mine (id int)",
        "CREATE TABLE mine (id bigint REFERENCES sign)",
        "CREATE TRIGGER t BEFORE INSERT ON sign FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger()",
        "SET ROLE crm_owner",
        "ALTER ROLE crm_app BYPASSRLS",
        "CREATE DATABASE mine",
    ],
)
def test_the_app_may_not(kept: Servers, table: str, statement: str) -> None:
    with (
        connect(kept, APP) as line,
        pytest.raises((errors.InsufficientPrivilege, errors.InvalidParameterValue)),
    ):
        line.execute(statement)


def test_the_app_writes_rows_of_its_tenant(kept: Servers, table: str) -> None:
    with connect(kept, APP) as line:
        line.execute("SET app.tenant_id = 1")
        line.execute("INSERT INTO sign (tenant_id) VALUES (1)")
        assert line.execute("UPDATE sign SET tenant_id = 1").rowcount == 2
        assert line.execute("DELETE FROM sign").rowcount == 2
        with pytest.raises(errors.InsufficientPrivilege):
            line.execute("INSERT INTO sign (tenant_id) VALUES (2)")


@pytest.mark.parametrize("statement", ["INSERT INTO sign (tenant_id) VALUES (1)", "DELETE FROM sign"])
def test_the_reader_only_reads(kept: Servers, table: str, statement: str) -> None:
    with connect(kept, READER) as line:
        line.execute("SET app.tenant_id = 1; SET default_transaction_read_only = off")
        with pytest.raises(errors.InsufficientPrivilege):
            line.execute(statement)


def test_a_function_of_the_owner_is_for_the_app_and_for_nobody_else(kept: Servers) -> None:
    with connect(kept, OWNER) as owner:
        owner.execute("CREATE FUNCTION answer() RETURNS int LANGUAGE sql AS 'SELECT 42'")
        with connect(kept, APP) as app:
            assert app.execute("SELECT answer()").fetchone() == (42,)
        with connect(kept, READER) as reader, pytest.raises(errors.InsufficientPrivilege):
            reader.execute("SELECT answer()")
        owner.execute("DROP FUNCTION answer()")


def test_a_database_that_is_made_later_has_the_same_rights_from_the_start(kept: Servers) -> None:
    with connect(kept, OWNER) as owner:
        owner.execute("CREATE DATABASE test_later")
    with connect(kept, OWNER, "test_later") as owner:
        owner.execute("CREATE TABLE page (name text)")
        owner.execute("CREATE INDEX ON page USING gin (name gin_trgm_ops)")
    with connect(kept, APP, "test_later") as app:
        app.execute("INSERT INTO page VALUES ('华兴')")
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("TRUNCATE page")
    with connect(kept, READER, "test_later") as reader:
        assert reader.execute("SELECT name FROM page").fetchall() == [("华兴",)]
    with connect(kept, OWNER) as owner:
        owner.execute("DROP DATABASE test_later")


def test_the_owner_itself_can_give_a_bare_database_its_rights(kept: Servers) -> None:
    with connect(kept, OWNER) as owner:
        owner.execute("CREATE DATABASE test_bare TEMPLATE template0")
    with connect(kept, OWNER, "test_bare") as owner:
        grant_roles(owner)
        owner.execute("CREATE TABLE page (name text)")
    with connect(kept, APP, "test_bare") as app:
        assert app.execute("SELECT count(*) FROM page").fetchone() == (0,)
    with connect(kept, OWNER) as owner:
        owner.execute("DROP DATABASE test_bare")


def test_preparing_again_gives_back_nothing_that_a_migration_took(kept: Servers, table: str) -> None:
    with connect(kept, OWNER) as owner:
        owner.execute("REVOKE UPDATE, DELETE ON sign FROM crm_app")
    prepare(kept.postgres.url(SUPERUSER, "postgres"), DATABASE, template=True)
    with connect(kept, APP) as line:
        line.execute("SET app.tenant_id = 1")
        with pytest.raises(errors.InsufficientPrivilege):
            line.execute("DELETE FROM sign")


def test_a_password_is_set_for_servers_that_ask_for_one(kept: Servers) -> None:
    prepare(kept.postgres.url(SUPERUSER, "postgres"), DATABASE, {APP: "it's 'quoted'"})
    with connect(kept, SUPERUSER, "postgres") as line:
        query = sql.SQL("SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'crm_app'")
        assert line.execute(query).fetchone() == (True,)
