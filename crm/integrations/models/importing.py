from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import EVERYTHING, Viewer
from crm.accounts.models import Member
from crm.accounts.rights import Scope
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel


class Import(TenantModel):
    """A file that is brought in: what it is, how it is read, how far it came, what became of its rows.

    `rows_read` is the number of the last row whose chunk was committed: a killed import goes on behind it.
    """

    class State(models.TextChoices):
        UPLOADED = "UPLOADED", _("Uploaded")
        CHECKING = "CHECKING", _("Being checked")
        CHECKED = "CHECKED", _("Checked")
        RUNNING = "RUNNING", _("Running")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Stopped")
        REFUSED = "REFUSED", _("Refused")

    class Mode(models.TextChoices):
        UPSERT = "upsert", _("Create new rows and update known ones")
        CREATE = "create", _("Only create new rows")

    kind = models.CharField(_("kind"), max_length=40)
    mode = models.CharField(_("mode"), max_length=6, choices=Mode, default=Mode.UPSERT)
    key = models.CharField(_("known by"), max_length=40)
    atomic = models.BooleanField(_("all or nothing"), default=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.UPLOADED)
    member = TenantForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="imports", verbose_name=_("by")
    )
    language = models.CharField(max_length=10, default="zh-hans")

    file_name = models.CharField(_("file"), max_length=200)
    stored_as = models.CharField(max_length=200)
    size = models.BigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=6)
    encoding = models.CharField(max_length=10, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    header = models.JSONField(default=list)
    header_row = models.PositiveIntegerField(default=1)
    sample = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)  # our column → position in their header

    created_at = models.DateTimeField(_("uploaded"))
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)  # last sign of life of the job
    finished_at = models.DateTimeField(_("finished"), null=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(_("new"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    fault = models.CharField(max_length=40, blank=True)  # of the file as a whole
    fault_params = models.JSONField(default=dict)
    refused_as = models.CharField(max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["tenant_id", "sha256", "kind"], name="import_same_file"),
            models.Index(fields=["tenant_id", "-created_at", "-id"], name="import_newest"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        """Own imports; everybody's for those who see the whole company."""
        return EVERYTHING if viewer.customers is Scope.TENANT else Q(member_id=viewer.id)

    @property
    def is_busy(self) -> bool:
        return self.state in (self.State.CHECKING, self.State.RUNNING)

    @property
    def good(self) -> int:
        """Rows that are or would be in."""
        return self.created + self.updated + self.unchanged

    @property
    def counts(self) -> dict[str, int]:
        """Rows by what became of them, in the order they are shown."""
        names: Any = ("created", "updated", "unchanged", "refused")
        return {name: getattr(self, name) for name in names}


class ImportFault(TenantModel):
    """One thing wrong in one row of an import. Row 1 is the header of most files."""

    run = TenantForeignKey(Import, models.CASCADE, related_name="faults", db_index=False)
    row = models.PositiveIntegerField(_("row"))
    column = models.CharField(_("column"), max_length=40, blank=True)
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        ordering = ["row", "id"]
        indexes = [models.Index(fields=["tenant_id", "run", "row"], name="import_fault_row")]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return EVERYTHING if viewer.customers is Scope.TENANT else Q(run__member_id=viewer.id)


class ImportMapping(TenantModel):
    """The mapping last chosen for files with the same header."""

    kind = models.CharField(max_length=40)
    signature = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "kind", "signature"], name="import_mapping_once")
        ]
