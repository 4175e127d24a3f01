"""What follows each event, in order: the only place that wires app to app.

"now" runs in the event's own transaction (what must never disagree), "later" after commit
through the queue. A follower takes a batch of events, is set-based and safe to run twice.
"""

import commissions.plans
import customers.assignment.policies
import customers.collaborators
import customers.confirming
import customers.handovers.leavers
import customers.intel.relay
import customers.pools.extending
import customers.pools.rules
import customers.receivables.banking
import customers.receivables.dunning
import customers.registrations.outcomes
import customers.search
import lifecycle.churn.policy
import lifecycle.stages
import tiers.grading
import tiers.policies
import tiers.rfmrules
import tiers.strategies
from commissions import accrual, distributing
from crm.events.record import Follow
from crm.integrations import tasks as imports
from lifecycle import automatic, disputed, dunned, neglect, pooled, promised, reviewed, takenback
from lifecycle.churn import scoring

GRADE = Follow("now", tiers.grading.regrade_for)
ACCRUE = Follow("now", accrual.accrue_for)
ACCRUE_ANEW = Follow("later", accrual.accrue_anew_for)
STAGE = Follow("now", lifecycle.stages.restage_for)
STAGE_LATER = Follow("later", lifecycle.stages.restage_for)
SCORE = Follow("later", scoring.rescore_for)
INDEX = Follow("later", customers.search.index_for)
SERVE = Follow("now", tiers.strategies.refresh_for, nightly=True)
SERVE_ALL = Follow("later", tiers.strategies.refresh_everybody_for)
TAKE_EFFECT = Follow("now", customers.registrations.outcomes.take_effect_for)
EASE = Follow("now", neglect.ease_for)
SETTLE = Follow("now", customers.receivables.dunning.ease_for)
CHANGED = [
    EASE,
    Follow("now", customers.pools.extending.lapse_for),
    Follow("now", pooled.close_for_change),
    Follow("now", automatic.hand_over),
]
LEFT = [
    Follow("now", customers.collaborators.end_for_leave),
    Follow("now", pooled.close_for_leave),
    Follow("now", promised.close_for_leave),
    *CHANGED,
]

FLOWS: dict[str, list[Follow]] = {
    "tenant.founded": [
        Follow("now", customers.assignment.policies.install),
        Follow("now", customers.pools.rules.install),
        Follow("now", tiers.policies.install),
        Follow("now", tiers.rfmrules.install),
        Follow("now", tiers.strategies.install),
        Follow("now", commissions.plans.install),
        Follow("now", lifecycle.churn.policy.install),
    ],
    "customer.registered": [GRADE, SERVE],
    "customer.graded": [SERVE],
    "stage.moved": [SERVE],
    "strategy.laid_down": [SERVE_ALL],
    "strategy.ended": [SERVE_ALL],
    "customers.imported": [Follow("later", tiers.grading.regrade_for), INDEX],
    "contacts.imported": [INDEX],
    "import.requested": [Follow("later", imports.start)],
    "member.edited": [
        Follow("now", customers.handovers.leavers.follow),
        Follow("now", customers.collaborators.end_for_leavers),
        Follow("now", customers.confirming.pass_on_for),
        Follow("now", distributing.pass_on_for),
    ],
    "customer.edited": [Follow("now", tiers.grading.regrade_families), STAGE],
    "customer.neglected": [Follow("now", neglect.open_for_rungs)],
    "customer.transferred": CHANGED,
    "handover.undone": [
        Follow("now", customers.pools.extending.resume_for),
        Follow("now", takenback.reopen_for),
    ],
    "customer.released": LEFT,
    "customer.returned": LEFT,
    "customer.claimed": [Follow("now", automatic.hand_over), Follow("now", pooled.open_for_claims)],
    "customer.distributed": [Follow("now", automatic.hand_over)],
    "customer.release_near": [Follow("now", pooled.open_for_drops)],
    "contract.signed": [GRADE, ACCRUE, STAGE, Follow("now", customers.intel.relay.credit_for), SCORE],
    "contract.amended": [GRADE, ACCRUE, STAGE, SCORE, SETTLE],
    "contract.cancelled": [GRADE, ACCRUE, STAGE, SCORE, SETTLE],
    "commission_pool.distributed": [ACCRUE],
    "credit_split.changed": [ACCRUE],
    "credit_split.confirmed": [ACCRUE],
    "extension.asked": [Follow("now", pooled.open_for_extensions)],
    "extension.granted": [Follow("now", pooled.close_for_decision)],
    "extension.refused": [Follow("now", pooled.close_for_decision)],
    "follow_up.assigned": [EASE],
    "follow_up.closed": [EASE],
    "follow_up.rescheduled": [EASE],
    "expense.booked": [ACCRUE],
    "account.dunned": [Follow("now", dunned.open_for_steps)],
    "account.eased": [Follow("now", dunned.close_for_ease)],
    "payment.received": [ACCRUE, SCORE, SETTLE],
    "payment.refunded": [ACCRUE, SCORE],
    "bank_lines.imported": [Follow("now", customers.receivables.banking.match_for)],
    "bank_lines.matched": [Follow("later", accrual.accrue_for), SCORE],
    "write_off.approved": [ACCRUE, SCORE, SETTLE],
    "plan.assigned": [ACCRUE_ANEW],
    "plan.assignment_ended": [ACCRUE_ANEW],
    "plan_version.approved": [ACCRUE_ANEW],
    "intel.relayed": [Follow("now", automatic.open_for_news)],
    "intel.acknowledged": [Follow("now", automatic.close_for_answers)],
    "ownership_dispute.opened": [ACCRUE, Follow("now", disputed.open_for_claims)],
    "ownership_dispute.answered": [Follow("now", disputed.close_for_answers)],
    "ownership_dispute.ruled": [ACCRUE, Follow("now", disputed.close_for_ends)],
    "ownership_dispute.appealed": [ACCRUE, Follow("now", disputed.open_for_appeals)],
    "ownership_dispute.escalated": [Follow("now", disputed.hand_on)],
    "ownership_dispute.withdrawn": [ACCRUE, Follow("now", disputed.close_for_ends)],
    "interaction.logged": [
        Follow("now", automatic.take_next_steps),
        Follow("now", pooled.close_for_contact),
        EASE,
        TAKE_EFFECT,
        STAGE,
        SERVE,
        SCORE,
    ],
    "contracts.imported": [GRADE, Follow("later", accrual.accrue_for), STAGE_LATER, SCORE],
    "payments.imported": [Follow("later", accrual.accrue_for), SCORE],
    "interactions.imported": [EASE, TAKE_EFFECT, STAGE_LATER, SERVE_ALL, SCORE],
    "expenses.imported": [Follow("later", accrual.accrue_for)],
    "receivables.imported": [Follow("later", accrual.accrue_for), SCORE],
    "registration.filed": [Follow("now", promised.open_for_registrations)],
    "registration.effective": [
        Follow("now", promised.close_for_effect),
        *CHANGED,
    ],
    "registration.lapsed": [Follow("now", promised.close_for_lapse)],
    "customer.reviewed": [Follow("now", reviewed.open_for_reviews)],
    "risk.flagged": [Follow("now", automatic.open_for_risks), STAGE],
    "risk.cleared": [Follow("now", automatic.close_for_calm), STAGE],
}
