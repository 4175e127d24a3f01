"""The one door into the ledger: no entry ever enters a month that is shut.

Who posts holds the months that still take entries until his transaction ends, so that none of them is
approved meanwhile; of two at once the approval waits for the posting, or the posting for the approval.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from commissions.calculation import facts
from commissions.models import LedgerEntry, Period
from commissions.models.period import TAKING
from crm.periods import month_from, month_number, month_text
from crm.tenancy.context import current
from crm.tenancy.statements import insert

HOLD = """
SELECT id FROM commissions_period WHERE tenant_id = %s AND state = ANY (%s) ORDER BY month FOR SHARE
"""


@dataclass(frozen=True)
class Months:
    """The months as they stand while they are held; `shut` is the last that takes no entry, if any is."""

    known: frozenset[str]
    shut: Period | None

    @property
    def facts(self) -> tuple[facts.Period, ...]:
        """What the calculation is told of them: the month that is shut, from the day of its approval on.

        What became known on that very day after the approval belongs into the next month, what was posted
        before it stands where it is.
        """
        if self.shut is None or self.shut.shut_on is None:
            return ()
        return (facts.Period(self.shut.number, self.shut.shut_on - timedelta(days=1)),)

    def taking(self, month: str) -> str:
        """The month itself, or the first after those that are shut."""
        return month if self.shut is None else max(month, month_text(self.shut.number + 1))

    def post(self, entries: Collection[LedgerEntry]) -> int:
        """Write the rows, those of a shut month into the one after it; returns how many."""
        for row in entries:
            row.posting_period = self.taking(row.posting_period)
        _provide(self.known, {row.posting_period for row in entries})
        insert(list(entries))
        return len(entries)


def hold(on: date) -> Months:
    """The months up to that of `on`, held until the transaction ends. Three queries."""
    known = open_until(on)
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [current(), list(TAKING)])
    shut = Period.objects.exclude(state__in=TAKING).order_by("-month").first()
    return Months(frozenset(known), shut)


def open_until(on: date) -> set[str]:
    """Open the months up to that of `on` that are missing; all months. The first are those of old entries."""
    known = set(Period.objects.values_list("month", flat=True))
    wanted = {month_text(month_number(on))}
    if not known:
        first = (
            LedgerEntry.objects.order_by("posting_period").values_list("posting_period", flat=True).first()
        )
        wanted |= {first} if first else set()
    return known | _provide(known, wanted)


def _provide(known: Iterable[str], wanted: Iterable[str]) -> set[str]:
    """Open the months that are missing: from the first to the last, without a hole. Returns them."""
    every = [month_from(month) for month in {*known, *wanted}]
    if not every:
        return set()
    missing = {month_text(number) for number in range(min(every), max(every) + 1)} - set(known)
    rows = [Period(month=month) for month in sorted(missing)]
    Period.objects.bulk_create(rows, ignore_conflicts=True)
    return missing
