"""建账: what was agreed of an account beyond its payment plan."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from crm.events.record import Actor, event, record
from crm.refusal import Fault, Refused
from customers.faults import of_fields
from customers.models import Contract, CreditTerms

FIELDS = ("credit_days", "statement_months", "note")


def agree(
    contract: Contract,
    *,
    credit_days: int,
    by: Actor | None,
    at: datetime,
    on: date,
    statement_months: int = 1,
    note: str = "",
) -> CreditTerms:
    """Agree the terms of an account, in place of those agreed before.

    `credit_days` are days after the due date without dunning, `statement_months` how often it is
    reconciled. Refused: credit_days and statement_months min_value, max_value; note max_length; ""
    nothing_changes.
    """
    held = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    row = CreditTerms.objects.filter(contract=held).first()
    before = row and tuple(getattr(row, name) for name in FIELDS)
    row = row or CreditTerms(contract=held, customer_id=held.customer_id)
    row.credit_days, row.statement_months, row.note = credit_days, statement_months, note.strip()
    faults = of_fields(row, *FIELDS)
    if not faults and before == tuple(getattr(row, name) for name in FIELDS):
        faults = [Fault("", "nothing_changes", _("These terms stand already."))]
    if faults:
        raise Refused(*faults)
    row.save() if before is None else row.touch().save()
    data = {"contract": held.number, "credit_days": credit_days, "statement_months": statement_months}
    about = {"subject": held.pk, "customer": held.customer_id}
    record(event("credit_terms.agreed", at=at, on=on, by=by, data=data, **about))
    return row
