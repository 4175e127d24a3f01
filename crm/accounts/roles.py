"""Roles, rows and field secrets as data: one table, after domain.md §5.

A member may hold several roles; the rights add up and the widest row scope wins.
"""

from dataclasses import dataclass
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


@dataclass(frozen=True)
class RoleGrant:
    """What one role gives: its rights, how far it sees customers, and whose commission it reviews."""

    rights: frozenset[Right]
    customers: Scope
    commission: Scope = Scope.NONE
    live_customers: bool = False  # also customers with a contract in force (operations)
    band: Band = Band.NONE


_READ = {
    Right.CUSTOMER_VIEW,
    Right.CONTRACT_VIEW,
    Right.RECEIVABLE_VIEW,
    Right.INTERACTION_VIEW,
    Right.RISK_VIEW,
}
_SECRETS = {Right.SEE_AMOUNT, Right.SEE_EXPENSE, Right.SEE_CREDIT_CODE, Right.SEE_PHONE}
_ANSWERS = {Right.COMMISSION_REVIEW, Right.COMMISSION_ANSWER, Right.ADJUSTMENT_PROPOSE}
_FRONT = _READ | {
    Right.CUSTOMER_EDIT,
    Right.CONTRACT_SIGN,
    Right.INTERACTION_LOG,
    Right.POOL_CLAIM,
    Right.DISPUTE_VIEW,
    Right.DISPUTE_OPEN,
    Right.COMMISSION_OWN,
    Right.TEAM_VIEW,
    Right.API_KEY,
    Right.SEE_AMOUNT,
    Right.SEE_CREDIT_CODE,
    Right.SEE_PHONE,
}

GRANTS: dict[Role, RoleGrant] = {
    Role.EXECUTIVE: RoleGrant(
        frozenset(
            _READ
            | _SECRETS
            | _ANSWERS
            | {
                Right.OWNERSHIP_OVERRIDE,
                Right.ASSIGNMENT_EDIT,
                Right.OWNERSHIP_TRANSFER,
                Right.DISPUTE_VIEW,
                Right.TIER_DECIDE,
                Right.TIER_PROPOSE,
                Right.FOLLOW_UP_ASSIGN,
                Right.COMMISSION_OWN,
                Right.CREDIT_CONFIRM,
                Right.ADJUSTMENT_APPROVE,
                Right.PERIOD_REVIEW,
                Right.PERIOD_APPROVE,
                Right.WRITE_OFF_APPROVE,
                Right.PLAN_APPROVE,
                Right.NIGHT_VIEW,
                Right.TEAM_VIEW,
                Right.EVENT_VIEW,
                Right.API_KEY,
            }
        ),
        customers=Scope.TENANT,
        commission=Scope.TENANT,
        band=Band.EXECUTIVE,
    ),
    Role.DEPT_HEAD: RoleGrant(
        frozenset(
            _FRONT
            | _ANSWERS
            | {
                Right.SEE_EXPENSE,
                Right.EXPENSE_RECORD,
                Right.OWNERSHIP_TRANSFER,
                Right.TIER_PROPOSE,
                Right.FOLLOW_UP_ASSIGN,
                Right.CREDIT_CONFIRM,
                Right.ADJUSTMENT_APPROVE,
                Right.PERIOD_REVIEW,
                Right.IMPORT_RUN,
                Right.NIGHT_VIEW,
            }
        ),
        customers=Scope.DEPT_TREE,
        commission=Scope.DEPT_TREE,
        band=Band.HEAD,
    ),
    Role.TEAM_LEAD: RoleGrant(frozenset(_FRONT | {Right.FOLLOW_UP_ASSIGN}), customers=Scope.DEPT),
    Role.SALES: RoleGrant(frozenset(_FRONT), customers=Scope.SELF),
    Role.OPS: RoleGrant(
        frozenset(
            {
                Right.CUSTOMER_VIEW,
                Right.INTERACTION_VIEW,
                Right.INTERACTION_LOG,
                Right.RISK_VIEW,
                Right.DISPUTE_VIEW,
                Right.COMMISSION_OWN,
                Right.TEAM_VIEW,
                Right.API_KEY,
                Right.SEE_PHONE,
            }
        ),
        customers=Scope.SELF,
        live_customers=True,
    ),
    Role.SERVICE: RoleGrant(
        frozenset(
            {
                Right.CUSTOMER_VIEW,
                Right.INTERACTION_VIEW,
                Right.INTERACTION_LOG,
                Right.TEAM_VIEW,
                Right.API_KEY,
                Right.SEE_PHONE,
            }
        ),
        customers=Scope.TENANT,
    ),
    Role.FINANCE: RoleGrant(
        frozenset(
            (_READ - {Right.INTERACTION_VIEW})
            | _SECRETS
            | _ANSWERS
            | {
                Right.PAYMENT_RECORD,
                Right.EXPENSE_RECORD,
                Right.DISPUTE_VIEW,
                Right.COMMISSION_OWN,
                Right.ADJUSTMENT_APPROVE,
                Right.PERIOD_CALCULATE,
                Right.PERIOD_APPROVE,
                Right.PERIOD_PAY,
                Right.PAYROLL_EXPORT,
                Right.IMPORT_RUN,
                Right.NIGHT_VIEW,
                Right.TEAM_VIEW,
                Right.API_KEY,
            }
        ),
        customers=Scope.TENANT,
        commission=Scope.TENANT,
        band=Band.FINANCE,
    ),
    Role.COMP_ADMIN: RoleGrant(
        frozenset(
            _ANSWERS
            | {
                Right.CUSTOMER_VIEW,
                Right.CONTRACT_VIEW,
                Right.DISPUTE_VIEW,
                Right.COMMISSION_OWN,
                Right.PERIOD_CALCULATE,
                Right.PAYROLL_EXPORT,
                Right.PLAN_EDIT,
                Right.NIGHT_VIEW,
                Right.TEAM_VIEW,
                Right.API_KEY,
                Right.SEE_AMOUNT,
                Right.SEE_EXPENSE,
            }
        ),
        customers=Scope.TENANT,
        commission=Scope.TENANT,
    ),
    Role.TENANT_ADMIN: RoleGrant(
        frozenset(
            {
                Right.CUSTOMER_VIEW,
                Right.POLICY_EDIT,
                Right.ASSIGNMENT_EDIT,
                Right.IMPORT_RUN,
                Right.NIGHT_VIEW,
                Right.TEAM_VIEW,
                Right.TEAM_EDIT,
                Right.TENANT_EDIT,
                Right.EVENT_VIEW,
                Right.API_KEY,
            }
        ),
        customers=Scope.TENANT,
    ),
    Role.AUDITOR: RoleGrant(
        frozenset(
            _READ
            | _SECRETS
            | {Right.DISPUTE_VIEW, Right.COMMISSION_REVIEW, Right.NIGHT_VIEW, Right.TEAM_VIEW}
            | {Right.EVENT_VIEW, Right.API_KEY}
        ),
        customers=Scope.TENANT,
        commission=Scope.TENANT,
    ),
}

# What nobody may any more from the day he is known to leave: his customers are others' to hand over, and
# a key would carry the company's data out.
LOST_ON_LEAVING = frozenset(
    {
        Right.OWNERSHIP_TRANSFER,
        Right.OWNERSHIP_OVERRIDE,
        Right.POOL_CLAIM,
        Right.IMPORT_RUN,
        Right.API_KEY,
        Right.PAYROLL_EXPORT,
    }
)
