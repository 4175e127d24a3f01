"""The answer to a disputed line: upheld, in part, or rejected; what it grants is proposed as an adjustment.

Who answers proposes; another approves (commissions.adjusting).
"""

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from commissions import adjusting
from commissions.linedisputes.cases import free, hold, tell
from commissions.models import LineDispute
from crm.accounts.access import Viewer
from crm.refusal import Fault, Refused
from customers.faults import of_fields

State = LineDispute.State
OUTCOMES = (State.UPHELD, State.PARTIAL, State.REJECTED)


def answer(
    dispute: LineDispute,
    *,
    outcome: str,
    words: str,
    amount: Decimal | None = None,
    by: Viewer,
    at: datetime,
    on: date,
    version: int | None = None,
) -> LineDispute:
    """Answer a pending dispute; `amount` is what the line should be when it is upheld in part.

    Refused: own_dispute; outcome invalid_choice; words required, max_length; amount required, out_of_range
    (it lies between the line and what was expected). Conflict not_pending, stale.
    """
    held = hold(dispute, by, version)
    held.answer, granted = words.strip(), None
    faults = [] if held.answer else [Fault("words", "required", _("Say it in your own words."))]
    faults += [Fault("words", each.code, each.message) for each in of_fields(held, "answer") if held.answer]
    if outcome not in OUTCOMES:
        faults.append(Fault("outcome", "invalid_choice", _("Uphold it, in part, or reject it.")))
    elif outcome != State.REJECTED:
        granted, wrong = _granted(held, outcome, amount)
        faults += wrong
    if faults:
        raise Refused(*faults)
    held.state, held.granted, held.closed_on = State(outcome), granted, on
    held.answered_by_id, held.answerer_id = by.id, by.id
    free(held, on)
    held.touch().save()
    tell("answered", held, {"outcome": held.state}, by=by, at=at, on=on)
    if granted:
        adjusting.propose_for(held, by=by, at=at, on=on)
    return held


def _granted(held: LineDispute, outcome: str, amount: Decimal | None) -> tuple[Decimal | None, list[Fault]]:
    """The difference to the line that an answer gives."""
    line, wanted = held.entry.amount, held.expected
    if outcome == State.UPHELD:
        return wanted - line, []
    if amount is None:
        return None, [Fault("amount", "required", _("Say what the line should be."))]
    if not min(line, wanted) < amount < max(line, wanted):
        words = _("In part lies between %(line)s and %(wanted)s.")
        told = words % {"line": f"{line:,.2f}", "wanted": f"{wanted:,.2f}"}
        return None, [Fault("amount", "out_of_range", told)]
    return amount - line, []
