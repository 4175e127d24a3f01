"""Huaxin closes its months: the commission admin calculates, the heads review, the general manager approves,
finance pays out and closes; each on its working day."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from commissions import closing, settlement, statements
from commissions.models import Period, Statement
from crm.accounts.access import viewer_of
from crm.accounts.models import Member
from crm.periods import add_months, add_workdays

Act = Callable[[date, datetime], object]
HEADS = ("chen", "ma", "huang", "gao")
REVIEW_WORKDAYS = 2  # after the calculation
READ_AFTER = timedelta(20)  # from the payout until everybody has said that he read his statement
YEARS = 4  # more than the story is long: months before it do not exist


def acts(people: Mapping[str, Member], today: date) -> Iterator[tuple[date, int, Act]]:
    """The steps of every month that is over by then: day, order within the day, act."""
    for back in range(12 * YEARS, 0, -1):
        month = f"{add_months(today.replace(day=1), -back):%Y-%m}"
        due = Period(month=month)
        yield due.calculate_by, 5, partial(_do, closing.calculate, month, people["tian"])
        for place, code in enumerate(HEADS):
            day = add_workdays(due.calculate_by, REVIEW_WORKDAYS)
            yield day, 5 + place, partial(_review, month, people[code])
        yield publication(due), 5, partial(_approve, month, people)
        yield due.pay_by, 5, partial(_do, closing.pay_out, month, people["qian"])
        yield due.pay_by, 6, partial(_do, closing.close, month, people["qian"])
        yield due.pay_by + READ_AFTER, 7, partial(_read, month)


def publication(due: Period) -> date:
    """The day on which a month is approved and its statements are published."""
    return max(due.publish_by, add_workdays(due.calculate_by, REVIEW_WORKDAYS + 1))


def _do(verb: Callable[..., object], month: str, member: Member, on: date, at: datetime) -> None:
    """One step; there is nothing to close before the first contract."""
    row = Period.objects.filter(month=month).first()
    if row is not None:
        verb(row, by=viewer_of(member), at=at, on=on)


def _approve(month: str, people: Mapping[str, Member], on: date, at: datetime) -> None:
    """The general manager approves; where something came since the calculation it is done anew first."""
    row = Period.objects.filter(month=month).first()
    if row is not None and settlement.is_stale(row):
        _do(closing.calculate, month, people["tian"], on, at)
        for code in HEADS:
            _review(month, people[code], on, at)
    _do(closing.approve, month, people["gao"], on, at)


def _read(month: str, on: date, at: datetime) -> None:
    """Everybody says that he has read his statement."""
    rows = Statement.objects.filter(period__month=month, member__isnull=False, published_at__isnull=False)
    for row in rows.select_related("period", "member"):
        payee: Any = row.member
        statements.confirm(row, by=payee, at=at, on=on)


def _review(month: str, head: Member, on: date, at: datetime) -> None:
    """A head looks through the statements of his people, if there are any."""
    by, row = viewer_of(head), Period.objects.filter(month=month).first()
    if row is not None and not closing.against("review", row, by, on):
        closing.review(row, by=by, at=at, on=on)
