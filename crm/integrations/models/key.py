from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import EVERYTHING, Viewer
from crm.accounts.models import Member
from crm.accounts.rights import Right
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel


class ApiKey(TenantModel):
    """A key for one integration: it acts as its member, within its scopes. Only a hash is kept.

    The key reads gh_<tenant in base 36>x<public id>_<secret>, so that the tenant is known before
    any row is read.
    """

    name = models.CharField(_("name"), max_length=80)
    member = TenantForeignKey(Member, models.CASCADE, related_name="api_keys", verbose_name=_("acts as"))
    public_id = models.CharField(max_length=16)
    secret_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"))
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    class Meta(TenantModel.Meta):
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["tenant_id", "public_id"], name="api_key_public_id")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def reach(cls, viewer: Viewer) -> models.Q:
        """One's own keys; who edits the team sees all, to revoke them."""
        return EVERYTHING if viewer.may(Right.TEAM_EDIT) else models.Q(member_id=viewer.id)
