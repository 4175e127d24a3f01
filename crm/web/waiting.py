"""What waits on the reader, for the counts beside the links of the left bar: one statement for all."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from django.db.models import CharField, Count, Q, QuerySet, Value

from crm.accounts.access import Viewer
from crm.web import navigation

NEVER = Q(pk__in=())


class Waiting(NamedTuple):
    """The rows that wait, which of them are late, and what of them is counted once."""

    rows: QuerySet
    late: Q = NEVER
    each: str = "pk"


# By the count_key of a navigation entry; an app above adds its own. None: this reader is never asked.
WAITING: dict[str, Callable[[Viewer, date], Waiting | navigation.Count | None]] = {}


def counts(viewer: Viewer, on: date) -> dict[str, navigation.Count]:
    """How much of each kind waits on the viewer, red where any of it is late."""
    told = {key: ask(viewer, on) for key, ask in WAITING.items()}
    known = {key: each for key, each in told.items() if isinstance(each, navigation.Count)}
    asked = [_counted(key, each) for key, each in told.items() if isinstance(each, Waiting)]
    rows = asked[0].union(*asked[1:], all=True) if asked else ()
    return known | {key: navigation.Count(open_, late > 0) for key, open_, late in rows}


def _counted(key: str, waiting: Waiting) -> QuerySet:
    return (
        waiting.rows.order_by()
        .values(waits=Value(key, CharField()))
        .annotate(
            open=Count(waiting.each, distinct=waiting.each != "pk"), late=Count("pk", filter=waiting.late)
        )
        .values_list("waits", "open", "late")
    )
