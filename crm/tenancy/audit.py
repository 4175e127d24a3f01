"""What the database itself says about isolation: one query over pg_catalog, no finding allowed."""

from django.conf import settings
from django.db import connections

# Tables of no tenant, each with the reason.
SHARED_TABLES = {
    "tenancy_tenant": "the list of tenants itself",
    "accounts_user": "a person may work for several tenants",
    "accounts_seat": "read before a tenant is chosen",
    "account_emailaddress": "sign-in",
    "account_emailconfirmation": "sign-in",
    "mfa_authenticator": "sign-in",
    "auth_group": "framework, unused",
    "auth_group_permissions": "framework, unused",
    "auth_permission": "framework, unused",
    "django_content_type": "framework",
    "django_migrations": "framework",
    "django_session": "sign-in",
}

FINDINGS = """
WITH tables AS (
  SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relowner,
         (SELECT attnum FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'
            AND NOT a.attisdropped AND c.relname <> ALL (%(shared)s)) AS tenant
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
), app AS (SELECT oid, rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %(app)s)
SELECT relname, 'is neither a table of tenants nor on the list' FROM tables
  WHERE tenant IS NULL AND relname <> ALL (%(shared)s)
UNION ALL SELECT relname, 'row-level security is not enabled and forced' FROM tables
  WHERE tenant IS NOT NULL AND NOT (relrowsecurity AND relforcerowsecurity)
UNION ALL SELECT t.relname, 'must have exactly one permissive policy on the tenant' FROM tables t
  WHERE tenant IS NOT NULL AND (SELECT count(*) FILTER (WHERE polpermissive
      AND pg_get_expr(polqual, polrelid) =
        '(tenant_id = (current_setting(''app.tenant_id''::text))::bigint)'
      AND polcmd = '*') * 10 + count(*) FROM pg_policy p WHERE p.polrelid = t.oid) <> 11
UNION ALL SELECT t.relname, i.indexrelid::regclass || ' is unique beyond the tenant'
  FROM tables t JOIN pg_index i ON i.indrelid = t.oid
  WHERE tenant IS NOT NULL AND i.indisunique AND NOT tenant = ANY (i.indkey)
UNION ALL SELECT t.relname, 'its key does not begin with the tenant'
  FROM tables t JOIN pg_index i ON i.indrelid = t.oid
  WHERE tenant IS NOT NULL AND i.indisprimary AND i.indkey[0] <> tenant
UNION ALL SELECT t.relname, k.conname || ' could point into another tenant'
  FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
  JOIN tables far ON far.oid = k.confrelid AND far.tenant IS NOT NULL
  WHERE t.tenant IS NOT NULL AND NOT (t.tenant = ANY (k.conkey) AND far.tenant = ANY (k.confkey))
UNION ALL SELECT t.relname, 'points at no tenant' FROM tables t
  WHERE tenant IS NOT NULL AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = t.oid
    AND k.contype = 'f' AND k.confrelid = 'tenancy_tenant'::regclass)
UNION ALL SELECT c.relname, 'is a view that does not ask as its reader'
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND c.relkind = 'v'
    AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)
UNION ALL SELECT c.relname, 'is a materialised view, which holds all tenants'
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND c.relkind = 'm'
UNION ALL SELECT app.rolname, 'may pass row-level security' FROM app WHERE rolsuper OR rolbypassrls
UNION ALL SELECT t.relname, 'belongs to the application role' FROM tables t JOIN app ON app.oid = t.relowner
UNION ALL SELECT t.relname, 'may be emptied or referenced by the application role'
  FROM tables t, app WHERE has_table_privilege(app.oid, t.oid, 'TRUNCATE, REFERENCES, TRIGGER')
UNION ALL SELECT t.relname, 'is append-only but may be changed by the application role'
  FROM tables t, app WHERE t.relname = ANY (%(append_only)s)
    AND has_table_privilege(app.oid, t.oid, 'UPDATE, DELETE')
ORDER BY 1, 2
"""


def append_only_tables() -> list[str]:
    """Tables whose rows are never changed, told by their models."""
    from django.apps import apps

    from crm.tenancy.models import AppendOnlyModel

    return [m._meta.db_table for m in apps.get_models() if issubclass(m, AppendOnlyModel)]


def findings(using: str = "owner") -> list[tuple[str, str]]:
    """(table or role, fault) for everything in the schema that could let a tenant see another."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            FINDINGS,
            {
                "app": settings.DATABASE_ROLES["app"],
                "shared": list(SHARED_TABLES),
                "append_only": append_only_tables(),
            },
        )
        return [(str(name), str(fault)) for name, fault in cursor.fetchall()]
