"""What each role may do, see and reach, as data: one table, after domain.md §5.

A member may hold several roles; the rights add up and the widest row scope wins.
"""

from dataclasses import dataclass

from crm.accounts.rights import Band, Right, Role, Scope


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
