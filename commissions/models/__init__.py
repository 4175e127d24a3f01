from commissions.models.adjustment import Adjustment, Attachment
from commissions.models.commencement import Commencement
from commissions.models.dispute import DisputePolicy, LineDispute
from commissions.models.distribution import PoolDistribution, PoolShare
from commissions.models.entry import AccrualState, Entitlement, LedgerEntry
from commissions.models.period import Period, PeriodReview
from commissions.models.plan import Plan, PlanAssignment, PlanVersion
from commissions.models.replay import Replay
from commissions.models.statement import Statement

__all__ = [
    "AccrualState",
    "Adjustment",
    "Attachment",
    "Commencement",
    "DisputePolicy",
    "Entitlement",
    "LedgerEntry",
    "LineDispute",
    "Period",
    "PeriodReview",
    "Plan",
    "PlanAssignment",
    "PlanVersion",
    "PoolDistribution",
    "PoolShare",
    "Replay",
    "Statement",
]
