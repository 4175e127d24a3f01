"""Why a request is refused: field, code, and words that a door can translate (spec/what-if.md §6)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm.refusal import Fault, Refused

__all__ = ["Fault", "Message", "Refused", "fault", "in_words"]

Translate = Callable[[str], str]


def gettext_noop(text: str) -> str:
    """Marks a text for the catalogues; this name is the one that makemessages looks for."""
    return text


@dataclass(frozen=True)
class Message:
    """An English text with its values; `text` gives it in the language of the reader."""

    template: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, translate: Translate = str) -> str:
        return translate(self.template) % self.params if self.params else translate(self.template)

    def __str__(self) -> str:
        return self.text()


_ = gettext_noop
MESSAGES = {
    # form
    "required": _("This is needed."),
    "unknown_field": _("There is no such field here: check the spelling or leave it out."),
    "invalid_amount": _('Write an amount as text, up to 13 digits and 2 places, such as "1200.00".'),
    "negative_amount": _("This amount cannot be negative."),
    "invalid_rate": _('Write a rate as text inside the allowed range, such as "0.06".'),
    "invalid_date": _("Write a date as YYYY-MM-DD."),
    "invalid_period": _("Write a month as YYYY-MM."),
    "invalid_integer": _("Write a whole number, not negative and inside the allowed range."),
    "invalid_boolean": _("Write true or false."),
    "invalid_choice": _("This is not one of the possible values."),
    "invalid_string": _("Write a text of 1 to 100 characters."),
    "invalid_list": _("A list is expected here."),
    "invalid_object": _("An object with named fields is expected here."),
    "invalid_id": _("Ids that begin with @ are reserved: choose another."),
    # tables and plans
    "empty_band": _("A row ends before it begins: its upper bound must be above its lower one."),
    "not_from_zero": _("The lowest row must begin at 0."),
    "hole": _("Two rows leave a hole: each must begin where the one below it ends."),
    "overlap": _("Two rows overlap: each must begin where the one below it ends."),
    "not_unbounded": _("The highest row must have no upper bound."),
    "duplicate_class": _("Each class may have one band only."),
    "unknown_class": _("The plan has no such class."),
    "duplicate_scope": _("Only one cap is possible for this scope."),
    "no_plan_version": _("No version of the plan is in force on %(day)s."),
    "version_overlap": _("Two versions of the plan are in force on the same day."),
    "currency_mismatch": _("All versions of a plan must have the same currency."),
    # contracts
    "end_before_start": _("The end must be after the start."),
    "schedule_length": _("The schedule needs one amount for each contract year."),
    "schedule_mismatch": _("These amounts do not sum to the price they share."),
    "unknown_rate": _("A contract in another currency needs the book rate of its signing month."),
    "duplicate_contract": _("Another contract already has this number."),
    "unknown_contract": _("No contract of the customer has this number."),
    "unknown_contract_year": _("The contract has no such year."),
    # shares, months, events
    "sum_not_10000": _("The shares must sum to 10,000 basis points."),
    "duplicate_payee": _("Each payee may be named once only."),
    "duplicate_period": _("Each month may be listed once only."),
    "event_conflict": _("Another event has this id and other content."),
    "before_signing": _("This cannot be dated before the contract was signed."),
    # history
    "refund_exceeds_cash": _("More is given back than was received until then."),
    "refund_exceeds_invoiced": _("More is credited than was invoiced until then."),
    "write_off_exceeds_open": _("More is written off than was open by then."),
    "exceeds_year": _("Refunds and write-offs exceed the amount of their contract year."),
    "kept_exceeds_gross": _("More is kept than the price of the contract."),
}


def fault(place: str, code: str, **params: Any) -> Fault:
    """The fault of a field; `place` is its path, such as events[2].amount, "" for the whole request."""
    return Fault(place, code, Message(MESSAGES[code], params))


def in_words(faults: tuple[Fault, ...], translate: Translate = str) -> list[dict[str, str]]:
    """Faults as the `errors` list of a response, with messages in the reader's language."""
    return [
        {"field": found.field, "code": found.code, "message": found.message.text(translate)}
        for found in faults
    ]
