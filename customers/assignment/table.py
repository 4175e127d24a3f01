"""The decision table of 谁开发，谁管理 as data (domain.md §2.2), and whether a table can stand. Pure.

Rows are read from the top and the first that matches wins. ASSIGN-09 stands right after 02, because 07 and
08 would hide it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from itertools import product
from typing import Any, NamedTuple

WHOLE = 10_000  # basis points
LARGE_AMOUNT = Decimal("500000.00")  # from this annual amount on a developer outside his region keeps it

# Who becomes responsible.
ARRANGED = "ARRANGED"  # the department that the company named
OWNER = "OWNER"  # the department that has the customer and is protected
DEVELOPER = "DEVELOPER"
KEY_ACCOUNT = "KEY_ACCOUNT"  # an able key-account department, else the developer's
REGION = "REGION"  # the able department of the region
CAPABLE = "CAPABLE"  # the same, else the able department with the fewest customers
POOL = "POOL"  # nobody: it waits in the public sea 公海
OUTCOMES = (ARRANGED, OWNER, DEVELOPER, KEY_ACCOUNT, REGION, CAPABLE, POOL)

# Who else is proposed a share: "" nobody, DEVELOPER, REGION, or the department whose news it was.
INTEL = "INTEL"
SHARERS = ("", DEVELOPER, INTEL, REGION)


@dataclass(frozen=True)
class Situation:
    """What the table asks about: facts of one customer, each yes or no, and its annual amount.

    Without a developer nothing is true of him, and no authority is exceeded.
    """

    arranged: bool
    protected: bool
    anyone_capable: bool
    developed: bool
    capable: bool
    in_region: bool
    region_served: bool
    within_authority: bool
    amount: Decimal

    @property
    def possible(self) -> bool:
        """Whether a customer can be in it."""
        if not self.developed and (self.capable or self.in_region or not self.within_authority):
            return False
        if (self.capable or self.region_served) and not self.anyone_capable:
            return False
        return self.region_served or not (self.capable and self.in_region)


FACTS = tuple(field.name for field in fields(Situation) if field.name != "amount")


@dataclass(frozen=True)
class Rule:
    """One row: conditions (None is any), the outcome, and who is proposed a share beside it.

    The annual amount is in [amount_from, amount_below).
    """

    code: str
    outcome: str
    arranged: bool | None = None
    protected: bool | None = None
    anyone_capable: bool | None = None
    developed: bool | None = None
    capable: bool | None = None
    in_region: bool | None = None
    region_served: bool | None = None
    within_authority: bool | None = None
    amount_from: Decimal | None = None
    amount_below: Decimal | None = None
    share_to: str = ""
    basis_points: int = 0
    name: str = ""

    def matches(self, found: Situation) -> bool:
        if self.amount_from is not None and found.amount < self.amount_from:
            return False
        if self.amount_below is not None and found.amount >= self.amount_below:
            return False
        return all(getattr(self, fact) in (None, getattr(found, fact)) for fact in FACTS)


COLUMNS = tuple(field.name for field in fields(Rule))

_OURS: dict[str, Any] = {"developed": True, "capable": True}
DEFAULT_TABLE = (
    Rule("ASSIGN-01", ARRANGED, arranged=True, share_to=DEVELOPER, basis_points=2_000),
    Rule("ASSIGN-02", OWNER, protected=True, share_to=INTEL, basis_points=2_000),
    Rule("ASSIGN-09", POOL, anyone_capable=False),
    Rule("ASSIGN-03", DEVELOPER, **_OURS, in_region=True, within_authority=True),
    Rule(
        "ASSIGN-04",
        KEY_ACCOUNT,
        **_OURS,
        in_region=True,
        within_authority=False,
        share_to=DEVELOPER,
        basis_points=5_000,
    ),
    Rule(
        "ASSIGN-05",
        REGION,
        **_OURS,
        in_region=False,
        region_served=True,
        amount_below=LARGE_AMOUNT,
        share_to=DEVELOPER,
        basis_points=3_000,
    ),
    Rule("ASSIGN-06", DEVELOPER, **_OURS, in_region=False, share_to=REGION, basis_points=2_000),
    Rule("ASSIGN-07", CAPABLE, developed=True, capable=False, share_to=DEVELOPER, basis_points=3_000),
    Rule("ASSIGN-08", CAPABLE, developed=False),
)


class Flaw(NamedTuple):
    """What keeps a table from standing: the number of the row (None: the whole), a code, an example."""

    row: int | None
    code: str
    example: Situation | None = None


def situations(rules: Sequence[Rule]) -> Iterator[Situation]:
    """Every situation that the rows can tell apart, one for each span between the amounts they name."""
    named = {amount for rule in rules for amount in (rule.amount_from, rule.amount_below)}
    amounts = sorted({Decimal(0), *(amount for amount in named if amount is not None)})
    for facts in product((True, False), repeat=len(FACTS)):
        for amount in amounts:
            found = Situation(**dict(zip(FACTS, facts, strict=True)), amount=amount)
            if found.possible:
                yield found


def first(rules: Sequence[Rule], found: Situation) -> Rule | None:
    """The row that wins."""
    return next((rule for rule in rules if rule.matches(found)), None)


def flaws(rules: Sequence[Rule]) -> list[Flaw]:
    """Why a table cannot stand: a situation that no row answers (`hole`), a row that never wins (`never`),
    an outcome that need not exist when its row wins (`nobody`), two rows of one code, a share of nothing.
    """
    found = [*_of_rows(rules)]
    won: dict[int, Situation] = {}
    empty: dict[int, Situation] = {}
    hole = None
    for situation in situations(rules):
        winner = next((n for n, rule in enumerate(rules) if rule.matches(situation)), None)
        if winner is None:
            hole = hole or situation
            continue
        won.setdefault(winner, situation)
        if not _exists(rules[winner].outcome, situation):
            empty.setdefault(winner, situation)
    found += [Flaw(number, "nobody", example) for number, example in sorted(empty.items())]
    found += [Flaw(number, "never") for number in range(len(rules)) if number not in won]
    return found + ([Flaw(None, "hole", hole)] if hole else [])


def _of_rows(rules: Sequence[Rule]) -> Iterator[Flaw]:
    codes = [rule.code for rule in rules]
    for number, rule in enumerate(rules):
        if rule.code in codes[:number]:
            yield Flaw(number, "duplicate")
        if rule.basis_points and (not rule.share_to or rule.outcome == POOL):
            yield Flaw(number, "share_of_nothing")
        if rule.share_to and not rule.basis_points:
            yield Flaw(number, "no_share")


def _exists(outcome: str, situation: Situation) -> bool:
    """Whether there is somebody whom the outcome names."""
    return {
        ARRANGED: situation.arranged,
        OWNER: situation.protected,
        DEVELOPER: situation.capable,
        KEY_ACCOUNT: situation.capable,
        REGION: situation.region_served,
        CAPABLE: situation.anyone_capable,
        POOL: True,
    }[outcome]
