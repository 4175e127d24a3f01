"""Periodic evaluation 定期评价: a list is frozen, owners propose, heads confirm, an executive signs."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer
from crm.accounts.models import Member
from crm.accounts.rights import Right
from crm.events.record import Actor, event, record
from crm.periods import add_months
from crm.refusal import Conflict, Fault, Refused
from crm.tenancy.context import current
from tiers import overrides, policies
from tiers.models import Review, ReviewLine

KNOWN_MONTHS = 3  # customers of less are not evaluated
CODE = 40
Verdict = ReviewLine.Verdict
FREEZE = """
INSERT INTO tiers_reviewline (tenant_id, id, review_id, customer_id, owner_id, tier, annual_amount, version,
  created_at, updated_at)
SELECT %(tenant)s, crm_uuid7(), %(review)s, c.id, c.owner_id, s.tier, s.annual_amount, 1, %(at)s, %(at)s
FROM customers_standing s JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = s.customer_id
WHERE s.tenant_id = %(tenant)s AND s.contracts_in_force > 0 AND s.tier <> ''
  AND c.owner_id IS NOT NULL AND c.registered_on <= %(known)s"""


def begin(*, code: str, due_on: date, holds_until: date, by: Actor | None, at: datetime, on: date) -> Review:
    """Freeze the list as of today: customers with an owner and a contract in force, known for three months.

    Refused: code required, max_length, duplicate; due_on in_past; holds_until too_early. Conflict running.
    """
    faults = _of_code(code.strip())
    if due_on < on:
        faults.append(Fault("due_on", "in_past", _("The day has passed.")))
    if holds_until <= max(on, due_on):
        faults.append(Fault("holds_until", "too_early", _("The results must hold beyond the cycle itself.")))
    if faults:
        raise Refused(*faults)
    if Review.objects.filter(signed_on__isnull=True).exists():
        raise Conflict(Fault("", "running", _("A cycle is running already: sign it first.")))
    row = Review.objects.create(
        code=code.strip(),
        frozen_on=on,
        due_on=due_on,
        holds_until=holds_until,
        opened_by_id=by.id if by else None,
    )
    known = add_months(on, -KNOWN_MONTHS)
    values: dict[str, Any] = {"tenant": current(), "review": row.pk, "at": at, "known": known}
    with connection.cursor() as cursor:
        cursor.execute(FREEZE, values)
        data = {"code": row.code, "customers": cursor.rowcount}
    record(event("review.begun", at=at, on=on, by=by, subject=row.pk, data=data))
    return row


def may_propose(viewer: Viewer, line: ReviewLine) -> bool:
    """Whether the verdict is the viewer's to propose: whoever is responsible, then or today."""
    return viewer.id in (line.owner_id, line.customer.owner_id)


def propose(
    line: ReviewLine,
    *,
    verdict: str,
    tier: str = "",
    reason: str = "",
    next_step: str = "",
    next_on: date | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> ReviewLine:
    """The owner's verdict; it may be changed until it is confirmed.

    Refused: verdict required; tier not_higher, not_lower, unknown_class; reason required for a change;
    next_on required with a next step, in_past. Conflict signed, confirmed.
    """
    held = _held(line)
    faults = [*_of_verdict(held, verdict, tier, reason, on), *_of_step(next_step, next_on, on)]
    if faults:
        raise Refused(*faults)
    held.verdict, held.reason = verdict, reason.strip()
    held.proposed_tier = held.tier if verdict == Verdict.KEEP else tier
    held.next_step, held.next_on = next_step.strip(), next_on
    held.proposed_by_id, held.proposed_on = by.id, on
    held.touch().save()
    return held


def may_confirm(viewer: Viewer, line: ReviewLine) -> bool:
    """Whether the viewer may confirm: a head who has not proposed it himself."""
    return viewer.may(Right.TIER_PROPOSE) and line.proposed_by_id != viewer.id


def confirm(
    line: ReviewLine, *, agrees: bool, answer: str = "", by: Actor, at: datetime, on: date
) -> ReviewLine:
    """Agree with a verdict, or say why not; then the tier stays. Until the signature it may be changed.

    Refused: answer required when he does not agree; "" own_proposal. Conflict signed, not_proposed.
    """
    held = _held(line, confirming=True)
    if not held.verdict:
        raise Conflict(Fault("", "not_proposed", _("Nothing is proposed for this customer yet.")))
    if held.proposed_by_id == by.id:
        raise Refused(Fault("", "own_proposal", _("Whoever proposes does not confirm.")))
    if not agrees and not answer.strip():
        raise Refused(Fault("answer", "required", _("Say why.")))
    held.is_agreed, held.answer = agrees, answer.strip()
    held.confirmed_by_id, held.confirmed_on = by.id, on
    held.touch().save()
    return held


def sign(review: Review, *, leave_open: bool = False, by: Actor, at: datetime, on: date) -> Review:
    """Sign the cycle: agreed changes hold from today as decisions, agreed next steps are opened.

    Conflict signed; unfinished while lines are not confirmed, unless they are left as they are. Refused
    as overrides.decide says.
    """
    held = Review.objects.select_for_update(of=("self",)).get(pk=review.pk)
    if not held.is_open:
        raise Conflict(Fault("", "signed", _("This cycle is signed already.")))
    lines = held.lines.select_related("customer", "proposed_by")
    if not leave_open and lines.filter(is_agreed__isnull=True).exists():
        raise Conflict(Fault("", "unfinished", _("Some customers are not confirmed yet.")))
    confirmed = list(lines.filter(is_agreed__isnull=False).order_by("id"))
    for line in confirmed:
        if line.changes:
            _apply(held, line, by, at, on)
    held.signed_by_id, held.signed_on = by.id, on
    held.touch().save()
    record(*(_told(held, line, by, at, on) for line in confirmed))
    data = {"code": held.code, "customers": len(confirmed)}
    record(event("review.signed", at=at, on=on, by=by, subject=held.pk, data=data))
    return held


def last_signed(review: Review) -> Review | None:
    """The cycle before, to compare with; None for the first one."""
    earlier = Review.objects.filter(signed_on__isnull=False, frozen_on__lt=review.frozen_on)
    return earlier.order_by("-frozen_on").first()


def _apply(review: Review, line: ReviewLine, by: Actor, at: datetime, on: date) -> None:
    proposer: Member | None = line.proposed_by
    reason = f"{review.code}: {line.reason}"[: overrides.REASON_LENGTH]
    overrides.decide(
        line.customer,
        tier=line.proposed_tier,
        until=review.holds_until,
        reason=reason,
        by=by,
        at=at,
        on=on,
        proposed_by=proposer,
    )


def _told(review: Review, line: ReviewLine, by: Actor, at: datetime, on: date) -> Any:
    data: dict[str, Any] = {
        "review": review.code,
        "verdict": line.verdict if line.is_agreed else Verdict.KEEP,
        "reason": line.reason if line.is_agreed else line.answer,
    }
    if line.is_agreed and line.next_step and line.next_on:
        owner = line.customer.owner_id or line.owner_id
        data |= {"next_step": line.next_step, "next_on": str(line.next_on), "owner_id": str(owner)}
    return event(
        "customer.reviewed",
        at=at,
        on=on,
        by=by,
        subject=line.pk,
        customer=line.customer_id,
        data=data,
    )


def _held(line: ReviewLine, *, confirming: bool = False) -> ReviewLine:
    rows = ReviewLine.objects.select_for_update(of=("self",)).select_related("review", "customer")
    held = rows.get(pk=line.pk)
    if not held.review.is_open:
        raise Conflict(Fault("", "signed", _("This cycle is signed already.")))
    if not confirming and held.is_agreed is not None:
        raise Conflict(Fault("", "confirmed", _("The verdict is confirmed already.")))
    return held


def _of_code(code: str) -> list[Fault]:
    if not code:
        return [Fault("code", "required", _("Give the cycle a name."))]
    if len(code) > CODE:
        words = _("The name has at most %(most)s characters.") % {"most": CODE}
        return [Fault("code", "max_length", words)]
    if Review.objects.filter(code=code).exists():
        return [Fault("code", "duplicate", _("Another cycle has this name."))]
    return []


def _of_verdict(line: ReviewLine, verdict: str, tier: str, reason: str, on: date) -> list[Fault]:
    if verdict not in Verdict.values:
        return [Fault("verdict", "required", _("Say keep, up or down."))]
    if len(reason.strip()) > overrides.REASON_LENGTH:
        words = _("The reason has at most %(most)s characters.") % {"most": overrides.REASON_LENGTH}
        return [Fault("reason", "max_length", words)]
    if verdict == Verdict.KEEP:
        return []
    faults = _of_tier(line.tier, verdict, tier, on)
    if not reason.strip():
        faults.append(Fault("reason", "required", _("Say why.")))
    return faults


def _of_tier(now: str, verdict: str, tier: str, on: date) -> list[Fault]:
    ranks = {band.tier: band.rank for band in policies.in_force(on).bands.all()}
    if tier not in ranks:
        return [Fault("tier", "unknown_class", _("The policy in force has no such tier."))]
    step = ranks[tier] - ranks.get(now, 0)
    if verdict == Verdict.UP and step <= 0:
        return [Fault("tier", "not_higher", _("The tier must be higher than today's."))]
    if verdict == Verdict.DOWN and step >= 0:
        return [Fault("tier", "not_lower", _("The tier must be lower than today's."))]
    return []


def _of_step(next_step: str, next_on: date | None, on: date) -> Sequence[Fault]:
    if len(next_step.strip()) > overrides.REASON_LENGTH:
        words = _("The reason has at most %(most)s characters.") % {"most": overrides.REASON_LENGTH}
        return [Fault("next_step", "max_length", words)]
    if next_step.strip() and next_on is None:
        return [Fault("next_on", "required", _("Say by when."))]
    if next_on is not None and next_on < on:
        return [Fault("next_on", "in_past", _("The day has passed."))]
    return []
