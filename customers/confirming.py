"""A split that names others than the responsible owner is a proposal until the heads of its payees agree.

Its commission is held meanwhile (commissions.disputed). A head who signs has confirmed by that; nobody
confirms what pays himself; whoever stands above a head may stand in. A refusal goes back to who signed, and
every other split asks anew.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.accounts import heads
from crm.accounts.models import Member
from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from crm.tenancy import statements
from customers.faults import of_fields
from customers.models import Contract, CreditSplit, SplitConfirmation
from customers.splits import Share, splits_of

State = SplitConfirmation.State
DECIDED = ["state", "decided_by", "decided_on", "words", "version", "updated_at"]
MOVES = {"status", "roles", "department"}  # changes of a person after which another one may be to be asked
PASS_ON = f"""
WITH {heads.HEADS}, asked AS (
  SELECT q.id, (
    SELECT u.id FROM heads h, unnest(h.ids) WITH ORDINALITY u (id, place)
    WHERE h.department = q.department_id AND NOT EXISTS (SELECT FROM customers_creditsplit p
      WHERE p.tenant_id = %(tenant)s AND p.contract_id = q.contract_id AND p.member_id = u.id)
    ORDER BY u.place LIMIT 1) AS head
  FROM customers_splitconfirmation q WHERE q.tenant_id = %(tenant)s AND q.state = 'WAITING'
)
UPDATE customers_splitconfirmation q SET asked_id = asked.head, version = q.version + 1, updated_at = %(at)s
FROM asked WHERE q.tenant_id = %(tenant)s AND q.id = asked.id AND asked.head <> q.asked_id
"""


def ask(
    contract: Contract,
    splits: Sequence[CreditSplit],
    *,
    owner_id: UUID | None,
    by: Actor | None,
    at: datetime,
    on: date,
) -> list[Event]:
    """Ask whoever has to confirm the split of a contract.

    Returns the event that tells it, not yet recorded; none when nobody is left to ask.
    """
    rows = needed(contract, splits, owner_id=owner_id, by=by, on=on)
    SplitConfirmation.objects.bulk_create(rows)
    waiting = dict.fromkeys(row.asked.name for row in rows if row.state == State.WAITING)
    if not waiting:
        return []
    return [_event("credit_split.asked", contract, {"asked": list(waiting)}, by=by, at=at, on=on)]


def needed(
    contract: Contract,
    splits: Sequence[CreditSplit],
    *,
    owner_id: UUID | None,
    by: Actor | None,
    on: date,
) -> list[SplitConfirmation]:
    """The confirmations that a split needs, unsaved: where `by` may confirm, signing gives it.

    None for a split among the owner and his department; a department above which nobody could confirm is
    not asked.
    """
    own = {owner_id, contract.responsible_dept_id}
    if all((split.member_id or split.department_id) in own for split in splits):
        return []
    found = deciders(splits)
    signer = next((by.id for line in found.values() if by and by.id in line), None)
    people = Member.objects.in_bulk({line[0] for line in found.values()} | {signer} - {None})
    rows = []
    for department_id, line in found.items():
        head = people[signer if signer in line else line[0]]
        row = SplitConfirmation(contract=contract, department_id=department_id, asked=head, asked_on=on)
        if head.pk == signer:
            row.state, row.decided_by, row.decided_on = State.CONFIRMED, head, on
        rows.append(row)
    return rows


def deciders(splits: Sequence[CreditSplit]) -> dict[UUID, list[UUID]]:
    """For each department of the payees who may confirm, the nearest first; whoever is paid may not."""
    paid = {split.member_id for split in splits}
    departments: dict[Any, None] = dict.fromkeys(
        split.member.department_id if split.member else split.department_id for split in splits
    )
    lines = {
        key: [each for each in line if each not in paid]
        for key, line in heads.lines(list(departments)).items()
    }
    return {key: line for key, line in lines.items() if line}


def waiting_for(contract: Contract, member_id: UUID) -> list[SplitConfirmation]:
    """What a person may confirm of a contract: what he is asked for, or else what he may stand in for."""
    rows = list(
        contract.confirmations.filter(state=State.WAITING)
        .select_related("asked", "department")
        .order_by("department__code")
    )
    asked = [row for row in rows if row.asked_id == member_id]
    if asked or not rows:
        return asked
    found = deciders(list(contract.splits.select_related("member")))
    return [row for row in rows if member_id in found.get(row.department_id, [])]


def words_on(contract: Contract) -> list[SplitConfirmation]:
    """Every word that was asked on the split of a contract, given or not, by department."""
    rows = contract.confirmations.select_related("department", "asked", "decided_by")
    return list(rows.order_by("department__code"))


def awaited_of(contract: Contract) -> list[str]:
    """The names of those whose word on the split of a contract is still awaited."""
    waiting = [row for row in words_on(contract) if row.state == State.WAITING]
    return list(dict.fromkeys(row.asked.name for row in waiting))


def may_stand_in(contract: Contract, member_id: UUID) -> bool:
    """Whether it is a person's to confirm or refuse the split of a contract, whatever its state."""
    found = deciders(list(contract.splits.select_related("member")))
    return any(member_id in line for line in found.values())


def unconfirmed(until: date) -> QuerySet[Contract]:
    """Contracts signed by a day whose split is not confirmed yet, so that their commission is held."""
    asked = SplitConfirmation.objects.filter(contract=OuterRef("pk"), state__in=SplitConfirmation.OPEN)
    return Contract.objects.filter(Exists(asked), signed_on__lte=until).order_by("signed_on", "id")


def is_open(contract: Contract) -> bool:
    """Whether the split of a contract was asked to be confirmed and is not yet: it may still change."""
    return contract.confirmations.filter(state__in=SplitConfirmation.OPEN).exists()


def confirm(contract: Contract, *, by: Actor, at: datetime, on: date) -> list[SplitConfirmation]:
    """Confirm the split for every department that waits for `by`; the last one lets its commission go.

    Refused: "" not_asked. Conflict: decided.
    """
    rows = _to_decide(contract, by)
    for row in rows:
        row.state, row.decided_by_id, row.decided_on = State.CONFIRMED, by.id, on
    left = _save(contract, rows)
    names = [row.department.name for row in rows]
    data = {"departments": names, "asked": left, "settled": not left}
    record(_event("credit_split.confirmed", contract, data, by=by, at=at, on=on))
    return rows


def refuse(contract: Contract, *, words: str, by: Actor, at: datetime, on: date) -> list[SplitConfirmation]:
    """Refuse the split, and say why: who signed has to make another one; nobody else is asked any more.

    Refused: words required, max_length; "" not_asked. Conflict: decided.
    """
    rows = _to_decide(contract, by)
    for row in rows:
        row.state, row.decided_by_id, row.decided_on, row.words = State.REFUSED, by.id, on, words.strip()
    if not words.strip():
        raise Refused(Fault("words", "required", _("Say why.")))
    if faults := of_fields(rows[0], "words"):
        raise Refused(*faults)
    _save(contract, rows)
    rest = contract.confirmations.filter(state=State.WAITING)
    rest.update(state=State.DROPPED, decided_on=on, version=F("version") + 1, updated_at=at)
    names = [row.department.name for row in rows]
    data = {"departments": names, "reason": words.strip()}
    record(_event("credit_split.refused", contract, data, by=by, at=at, on=on))
    return rows


def resplit(
    contract: Contract, *, shares: Sequence[Share], by: Actor, at: datetime, on: date
) -> list[CreditSplit]:
    """Divide a contract anew whose split is not confirmed yet; everybody concerned is asked again.

    Refused as customers.contracts.sign for `shares`. Conflict: settled.
    """
    held = _hold(contract)
    if not is_open(held):
        raise Conflict(Fault("", "settled", _("This split is confirmed: it stands as it was agreed.")))
    splits, faults = splits_of(held, shares)
    if faults:
        raise Refused(*faults)
    held.splits.all().delete()
    CreditSplit.objects.bulk_create(splits)
    held.confirmations.all().delete()
    asked = ask(held, splits, owner_id=held.customer.owner_id, by=by, at=at, on=on)
    told = [
        {"payee": str(each.member or each.department), "basis_points": each.basis_points} for each in splits
    ]
    record(_event("credit_split.changed", held, {"shares": told}, by=by, at=at, on=on), *asked)
    return splits


def settle(contracts: Collection[Contract], *, by: Actor, at: datetime, on: date) -> None:
    """A ruling from above both sides has divided these contracts: nobody is asked any more."""
    rows = SplitConfirmation.objects.filter(contract__in=contracts, state__in=SplitConfirmation.OPEN)
    rows.update(
        state=State.CONFIRMED, decided_by=by.id, decided_on=on, version=F("version") + 1, updated_at=at
    )


def pass_on_for(events: Sequence[Event]) -> None:
    """Follows member.edited: what waits for who leaves or heads no longer is asked of the next one."""
    if any(MOVES & set(each.data["changes"]) for each in events):
        statements.run(PASS_ON, {"at": max(each.at for each in events)})


def _hold(contract: Contract) -> Contract:
    rows = Contract.objects.select_for_update(no_key=True, of=("self",)).select_related("customer")
    return rows.get(pk=contract.pk)


def _to_decide(contract: Contract, by: Actor) -> list[SplitConfirmation]:
    held = _hold(contract)
    rows = waiting_for(held, by.id)
    if rows:
        return rows
    if held.confirmations.filter(state=State.WAITING).exists():
        raise Refused(Fault("", "not_asked", _("This split is confirmed by the heads of its payees.")))
    raise Conflict(Fault("", "decided", _("This split no longer waits for a confirmation.")))


def _save(contract: Contract, rows: Sequence[SplitConfirmation]) -> list[str]:
    """Write what was decided; who is still to be asked."""
    for row in rows:
        row.touch().save(update_fields=DECIDED)
    return awaited_of(contract)


def _event(
    name: str, contract: Contract, data: dict[str, Any], *, by: Actor | None, at: datetime, on: date
) -> Event:
    told = {"number": contract.number, "signed_by_id": str(contract.signed_by_id), **data}
    about: dict[str, Any] = {"subject": contract.pk, "customer": contract.customer_id, "data": told}
    return event(name, by=by, at=at, on=on, **about)
