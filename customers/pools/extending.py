"""One extension of protection 延长保护期 an ownership: asked for by the owner, granted by his head.

What is granted moves the days of customers.pools.clocks, which are derived; nothing else is written.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from crm.accounts import heads
from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from customers.models import Customer, Extension, HandoverRow, OwnershipCredit
from customers.pools import rules, sea

State = Extension.State
HOLD = (State.ASKED, State.GRANTED)  # one of these is all an ownership has
MOST = 200  # characters of a reason


def ask(customer: Customer, *, reason: str, by: Actor, at: datetime, on: date) -> Extension:
    """Ask for more days; the head of the owner's department is told.

    Refused: reason required, max_length. Conflict: not_owner, once, or what shields the customer anyway.
    """
    reason = _text(reason, "reason", required=True)
    row = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    clock = sea.clock_of(row, on)
    if clock is None or row.owner_id != by.id:
        raise _no("not_owner", _("Only whoever is responsible asks for more days."))
    if clock.shield:
        raise _no(clock.shield, sea.SHIELDED[clock.shield])
    credit = _credit(row)
    if Extension.objects.filter(credit=credit, member=by.id).filter(state__in=HOLD).exists():
        raise _no("once", _("More days are granted once, and you have asked already."))
    asked = Extension.objects.create(
        customer=row, credit=credit, member_id=by.id, reason=reason, days=_days(row, on), asked_on=on
    )
    head = heads.head_of(row.responsible_dept_id, but=by.id)  # type: ignore[arg-type]
    to = {"to": head.name if head else "", "to_id": str(head.pk) if head else None}
    _tell("extension.asked", asked, {"reason": reason, "days": asked.days, **to}, by=by, at=at, on=on)
    return asked


def grant(
    asked: Extension, *, answer: str = "", by: Actor, at: datetime, on: date, version: int | None = None
) -> Extension:
    """Give the days.

    Refused: answer max_length. Conflict: decided, own_case, gone (no longer his customer), stale.
    """
    return _decide(asked, State.GRANTED, answer, version, by=by, at=at, on=on)


def refuse(
    asked: Extension, *, answer: str, by: Actor, at: datetime, on: date, version: int | None = None
) -> Extension:
    """Do not give them, and say why. Refused: answer required, max_length. Conflict as in `grant`."""
    return _decide(asked, State.REFUSED, answer, version, by=by, at=at, on=on)


def lapse_for(events: Sequence[Event]) -> None:
    """Follows whatever makes somebody else responsible: what the one before asked for is past."""
    changed = [each for each in events if each.data["from_id"] != each.data["to_id"]]
    if not changed:
        return
    latest = max(changed, key=lambda each: each.at)
    asked = Extension.objects.filter(customer__in=[each.customer_id for each in changed], state=State.ASKED)
    gone = ~Q(member=F("customer__owner")) | Q(credit__valid_to__isnull=False)
    asked.filter(gone | Q(customer__owner=None)).update(
        state=State.LAPSED, decided_on=latest.on, version=F("version") + 1, updated_at=latest.at
    )


def resume_for(events: Sequence[Event]) -> None:
    """Follows handover.undone: what was granted holds on, and what waited for an answer waits again."""
    for each in events:
        back = HandoverRow.objects.filter(
            handover=each.subject_id, came_back=True, customer=OuterRef("customer")
        )
        day, moment = (Subquery(back.values(f"handover__executed_{name}")[:1]) for name in ("on", "at"))
        rows = Extension.objects.filter(Exists(back), member=F("customer__owner")).annotate(
            day=day, moment=moment
        )
        lapsed = Q(state=State.LAPSED, decided_on=F("day"), updated_at=F("moment"))
        stopped = Q(credit__valid_to=F("day")) | Q(credit__valid_from=F("day"))
        for row in rows.filter(Q(state=State.GRANTED) | lapsed, stopped).select_related("customer"):
            row.credit = _credit(row.customer)
            if row.state == State.LAPSED:
                row.state, row.decided_on = State.ASKED, None
            row.touch().save()


def may_ask(viewer: Viewer, customer: Customer, on: date) -> bool:
    """Whether the viewer may ask for more days with the customer today."""
    if not viewer.may(Right.POOL_CLAIM) or customer.owner_id != viewer.id:
        return False
    clock = sea.clock_of(customer, on)
    taken = Extension.objects.filter(credit=_credit(customer), member=viewer.id, state__in=HOLD)
    return clock is not None and not clock.shield and not taken.exists()


def may_decide(viewer: Viewer, asked: Extension) -> bool:
    """Whether it is the viewer's to decide: he hands out customers, reaches this one, and did not ask."""
    if not viewer.may(Right.OWNERSHIP_TRANSFER) or asked.member_id == viewer.id:
        return False
    return reach(viewer, Customer.objects.filter(pk=asked.customer_id)).exists()


def _decide(
    asked: Extension, state: str, answer: str, version: int | None, *, by: Actor, at: datetime, on: date
) -> Extension:
    answer = _text(answer, "answer", required=state == State.REFUSED)
    row = Customer.objects.select_for_update(no_key=True).get(pk=asked.customer_id)
    held = Extension.objects.select_for_update().select_related("member").get(pk=asked.pk)
    if held.state != State.ASKED:
        raise _no("decided", _("This has been decided already."))
    held.refuse_stale(version)
    if held.member_id == by.id:
        raise _no("own_case", _("Nobody decides on what he has asked for himself."))
    if row.owner_id != held.member_id or _credit(row).pk != held.credit_id:
        raise _no("gone", _("The customer is no longer this person's."))
    held.state, held.answer, held.decided_by_id, held.decided_on = state, answer, by.id, on
    held.touch().save(update_fields=["state", "answer", "decided_by", "decided_on", "version", "updated_at"])
    about: dict[str, Any] = {"days": held.days, "to": held.member.name, "reason": answer}
    if state == State.GRANTED and (clock := sea.clock_of(row, on)) and clock.on:
        about["drops_on"] = str(clock.on)
    _tell(f"extension.{state.lower()}", held, about, by=by, at=at, on=on)
    return held


def _credit(customer: Customer) -> OwnershipCredit:
    return OwnershipCredit.objects.get(customer=customer, role="MANAGER", valid_to=None)


def _days(customer: Customer, on: date) -> int:
    return rules.in_force(sea.home_of(customer), on).extension_days


def _text(text: str, field: str, *, required: bool) -> str:
    if required and not text.strip():
        raise Refused(Fault(field, "required", _("Say why.")))
    if len(text.strip()) > MOST:
        raise Refused(Fault(field, "max_length", _("The reason is too long.")))
    return text.strip()


def _no(code: str, words: Any) -> Conflict:
    return Conflict(Fault("", code, words))


def _tell(name: str, row: Extension, data: dict[str, Any], *, by: Actor, at: datetime, on: date) -> None:
    record(event(name, subject=row.pk, customer=row.customer_id, data=data, by=by, at=at, on=on))
