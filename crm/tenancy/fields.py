"""Fields that carry the tenant: its number, composite foreign keys, time-ordered ids."""

from typing import Any

from django.db import models
from django.db.models.expressions import Func

from crm.tenancy.context import current
from crm.tenancy.ids import uuid7


class Uuid7(Func):
    """The database's own uuid7, so that INSERT … SELECT needs no ids from outside."""

    function = "crm_uuid7"
    template = "%(function)s()"
    arity = 0
    output_field = models.UUIDField()


class Id(models.UUIDField):
    """Primary key: unique over the whole installation, ordered by creation."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"primary_key": True, "default": uuid7, "db_default": Uuid7(), **kwargs})
        self.editable = False


class TenantId(models.BigIntegerField):
    """Number of the tenant a row belongs to.

    It is a plain column with a hand-made foreign key, because a ForeignKey(Tenant) would move out of
    CreateModel in migrations. `append_only` takes UPDATE and DELETE away from the application's role;
    it sits on the field because migration state keeps fields and nothing else of a mixin.
    """

    is_tenant_key = True

    def __init__(self, append_only: bool = False, **kwargs: Any) -> None:
        self.append_only = append_only
        super().__init__(**{**kwargs, "default": current, "editable": False})

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("default", None)
        kwargs.pop("editable", None)
        if self.append_only:
            kwargs["append_only"] = True
        return name, path, list(args), kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if value != current():
            raise PermissionError(f"row of tenant {value} written while {current()} is in scope")
        return value


def tenant_field(model: Any) -> TenantId | None:
    """The field that carries the tenant of a model, or None for a table of no tenant."""
    return next((f for f in model._meta.local_concrete_fields if getattr(f, "is_tenant_key", False)), None)


class CompositeJoin:
    """Joins and constrains on (tenant_id, x_id), so that no row can point into another tenant."""

    composite = True

    def get_joining_fields(self, reverse_join: bool = False) -> tuple[tuple[Any, Any], ...]:
        near, far = tenant_field(self.model), tenant_field(self.remote_field.model)  # type: ignore[attr-defined]
        pair = (far, near) if reverse_join else (near, far)
        return (*super().get_joining_fields(reverse_join), pair)  # type: ignore[misc]


class TenantForeignKey(CompositeJoin, models.ForeignKey):
    """Foreign key between two tables of one tenant."""


class TenantOneToOneField(CompositeJoin, models.OneToOneField):
    """Shares the other table's key; only as primary key, which the backend makes composite."""
