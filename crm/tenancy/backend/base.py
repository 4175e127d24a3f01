"""PostgreSQL with the tenant of the scope carried by every transaction."""

from datetime import UTC
from typing import Any

from django.db.backends.postgresql import base

from crm.tenancy.backend.features import DatabaseFeatures
from crm.tenancy.backend.moments import quick
from crm.tenancy.backend.schema import DatabaseSchemaEditor
from crm.tenancy.context import current_or_none

UNKNOWN = object()


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = DatabaseSchemaEditor
    features_class = DatabaseFeatures
    _applied: Any = None  # the tenant that the open transaction carries
    _applying = False

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        return params | {"context": quick(params["context"])} if self.timezone is UTC else params

    def _cursor(self, name: str | None = None) -> Any:
        cursor = super()._cursor(name)  # type: ignore[misc]  # not in the stubs
        wanted = current_or_none()
        if self.in_atomic_block and wanted != self._applied and not self._applying:
            self._apply(wanted)
        return cursor

    def _apply(self, wanted: int | None) -> None:
        # SET LOCAL ends with the transaction: nothing is left for the next borrower of a pooled connection.
        self._applying = True
        try:
            with super()._cursor() as cursor:  # type: ignore[misc]
                cursor.execute(f"SET LOCAL app.tenant_id = '{'' if wanted is None else int(wanted)}'")
            self._applied = wanted
        finally:
            self._applying = False

    def set_autocommit(self, *args: Any, **kwargs: Any) -> None:
        self._applied = None
        return super().set_autocommit(*args, **kwargs)

    def close(self) -> None:
        self._applied = None
        return super().close()

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._applied = UNKNOWN  # SET LOCAL inside the savepoint was undone with it
