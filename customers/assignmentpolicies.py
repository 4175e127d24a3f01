"""Versions of the decision table: the one in force, a new one tried and activated, one taken back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from customers.decisiontable import DEFAULT_TABLE, OUTCOMES, SHARERS, WHOLE, Rule, flaws
from customers.models import AssignmentPolicy, AssignmentRule

LONG_AGO = date(2000, 1, 1)
CODE_LENGTH = 40
NAME_LENGTH = 120
MOST_ROWS = 30
MOST_AMOUNT = Decimal("9999999999999.99")
CODE = re.compile(r"ASSIGN-\d\d")

OVERLAP = _("A version that begins then or later exists already.")
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
    begun = AssignmentPolicy.objects.filter(valid_from__lte=on).exclude(valid_to__lte=on)
    found = begun.prefetch_related("rules").first()
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
    faults = _of_code(proposal.code.strip())
    if proposal.valid_from <= on:
        words = _("A version begins tomorrow at the earliest: today has been decided by the old one.")
        faults.append(Fault("valid_from", "not_later", words))
    elif AssignmentPolicy.objects.filter(valid_from__gte=proposal.valid_from).exists():
        faults.append(Fault("valid_from", "version_overlap", OVERLAP))
    wrong = _of_rows(proposal.table)
    faults += wrong or _of_table(proposal.table)
    if faults:
        raise Refused(*faults)


def activate(proposal: Proposal, *, by: Actor | None, at: datetime, on: date) -> AssignmentPolicy:
    """Let a proposal hold from its day on; the version in force until then ends there.

    Raises Refused as `judge` does.
    """
    _held()
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
    """Take back a version that has not begun; the one before it goes on in its place.

    Raises Conflict when it has begun: a version that has decided is never taken away.
    """
    versions = _held()
    found = versions.get(policy.pk)
    if found is None or found.valid_from <= on:
        raise Conflict(Fault("", "begun", _("This version has begun: make a new one instead.")))
    before = [row.pk for row in versions.values() if row.valid_to == found.valid_from]
    data = {"code": found.code, "valid_from": found.valid_from.isoformat()}
    record(event("assignment_policy.withdrawn", at=at, on=on, by=by, subject=found.id, data=data))
    found.delete()
    earlier = AssignmentPolicy.objects.filter(pk__in=before)
    earlier.update(valid_to=found.valid_to, version=F("version") + 1)


def _write(proposal: Proposal) -> AssignmentPolicy:
    last = AssignmentPolicy.objects.filter(valid_to__isnull=True)
    last.update(valid_to=proposal.valid_from, version=F("version") + 1)
    made = AssignmentPolicy.objects.create(code=proposal.code.strip(), valid_from=proposal.valid_from)
    AssignmentRule.objects.bulk_create(
        AssignmentRule(policy=made, position=number, **vars(rule))
        for number, rule in enumerate(proposal.table, 1)
    )
    return made


def _held() -> dict[UUID, AssignmentPolicy]:
    """All versions, locked: whoever changes them does so one after the other."""
    return {row.pk: row for row in AssignmentPolicy.objects.select_for_update().order_by("id")}


def _of_code(code: str) -> list[Fault]:
    if not code:
        return [Fault("code", "required", _("Give the version a name."))]
    if len(code) > CODE_LENGTH:
        words = _("The name has at most %(most)s characters.") % {"most": CODE_LENGTH}
        return [Fault("code", "max_length", words)]
    if AssignmentPolicy.objects.filter(code=code).exists():
        return [Fault("code", "duplicate", _("Another version has this name."))]
    return []


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
