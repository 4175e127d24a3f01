from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer
from crm.tenancy import dated
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import VersionedModel
from customers.models.contract import Contract
from customers.models.customer import Customer


class DunningPolicy(VersionedModel):
    """How many days after the due date and the days of credit who duns, over [valid_from, valid_to).

    A tenant without a version has the defaults, which are those of the fields.
    """

    STEPS = ("first_days", "second_days", "third_days", "joint_days", "legal_days")

    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    first_days = models.PositiveSmallIntegerField(_("days until the first reminder"), default=1)
    second_days = models.PositiveSmallIntegerField(_("days until the second reminder"), default=15)
    third_days = models.PositiveSmallIntegerField(_("days until the third reminder"), default=30)
    joint_days = models.PositiveSmallIntegerField(_("days until sales and finance dun together"), default=31)
    legal_days = models.PositiveSmallIntegerField(_("days until the legal letter"), default=91)

    class Meta(VersionedModel.Meta):
        ordering = ["-valid_from"]
        constraints = [
            dated.ends_after_it_begins("dunning_policy_period"),
            models.CheckConstraint(
                condition=Q(
                    first_days__gte=1,
                    second_days__gt=F("first_days"),
                    third_days__gt=F("second_days"),
                    joint_days__gt=F("third_days"),
                    legal_days__gt=F("joint_days"),
                ),
                name="dunning_policy_order",
            ),
            dated.one_at_a_time("one_dunning_policy_at_a_time"),
        ]

    def __str__(self) -> str:
        return "/".join(str(getattr(self, name)) for name in self.STEPS)


class Dunning(VersionedModel):
    """How far the dunning (催收) of an overdue account has come; gone when nothing of it is overdue.

    Written by customers.receivables.dunning alone. `since` is the due date of its oldest open instalment.
    """

    class Step(models.IntegerChoices):
        FIRST = 1, pgettext_lazy("dunning", "First reminder")
        SECOND = 2, pgettext_lazy("dunning", "Second reminder")
        THIRD = 3, pgettext_lazy("dunning", "Third reminder")
        JOINT = 4, pgettext_lazy("dunning", "With finance")
        LEGAL = 5, pgettext_lazy("dunning", "Legal letter")

    contract = TenantForeignKey(
        Contract, models.CASCADE, related_name="dunning", verbose_name=_("contract"), db_index=False
    )
    customer = TenantForeignKey(Customer, models.CASCADE, related_name="dunnings", verbose_name=_("customer"))
    step = models.PositiveSmallIntegerField(_("step"), choices=Step)
    since = models.DateField(_("due since"))
    reached_on = models.DateField(_("reached on"))

    class Meta(VersionedModel.Meta):
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "contract"], name="dunning_once"),
            models.CheckConstraint(condition=Q(step__gte=1, step__lte=5), name="dunning_step"),
        ]
        indexes = [models.Index(fields=["tenant_id", "since", "id"], name="dunning_first")]

    def __str__(self) -> str:
        return str(self.get_step_display())

    def days(self, on: date) -> int:
        """How many days ago the oldest instalment fell due."""
        return (on - self.since).days

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return Customer.reach(viewer, "customer__")
