"""Every address × role × {own, out of scope, another tenant's, absent}: who may what, in one table.

A new address without a row fails the build. One line adds it:

    "customers:contract": Row(get=Right.CONTRACT_VIEW, of="contract"),
    "api:contracts-list": Row(get=Right.CONTRACT_VIEW, post=Right.CONTRACT_SIGN),
    "api:contracts-detail": Row(get=Right.CONTRACT_VIEW, patch=NOBODY, of="contract"),

A right, several in a tuple (all are needed), ANY(…) for one of several, EVERYBODY for every member,
NOBODY for a method that does not exist. `of` names the kind of record in the address; a new kind is
one entry of KINDS in crm.tests.kinds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.urls import URLPattern, get_resolver

from crm.accounts.rights import Right


@dataclass(frozen=True)
class ANY:
    """One of these rights is enough."""

    rights: tuple[Right, ...]

    def __init__(self, *rights: Right) -> None:
        object.__setattr__(self, "rights", rights)


FOLLOWS_UP = ANY(Right.INTERACTION_LOG, Right.FOLLOW_UP_ASSIGN)
SEES_POOL = ANY(Right.POOL_CLAIM, Right.OWNERSHIP_TRANSFER)
MAKES_SEGMENTS = ANY(Right.CUSTOMER_EDIT, Right.FOLLOW_UP_ASSIGN, Right.POLICY_EDIT)
# Who sees news of every customer without being the one to answer it.
LOOKS_ON = {"post": frozenset({"he", "qian", "tian", "an", "shen"})}
# Who sees the disputes of the matrix without being a side of them (李娜 in hers) or their judge (高远).
NO_SIDE = {"post": frozenset({"gao", "chen", "qian", "tian", "shen"})}
NO_CLAIMANT = {"post": NO_SIDE["post"] | {"li"}}
NO_JUDGE = {"post": NO_CLAIMANT["post"] - {"gao"}}
RUNS_PERIODS = ANY(Right.PERIOD_CALCULATE, Right.PERIOD_APPROVE)
STUDIES_PLANS = ANY(Right.PLAN_EDIT, Right.PLAN_APPROVE)
READS_PLANS = ANY(Right.COMMISSION_OWN, Right.COMMISSION_REVIEW, Right.PLAN_EDIT, Right.PLAN_APPROVE)
EVERYBODY: tuple[Right, ...] = ()
NOBODY = None
SEES_COMMISSION = ANY(Right.COMMISSION_OWN, Right.COMMISSION_REVIEW)
READS_DISPUTE_RULES = ANY(Right.COMMISSION_OWN, Right.COMMISSION_REVIEW, Right.POLICY_EDIT)
Needs = Right | tuple[Right, ...] | ANY | None


@dataclass(frozen=True)
class Row:
    """What one address needs, method by method.

    `takes` gives arguments of the address besides the record. `asks` says that a GET needs more than
    the matrix gives (a word in the address, a row not there yet), and may answer 302, 400 or 404.
    `but_not` are, by method, people who hold the right and see the record, and still may not act on it.
    """

    get: Needs = NOBODY
    post: Needs = NOBODY
    patch: Needs = NOBODY
    delete: Needs = NOBODY
    of: str = ""
    takes: Mapping[str, Any] = field(default_factory=dict)
    asks: bool = False
    but_not: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def needs(self, method: str) -> Needs:
        return getattr(self, method)


ROWS: dict[str, Row] = {
    "accounts:profile": Row(get=EVERYBODY, post=EVERYBODY),
    "accounts:keys": Row(get=Right.API_KEY, post=Right.API_KEY),
    "accounts:key-revoke": Row(post=Right.API_KEY, of="key"),
    "accounts:team": Row(get=Right.TEAM_VIEW),
    "accounts:member-new": Row(get=Right.TEAM_EDIT, post=Right.TEAM_EDIT),
    "accounts:member": Row(get=Right.TEAM_EDIT, post=Right.TEAM_EDIT, of="member"),
    "accounts:member-invite": Row(post=Right.TEAM_EDIT, of="member"),
    "accounts:department-new": Row(get=Right.TEAM_EDIT, post=Right.TEAM_EDIT),
    "accounts:department": Row(get=Right.TEAM_EDIT, post=Right.TEAM_EDIT, of="department"),
    "dashboards:home": Row(get=EVERYBODY),
    "dashboards:behind": Row(
        get=(Right.SEE_AMOUNT, Right.CONTRACT_VIEW), takes={"figure": "signed"}, asks=True
    ),
    "dashboards:palette": Row(get=EVERYBODY),
    "dashboards:book": Row(get=Right.CUSTOMER_VIEW),
    "dashboards:book-filter": Row(get=Right.CUSTOMER_VIEW, asks=True),
    "dashboards:customer": Row(get=Right.CUSTOMER_VIEW, of="customer"),
    "dashboards:customer-contracts": Row(get=(Right.CUSTOMER_VIEW, Right.CONTRACT_VIEW), of="customer"),
    "dashboards:customer-contacts": Row(get=Right.CUSTOMER_VIEW, of="customer"),
    "dashboards:customer-ownership": Row(get=Right.CUSTOMER_VIEW, of="customer"),
    "dashboards:log": Row(post=Right.INTERACTION_LOG, of="customer"),
    "dashboards:sign": Row(get=Right.CONTRACT_SIGN, post=Right.CONTRACT_SIGN, of="customer"),
    "dashboards:sign-estimate": Row(post=Right.CONTRACT_SIGN, of="customer"),
    "dashboards:why-tier": Row(get=Right.CUSTOMER_VIEW, of="customer"),
    "dashboards:why-owner": Row(get=Right.CUSTOMER_VIEW, of="customer"),
    "customers:segments": Row(get=Right.CUSTOMER_VIEW),
    "customers:segment-new": Row(get=MAKES_SEGMENTS, post=MAKES_SEGMENTS),
    "customers:segment": Row(get=Right.CUSTOMER_VIEW, of="segment"),
    "customers:segment-edit": Row(get=MAKES_SEGMENTS, post=MAKES_SEGMENTS, of="segment"),
    "customers:segment-remove": Row(post=MAKES_SEGMENTS, of="segment"),
    "customers:new": Row(get=Right.CUSTOMER_EDIT, post=Right.CUSTOMER_EDIT),
    "customers:known": Row(get=Right.CUSTOMER_EDIT),
    "customers:check": Row(get=Right.CUSTOMER_VIEW),
    "customers:edit": Row(get=Right.CUSTOMER_EDIT, post=Right.CUSTOMER_EDIT, of="customer"),
    "customers:family": Row(get=Right.CUSTOMER_VIEW, of="customer"),
    "customers:transfer": Row(get=Right.OWNERSHIP_TRANSFER, post=Right.OWNERSHIP_TRANSFER, of="customer"),
    "customers:collaborator-new": Row(get=Right.CUSTOMER_EDIT, post=Right.CUSTOMER_EDIT, of="customer"),
    "customers:collaborator-remove": Row(post=Right.CUSTOMER_EDIT, of="collaboration"),
    "customers:transfer-many": Row(post=Right.OWNERSHIP_TRANSFER),
    "customers:return": Row(get=Right.POOL_CLAIM, post=Right.POOL_CLAIM, of="customer"),
    "customers:lock": Row(get=Right.OWNERSHIP_TRANSFER, post=Right.OWNERSHIP_TRANSFER, of="customer"),
    "customers:assignment": Row(get=Right.CUSTOMER_VIEW),
    "customers:assignment-new": Row(get=Right.ASSIGNMENT_EDIT, post=Right.ASSIGNMENT_EDIT),
    "customers:arrangements": Row(get=Right.CUSTOMER_VIEW),
    "customers:arrangement-end": Row(post=Right.OWNERSHIP_OVERRIDE, of="arrangement"),
    "customers:arrangement-new": Row(
        get=Right.OWNERSHIP_OVERRIDE, post=Right.OWNERSHIP_OVERRIDE, of="customer"
    ),
    "customers:remits": Row(get=Right.TEAM_VIEW),
    "customers:remit": Row(get=Right.ASSIGNMENT_EDIT, post=Right.ASSIGNMENT_EDIT, of="department"),
    "customers:assignment-withdraw": Row(post=Right.ASSIGNMENT_EDIT, of="assignment policy"),
    "customers:pool": Row(get=SEES_POOL),
    "customers:claim": Row(post=Right.POOL_CLAIM, of="pooled"),
    "customers:deal": Row(post=Right.OWNERSHIP_TRANSFER),
    "customers:dropping": Row(get=Right.CUSTOMER_VIEW),
    "customers:extend": Row(get=Right.POOL_CLAIM, post=Right.POOL_CLAIM, of="customer"),
    "customers:extensions": Row(get=Right.CUSTOMER_VIEW),
    "customers:extension": Row(get=Right.CUSTOMER_VIEW, of="extension"),
    "customers:extension-grant": Row(post=Right.OWNERSHIP_TRANSFER, of="extension"),
    "customers:extension-refuse": Row(post=Right.OWNERSHIP_TRANSFER, of="extension"),
    "customers:pool-rules": Row(get=Right.CUSTOMER_VIEW),
    "customers:pool-new": Row(get=Right.POLICY_EDIT, post=Right.POLICY_EDIT),
    "customers:pool-new-rules": Row(get=Right.POLICY_EDIT, post=Right.POLICY_EDIT, of="pool"),
    "customers:contact-new": Row(get=Right.CUSTOMER_EDIT, post=Right.CUSTOMER_EDIT, of="customer"),
    "customers:contact-edit": Row(get=Right.CUSTOMER_EDIT, post=Right.CUSTOMER_EDIT, of="contact"),
    "customers:tag-add": Row(post=Right.CUSTOMER_EDIT, of="customer"),
    "customers:tag-remove": Row(post=Right.CUSTOMER_EDIT, of="customer", takes={"tag_id": UUID(int=1)}),
    "customers:customer-options": Row(get=Right.CUSTOMER_VIEW),
    "customers:contract-options": Row(get=Right.CONTRACT_VIEW),
    "customers:member-options": Row(get=Right.TEAM_VIEW),
    "customers:department-options": Row(get=Right.TEAM_VIEW),
    "customers:payee-options": Row(get=Right.TEAM_VIEW),
    "customers:intel": Row(get=Right.CUSTOMER_VIEW),
    "customers:intel-new": Row(get=Right.CUSTOMER_VIEW, post=Right.CUSTOMER_VIEW, asks=True),
    "customers:intel-counts": Row(get=(Right.CUSTOMER_VIEW, Right.FOLLOW_UP_ASSIGN)),
    "customers:intel-one": Row(get=Right.CUSTOMER_VIEW, of="intel"),
    "customers:intel-acknowledge": Row(post=Right.CUSTOMER_VIEW, of="intel", but_not=LOOKS_ON),
    "customers:intel-thank": Row(post=Right.CUSTOMER_VIEW, of="intel", but_not=LOOKS_ON),
    "customers:registrations": Row(get=Right.CUSTOMER_VIEW),
    "customers:registration-new": Row(get=Right.CUSTOMER_EDIT, post=Right.CUSTOMER_EDIT),
    "customers:registration": Row(get=Right.CUSTOMER_VIEW, of="registration"),
    "customers:disputes": Row(get=Right.DISPUTE_VIEW),
    "customers:dispute-new": Row(get=Right.DISPUTE_OPEN, post=Right.DISPUTE_OPEN, asks=True),
    "customers:dispute": Row(get=Right.DISPUTE_VIEW, of="dispute"),
    "customers:dispute-bring": Row(post=Right.DISPUTE_VIEW, of="dispute", but_not=NO_SIDE),
    "customers:dispute-answer": Row(post=Right.DISPUTE_VIEW, of="dispute", but_not=NO_SIDE),
    "customers:dispute-appeal": Row(post=Right.DISPUTE_VIEW, of="dispute", but_not=NO_SIDE),
    "customers:dispute-withdraw": Row(post=Right.DISPUTE_VIEW, of="dispute", but_not=NO_CLAIMANT),
    "customers:dispute-rule": Row(post=Right.DISPUTE_VIEW, of="dispute", but_not=NO_JUDGE),
    "customers:handovers": Row(get=Right.OWNERSHIP_TRANSFER),
    "customers:handover": Row(get=Right.OWNERSHIP_TRANSFER, of="handover"),
    "customers:handover-undo": Row(post=Right.OWNERSHIP_TRANSFER, of="handover"),
    "dashboards:hand-over": Row(get=Right.OWNERSHIP_TRANSFER, post=Right.OWNERSHIP_TRANSFER),
    "customers:splits": Row(get=Right.CONTRACT_VIEW),
    "customers:split": Row(get=Right.CONTRACT_VIEW, of="split contract"),
    "customers:split-confirm": Row(post=Right.CREDIT_CONFIRM, of="split contract"),
    "customers:split-refuse": Row(post=Right.CREDIT_CONFIRM, of="split contract"),
    "customers:split-edit": Row(get=Right.CONTRACT_SIGN, post=Right.CONTRACT_SIGN, of="split contract"),
    "customers:contracts": Row(get=Right.CONTRACT_VIEW),
    "customers:contract": Row(get=Right.CONTRACT_VIEW, of="contract"),
    "customers:receipt": Row(get=Right.PAYMENT_RECORD, post=Right.PAYMENT_RECORD, of="contract"),
    "customers:refund": Row(get=Right.PAYMENT_RECORD, post=Right.PAYMENT_RECORD, of="contract"),
    "customers:expense": Row(get=Right.EXPENSE_RECORD, post=Right.EXPENSE_RECORD, of="contract"),
    "customers:amendment": Row(get=Right.CONTRACT_SIGN, post=Right.CONTRACT_SIGN, of="contract"),
    "customers:cancellation": Row(get=Right.CONTRACT_SIGN, post=Right.CONTRACT_SIGN, of="contract"),
    "customers:receivables": Row(get=(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT)),
    "customers:receivable-items": Row(get=(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT)),
    "customers:credit-terms": Row(get=Right.PAYMENT_RECORD, post=Right.PAYMENT_RECORD, of="contract"),
    "customers:write-offs": Row(get=(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT)),
    "customers:write-off": Row(get=(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT), of="write-off"),
    "customers:write-off-new": Row(get=Right.PAYMENT_RECORD, post=Right.PAYMENT_RECORD, of="contract"),
    **{
        f"{prefix}-{act}": Row(post=right, of="write-off")
        for prefix, acts in (
            ("customers:write-off", ("approve", "refuse", "withdraw", "correct")),
            ("api:write-offs", ("approval", "refusal", "withdrawal", "correction")),
        )
        for act, right in zip(
            acts, (Right.WRITE_OFF_APPROVE, Right.WRITE_OFF_APPROVE, *[Right.PAYMENT_RECORD] * 2), strict=True
        )
    },
    "api:write-offs-list": Row(get=Right.RECEIVABLE_VIEW, post=Right.PAYMENT_RECORD),
    "api:write-offs-detail": Row(get=Right.RECEIVABLE_VIEW, of="write-off"),
    "customers:dunning-rules": Row(get=Right.CUSTOMER_VIEW, post=Right.POLICY_EDIT),
    "api:dunnings-list": Row(get=Right.RECEIVABLE_VIEW),
    "api:dunnings-detail": Row(get=Right.RECEIVABLE_VIEW, of="dunning"),
    "api:dunning-policies-list": Row(get=Right.CUSTOMER_VIEW, post=Right.POLICY_EDIT),
    "api:dunning-policies-detail": Row(get=Right.CUSTOMER_VIEW, of="dunning policy"),
    "customers:bank-lines": Row(get=(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT)),
    "customers:bank-line": Row(get=(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT), of="bank line"),
    **{
        f"{prefix}-{act}": Row(post=Right.PAYMENT_RECORD, of="bank line")
        for prefix, acts in (
            ("customers:bank-line", ("match", "aside", "reopen")),
            ("api:bank-lines", ("matching", "setting-aside", "reopening")),
        )
        for act in acts
    },
    "api:bank-lines-list": Row(get=Right.RECEIVABLE_VIEW),
    "api:bank-lines-detail": Row(get=Right.RECEIVABLE_VIEW, of="bank line"),
    "api:bank-lines-suggestions": Row(get=Right.RECEIVABLE_VIEW, of="bank line"),
    "customers:reconciliations": Row(get=(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT)),
    "customers:reconciliation-new": Row(get=Right.PAYMENT_RECORD, post=Right.PAYMENT_RECORD),
    "customers:reconciliation": Row(get=(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT), of="reconciliation"),
    "customers:reconciliation-pdf": Row(get=(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT), of="reconciliation"),
    **{
        f"{prefix}-{act}": Row(post=Right.PAYMENT_RECORD, of="reconciliation")
        for prefix, acts in (
            ("customers:reconciliation", ("send", "sign", "disagree", "redraft", "discard")),
            ("api:reconciliations", ("sending", "signature", "disagreement", "redraft")),
        )
        for act in acts
    },
    "api:reconciliations-list": Row(get=Right.RECEIVABLE_VIEW, post=Right.PAYMENT_RECORD),
    "api:reconciliations-detail": Row(
        get=Right.RECEIVABLE_VIEW, delete=Right.PAYMENT_RECORD, of="reconciliation"
    ),
    "api:reconciliations-pdf": Row(get=(Right.RECEIVABLE_VIEW, Right.SEE_AMOUNT), of="reconciliation"),
    "commissions:mine": Row(get=ANY(Right.COMMISSION_OWN, Right.COMMISSION_REVIEW), asks=True),
    "commissions:to-come": Row(get=Right.COMMISSION_OWN),
    "commissions:entries": Row(get=ANY(Right.COMMISSION_OWN, Right.COMMISSION_REVIEW)),
    "commissions:review": Row(get=Right.COMMISSION_REVIEW),
    "commissions:periods": Row(get=Right.COMMISSION_REVIEW),
    "commissions:period": Row(get=Right.COMMISSION_REVIEW, of="period"),
    "commissions:commencement": Row(get=RUNS_PERIODS, post=Right.PERIOD_CALCULATE),
    "commissions:commencement-approve": Row(post=Right.PERIOD_APPROVE, of="commencement"),
    "commissions:commencement-withdraw": Row(post=RUNS_PERIODS, of="commencement"),
    "api:commencements-list": Row(get=Right.COMMISSION_REVIEW, post=Right.PERIOD_CALCULATE),
    "api:commencements-detail": Row(get=Right.COMMISSION_REVIEW, of="commencement"),
    "api:commencements-approval": Row(post=Right.PERIOD_APPROVE, of="commencement"),
    "api:commencements-withdrawal": Row(post=RUNS_PERIODS, of="commencement"),
    "commissions:period-rows": Row(
        get=Right.COMMISSION_REVIEW,
        of="period",
        takes={"key": "accruals"},
        but_not={"get": frozenset({"chen"})},
    ),
    **{
        f"{prefix}:{name}": Row(post=right, of="period")
        for act, right in (
            ("calculation", Right.PERIOD_CALCULATE),
            ("review", Right.PERIOD_REVIEW),
            ("approval", Right.PERIOD_APPROVE),
            ("payout", Right.PERIOD_PAY),
            ("close", Right.PERIOD_PAY),
        )
        for prefix, name in (("commissions", f"period-{act}"), ("api", f"periods-{act}"))
    },
    "commissions:statement": Row(get=ANY(Right.COMMISSION_OWN, Right.COMMISSION_REVIEW), of="statement"),
    "commissions:payroll-file": Row(get=Right.PAYROLL_EXPORT, of="period", takes={"kind": "csv"}),
    "commissions:costs-file": Row(get=Right.PAYROLL_EXPORT, of="period", takes={"kind": "csv"}),
    "api:periods-payroll": Row(get=Right.PAYROLL_EXPORT, of="period"),
    "api:periods-costs": Row(get=Right.PAYROLL_EXPORT, of="period"),
    "commissions:statement-pdf": Row(get=ANY(Right.COMMISSION_OWN, Right.COMMISSION_REVIEW), of="statement"),
    "commissions:statement-confirm": Row(post=Right.COMMISSION_OWN, of="own statement"),
    "commissions:plans": Row(get=READS_PLANS),
    "commissions:plan-new": Row(get=Right.PLAN_EDIT, post=Right.PLAN_EDIT),
    "commissions:plan": Row(get=READS_PLANS, of="plan"),
    "commissions:plan-draft": Row(post=Right.PLAN_EDIT, of="plan"),
    "commissions:plan-assign": Row(get=Right.PLAN_APPROVE, post=Right.PLAN_APPROVE, of="plan"),
    "commissions:assignment-end": Row(get=Right.PLAN_APPROVE, post=Right.PLAN_APPROVE, of="plan assignment"),
    "commissions:plan-version": Row(get=READS_PLANS, of="plan version"),
    "commissions:plan-version-edit": Row(get=Right.PLAN_EDIT, post=Right.PLAN_EDIT, of="plan draft"),
    "commissions:plan-version-examples": Row(post=Right.PLAN_EDIT, of="plan draft"),
    "commissions:plan-version-lint": Row(get=STUDIES_PLANS, of="plan draft"),
    "commissions:plan-version-protect": Row(post=Right.PLAN_EDIT, of="plan draft"),
    "commissions:replay-new": Row(get=STUDIES_PLANS, post=STUDIES_PLANS, of="plan draft"),
    "commissions:replay": Row(get=STUDIES_PLANS, of="replay"),
    "commissions:replay-contracts": Row(get=STUDIES_PLANS, of="replay", asks=True),
    "commissions:replay-contract": Row(
        get=STUDIES_PLANS, of="replay", takes={"contract_id": UUID(int=1)}, asks=True
    ),
    "commissions:plan-version-submit": Row(post=Right.PLAN_EDIT, of="plan draft"),
    "commissions:plan-version-recall": Row(post=Right.PLAN_EDIT, of="plan draft"),
    "commissions:plan-version-approve": Row(post=Right.PLAN_APPROVE, of="plan draft"),
    "commissions:plan-version-refuse": Row(post=Right.PLAN_APPROVE, of="plan draft"),
    "commissions:plan-version-withdraw": Row(post=Right.PLAN_EDIT, of="plan draft"),
    "commissions:plan-version-discard": Row(post=Right.PLAN_EDIT, of="plan draft"),
    "commissions:disputes": Row(get=SEES_COMMISSION),
    "commissions:dispute-rules": Row(get=READS_DISPUTE_RULES, post=Right.POLICY_EDIT),
    "commissions:dispute-new": Row(get=Right.COMMISSION_OWN, post=Right.COMMISSION_OWN, of="own line"),
    "commissions:dispute": Row(get=SEES_COMMISSION, of="line dispute"),
    "commissions:dispute-take": Row(post=Right.COMMISSION_ANSWER, of="line dispute"),
    "commissions:dispute-answer": Row(post=Right.COMMISSION_ANSWER, of="line dispute"),
    "commissions:dispute-withdraw": Row(post=Right.COMMISSION_OWN, of="line dispute"),
    "commissions:adjustments": Row(get=Right.COMMISSION_REVIEW),
    "commissions:adjustment-new": Row(get=Right.ADJUSTMENT_PROPOSE, post=Right.ADJUSTMENT_PROPOSE),
    "commissions:adjustment-payees": Row(get=Right.ADJUSTMENT_PROPOSE),
    "commissions:adjustment": Row(get=SEES_COMMISSION, of="adjustment"),
    "commissions:adjustment-approve": Row(post=Right.ADJUSTMENT_APPROVE, of="adjustment"),
    "commissions:adjustment-refuse": Row(post=Right.ADJUSTMENT_APPROVE, of="adjustment"),
    "commissions:adjustment-withdraw": Row(post=Right.ADJUSTMENT_PROPOSE, of="adjustment"),
    "commissions:attachment": Row(get=SEES_COMMISSION, of="attachment"),
    "commissions:entry-why": Row(get=EVERYBODY, of="entry"),
    "commissions:entitlement-why": Row(get=EVERYBODY, of="entitlement"),
    "commissions:pools": Row(get=Right.COMMISSION_REVIEW),
    "commissions:pool": Row(get=Right.COMMISSION_REVIEW, of="department pool"),
    "commissions:pool-distribute": Row(
        post=(Right.COMMISSION_REVIEW, Right.CREDIT_CONFIRM), of="department pool"
    ),
    "api:pool-distributions-list": Row(get=Right.COMMISSION_REVIEW),
    "api:pool-distributions-detail": Row(get=Right.COMMISSION_REVIEW, of="department pool"),
    "api:pool-distributions-distribution": Row(post=Right.CREDIT_CONFIRM, of="department pool"),
    "commissions:contract-why": Row(get=Right.COMMISSION_OWN, of="paid contract"),
    "commissions:contract-releases": Row(get=(Right.PAYMENT_RECORD, Right.COMMISSION_REVIEW), of="contract"),
    "commissions:contract-pays": Row(get=Right.COMMISSION_OWN, takes={"contract_id": UUID(int=1)}),
    "commissions:payee-statement": Row(get=Right.COMMISSION_REVIEW, of="payee", takes={"kind": "member"}),
    "commissions:payee-to-come": Row(get=Right.COMMISSION_REVIEW, of="payee", takes={"kind": "member"}),
    "commissions:payee-contract-why": Row(
        get=Right.COMMISSION_REVIEW, of="payee's contract", takes={"kind": "member"}
    ),
    "lifecycle:risks": Row(get=Right.RISK_VIEW),
    "lifecycle:risk-why": Row(get=Right.RISK_VIEW, of="customer"),
    "lifecycle:stage-why": Row(get=Right.CUSTOMER_VIEW, of="customer"),
    "lifecycle:follow-ups": Row(get=ANY(Right.INTERACTION_LOG, Right.FOLLOW_UP_ASSIGN)),
    "lifecycle:neglect": Row(get=FOLLOWS_UP),
    "lifecycle:neglect-rules": Row(get=Right.CUSTOMER_VIEW, post=Right.POLICY_EDIT),
    "lifecycle:follow-up-new": Row(get=FOLLOWS_UP, post=FOLLOWS_UP, of="customer"),
    **{
        f"lifecycle:follow-up-{act}": Row(
            get=FOLLOWS_UP, post=FOLLOWS_UP, of="follow_up", but_not=dict.fromkeys(("get", "post"), others)
        )
        for act, others in (
            ("done", frozenset({"he"})),
            ("move", frozenset({"he"})),
            ("cancel", frozenset({"he"})),
            ("assign", frozenset({"he", "li"})),
        )
    },
    "tiers:history": Row(get=Right.CUSTOMER_VIEW, of="customer"),
    "tiers:movement": Row(get=Right.CUSTOMER_VIEW),
    "tiers:movers": Row(get=Right.CUSTOMER_VIEW),
    "tiers:night": Row(get=Right.CUSTOMER_VIEW),
    "tiers:night-of": Row(get=Right.CUSTOMER_VIEW, takes={"day": "2026-11-20"}),
    "tiers:reviews": Row(get=Right.CUSTOMER_VIEW),
    "tiers:review-new": Row(get=Right.TIER_DECIDE, post=Right.TIER_DECIDE),
    "tiers:review": Row(get=Right.CUSTOMER_VIEW, of="review"),
    "tiers:review-sign": Row(post=Right.TIER_DECIDE, of="review"),
    "tiers:review-line": Row(get=Right.CUSTOMER_VIEW, of="review line"),
    "tiers:review-propose": Row(
        post=Right.CUSTOMER_EDIT, of="review line", but_not={"post": frozenset({"chen"})}
    ),
    "tiers:review-confirm": Row(post=Right.TIER_PROPOSE, of="review line"),
    "tiers:decisions": Row(get=Right.CUSTOMER_VIEW),
    "tiers:decision-new": Row(get=Right.TIER_PROPOSE, post=Right.TIER_PROPOSE, of="customer"),
    "tiers:decision-end": Row(post=Right.TIER_DECIDE, of="tier decision"),
    "tiers:proposals": Row(get=Right.CUSTOMER_VIEW),
    "tiers:proposal": Row(get=Right.CUSTOMER_VIEW, of="tier proposal"),
    "tiers:proposal-approve": Row(post=Right.TIER_DECIDE, of="tier proposal"),
    "tiers:proposal-refuse": Row(post=Right.TIER_PROPOSE, of="tier proposal"),
    "tiers:policies": Row(get=Right.CUSTOMER_VIEW),
    "tiers:policy-new": Row(get=Right.POLICY_EDIT, post=Right.POLICY_EDIT),
    "tiers:strategies": Row(get=Right.CUSTOMER_VIEW),
    "tiers:strategy-new": Row(get=Right.POLICY_EDIT, post=Right.POLICY_EDIT),
    "tiers:strategy-change": Row(get=Right.POLICY_EDIT, post=Right.POLICY_EDIT, of="strategy"),
    "tiers:strategy-end": Row(post=Right.POLICY_EDIT, of="strategy"),
    "tiers:strategy-why": Row(get=Right.CUSTOMER_VIEW, of="served customer"),
    "tiers:value": Row(get=Right.CUSTOMER_VIEW),
    "tiers:value-rules": Row(get=Right.POLICY_EDIT, post=Right.POLICY_EDIT),
    "tiers:value-why": Row(get=Right.CUSTOMER_VIEW, of="valued customer"),
    "tiers:policy-withdraw": Row(post=Right.POLICY_EDIT, of="tier policy"),
    "integrations:imports": Row(get=Right.IMPORT_RUN),
    "integrations:import-new": Row(get=Right.IMPORT_RUN, post=Right.IMPORT_RUN),
    "integrations:import": Row(get=Right.IMPORT_RUN, of="import", asks=True),
    "integrations:import-mapping": Row(get=Right.IMPORT_RUN, post=Right.IMPORT_RUN, of="import"),
    "integrations:import-run": Row(post=Right.IMPORT_RUN, of="import"),
    "integrations:import-resume": Row(post=Right.IMPORT_RUN, of="import"),
    "integrations:import-errors": Row(get=Right.IMPORT_RUN, of="import"),
    "integrations:import-refused": Row(get=Right.IMPORT_RUN, of="import", asks=True),
    "nightly:runs": Row(get=Right.NIGHT_VIEW),
    "nightly:run": Row(get=Right.NIGHT_VIEW, of="night"),
    "nightly:again": Row(post=(Right.NIGHT_VIEW, Right.TENANT_EDIT), of="night"),
    "api:me": Row(get=EVERYBODY),
    "api:tenant": Row(get=EVERYBODY, patch=Right.TENANT_EDIT),
    "api:roles": Row(get=Right.TEAM_VIEW),
    "api:departments-list": Row(get=Right.TEAM_VIEW, post=Right.TEAM_EDIT),
    "api:departments-detail": Row(get=Right.TEAM_VIEW, patch=Right.TEAM_EDIT, of="department"),
    "api:members-list": Row(get=Right.TEAM_VIEW, post=Right.TEAM_EDIT),
    "api:members-detail": Row(get=Right.TEAM_VIEW, patch=Right.TEAM_EDIT, of="member"),
    "api:customers-list": Row(get=Right.CUSTOMER_VIEW, post=Right.CUSTOMER_EDIT),
    "api:customers-detail": Row(get=Right.CUSTOMER_VIEW, patch=Right.CUSTOMER_EDIT, of="customer"),
    "api:customer-timeline": Row(get=Right.CUSTOMER_VIEW, of="customer"),
    "api:customer-why": Row(get=Right.CUSTOMER_VIEW, of="customer"),
    "api:customer-family": Row(get=Right.CUSTOMER_VIEW, of="customer"),
    "api:contacts-list": Row(get=Right.CUSTOMER_VIEW, post=Right.CUSTOMER_EDIT),
    "api:contacts-detail": Row(
        get=Right.CUSTOMER_VIEW, patch=Right.CUSTOMER_EDIT, delete=Right.CUSTOMER_EDIT, of="contact"
    ),
    "api:tags-list": Row(get=Right.CUSTOMER_VIEW, post=Right.CUSTOMER_EDIT),
    "api:tags-detail": Row(get=Right.CUSTOMER_VIEW, of="tag"),
    "api:contracts-list": Row(get=Right.CONTRACT_VIEW, post=Right.CONTRACT_SIGN),
    "api:contracts-detail": Row(get=Right.CONTRACT_VIEW, of="contract"),
    "api:contracts-renewal": Row(post=Right.CONTRACT_SIGN, of="contract"),
    "api:contracts-amendment": Row(post=Right.CONTRACT_SIGN, of="contract"),
    "api:contracts-cancellation": Row(post=Right.CONTRACT_SIGN, of="contract"),
    "api:contracts-split": Row(post=Right.CONTRACT_SIGN, of="contract"),
    "api:split-confirmations-list": Row(get=Right.CONTRACT_VIEW),
    "api:split-confirmations-detail": Row(get=Right.CONTRACT_VIEW, of="split confirmation"),
    "api:split-confirmations-confirmation": Row(post=Right.CREDIT_CONFIRM, of="split confirmation"),
    "api:split-confirmations-refusal": Row(post=Right.CREDIT_CONFIRM, of="split confirmation"),
    "api:contract-expenses-list": Row(get=Right.SEE_EXPENSE, post=Right.EXPENSE_RECORD),
    "api:contract-expenses-detail": Row(get=Right.SEE_EXPENSE, of="expense"),
    "api:receivables-list": Row(get=Right.RECEIVABLE_VIEW),
    "api:receivables-detail": Row(get=Right.RECEIVABLE_VIEW, of="receivable"),
    "api:receivable-accounts-list": Row(get=Right.RECEIVABLE_VIEW),
    "api:receivable-accounts-detail": Row(get=Right.RECEIVABLE_VIEW, of="contract"),
    "api:receivable-ageing": Row(get=Right.RECEIVABLE_VIEW),
    "api:credit-terms-list": Row(get=Right.RECEIVABLE_VIEW, post=Right.PAYMENT_RECORD),
    "api:credit-terms-detail": Row(get=Right.RECEIVABLE_VIEW, of="credit terms"),
    "api:payments-list": Row(get=Right.RECEIVABLE_VIEW, post=Right.PAYMENT_RECORD),
    "api:payments-detail": Row(get=Right.RECEIVABLE_VIEW, of="payment"),
    "api:interactions-list": Row(get=Right.INTERACTION_VIEW, post=Right.INTERACTION_LOG),
    "api:interactions-detail": Row(get=Right.INTERACTION_VIEW, of="interaction"),
    "api:usage-list": Row(get=Right.CUSTOMER_VIEW),
    "api:usage-detail": Row(get=Right.CUSTOMER_VIEW, of="usage"),
    "api:ownerships-list": Row(get=Right.CUSTOMER_VIEW),
    "api:ownerships-detail": Row(get=Right.CUSTOMER_VIEW, of="ownership"),
    "api:pools-list": Row(get=Right.CUSTOMER_VIEW, post=Right.POLICY_EDIT),
    "api:pools-detail": Row(get=Right.CUSTOMER_VIEW, of="pool"),
    "api:pool-customers": Row(get=Right.POOL_CLAIM, of="pool"),
    "api:pool-policies-list": Row(get=Right.CUSTOMER_VIEW, post=Right.POLICY_EDIT),
    "api:pool-policies-detail": Row(get=Right.CUSTOMER_VIEW, of="pool policy"),
    "api:assignment-policies-list": Row(get=Right.CUSTOMER_VIEW, post=Right.ASSIGNMENT_EDIT),
    "api:assignment-policies-detail": Row(
        get=Right.CUSTOMER_VIEW, delete=Right.ASSIGNMENT_EDIT, of="assignment policy"
    ),
    "api:arrangements-list": Row(get=Right.CUSTOMER_VIEW, post=Right.OWNERSHIP_OVERRIDE),
    "api:arrangements-detail": Row(
        get=Right.CUSTOMER_VIEW, delete=Right.OWNERSHIP_OVERRIDE, of="arrangement"
    ),
    "api:remits-list": Row(get=Right.TEAM_VIEW),
    "api:remits-detail": Row(get=Right.TEAM_VIEW, patch=Right.ASSIGNMENT_EDIT, of="department"),
    "api:remit-overlaps": Row(get=Right.TEAM_VIEW),
    "api:assignment-policies-preview": Row(post=Right.ASSIGNMENT_EDIT),
    "api:claims-list": Row(get=Right.CUSTOMER_VIEW, post=Right.POOL_CLAIM),
    "api:claims-detail": Row(get=Right.CUSTOMER_VIEW, of="claim"),
    "api:extensions-list": Row(get=Right.CUSTOMER_VIEW, post=Right.POOL_CLAIM),
    "api:extensions-detail": Row(get=Right.CUSTOMER_VIEW, of="extension"),
    "api:extensions-grant": Row(post=Right.OWNERSHIP_TRANSFER, of="extension"),
    "api:extensions-refusal": Row(post=Right.OWNERSHIP_TRANSFER, of="extension"),
    "api:returns": Row(post=Right.POOL_CLAIM),
    "api:distributions": Row(post=Right.OWNERSHIP_TRANSFER),
    "api:customer-intel-list": Row(get=Right.CUSTOMER_VIEW, post=Right.CUSTOMER_VIEW),
    "api:customer-intel-detail": Row(get=Right.CUSTOMER_VIEW, of="intel"),
    "api:customer-intel-acknowledgement": Row(post=Right.CUSTOMER_VIEW, of="intel", but_not=LOOKS_ON),
    "api:customer-intel-thanks": Row(post=Right.CUSTOMER_VIEW, of="intel", but_not=LOOKS_ON),
    "api:customer-intel-counts": Row(get=Right.FOLLOW_UP_ASSIGN),
    "api:registrations-list": Row(get=Right.CUSTOMER_VIEW, post=Right.CUSTOMER_EDIT),
    "api:registrations-detail": Row(get=Right.CUSTOMER_VIEW, of="registration"),
    "api:ownership-disputes-list": Row(get=Right.DISPUTE_VIEW, post=Right.DISPUTE_OPEN),
    "api:ownership-disputes-detail": Row(get=Right.DISPUTE_VIEW, of="dispute"),
    "api:ownership-dispute-proposal": Row(get=Right.DISPUTE_VIEW, of="dispute"),
    "api:ownership-disputes-evidence": Row(post=Right.DISPUTE_VIEW, of="dispute", but_not=NO_SIDE),
    "api:ownership-disputes-answer": Row(post=Right.DISPUTE_VIEW, of="dispute", but_not=NO_SIDE),
    "api:ownership-disputes-appeal": Row(post=Right.DISPUTE_VIEW, of="dispute", but_not=NO_SIDE),
    "api:ownership-disputes-withdrawal": Row(post=Right.DISPUTE_VIEW, of="dispute", but_not=NO_CLAIMANT),
    "api:ownership-disputes-ruling": Row(post=Right.DISPUTE_VIEW, of="dispute", but_not=NO_JUDGE),
    "api:dispute-evidence-list": Row(get=Right.DISPUTE_VIEW),
    "api:dispute-evidence-detail": Row(get=Right.DISPUTE_VIEW, of="evidence"),
    "api:dispute-rulings-list": Row(get=Right.DISPUTE_VIEW),
    "api:dispute-rulings-detail": Row(get=Right.DISPUTE_VIEW, of="ruling"),
    "api:handovers-list": Row(get=Right.OWNERSHIP_TRANSFER, post=Right.OWNERSHIP_TRANSFER),
    "api:handovers-detail": Row(get=Right.OWNERSHIP_TRANSFER, of="handover"),
    "api:handovers-undo": Row(post=Right.OWNERSHIP_TRANSFER, of="handover"),
    "api:handover-rows-list": Row(get=Right.OWNERSHIP_TRANSFER),
    "api:handover-rows-detail": Row(get=Right.OWNERSHIP_TRANSFER, of="handover row"),
    "api:handover-previews": Row(post=Right.OWNERSHIP_TRANSFER),
    "api:duplicate-checks": Row(post=Right.CUSTOMER_VIEW),
    "api:segments-list": Row(get=Right.CUSTOMER_VIEW, post=MAKES_SEGMENTS),
    "api:segments-detail": Row(
        get=Right.CUSTOMER_VIEW, patch=MAKES_SEGMENTS, delete=MAKES_SEGMENTS, of="segment"
    ),
    "api:segments-number": Row(get=Right.CUSTOMER_VIEW, of="segment"),
    "api:segment-counts-list": Row(get=Right.CUSTOMER_VIEW),
    "api:segment-counts-detail": Row(get=Right.CUSTOMER_VIEW, of="segment count"),
    "api:collaborators-list": Row(get=Right.CUSTOMER_VIEW, post=Right.CUSTOMER_EDIT),
    "api:collaborators-detail": Row(get=Right.CUSTOMER_VIEW, delete=Right.CUSTOMER_EDIT, of="collaboration"),
    "api:transfers": Row(post=Right.OWNERSHIP_TRANSFER),
    "api:events-list": Row(get=Right.EVENT_VIEW),
    "api:events-detail": Row(get=Right.EVENT_VIEW, of="event"),
    "api:imports-list": Row(get=Right.IMPORT_RUN, post=Right.IMPORT_RUN),
    "api:imports-detail": Row(get=Right.IMPORT_RUN, of="import"),
    "api:import-errors": Row(get=Right.IMPORT_RUN, of="import"),
    "api:import-error-file": Row(get=Right.IMPORT_RUN, of="import", asks=True),
    "api:entries-list": Row(get=EVERYBODY),
    "api:entries-detail": Row(get=EVERYBODY, of="entry"),
    "api:periods-list": Row(get=Right.COMMISSION_REVIEW),
    "api:periods-detail": Row(get=Right.COMMISSION_REVIEW, of="period"),
    "api:disputes-list": Row(get=EVERYBODY, post=Right.COMMISSION_OWN),
    "api:disputes-detail": Row(get=EVERYBODY, of="line dispute"),
    "api:disputes-review": Row(post=Right.COMMISSION_ANSWER, of="line dispute"),
    "api:disputes-answer": Row(post=Right.COMMISSION_ANSWER, of="line dispute"),
    "api:disputes-withdrawal": Row(post=Right.COMMISSION_OWN, of="line dispute"),
    "api:dispute-policies-list": Row(get=EVERYBODY, post=Right.POLICY_EDIT),
    "api:dispute-policies-detail": Row(get=EVERYBODY, of="dispute policy"),
    "api:adjustments-list": Row(get=EVERYBODY, post=Right.ADJUSTMENT_PROPOSE),
    "api:adjustments-detail": Row(get=EVERYBODY, of="adjustment"),
    "api:adjustments-approval": Row(post=Right.ADJUSTMENT_APPROVE, of="adjustment"),
    "api:adjustments-refusal": Row(post=Right.ADJUSTMENT_APPROVE, of="adjustment"),
    "api:adjustments-withdrawal": Row(post=Right.ADJUSTMENT_PROPOSE, of="adjustment"),
    "api:attachments-list": Row(get=EVERYBODY),
    "api:attachments-detail": Row(get=EVERYBODY, of="attachment"),
    "api:attachments-content": Row(get=EVERYBODY, of="attachment"),
    "api:statements-list": Row(get=EVERYBODY),
    "api:statements-detail": Row(get=EVERYBODY, of="statement"),
    "api:statements-pdf": Row(get=EVERYBODY, of="statement"),
    "api:statements-confirmation": Row(post=Right.COMMISSION_OWN, of="statement"),
    "api:plans-list": Row(get=EVERYBODY, post=Right.PLAN_EDIT),
    "api:plans-detail": Row(get=EVERYBODY, of="plan"),
    "api:plan-versions-list": Row(get=EVERYBODY, post=Right.PLAN_EDIT),
    "api:plan-versions-detail": Row(
        get=EVERYBODY, patch=Right.PLAN_EDIT, delete=Right.PLAN_EDIT, of="plan draft"
    ),
    "api:plan-versions-submission": Row(post=Right.PLAN_EDIT, of="plan draft"),
    "api:plan-versions-lint": Row(get=STUDIES_PLANS, of="plan draft"),
    "api:plan-versions-replay": Row(get=STUDIES_PLANS, post=STUDIES_PLANS, of="plan draft", asks=True),
    "api:plan-versions-recall": Row(post=Right.PLAN_EDIT, of="plan draft"),
    "api:plan-versions-approval": Row(post=Right.PLAN_APPROVE, of="plan draft"),
    "api:plan-versions-refusal": Row(post=Right.PLAN_APPROVE, of="plan draft"),
    "api:plan-versions-withdrawal": Row(post=Right.PLAN_EDIT, of="plan draft"),
    "api:plan-assignments-list": Row(get=EVERYBODY, post=Right.PLAN_APPROVE),
    "api:plan-assignments-detail": Row(get=EVERYBODY, of="plan assignment"),
    "api:plan-assignments-end": Row(post=Right.PLAN_APPROVE, of="plan assignment"),
    "api:what-if": Row(post=EVERYBODY),
    "api:risks-list": Row(get=Right.RISK_VIEW),
    "api:risks-detail": Row(get=Right.RISK_VIEW, of="risk"),
    "api:stages-list": Row(get=Right.CUSTOMER_VIEW),
    "api:stages-detail": Row(get=Right.CUSTOMER_VIEW, of="stage"),
    "api:follow-ups-list": Row(get=FOLLOWS_UP, post=FOLLOWS_UP),
    "api:follow-ups-detail": Row(
        get=FOLLOWS_UP, patch=FOLLOWS_UP, of="follow_up", but_not={"patch": frozenset({"he"})}
    ),
    "api:neglects-list": Row(get=Right.CUSTOMER_VIEW),
    "api:neglects-detail": Row(get=Right.CUSTOMER_VIEW, of="neglect"),
    "api:neglect-policies-list": Row(get=Right.CUSTOMER_VIEW, post=Right.POLICY_EDIT),
    "api:neglect-policies-detail": Row(get=Right.CUSTOMER_VIEW, of="neglect policy"),
    "api:grades-list": Row(get=Right.CUSTOMER_VIEW),
    "api:grades-detail": Row(get=Right.CUSTOMER_VIEW, of="grade"),
    "api:grades-movement": Row(post=Right.CUSTOMER_VIEW),
    "api:nights-list": Row(get=Right.NIGHT_VIEW),
    "api:nights-detail": Row(get=Right.NIGHT_VIEW, of="night"),
    "api:reviews-list": Row(get=Right.CUSTOMER_VIEW, post=Right.TIER_DECIDE),
    "api:reviews-detail": Row(get=Right.CUSTOMER_VIEW, of="review"),
    "api:reviews-signature": Row(post=Right.TIER_DECIDE, of="review"),
    "api:review-lines-list": Row(get=Right.CUSTOMER_VIEW),
    "api:review-lines-detail": Row(get=Right.CUSTOMER_VIEW, of="review line"),
    "api:review-lines-proposal": Row(
        post=Right.CUSTOMER_EDIT, of="review line", but_not={"post": frozenset({"chen"})}
    ),
    "api:review-lines-confirmation": Row(post=Right.TIER_PROPOSE, of="review line"),
    "api:tier-overrides-list": Row(get=Right.CUSTOMER_VIEW, post=Right.TIER_DECIDE),
    "api:tier-overrides-detail": Row(get=Right.CUSTOMER_VIEW, of="tier decision"),
    "api:tier-overrides-end": Row(post=Right.TIER_DECIDE, of="tier decision"),
    "api:tier-proposals-list": Row(get=Right.CUSTOMER_VIEW, post=Right.TIER_PROPOSE),
    "api:tier-proposals-detail": Row(get=Right.CUSTOMER_VIEW, of="tier proposal"),
    "api:tier-proposals-approval": Row(post=Right.TIER_DECIDE, of="tier proposal"),
    "api:tier-proposals-refusal": Row(post=Right.TIER_PROPOSE, of="tier proposal"),
    "api:tier-policies-list": Row(get=Right.CUSTOMER_VIEW, post=Right.POLICY_EDIT),
    "api:tier-policies-detail": Row(get=Right.CUSTOMER_VIEW, delete=Right.POLICY_EDIT, of="tier policy"),
    "api:rfm-scores-list": Row(get=Right.CUSTOMER_VIEW),
    "api:rfm-scores-detail": Row(get=Right.CUSTOMER_VIEW, of="rfm score"),
    "api:strategies-list": Row(get=Right.CUSTOMER_VIEW, post=Right.POLICY_EDIT),
    "api:strategies-detail": Row(get=Right.CUSTOMER_VIEW, delete=Right.POLICY_EDIT, of="strategy"),
    "api:rfm-policies-list": Row(get=Right.CUSTOMER_VIEW, post=Right.POLICY_EDIT),
    "api:rfm-policies-detail": Row(get=Right.CUSTOMER_VIEW, of="rfm policy"),
    "api:tier-policies-preview": Row(post=Right.POLICY_EDIT),
    "api:api-keys-list": Row(get=Right.API_KEY, post=Right.API_KEY),
    "api:api-keys-detail": Row(get=Right.API_KEY, delete=Right.API_KEY, of="key"),
}

# Addresses outside the table, each with the reason.
OPEN: dict[str, str] = {
    "api:schema": "the description of the API holds no data",
    "api:docs": "the same, to read",
    "healthz": "a load balancer has no account",
    "readyz": "names parts, no data",
    "metrics": "guarded by its own token",
    "accounts:language": "chosen before sign-in too",
    "accounts:choose": "a person who has not entered a company yet",
    "accounts:switch": "the same; lists only his own seats",
    "accounts:appearance": "changes the person's own account only",
}


def addresses(patterns: Any = None, names: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the project with its full name, without those of the sign-in library."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            if not pattern.callback.__module__.startswith("allauth."):
                yield f"{names}{pattern.name}", pattern
        else:
            inner = f"{names}{pattern.namespace}:" if pattern.namespace else names
            yield from addresses(pattern.url_patterns, inner)
