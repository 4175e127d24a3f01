"""Versions of the decision table: the one in force, a new one tried and activated, one taken back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm import versions
from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.refusal import Fault, Refused
from crm.versions import LONG_AGO
from customers.assignment.table import DEFAULT_TABLE, OUTCOMES, SHARERS, WHOLE, Rule, flaws
from customers.models import AssignmentPolicy, AssignmentRule

NAME_LENGTH = 120
MOST_ROWS = 30
MOST_AMOUNT = Decimal("9999999999999.99")
CODE = re.compile(r"ASSIGN-\d\d")

DECIDED = _("A version begins tomorrow at the earliest: today has been decided by the old one.")
FLAWS = {
    "hole": _("A customer is thinkable whom no row answers."),
    "never": _("This row never wins: those above it answer all that it asks."),
    "nobody": _("This row can win although nobody is there whom it makes responsible."),
    "duplicate": _("Another row has this code."),
    "share_of_nothing": _("A share needs somebody who gets it and a department beside which he gets it."),
    "no_share": _("Say how large the share is."),
}


class NoPolicy(LookupError):
    """No version of the decision table is in force on the day."""


@dataclass(frozen=True)
class Proposal:
    """A version of the table that is thought of: as it was typed, nothing of it stored."""

    code: str
    valid_from: date
    table: Sequence[Rule]


def in_force(on: date) -> AssignmentPolicy:
    """The version in force on a day, with its rows fetched; raises NoPolicy."""
    found = versions.on_day(AssignmentPolicy, on).prefetch_related("rules").first()
    if found is None:
        raise NoPolicy(f"no decision table is in force on {on}")
    return found


def install(events: Sequence[Event]) -> None:
    """Follows tenant.founded: the table of the specification, from long ago on."""
    if not AssignmentPolicy.objects.exists():
        _write(Proposal("V1", LONG_AGO, DEFAULT_TABLE))


def judge(proposal: Proposal, on: date) -> None:
    """Raise Refused with everything that stands against a proposal as a version from its day on.

    A row is named as `rows.0`; the fault's `about` holds an example of the customer it fails.
    """
    faults = versions.of_code(AssignmentPolicy, proposal.code.strip())
    faults += versions.of_day(AssignmentPolicy, proposal.valid_from, on, DECIDED)
    wrong = _of_rows(proposal.table)
    faults += wrong or _of_table(proposal.table)
    if faults:
        raise Refused(*faults)


def activate(proposal: Proposal, *, by: Actor | None, at: datetime, on: date) -> AssignmentPolicy:
    """Let a proposal hold from its day on; the version in force until then ends there.

    Raises Refused as `judge` does.
    """
    versions.hold(AssignmentPolicy)
    judge(proposal, on)
    made = _write(proposal)
    data = {
        "code": made.code,
        "valid_from": made.valid_from.isoformat(),
        "rows": [rule.code for rule in proposal.table],
    }
    record(event("assignment_policy.activated", at=at, on=on, by=by, subject=made.id, data=data))
    return made


def withdraw(policy: AssignmentPolicy, *, by: Actor | None, at: datetime, on: date) -> None:
    """Take back a version that has not begun; Conflict when it has (versions.withdraw)."""
    versions.withdraw(policy, "assignment_policy.withdrawn", by=by, at=at, on=on)


def _write(proposal: Proposal) -> AssignmentPolicy:
    versions.end_last(AssignmentPolicy, proposal.valid_from)
    made = AssignmentPolicy.objects.create(code=proposal.code.strip(), valid_from=proposal.valid_from)
    AssignmentRule.objects.bulk_create(
        AssignmentRule(policy=made, position=number, **vars(rule))
        for number, rule in enumerate(proposal.table, 1)
    )
    return made


def _of_rows(table: Sequence[Rule]) -> list[Fault]:
    """What is wrong with rows by themselves."""
    if not 0 < len(table) <= MOST_ROWS:
        words = _("A table has from 1 to %(most)s rows.") % {"most": MOST_ROWS}
        return [Fault("rows", "too_many" if table else "required", words)]
    return [
        Fault(f"rows.{number}", code, words)
        for number, rule in enumerate(table)
        for code, words in _of_row(rule)
    ]


def _of_row(rule: Rule) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    if not CODE.fullmatch(rule.code):
        found.append(("invalid_code", _("The code of a row is ASSIGN- and two digits.")))
    if len(rule.name) > NAME_LENGTH:
        words = _("The words of a row have at most %(most)s characters.") % {"most": NAME_LENGTH}
        found.append(("max_length", words))
    if rule.outcome not in OUTCOMES or rule.share_to not in SHARERS:
        found.append(("invalid_choice", _("There is no such outcome or share.")))
    if not 0 <= rule.basis_points <= WHOLE:
        found.append(("out_of_range", _("A share lies between 0 and 100 %.")))
    amounts = [amount for amount in (rule.amount_from, rule.amount_below) if amount is not None]
    if any(not 0 <= amount <= MOST_AMOUNT for amount in amounts) or amounts != sorted(set(amounts)):
        found.append(("empty_span", _("The amount “from” must be smaller than the amount “below”.")))
    return found


def _of_table(table: Sequence[Rule]) -> list[Fault]:
    """What is wrong with the rows together."""
    return [
        Fault(
            "rows" if flaw.row is None else f"rows.{flaw.row}",
            flaw.code,
            FLAWS[flaw.code],
            {name: str(value) for name, value in vars(flaw.example).items()} if flaw.example else None,
        )
        for flaw in flaws(table)
    ]
