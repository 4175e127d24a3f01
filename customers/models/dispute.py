from datetime import date

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.access import Viewer, scoped
from crm.accounts.models import Department, Member
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel, VersionedModel
from customers.models.customer import Customer

WHOLE = 10_000


class Side(models.TextChoices):
    CLAIMANT = "CLAIMANT", _("Claimant")
    RESPONDENT = "RESPONDENT", _("Respondent")


class Proof(models.TextChoices):
    """The order of proofs (domain.md §2.2): the first that speaks for one side only decides."""

    CONTRACT = "CONTRACT", _("Signed contract or cash")
    PROTECTION = "PROTECTION", _("Protection in force")
    REGISTRATION = "REGISTRATION", _("Earliest effective registration")
    FOLLOW_UP = "FOLLOW_UP", _("Latest effective follow-up")
    CHOICE = "CHOICE", _("The customer's written choice")
    OTHER = "OTHER", _("Other, for the judge to weigh")


class Outcome(models.TextChoices):
    CLAIMANT = "CLAIMANT", _("To the claimant")
    RESPONDENT = "RESPONDENT", _("To the respondent")
    SPLIT = "SPLIT", _("Divided")


class OwnershipDispute(VersionedModel):
    """Two people pursue one customer (撞单): a claimant against whoever is responsible, until it is ruled.

    `called` is how the claimant named the customer: beyond his reach he sees that, his own side and the
    rulings. `judge` is who has to rule now: the lowest common superior, after an appeal or a missed
    deadline a senior manager; never one of the two.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("dispute", "To be ruled")
        RULED = "RULED", pgettext_lazy("dispute", "Ruled, may be appealed")
        APPEALED = "APPEALED", pgettext_lazy("dispute", "Appealed")
        FINAL = "FINAL", pgettext_lazy("dispute", "Final")
        WITHDRAWN = "WITHDRAWN", pgettext_lazy("dispute", "Withdrawn")

    PENDING = (State.OPEN, State.APPEALED)  # somebody has to rule; commission is held
    LIVE = (State.OPEN, State.RULED, State.APPEALED)  # the customer is kept from the pool

    customer = TenantForeignKey(
        Customer, models.CASCADE, related_name="disputes", verbose_name=_("customer"), db_index=False
    )
    called = models.CharField(_("customer as the claimant calls it"), max_length=200)
    claimant = TenantForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("claimant"))
    claimant_dept = TenantForeignKey(
        Department, models.PROTECT, related_name="+", verbose_name=_("department of the claimant")
    )
    respondent = TenantForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("respondent"))
    respondent_dept = TenantForeignKey(
        Department, models.PROTECT, related_name="+", verbose_name=_("department of the respondent")
    )
    statement = models.TextField(_("claim"), validators=[MaxLengthValidator(4000)])
    answer = models.TextField(_("answer"), validators=[MaxLengthValidator(4000)], blank=True)
    answered_on = models.DateField(_("answered on"), null=True)
    opened_on = models.DateField(_("opened on"))
    opened_at = models.DateTimeField(_("opened at"))
    judge = TenantForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("to be ruled by"))
    due_on = models.DateField(_("ruling due on"))
    escalated_on = models.DateField(_("escalated on"), null=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    appeal_until = models.DateField(_("may be appealed until"), null=True)
    appeal = models.TextField(_("appeal"), validators=[MaxLengthValidator(4000)], blank=True)
    appealed_by = TenantForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("appealed by")
    )
    appealed_on = models.DateField(_("appealed on"), null=True)
    closed_on = models.DateField(_("closed on"), null=True)

    class Meta(VersionedModel.Meta):
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "customer"],
                condition=Q(state__in=["OPEN", "RULED", "APPEALED"]),
                name="dispute_once_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(claimant=F("respondent")), name="dispute_of_two"),
            models.CheckConstraint(
                condition=~Q(judge=F("claimant")) & ~Q(judge=F("respondent")), name="dispute_judge_no_party"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["FINAL", "WITHDRAWN"], closed_on__isnull=False)
                | Q(state__in=["OPEN", "RULED", "APPEALED"], closed_on__isnull=True),
                name="dispute_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "customer", "state"], name="dispute_customer"),
            models.Index(fields=["tenant_id", "state", "due_on", "id"], name="dispute_due"),
        ]

    def __str__(self) -> str:
        return self.called

    @property
    def is_pending(self) -> bool:
        """Whether somebody has to rule."""
        return self.state in self.PENDING

    def is_late(self, on: date) -> bool:
        """Whether it should have been ruled before `on`."""
        return self.is_pending and self.due_on < on

    def side_of(self, member_id: object) -> Side | None:
        """On which side a person stands."""
        if member_id == self.claimant_id:
            return Side.CLAIMANT
        return Side.RESPONDENT if member_id == self.respondent_id else None

    @classmethod
    def whole(cls, viewer: Viewer, path: str = "") -> Q:
        """Of which disputes the viewer may see the respondent's side too."""
        mine = Q(**{f"{path}judge": viewer.id}) | Q(**{f"{path}respondent": viewer.id})
        return Customer.reach(viewer, f"{path}customer__") | mine

    @classmethod
    def reach(cls, viewer: Viewer, path: str = "") -> Q:
        """Who reaches the customer, the two sides with those above the claimant, and who has to rule."""
        own = Q(**{f"{path}claimant": viewer.id}) | cls.whole(viewer, path)
        return scoped(viewer.customers, viewer, own=own, department=f"{path}claimant_dept")


class DisputeEvidence(TenantModel):
    """What one side brings forward beside what the records say."""

    dispute = TenantForeignKey(OwnershipDispute, models.CASCADE, related_name="evidence")
    side = models.CharField(_("side"), max_length=10, choices=Side)
    kind = models.CharField(_("kind of proof"), max_length=12, choices=Proof)
    text = models.TextField(_("evidence"), validators=[MaxLengthValidator(2000)])
    dated_on = models.DateField(_("from the day"), null=True, blank=True)
    member = TenantForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("brought by"))
    added_on = models.DateField(_("brought on"))

    class Meta(TenantModel.Meta):
        ordering = ["added_on", "id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="evidence_says_something")]

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        """What the respondent brings is concealed from a claimant who does not reach the customer."""
        shown = Q(side=Side.CLAIMANT) | OwnershipDispute.whole(viewer, "dispute__")
        return OwnershipDispute.reach(viewer, "dispute__") & shown


class DisputeRuling(TenantModel):
    """A ruling: the first, or the final one after an appeal. `proposed` is what the proofs suggested.

    Whoever `concealed` something loses all credit to the other side, that of having developed too.
    """

    class Instance(models.TextChoices):
        FIRST = "FIRST", _("First ruling")
        FINAL = "FINAL", _("Final ruling")

    dispute = TenantForeignKey(OwnershipDispute, models.CASCADE, related_name="rulings")
    instance = models.CharField(max_length=5, choices=Instance)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    claimant_basis_points = models.PositiveIntegerField(_("share of the claimant"))
    reason = models.TextField(_("reason"), validators=[MaxLengthValidator(2000)])
    concealed = models.BooleanField(_("the other side concealed something"), default=False)
    proposed = models.JSONField(default=dict)
    by = TenantForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("ruled by"))
    on = models.DateField(_("ruled on"))
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "dispute", "instance"], name="ruling_once"),
            models.CheckConstraint(
                condition=Q(outcome="CLAIMANT", claimant_basis_points=WHOLE)
                | Q(outcome="RESPONDENT", claimant_basis_points=0)
                | Q(outcome="SPLIT", claimant_basis_points__gt=0, claimant_basis_points__lt=WHOLE),
                name="ruling_share",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="ruling_says_why"),
            models.CheckConstraint(
                condition=~Q(concealed=True, outcome="SPLIT"), name="ruling_concealed_gives_all"
            ),
        ]

    @property
    def sides(self) -> tuple[tuple[Member, Department], tuple[Member, Department]]:
        """Who has the larger share, and the other; each with the department of the time."""
        claimant = self.dispute.claimant, self.dispute.claimant_dept
        respondent = self.dispute.respondent, self.dispute.respondent_dept
        return (claimant, respondent) if self.outcome == Outcome.CLAIMANT else (respondent, claimant)

    @property
    def percent(self) -> tuple[int, int]:
        """The shares of claimant and respondent as people say them."""
        return self.claimant_basis_points // 100, (WHOLE - self.claimant_basis_points) // 100

    @classmethod
    def reach(cls, viewer: Viewer) -> Q:
        return OwnershipDispute.reach(viewer, "dispute__")
