"""What a table of a tenant is in the database: composite keys, row-level security, grants."""

from typing import Any

from django.conf import settings
from django.db.backends.ddl_references import Columns
from django.db.backends.postgresql import schema

from crm.tenancy.fields import TenantId, tenant_field


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    sql_create_column_inline_fk: Any = None  # every foreign key goes through _create_fk_sql

    def create_model(self, model: Any) -> None:
        super().create_model(model)
        tenant = tenant_field(model)
        if tenant:
            self._make_tenant_table(model)
        self._grant(model._meta.db_table, append_only=bool(tenant and tenant.append_only))

    def _make_tenant_table(self, model: Any) -> None:
        name = model._meta.db_table
        table, key = self.quote_name(name), self.quote_name(model._meta.pk.column)
        pkey, fkey = self.quote_name(f"{name}_pkey"), self.quote_name(f"{name}_tenant_fk")
        for sql in (
            f"ALTER TABLE {table} DROP CONSTRAINT {pkey}",
            f"ALTER TABLE {table} ADD CONSTRAINT {pkey} PRIMARY KEY (tenant_id, {key})",
            f"ALTER TABLE {table} ADD CONSTRAINT {fkey} "
            "FOREIGN KEY (tenant_id) REFERENCES tenancy_tenant (id)",
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            # Unset must raise, so there is no second argument to current_setting.
            f"CREATE POLICY tenant ON {table} USING (tenant_id = current_setting('app.tenant_id')::bigint)",
        ):
            self.execute(sql, None)

    def _grant(self, name: str, append_only: bool) -> None:
        table, app = self.quote_name(name), settings.DATABASE_ROLES["app"]
        reader, owner = settings.DATABASE_ROLES["reader"], settings.DATABASE_ROLES["owner"]
        if app != owner:
            rights = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
            self.execute(f"REVOKE ALL ON {table} FROM {self.quote_name(app)}", None)
            self.execute(f"GRANT {rights} ON {table} TO {self.quote_name(app)}", None)
        if reader not in (owner, app):
            self.execute(f"GRANT SELECT ON {table} TO {self.quote_name(reader)}", None)

    def _create_fk_sql(self, model: Any, field: Any, suffix: Any) -> Any:
        statement = super()._create_fk_sql(model, field, suffix)  # type: ignore[misc]  # not in the stubs
        if getattr(field, "composite", False):
            far = field.target_field.model._meta.db_table
            statement.parts |= {
                "column": Columns(model._meta.db_table, ["tenant_id", field.column], self.quote_name),
                "to_column": Columns(far, ["tenant_id", field.target_field.column], self.quote_name),
                # Citus checks deferred keys only at commit, and then as an internal error.
                "deferrable": " DEFERRABLE INITIALLY IMMEDIATE",
            }
        return statement

    def _constraint_names(self, model: Any, column_names: Any = None, **kwargs: Any) -> Any:
        names = super()._constraint_names(model, column_names, **kwargs)  # type: ignore[misc]
        if not names and column_names and kwargs.get("foreign_key") and tenant_field(model):
            wider = ["tenant_id", *column_names]
            names = super()._constraint_names(model, wider, **kwargs)  # type: ignore[misc]
        return names

    def _field_indexes_sql(self, model: Any, field: Any) -> Any:
        tenant = tenant_field(model)
        this: Any = self  # the stubs leave out what begins with an underscore
        if tenant and not isinstance(field, TenantId) and this._field_should_be_indexed(model, field):
            return [this._create_index_sql(model, fields=[tenant, field])]
        return super()._field_indexes_sql(model, field)  # type: ignore[misc]
