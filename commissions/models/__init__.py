from commissions.models.adjustment import Adjustment, Attachment
from commissions.models.dispute import DisputePolicy, LineDispute
from commissions.models.entry import AccrualState, Entitlement, LedgerEntry
from commissions.models.period import Period, PeriodReview
from commissions.models.plan import Plan, PlanAssignment, PlanVersion
from commissions.models.replay import Replay
from commissions.models.statement import Statement

__all__ = [
    "AccrualState",
    "Adjustment",
    "Attachment",
    "DisputePolicy",
    "Entitlement",
    "LedgerEntry",
    "LineDispute",
    "Period",
    "PeriodReview",
    "Plan",
    "PlanAssignment",
    "PlanVersion",
    "Replay",
    "Statement",
]
