from commissions.models.entry import AccrualState, Entitlement, LedgerEntry
from commissions.models.period import Period, PeriodReview
from commissions.models.plan import Plan, PlanVersion
from commissions.models.statement import Statement

__all__ = [
    "AccrualState",
    "Entitlement",
    "LedgerEntry",
    "Period",
    "PeriodReview",
    "Plan",
    "PlanVersion",
    "Statement",
]
