from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models.contract import Contract
from customers.models.customer import Customer

MOST_DAYS = 365


class CreditTerms(VersionedModel):
    """What was agreed of the account of a customer and contract (建账) beyond the payment plan.

    The plan says when an instalment is due. `credit_days` are days after that in which nobody is dunned;
    what is overdue, its age, and what commission makes of it count from the due date all the same.
    Every `statement_months` months the account is reconciled (对账). Without a row: 0 days, monthly.
    """

    contract = TenantForeignKey(
        Contract, models.CASCADE, related_name="credit_terms", verbose_name=_("contract"), db_index=False
    )
    customer = TenantForeignKey(Customer, models.PROTECT, related_name="+", verbose_name=_("customer"))
    credit_days = models.PositiveSmallIntegerField(
        _("days of credit"), default=0, validators=[MaxValueValidator(MOST_DAYS)]
    )
    statement_months = models.PositiveSmallIntegerField(
        _("months between statements"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta(VersionedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "contract"], name="credit_terms_once"),
            models.CheckConstraint(
                condition=Q(credit_days__lte=MOST_DAYS, statement_months__gte=1, statement_months__lte=12),
                name="credit_terms_range",
            ),
        ]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")

    @classmethod
    def writes(cls, viewer: Viewer) -> Q:
        """Those of customers that the viewer may change."""
        return Customer.writes(viewer, "customer__")
