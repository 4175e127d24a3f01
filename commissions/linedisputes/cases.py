"""申诉: a payee disputes one line of his statement; it is held until it is answered (decision 017).

Opening, taking it into review and giving it up stand here, the answer in answering. Each act
holds the dispute's row, and the month's where a payout depends on it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.files import File
from django.utils.translation import gettext_lazy as _

from commissions import attachments, payouts, posting
from commissions.linedisputes import rules
from commissions.models import LedgerEntry, LineDispute, Period, Statement
from commissions.models.entry import Kind
from commissions.models.period import State as Month
from crm.accounts.access import Viewer
from crm.accounts.heads import head_of
from crm.accounts.rights import Right
from crm.events.record import Actor, event, record
from crm.periods import add_workdays
from crm.refusal import Conflict, Fault, Refused
from customers.faults import of_fields

State = LineDispute.State


def open_dispute(
    statement: Statement,
    entry: LedgerEntry,
    *,
    category: str,
    words: str,
    expected: Decimal,
    file: File | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> LineDispute:
    """Dispute a line of one's own published statement; what it pays is kept out of a payout still to come.

    Refused: not_yours, no_line, nobody_above; category, words, expected by the field; expected same_amount;
    file as attachments. Conflict not_published, too_late, disputed (it is, or was answered).
    """
    held = _held_statement(statement)
    _refuse(_against_line(held, entry, by))
    if conflict := against(held, entry, on):
        raise Conflict(conflict)
    row = _of_line(held, entry, at, on)
    row.category, row.words, row.expected = category, words.strip(), expected
    faults = of_fields(row, "category", "words", "expected") + attachments.faults_of(file, required=False)
    if expected == entry.amount:
        faults.append(Fault("expected", "same_amount", _("That is what the line says already.")))
    _refuse(faults)
    row.answerer = _answerer(held, by.id)  # type: ignore[assignment]
    row.save(force_insert=True)
    attachments.keep(file, dispute=row, by=by, at=at)
    return tell("opened", row, {"answerer_id": str(row.answerer_id)}, by=by, at=at, on=on)


def against(statement: Statement, entry: LedgerEntry, on: date) -> Fault | None:
    """What stands against disputing a line of a statement on a day, whoever asks. One query."""
    if statement.published_at is None or statement.disputable_until is None:
        return Fault("", "not_published", _("The statement is not published yet."))
    if on > statement.disputable_until:
        words = _("A line could be disputed until %(day)s.") % {"day": statement.disputable_until}
        return Fault("", "too_late", words)
    if entry.disputes.exclude(state=State.WITHDRAWN).exists():
        return Fault("", "disputed", _("This line is disputed already, or was answered."))
    return None


def take(dispute: LineDispute, *, by: Viewer, at: datetime, on: date) -> LineDispute:
    """Take an open dispute into review; whoever does is to answer it. Refused own_dispute.

    Conflict not_pending, taken.
    """
    held = hold(dispute, by)
    if held.state == State.REVIEW:
        raise Conflict(Fault("", "taken", _("It is under review already.")))
    held.state, held.taken_on, held.answerer_id = State.REVIEW, on, by.id
    held.touch().save()
    return tell("taken", held, {"answerer_id": str(by.id)}, by=by, at=at, on=on)


def withdraw(dispute: LineDispute, *, by: Actor, at: datetime, on: date) -> LineDispute:
    """The payee gives his dispute up: what was kept out is paid. Refused not_yours. Conflict not_pending."""
    held = LineDispute.objects.select_for_update(no_key=True).get(pk=dispute.pk)
    if held.member_id != by.id:
        raise Refused(Fault("", "not_yours", _("Only its payee withdraws a dispute.")))
    must_be_pending(held)
    held.state, held.closed_on = State.WITHDRAWN, on
    free(held, on)
    held.touch().save()
    return tell("withdrawn", held, {}, by=by, at=at, on=on)


def reopen(dispute: LineDispute, *, by: Actor, at: datetime, on: date) -> LineDispute:
    """Put an answered dispute back under review when the adjustment that it granted is refused.

    So an answer never stands without its correction; the days to answer count anew.
    """
    held = LineDispute.objects.select_for_update(no_key=True).get(pk=dispute.pk)
    held.state, held.granted, held.closed_on, held.answered_by = State.REVIEW, None, None, None
    held.due_on = add_workdays(on, rules.in_force(on).answer_workdays)
    held.escalated_on = None
    held.touch().save()
    return tell("reopened", held, {"answerer_id": str(held.answerer_id)}, by=by, at=at, on=on)


def hold(dispute: LineDispute, by: Viewer, version: int | None = None) -> LineDispute:
    """The row of a pending dispute, held by who may answer it. Refused own_dispute. Conflict not_pending,
    stale."""
    held = LineDispute.objects.select_for_update(no_key=True).get(pk=dispute.pk)
    if held.member_id == by.id:
        raise Refused(Fault("", "own_dispute", _("Nobody answers his own dispute.")))
    must_be_pending(held)
    held.refuse_stale(version)
    return held


def may_answer(dispute: LineDispute, viewer: Viewer) -> bool:
    """Whether a person who sees the dispute may answer it; its payee never."""
    return viewer.may(Right.COMMISSION_ANSWER) and viewer.id != dispute.member_id


def must_be_pending(held: LineDispute) -> None:
    if not held.is_pending:
        raise Conflict(Fault("", "not_pending", _("This dispute no longer awaits an answer.")))


def free(held: LineDispute, on: date) -> None:
    """Let what was kept out be paid: with its own month until that is paid out, else with the open one."""
    if not held.withheld or held.paid_with_id is not None:
        return
    own = Period.objects.select_for_update(no_key=True).get(statements=held.statement_id)
    if own.state == Month.APPROVED:
        held.paid_with = own
        return
    months = posting.hold(on)
    held.paid_with = Period.objects.get(month=months.taking(own.month))


def tell(
    name: str, row: LineDispute, data: Mapping[str, Any], *, by: Actor, at: datetime, on: date
) -> LineDispute:
    """Record what happened to a dispute; no amount stands in what is told, and no customer hears of it."""
    told = {"member_id": str(row.member_id), "due_on": str(row.due_on), **data}
    record(event(f"line_dispute.{name}", subject=row.pk, data=told, by=by, at=at, on=on))
    return row


def _held_statement(statement: Statement) -> Statement:
    """The statement with its month held, so that it is not paid out meanwhile."""
    period = Period.objects.select_for_update(no_key=True).get(pk=statement.period_id)
    held = Statement.objects.select_related("member").get(pk=statement.pk)
    held.period = period
    return held


def _against_line(statement: Statement, entry: LedgerEntry, by: Actor) -> list[Fault]:
    if statement.member_id != by.id:
        return [Fault("", "not_yours", _("Only its payee disputes a line."))]
    of_it = entry.member_id == statement.member_id and entry.posting_period == statement.period.month
    if not of_it or entry.kind == Kind.CARRY:
        return [Fault("entry", "no_line", _("This is no line of the statement."))]
    return []


def _of_line(statement: Statement, entry: LedgerEntry, at: datetime, on: date) -> LineDispute:
    """A dispute of a line, not yet said why."""
    return LineDispute(
        statement=statement,
        entry=entry,
        member=statement.member,
        payee_department_id=statement.payee_department_id,
        opened_on=on,
        opened_at=at,
        due_on=add_workdays(on, rules.in_force(on).answer_workdays),
        withheld=payouts.to_keep_out(statement, entry),
    )


def _answerer(statement: Statement, payee: UUID) -> Any:
    found = head_of(statement.payee_department_id, but=payee)
    if found is None:
        _refuse([Fault("", "nobody_above", _("There is nobody above you who could answer."))])
    return found


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise Refused(*faults)
