from commissions.models.entry import AccrualState, Entitlement, LedgerEntry
from commissions.models.plan import Plan, PlanVersion

__all__ = ["AccrualState", "Entitlement", "LedgerEntry", "Plan", "PlanVersion"]
