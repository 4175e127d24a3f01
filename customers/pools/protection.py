"""How long a customer is its owner's, when it drops into the public sea 公海, and who may claim it.

Pure, after domain.md §2.2. The last day of a term is still protected; the customer drops on the next.
customers.pools.clocks says the same in SQL for the whole book, and a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

REMINDERS = (7, 3, 1)  # days before a release
SHIELDS = (  # what keeps a customer from the pool, the first that holds is told
    "locked",
    "contract_in_force",
    "renewal_window",
    "win_back",
    "open_receivable",
    "open_dispute",
    "severe_ticket",
    "opportunity_quoted",
)


@dataclass(frozen=True)
class Terms:
    """The numbers of a pool's rules; days and customers. `stretch` multiplies days by tier."""

    registered_days: int = 15
    contacted_days: int = 30
    quoted_days: int = 60
    signed_days: int = 90
    hard_limit_days: int = 180
    extension_days: int = 30
    follow_up_days: int = 30
    signature_days: int = 90
    first_touch_days: int = 3
    renewal_days: int = 90
    win_back_months: int = 12
    daily_claims: int = 10
    holding_cap: int = 200
    cool_down_days: int = 30
    memory_days: int = 180
    stretch: Mapping[str, int] = field(default_factory=lambda: {"COMPANY": 2, "KEY": 2})

    def factor(self, tier: str) -> int:
        """By how much the days of a tier are longer."""
        return self.stretch.get(tier, 1)


DEFAULT = Terms()


def protected_through(
    stage: str,
    tier: str,
    last_follow_up: date,
    owner_since: date,
    *,
    extended: bool = False,
    terms: Terms = DEFAULT,
) -> date:
    """The last day on which a prospect is its owner's: REGISTERED, CONTACTED or QUOTED."""
    days = {
        "REGISTERED": terms.registered_days,
        "CONTACTED": terms.contacted_days,
        "QUOTED": terms.quoted_days,
    }[stage]
    more = terms.extension_days if extended else 0
    of_stage = last_follow_up + timedelta(days * terms.factor(tier) + more)
    return min(of_stage, owner_since + timedelta(terms.hard_limit_days + more))


def signed_through(contract_ends_on: date, *, terms: Terms = DEFAULT) -> date:
    """The last day on which a customer with a contract is its owner's, from the day after it ended."""
    return contract_ends_on + timedelta(terms.signed_days)


@dataclass(frozen=True)
class Drop:
    """When and by which term a customer drops, or what shields it; reminders on the days before."""

    on: date | None
    by: str = ""
    shield: str | None = None

    @property
    def reminders(self) -> list[date]:
        return [self.on - timedelta(days) for days in REMINDERS] if self.on else []


def drop(
    tier: str,
    last_follow_up: date | None,
    owner_since: date,
    *,
    shields: frozenset[str] = frozenset(),
    claimed: bool = False,
    registered: bool = False,
    signed: bool = False,
    extended: bool = False,
    terms: Terms = DEFAULT,
) -> Drop:
    """When a customer drops into the pool: the day after the first of its terms has run out.

    `last_follow_up` is the last effective one; one before `owner_since` was another's. `claimed` says that
    it came from the pool, so that a first follow-up is due soon; `registered` that its owner holds it by a
    registration that has not taken effect; `signed` that a contract was signed since; `extended` that more
    days were granted, which help everybody but him who has not reached a claimed customer at all.
    """
    for shield in SHIELDS:
        if shield in shields:
            return Drop(None, shield=shield)
    factor, more = terms.factor(tier), timedelta(terms.extension_days if extended else 0)
    touched = last_follow_up is not None and last_follow_up >= owner_since
    since = max(last_follow_up or owner_since, owner_since)
    runs_out = {"follow_up": since + timedelta(terms.follow_up_days * factor) + more}
    if not signed:
        runs_out["signature"] = owner_since + timedelta(terms.signature_days * factor) + more
    if registered:
        of_stage = protected_through("REGISTERED", tier, owner_since, owner_since, terms=terms)
        runs_out["registered"] = of_stage + more
    if claimed and not touched:
        runs_out["first_touch"] = owner_since + timedelta(terms.first_touch_days)
    by = min(runs_out, key=lambda term: runs_out[term])
    return Drop(runs_out[by] + timedelta(1), by)


@dataclass(frozen=True)
class Asked:
    """A claim as it is judged: the customer's past with the claimer, and what he holds already."""

    on: date
    released_on: date
    held_before: bool = False
    claims_today: int = 0
    owned_without_contract: int = 0
    locked: bool = False
    has_contract: bool = False


@dataclass(frozen=True)
class Verdict:
    """`ok`, or why not; `allowed_from` is the first day on which the one who held it may claim again."""

    result: str
    allowed_from: date | None = None


def judge_claim(asked: Asked, terms: Terms = DEFAULT) -> Verdict:
    """Whether a claim is allowed.

    The cool-down counts from the latest release, whoever was the last to hold it: two colleagues that
    pass a customer to and fro both wait.
    """
    if asked.locked:
        return Verdict("locked")
    if asked.has_contract:
        return Verdict("has_contract")
    allowed_from = asked.released_on + timedelta(terms.cool_down_days)
    if asked.held_before and asked.on < allowed_from:
        return Verdict("cool_down", allowed_from)
    if asked.claims_today >= terms.daily_claims:
        return Verdict("daily_limit")
    if asked.owned_without_contract >= terms.holding_cap:
        return Verdict("holding_cap")
    return Verdict("ok")
