"""Ruling a 撞单, appealing, and ruling for good (domain.md §2.2)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.events.record import Actor
from crm.periods import add_workdays
from crm.refusal import Conflict, Fault, Refused
from customers.disputes import proofs, superiors
from customers.disputes.awarding import award
from customers.disputes.cases import (
    RULING_WORKDAYS,
    held_back,
    hold,
    must_be,
    of_words,
    parties,
    refuse,
    save,
    tell,
)
from customers.faults import of_fields
from customers.models import DisputeRuling, OwnershipDispute
from customers.models.dispute import WHOLE, Outcome

APPEAL_WORKDAYS = 5
State = OwnershipDispute.State
Instance = DisputeRuling.Instance


def rule(
    dispute: OwnershipDispute,
    *,
    outcome: str,
    reason: str,
    by: Actor,
    at: datetime,
    on: date,
    claimant_basis_points: int | None = None,
    concealed: bool = False,
    version: int | None = None,
) -> DisputeRuling:
    """Rule for one side or divide; it takes effect at once, and an appeal is open for five working days.

    After an appeal it is final; so is a first one that nobody stands above. A division without
    `claimant_basis_points` is by halves. `concealed` says that the losing side kept something back: all
    credit is the other's. Refused: outcome required, invalid_choice; reason required, max_length;
    claimant_basis_points out_of_range; concealed divided; "" not_judge, not_active. Conflict not_pending,
    stale.
    """
    held = _held_by_judge(dispute, version, by)
    final = held.state == State.APPEALED or superiors.senior(barred(held)) is None
    ruling = DisputeRuling(
        dispute=held,
        instance=Instance.FINAL if held.state == State.APPEALED else Instance.FIRST,
        outcome=outcome,
        claimant_basis_points=_share(outcome, claimant_basis_points),
        reason=reason.strip(),
        concealed=concealed,
        proposed=proofs.propose(held).told,
        by_id=by.id,
        on=on,
        at=at,
    )
    refuse(_of_ruling(ruling))
    ruling.save(force_insert=True)
    _settle(held, on, final=final)
    contracts = award(ruling, by=by, at=at, on=on)
    data = {"contract_ids": [str(one.pk) for one in contracts], "final": final, **parties(held)}
    tell("ownership_dispute.ruled", held, _told(ruling) | data, by=by, at=at, on=on)
    return ruling


def _held_by_judge(dispute: OwnershipDispute, version: int | None, by: Actor) -> OwnershipDispute:
    held = hold(dispute, version)
    if held.judge_id != by.id:
        raise Refused(Fault("", "not_judge", _("This dispute is not yours to rule.")))
    must_be(held, *OwnershipDispute.PENDING)
    return held


def _told(ruling: DisputeRuling) -> dict[str, Any]:
    data = {name: getattr(ruling, name) for name in ("instance", "outcome", "claimant_basis_points")}
    return {**data, "note": ruling.reason, "concealed": ruling.concealed}


def _settle(held: OwnershipDispute, on: date, *, final: bool) -> None:
    """For good, or open to an appeal."""
    held.state = State.FINAL if final else State.RULED
    held.closed_on = on if final else None
    held.appeal_until = None if final else add_workdays(on, APPEAL_WORKDAYS)
    save(held, "state", "closed_on", "appeal_until")


def _share(outcome: str, given: int | None) -> int:
    if outcome == Outcome.SPLIT:
        return WHOLE // 2 if given is None else given
    return WHOLE if outcome == Outcome.CLAIMANT else 0


def _of_ruling(ruling: DisputeRuling) -> list[Fault]:
    faults = of_fields(ruling, "outcome", "reason")
    if ruling.outcome == Outcome.SPLIT and not 0 < ruling.claimant_basis_points < WHOLE:
        words = _("Each side gets a part of it, or it is no division.")
        faults.append(Fault("claimant_basis_points", "out_of_range", words))
    if ruling.concealed and ruling.outcome == Outcome.SPLIT:
        words = _("Who concealed something has no part: rule for the other side.")
        faults.append(Fault("concealed", "divided", words))
    dispute = ruling.dispute
    winner = {Outcome.CLAIMANT: dispute.claimant, Outcome.RESPONDENT: None}.get(ruling.outcome)  # type: ignore[call-overload]
    if winner is not None and winner.status != Member.Status.ACTIVE:
        faults.append(Fault("outcome", "not_active", _("This person is leaving or has left.")))
    return faults


def appeal(
    dispute: OwnershipDispute,
    *,
    appeal: str,
    by: Actor,
    at: datetime,
    on: date,
    version: int | None = None,
) -> OwnershipDispute:
    """Take a first ruling to a senior manager, once, within five working days; commission is held again.

    Refused: appeal required, max_length; "" no_party, too_late. Conflict not_ruled, stale.
    """
    held = hold(dispute, version)
    if held.side_of(by.id) is None:
        raise Refused(Fault("", "no_party", _("Only the two sides appeal.")))
    if held.state != State.RULED or held.appeal_until is None:
        raise Conflict(Fault("", "not_ruled", _("There is no ruling that could be appealed.")))
    if held.appeal_until < on:
        raise Refused(Fault("", "too_late", _("The days in which to appeal have passed.")))
    senior = superiors.senior(barred(held))
    if senior is None:
        raise Refused(Fault("", "no_judge", _("There is nobody above who could hear it.")))
    refuse(of_words(held, "appeal", appeal))
    held.state, held.judge, held.escalated_on = State.APPEALED, senior, None
    held.appealed_by_id, held.appealed_on, held.due_on = by.id, on, add_workdays(on, RULING_WORKDAYS)
    save(held, "appeal", "state", "judge", "escalated_on", "appealed_by", "appealed_on", "due_on")
    data = {"note": held.appeal, **held_back(held), **parties(held)}
    tell("ownership_dispute.appealed", held, data, by=by, at=at, on=on)
    return held


def barred(dispute: OwnershipDispute) -> set[UUID]:
    """Who may not hear an appeal: the two sides, and whoever has ruled already or has to now."""
    before = dispute.rulings.values_list("by", flat=True)
    return {dispute.claimant_id, dispute.respondent_id, dispute.judge_id, *before}
