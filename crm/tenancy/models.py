from typing import Any, Self

from django.core import checks
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.refusal import Conflict, Fault
from crm.tenancy.context import current
from crm.tenancy.fields import CompositeJoin, Id, TenantId, tenant_field


class Tenant(models.Model):
    """A company that works with the product; every other row belongs to exactly one."""

    id = models.BigAutoField(primary_key=True)
    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(_("demo data"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class TenantManager(models.Manager):
    """Sees the rows of the tenant in scope and raises NoTenant outside one."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(tenant_id=current())


class TenantModel(models.Model):
    """A row of one tenant. The database's key is (tenant_id, id); Django sees id."""

    id: Any = Id()
    tenant_id = TenantId()

    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"  # save(), refresh, forward keys and deletion are scoped too

    def _do_update(
        self, base_qs: Any, using: Any, pk_val: Any, values: Any, *args: Any, **kwargs: Any
    ) -> Any:
        kept = [value for value in values if not isinstance(value[0], TenantId)]
        return super()._do_update(base_qs, using, pk_val, kept, *args, **kwargs)

    @classmethod
    def check(cls, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *_key_faults(cls)]


class AppendOnlyModel(TenantModel):
    """A row that is never changed or deleted: the application's role has no right to."""

    tenant_id = TenantId(append_only=True)

    class Meta(TenantModel.Meta):
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"{type(self).__name__} is append-only")


class VersionedModel(TenantModel):
    """A row that two people may edit: the version tells a lost race (HTTP 409 and 412)."""

    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta(TenantModel.Meta):
        abstract = True

    def touch(self) -> Self:
        """Count one change; call it before save()."""
        self.version += 1
        return self

    def refuse_stale(self, version: int | None) -> None:
        """Conflict stale when somebody has changed this row, held by now, since it was read in a version.

        None asks for no version, as a page does that shows a state and overwrites nothing.
        """
        if version is not None and self.version != version:
            raise Conflict(Fault("", "stale", _("Somebody else has changed this meanwhile.")))


def _key_faults(model: Any) -> list[checks.CheckMessage]:
    meta = model._meta
    if meta.abstract or meta.proxy:
        return []
    wrong = [f"unique={f.name}" for f in meta.local_fields if f.unique and not f.primary_key]
    wrong += [
        f"{f.name} is a plain key to a table of tenants"
        for f in meta.local_fields
        if f.is_relation and not isinstance(f, CompositeJoin) and tenant_field(f.related_model)
    ]
    wrong += [
        f"automatic many-to-many {f.name}"
        for f in meta.local_many_to_many
        if f.remote_field.through._meta.auto_created
    ]
    wrong += [
        f"{c.name} does not begin with tenant_id"
        for c in [*meta.constraints, *meta.indexes]
        if getattr(c, "fields", ()) and c.fields[0].lstrip("-") != "tenant_id"
    ]
    if meta.base_manager_name != "objects" or not isinstance(meta.default_manager, TenantManager):
        wrong.append("Meta or manager is not that of TenantModel")
    return [checks.Error(text, obj=model, id="tenancy.E001") for text in wrong]
