from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import EVERYTHING, NOTHING, Viewer
from crm.accounts.models import Member
from crm.accounts.rights import Scope
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel, VersionedModel


class Segment(VersionedModel):
    """A saved filter of the customer list: who is in it is asked anew each time, never stored.

    `query` is the filter as the list's address says it, days of it fixed or counted from the day it is
    asked on (`today-60`). `needs` are the rights that its filters take: for whoever lacks one the segment
    does not exist, since its members would tell him what he may not see.
    """

    name = models.CharField(_("name"), max_length=60)
    note = models.CharField(_("note"), max_length=200, blank=True)
    query = models.CharField(_("filter"), max_length=2000)
    needs = ArrayField(models.CharField(max_length=40), default=list, editable=False)
    owner = TenantForeignKey(
        Member, models.PROTECT, related_name="segments", verbose_name=_("made by"), editable=False
    )
    is_shared = models.BooleanField(_("for everybody"), default=False)

    class Meta(VersionedModel.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "name"], name="segment_name"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(query=""), name="segment_says_something"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def reach(cls, viewer: Viewer, path: str = "") -> Q:
        """Segments that a viewer may use: his own and the shared ones, as far as he may see what they ask."""
        needs = Q(**{f"{path}needs__contained_by": sorted(map(str, viewer.rights))})
        return needs & (Q(**{f"{path}owner_id": viewer.id}) | Q(**{f"{path}is_shared": True}))


class SegmentCount(TenantModel):
    """How many customers of the whole company a segment had on a night: for who sees all of them."""

    segment = TenantForeignKey(Segment, models.CASCADE, related_name="counts")
    on = models.DateField(_("business date"))
    number = models.PositiveIntegerField(_("customers"))

    class Meta(TenantModel.Meta):
        ordering = ["-on"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "segment", "on"], name="segment_counted_once")
        ]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        whole = EVERYTHING if viewer.customers is Scope.TENANT else NOTHING
        return whole & Segment.reach(viewer, "segment__")
