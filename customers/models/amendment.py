from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.models import Member
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import AppendOnlyModel
from customers.models.contract import Contract
from customers.models.customer import Customer


class ContractAmendment(AppendOnlyModel):
    """A new price for the term of a contract from `amended_on`; the contract itself holds the newest.

    Amounts are in contract currency, tax included. `terms` and `terms_before` are {"schedule": the agreed
    amounts of the years or null, "plan": [{"due_on", "amount", "contract_year"}]}, so that what was
    agreed on any day can be told, and commission starts from what was signed.
    """

    contract = TenantForeignKey(
        Contract, models.PROTECT, related_name="amendments", verbose_name=_("contract")
    )
    customer = TenantForeignKey(Customer, models.PROTECT, related_name="+", verbose_name=_("customer"))
    number = models.PositiveSmallIntegerField(_("number"))
    amended_on = models.DateField(_("amended on"))
    entered_on = models.DateField(_("entered on"))
    gross_before = models.DecimalField(_("amount before"), max_digits=15, decimal_places=2)
    gross = models.DecimalField(_("amount incl. VAT"), max_digits=15, decimal_places=2)
    terms_before = models.JSONField(default=dict)
    terms = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=200)
    amended_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("amended by")
    )

    class Meta(AppendOnlyModel.Meta):
        ordering = ["contract", "number"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "contract", "number"], name="amendment_once"),
        ]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")
