"""Running a statement that judges many customers at once, and telling which customers events speak of."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from crm.events.models import Event
from crm.events.record import record
from crm.tenancy.statements import run
from customers.models import Contract, Interaction, Payment, Receivable, Standing

EVENTS_AT_ONCE = 5000
ROWS_OF: dict[str, Any] = {  # what the ids of an import name
    "contracts.imported": Contract,
    "interactions.imported": Interaction,
    "payments.imported": Payment,
    "bank_lines.matched": Payment,
    "receivables.imported": Receivable,
}


def judge(statement: str, values: Mapping[str, Any], customer_ids: Sequence[UUID] | None) -> list[tuple]:
    """The rows of a statement over the whole tenant, or over the customers of its parameter `customers`.

    Some customers are locked first, in one order, so that two changes at once add up.
    """
    if customer_ids is None:
        return run(statement, values)
    list(Standing.objects.select_for_update().filter(pk__in=customer_ids).order_by("pk").values("pk"))
    return run(statement, {"customers": customer_ids, **values})


def only(column: str, some: bool) -> str:
    """The condition that keeps a table of a statement to the customers asked for."""
    return f"AND {column} = ANY (%(customers)s)" if some else ""


def tell(events: Iterable[Event]) -> None:
    """Record the events of a night, some thousands at a time, so that memory stays flat."""
    waiting = iter(events)
    while batch := list(islice(waiting, EVENTS_AT_ONCE)):
        record(*batch)


def customers_of(events: Sequence[Event]) -> set[UUID]:
    """The customers that events speak of; an event of an import names its rows in `ids`."""
    found = {each.customer_id for each in events if each.customer_id}
    for name, model in ROWS_OF.items():
        ids = {UUID(number) for each in events if each.name == name for number in each.data["ids"]}
        if ids:
            found |= set(model.objects.filter(id__in=ids).values_list("customer_id", flat=True))
    return found
