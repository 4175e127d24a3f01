"""What follows each event, in order: the only place that wires app to app.

"now" runs in the event's own transaction (what must never disagree), "later" after commit
through the queue. A follower takes a batch of events, is set-based and safe to run twice.
"""

import commissions.plans
import lifecycle.churn.policy
import tiers.grading
import tiers.policies
from commissions import accrual
from crm.events.record import Follow

GRADE = Follow("now", tiers.grading.regrade_for)
ACCRUE = Follow("now", accrual.accrue_for)

FLOWS: dict[str, list[Follow]] = {
    "tenant.founded": [
        Follow("now", tiers.policies.install),
        Follow("now", commissions.plans.install),
        Follow("now", lifecycle.churn.policy.install),
    ],
    "customer.registered": [GRADE],
    "customers.imported": [Follow("later", tiers.grading.regrade_for)],
    "contract.signed": [GRADE, ACCRUE],
    "contract.cancelled": [GRADE, ACCRUE],
    "expense.booked": [ACCRUE],
    "payment.received": [ACCRUE],
    "payment.refunded": [ACCRUE],
    "contracts.imported": [GRADE, Follow("later", accrual.accrue_for)],
    "payments.imported": [Follow("later", accrual.accrue_for)],
    "expenses.imported": [Follow("later", accrual.accrue_for)],
}
