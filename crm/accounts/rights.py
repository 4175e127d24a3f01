"""The words of the rights table (domain.md §5): roles, how far rows reach, bands of approval, rights."""

from enum import IntEnum, StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    EXECUTIVE = "EXECUTIVE", _("Executive")
    DEPT_HEAD = "DEPT_HEAD", _("Department head")
    TEAM_LEAD = "TEAM_LEAD", _("Team lead")
    SALES = "SALES", _("Sales")
    OPS = "OPS", _("Operations")
    SERVICE = "SERVICE", _("Customer service")
    FINANCE = "FINANCE", _("Finance")
    COMP_ADMIN = "COMP_ADMIN", _("Commission admin")
    TENANT_ADMIN = "TENANT_ADMIN", _("Tenant admin")
    AUDITOR = "AUDITOR", _("Auditor")


class Scope(IntEnum):
    """How far a member's view of rows reaches; a wider scope contains the narrower ones."""

    NONE = 0
    SELF = 1
    DEPT = 2
    DEPT_TREE = 3
    TENANT = 4


class Band(IntEnum):
    """Up to which amount somebody approves adjustments of commission; the bounds are the tenant's setting."""

    NONE = 0
    HEAD = 1
    FINANCE = 2
    EXECUTIVE = 3  # without bound


class Right(StrEnum):
    """What a member may do, or which secret fields he may see (SEE_…)."""

    CUSTOMER_VIEW = "customer.view"
    CUSTOMER_EDIT = "customer.edit"
    CONTRACT_VIEW = "contract.view"
    CONTRACT_SIGN = "contract.sign"
    RECEIVABLE_VIEW = "receivable.view"
    PAYMENT_RECORD = "payment.record"
    WRITE_OFF_APPROVE = "write_off.approve"
    EXPENSE_RECORD = "expense.record"
    INTERACTION_VIEW = "interaction.view"
    INTERACTION_LOG = "interaction.log"
    OWNERSHIP_TRANSFER = "ownership.transfer"
    OWNERSHIP_OVERRIDE = "ownership.override"
    POOL_CLAIM = "pool.claim"
    DISPUTE_VIEW = "dispute.view"
    DISPUTE_OPEN = "dispute.open"
    TIER_PROPOSE = "tier.propose"
    TIER_DECIDE = "tier.decide"
    RISK_VIEW = "risk.view"
    FOLLOW_UP_ASSIGN = "follow_up.assign"
    COMMISSION_OWN = "commission.own"
    COMMISSION_REVIEW = "commission.review"
    CREDIT_CONFIRM = "credit.confirm"  # splits of one's people, and what a department's pool pays whom
    COMMISSION_ANSWER = "commission.answer"  # disputes of lines, of others
    ADJUSTMENT_PROPOSE = "adjustment.propose"
    ADJUSTMENT_APPROVE = "adjustment.approve"  # within one's band
    PERIOD_CALCULATE = "period.calculate"
    PERIOD_REVIEW = "period.review"
    PERIOD_APPROVE = "period.approve"
    PERIOD_PAY = "period.pay"  # also to close it
    PAYROLL_EXPORT = "payroll.export"
    PLAN_EDIT = "plan.edit"
    PLAN_APPROVE = "plan.approve"
    POLICY_EDIT = "policy.edit"
    ASSIGNMENT_EDIT = "assignment.edit"
    IMPORT_RUN = "import.run"
    NIGHT_VIEW = "night.view"
    TEAM_VIEW = "team.view"
    TEAM_EDIT = "team.edit"
    TENANT_EDIT = "tenant.edit"
    EVENT_VIEW = "event.view"
    API_KEY = "api_key.own"
    SEE_AMOUNT = "see.amount"  # contract amounts, receivables, cash
    SEE_EXPENSE = "see.expense"  # direct expenses, cost, margin
    SEE_CREDIT_CODE = "see.credit_code"
    SEE_PHONE = "see.phone"
