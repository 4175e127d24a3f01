"""The night in order. A step is `do(on, at) -> rows changed`; it runs for one tenant in one transaction.

A step works as of the business day `on`, writes only what differs, and may run twice.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

import lifecycle.neglect
import lifecycle.stages
import tiers.grading
import tiers.rfm
import tiers.strategies
from commissions import accrual, distributing
from commissions.linedisputes import night as line_disputes
from customers import cash, segments
from customers.disputes import night
from customers.handovers import night as handover_night
from customers.intel import relay
from customers.pools import clocks
from customers.receivables import dunning
from customers.registrations import outcomes
from lifecycle.churn import scoring


class Step(NamedTuple):
    """A step under the name by which it is remembered as done."""

    name: str
    do: Callable[[date, datetime], int]


STEPS = (
    Step("grade", tiers.grading.grade_all),
    Step("accrue", accrual.accrue_due),
    Step("pools", distributing.escalate),
    Step("cash", cash.refresh_all),
    Step("dunning", dunning.climb),
    Step("value", tiers.rfm.score_all),
    Step("registrations", outcomes.lapse_due),
    Step("handovers", handover_night.pass_on),
    Step("release", clocks.release_due),
    Step("warn", clocks.warn_due),
    Step("news", relay.escalate),
    Step("disputes", night.move_on),
    Step("line-disputes", line_disputes.escalate),
    Step("neglect", lifecycle.neglect.climb),
    Step("stages", lifecycle.stages.move_all),
    Step("scores", scoring.score_all),
    Step("segments", segments.count_all),
    Step("strategies", tiers.strategies.refresh_all),
)
