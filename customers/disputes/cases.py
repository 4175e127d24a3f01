"""撞单: a claim to a customer that somebody else is responsible for, its evidence and its answer.

The claimant need not reach the customer. Each act holds the dispute's row, so that of two at once one wins.
It is ruled in customers.disputes.rulings.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.events.record import Actor, event, record
from crm.periods import add_workdays
from crm.refusal import Conflict, Fault, Refused
from customers.disputes import superiors
from customers.disputes.awarding import meanwhile
from customers.faults import of_fields
from customers.models import Customer, DisputeEvidence, OwnershipDispute
from customers.models.dispute import Side

RULING_WORKDAYS = 3
State = OwnershipDispute.State


def open_dispute(
    customer: Customer, *, statement: str, claimant: Member, at: datetime, on: date, called: str = ""
) -> OwnershipDispute:
    """Claim a customer against whoever is responsible for it; a ruling is due in three working days.

    `called` is how the claimant names the customer. Refused: statement and called required, max_length;
    "" no_owner, own_customer, no_judge. Conflict disputed (it is claimed already), settled (the same two
    had it ruled).
    """
    held = Customer.objects.select_for_update(no_key=True, of=("self",)).get(pk=customer.pk)
    row = OwnershipDispute(
        customer=held,
        called=called.strip(),
        claimant=claimant,
        claimant_dept_id=claimant.department_id,
        statement=statement.strip(),
        opened_on=on,
        opened_at=at,
        due_on=add_workdays(on, RULING_WORKDAYS),
    )
    faults = of_fields(row, "called", "statement") + _against_opening(held, claimant)
    refuse(faults)
    respondent: Member = held.owner  # type: ignore[assignment]
    _refuse_second(held, claimant, respondent)
    row.respondent, row.respondent_dept_id = respondent, respondent.department_id
    judge = superiors.lowest_common(claimant, respondent)
    if judge is None:
        refuse([Fault("", "no_judge", _("There is nobody above both of you who could rule."))])
    row.judge = judge  # type: ignore[assignment]
    row.save(force_insert=True)
    data = {"note": row.statement, **held_back(row), **parties(row)}
    tell("ownership_dispute.opened", row, data, by=claimant, at=at, on=on)
    return row


def _against_opening(customer: Customer, claimant: Member) -> list[Fault]:
    if customer.owner_id is None:
        return [Fault("", "no_owner", _("Nobody is responsible for this customer: claim it from the pool."))]
    if customer.owner_id == claimant.pk:
        return [Fault("", "own_customer", _("You are responsible for this customer yourself."))]
    return []


def _refuse_second(customer: Customer, claimant: Member, respondent: Member) -> None:
    rows = OwnershipDispute.objects.filter(customer=customer)
    if rows.filter(state__in=OwnershipDispute.LIVE).exists():
        raise Conflict(Fault("", "disputed", _("Somebody claims this customer already.")))
    if rows.filter(state=State.FINAL, claimant=claimant, respondent=respondent).exists():
        raise Conflict(Fault("", "settled", _("It has been ruled between the two of you for good.")))


def acts_of(dispute: OwnershipDispute, member_id: UUID) -> frozenset[str]:
    """What a person's part in a dispute lets him do, whatever its state."""
    side = dispute.side_of(member_id)
    acts = {"bring", "appeal"} if side else set()
    acts |= {Side.CLAIMANT: {"withdraw"}, Side.RESPONDENT: {"answer"}}.get(side, set()) if side else set()
    return frozenset(acts | ({"rule"} if dispute.judge_id == member_id else set()))


def open_acts(dispute: OwnershipDispute, member_id: UUID, on: date) -> frozenset[str]:
    """What of it he can do today."""
    mine = acts_of(dispute, member_id)
    if dispute.is_pending:
        done = {"appeal"} | ({"answer"} if dispute.answered_on else set())
        return mine - done - (set() if dispute.state == State.OPEN else {"withdraw"})
    appealable = dispute.state == State.RULED and dispute.appeal_until and dispute.appeal_until >= on
    return mine & {"appeal"} if appealable else frozenset()


def bring(
    dispute: OwnershipDispute,
    *,
    kind: str,
    text: str,
    by: Actor,
    at: datetime,
    on: date,
    dated_on: date | None = None,
) -> DisputeEvidence:
    """Bring evidence forward for one's own side while a ruling is awaited.

    Refused: kind invalid_choice; text required, max_length; dated_on in_future; "" no_party.
    Conflict not_pending.
    """
    held = hold(dispute)
    side = held.side_of(by.id)
    if side is None:
        raise Refused(Fault("", "no_party", _("Only the two sides bring evidence.")))
    must_be(held, *OwnershipDispute.PENDING)
    row = DisputeEvidence(
        dispute=held, side=side, kind=kind, text=text.strip(), dated_on=dated_on, member_id=by.id, added_on=on
    )
    faults = of_fields(row, "kind", "text")
    if dated_on and dated_on > on:
        faults.append(Fault("dated_on", "in_future", _("Evidence is of today or before.")))
    refuse(faults)
    row.save(force_insert=True)
    save(held)
    told = {"kind": row.kind, "side": side.value}
    tell("ownership_dispute.evidence_brought", held, told, by=by, at=at, on=on)
    return row


def answer(
    dispute: OwnershipDispute,
    *,
    answer: str,
    by: Actor,
    at: datetime,
    on: date,
    version: int | None = None,
) -> OwnershipDispute:
    """The respondent's statement, once. Refused: answer required, max_length; "" no_party.
    Conflict not_pending, answered, stale."""
    held = hold(dispute, version)
    if held.side_of(by.id) is not Side.RESPONDENT:
        raise Refused(Fault("", "no_party", _("Only whoever is claimed against answers.")))
    must_be(held, *OwnershipDispute.PENDING)
    if held.answered_on:
        raise Conflict(Fault("", "answered", _("This claim has been answered already.")))
    refuse(of_words(held, "answer", answer))
    held.answered_on = on
    save(held, "answer", "answered_on")
    tell("ownership_dispute.answered", held, {"note": held.answer}, by=by, at=at, on=on)
    return held


def withdraw(
    dispute: OwnershipDispute, *, by: Actor, at: datetime, on: date, version: int | None = None
) -> OwnershipDispute:
    """The claimant gives up before a ruling. Refused: "" no_party. Conflict not_pending, stale."""
    held = hold(dispute, version)
    if held.side_of(by.id) is not Side.CLAIMANT:
        raise Refused(Fault("", "no_party", _("Only the claimant withdraws a claim.")))
    must_be(held, State.OPEN)
    held.state, held.closed_on = State.WITHDRAWN, on
    save(held, "state", "closed_on")
    tell("ownership_dispute.withdrawn", held, held_back(held), by=by, at=at, on=on)
    return held


def held_back(dispute: OwnershipDispute) -> dict[str, Any]:
    return {"contract_ids": [str(one.pk) for one in meanwhile(dispute)]}


def parties(row: OwnershipDispute) -> dict[str, Any]:
    """What followers need: who has to do what by when."""
    return {
        "respondent_id": str(row.respondent_id),
        "judge_id": str(row.judge_id),
        "judge": row.judge.name,
        "due_on": str(row.due_on),
        "department": row.claimant_dept.name,
    }


def of_words(held: OwnershipDispute, field: str, words: str) -> list[Fault]:
    setattr(held, field, words.strip())
    if not words.strip():
        return [Fault(field, "required", _("Say it in your own words."))]
    return of_fields(held, field)


def refuse(faults: list[Fault]) -> None:
    if faults:
        raise Refused(*faults)


def must_be(held: OwnershipDispute, *states: str) -> None:
    if held.state not in states:
        raise Conflict(Fault("", "not_pending", _("This dispute no longer awaits a ruling.")))


def hold(dispute: OwnershipDispute, version: int | None = None) -> OwnershipDispute:
    rows = OwnershipDispute.objects.select_for_update(no_key=True, of=("self",))
    near = ("customer__standing", "customer__responsible_dept", "judge", "claimant_dept")
    held = rows.select_related(*near, "claimant__department", "respondent__department").get(pk=dispute.pk)
    held.refuse_stale(version)
    return held


def save(held: OwnershipDispute, *fields: str) -> None:
    held.touch().save(update_fields=[*fields, "version", "updated_at"])


def tell(
    name: str, row: OwnershipDispute, data: Mapping[str, Any], *, by: Actor, at: datetime, on: date
) -> None:
    record(event(name, at=at, on=on, by=by, subject=row.pk, customer=row.customer_id, data=data))
