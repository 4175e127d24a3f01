"""The three roles of the database and what each may do. The only place that grants.

`crm_owner` owns the tables, migrates and backs up, and is not bound by row-level security.
`crm_app` serves people and jobs: it owns nothing and no policy spares it. `crm_reader` can only read.
"""

from collections.abc import Mapping

import psycopg
from psycopg import sql

OWNER, APP, READER = "crm_owner", "crm_app", "crm_reader"
ATTRIBUTES = {
    OWNER: "LOGIN BYPASSRLS CREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION",
    APP: "LOGIN NOBYPASSRLS NOCREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION",
    READER: "LOGIN NOBYPASSRLS NOCREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION",
}
# Default privileges belong to one database and are copied with a template. Without a schema, a revoke
# takes away what PUBLIC has by default; with one it could only take back what was granted there.
GRANTS = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE EXTENSION IF NOT EXISTS btree_gist;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO crm_app, crm_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE crm_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE crm_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO crm_app;
ALTER DEFAULT PRIVILEGES FOR ROLE crm_owner IN SCHEMA public GRANT SELECT ON TABLES TO crm_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE crm_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO crm_app;
ALTER DEFAULT PRIVILEGES FOR ROLE crm_owner IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO crm_app;
"""


def grant_roles(where: str | psycopg.Connection) -> None:
    """Give this database (a URL or an open connection of crm_owner or a superuser) its extensions and rights.

    Call it before the first migration: it decides about tables that are made later. Safe to repeat; a
    right that a migration took away from one table stays away.
    """
    if isinstance(where, str):
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(GRANTS)
    else:
        where.execute(GRANTS)


def prepare(
    url: str, database: str, passwords: Mapping[str, str] | None = None, template: bool = False
) -> None:
    """Make roles and `database` as superuser `url`, or put right what differs. Safe to repeat.

    `passwords` by role, for servers that ask for one. With `template`, every database that is made on
    this server later has the same rights from the start (a server of our own only).
    """
    with psycopg.connect(url, autocommit=True) as connection:
        for role in ATTRIBUTES:
            _make_role(connection, role, (passwords or {}).get(role))
        if template:
            with _database(connection, "template1") as other:
                grant_roles(other)
        _make_database(connection, database)
        with _database(connection, database) as other:
            grant_roles(other)


def _database(connection: psycopg.Connection, name: str) -> psycopg.Connection:
    password = connection.info.password
    return psycopg.connect(connection.info.dsn, dbname=name, password=password or None, autocommit=True)


def _make_role(connection: psycopg.Connection, role: str, password: str | None) -> None:
    name = sql.Identifier(role)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {}").format(name))
    connection.execute(sql.SQL("ALTER ROLE {} " + ATTRIBUTES[role]).format(name))
    if password:
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(password)))
    if role == READER:
        connection.execute(sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(name))


def _make_database(connection: psycopg.Connection, database: str) -> None:
    name, owner = sql.Identifier(database), sql.Identifier(OWNER)
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, owner))
    else:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8'").format(name, owner))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO crm_app").format(name))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO crm_reader").format(name))
