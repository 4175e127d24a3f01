from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from crm.accounts.models import Department, Member
from crm.periods import ONE_DAY, add_workdays, month_end, month_from
from crm.tenancy.fields import TenantForeignKey
from crm.tenancy.models import TenantModel, VersionedModel

if TYPE_CHECKING:
    from commissions.models.statement import Statement

CALCULATE_WORKDAYS = 4
PUBLISH_DAY, PAY_DAY = 10, 20


class State(models.TextChoices):
    """How far a month is; it never goes back beyond CALCULATED, and from APPROVED on not at all.

    ELSEWHERE are the months before the one with which commission begins: nothing is paid for them here.
    """

    OPEN = "OPEN", pgettext_lazy("month", "Open")
    CALCULATED = "CALCULATED", pgettext_lazy("month", "Calculated")
    REVIEWED = "REVIEWED", pgettext_lazy("month", "Reviewed")
    APPROVED = "APPROVED", pgettext_lazy("month", "Approved")
    PAID = "PAID", pgettext_lazy("month", "Paid out")
    CLOSED = "CLOSED", pgettext_lazy("month", "Closed")
    ELSEWHERE = "ELSEWHERE", pgettext_lazy("month", "Settled elsewhere")


ENDED = (State.CLOSED, State.ELSEWHERE)  # there is nothing left to do
TAKING = (State.OPEN, State.CALCULATED, State.REVIEWED)  # in these a month still takes entries


class Period(VersionedModel):
    """A month of commission (核算期间): who calculated, approved, paid out and closed it, and when.

    From its approval on it takes no entry any more: what comes later posts in the month after it.
    """

    month = models.CharField(pgettext_lazy("period", "Month"), max_length=7)  # YYYY-MM
    state = models.CharField(
        pgettext_lazy("period", "State"), max_length=10, choices=State, default=State.OPEN
    )
    calculated_by = TenantForeignKey(Member, models.PROTECT, null=True, related_name="+")
    calculated_at = models.DateTimeField(null=True)
    fingerprint = models.CharField(max_length=32, default="", editable=False)  # what its statements stand on
    reviewed_at = models.DateTimeField(null=True)  # when the last of its statements was; by whom: reviews
    approved_by = TenantForeignKey(Member, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    shut_on = models.DateField(null=True)  # the tenant's day of the approval, of its own or of the beginning
    paid_by = TenantForeignKey(Member, models.PROTECT, null=True, related_name="+")
    paid_at = models.DateTimeField(null=True)
    closed_by = TenantForeignKey(Member, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta(VersionedModel.Meta):
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "month"], name="period_month"),
            models.CheckConstraint(
                condition=Q(state__in=TAKING, shut_on__isnull=True)
                | (~Q(state__in=TAKING) & Q(shut_on__isnull=False)),
                name="period_shut",
            ),
        ]

    def __str__(self) -> str:
        return self.month

    @property
    def number(self) -> int:
        """The running number of the month."""
        return month_from(self.month)

    @property
    def first_day(self) -> date:
        return date.fromisoformat(f"{self.month}-01")

    @property
    def last_day(self) -> date:
        return month_end(self.number)

    @property
    def is_shut(self) -> bool:
        """Whether it takes no entry any more."""
        return self.state not in TAKING

    @property
    def calculate_by(self) -> date:
        """The fourth working day after the month."""
        return add_workdays(self.last_day, CALCULATE_WORKDAYS)

    @property
    def publish_by(self) -> date:
        """The 10th of the next month, or the last working day before it."""
        return _in_next(self, PUBLISH_DAY)

    @property
    def pay_by(self) -> date:
        """The 20th of the next month, or the last working day before it."""
        return _in_next(self, PAY_DAY)


def _in_next(period: Period, day: int) -> date:
    return add_workdays(month_end(period.number + 1).replace(day=day) + ONE_DAY, -1)


class PeriodReview(TenantModel):
    """Who looked through the statements of a department and all below it; without one, through all.

    A review never covers the reviewer's own statement. Calculating anew takes reviews away.
    """

    period = TenantForeignKey(Period, models.CASCADE, related_name="reviews")
    reviewer = TenantForeignKey(Member, models.PROTECT, related_name="+")
    department = TenantForeignKey(Department, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "period", "reviewer"], name="period_reviewer")
        ]

    def covers(self, statement: "Statement") -> bool:
        """Whether the statement was looked through by this review: it lies below, and is not his own."""
        if statement.member_id == self.reviewer_id:
            return False
        return self.department_id is None or self.department_id in statement.payee_department.ancestors
