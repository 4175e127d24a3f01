"""What came to Huaxin in files: until lately its follow-ups were written in 企业微信, its receipts read from
the bank and its expenses from vouchers, once a month; since then each is entered as it happens."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from crm.accounts.access import Viewer, viewer_of
from crm.accounts.models import Member
from crm.demo.bringing import Row, bring_in
from crm.demo.huaxin.story import Life, Receipt, Signing, Talk
from crm.periods import add_months

Act = Callable[[date, datetime], object]
SINCE = timedelta(45)  # before today, the first day on which everything is entered as it happens
KINDS = {  # the file's name, and who brings it in
    "interactions": ("企业微信跟进", ""),
    "payments": ("银行到账", "qian"),
    "expenses": ("费用凭证", "qian"),
}
LAST = 7  # of a day, the hour after everything else


def came_in_files(day: date, today: date) -> bool:
    """Whether what happened on a day came in a file."""
    return day < today - SINCE


def files(
    people: Mapping[str, Member], lives: Sequence[Life], today: date
) -> Iterator[tuple[date, int, Act]]:
    """Day, order within the day, act: a file of each kind on the last day of every month, or of the habit."""
    found: dict[tuple[str, date], list[Row]] = defaultdict(list)
    for life in lives:
        for kind, happened, row in _rows(life):
            if came_in_files(happened, today):
                found[kind, _arrives(happened, today)].append(row)
    for (kind, day), rows in found.items():
        name, who = KINDS[kind]
        by = viewer_of(people[who]) if who else None
        yield day, LAST, partial(_read, kind, f"{name}-{day:%Y-%m}.csv", rows, by)


def _rows(life: Life) -> Iterator[tuple[str, date, Row]]:
    yield from (("interactions", talk.day, _talk(life, talk)) for talk in life.talks)
    yield from (("payments", receipt.day, _receipt(receipt)) for receipt in life.receipts)
    for signing in life.signings:
        yield from (("expenses", signing.day, row) for row in _expenses(signing))


def _arrives(day: date, today: date) -> date:
    return min(add_months(day.replace(day=1), 1), today - SINCE) - timedelta(1)


def _talk(life: Life, talk: Talk) -> Row:
    return {
        "number": f"WX{talk.day:%y%m%d}{life.code[3:]}",
        "customer": life.code,
        "at": f"{talk.day} 12:00",
        "kind": talk.kind,
        "note": talk.note,
        "member": life.story.owner,
        "is_effective": "yes" if talk.is_effective else "no",
    }


def _receipt(receipt: Receipt) -> Row:
    return {
        "number": receipt.number,
        "contract": receipt.contract,
        "amount": str(receipt.amount),
        "received_on": str(receipt.day),
        "entered_on": str(receipt.day),
    }


def _expenses(signing: Signing) -> Iterator[Row]:
    for number, (category, amount) in enumerate(signing.expenses, 1):
        yield {
            "number": f"{signing.number}-E{number}",
            "contract": signing.number,
            "category": category,
            "amount": str(amount),
            "incurred_on": str(signing.day),
            "entered_on": str(signing.day),
        }


def _read(kind: str, name: str, rows: Sequence[Row], by: Viewer | None, on: date, at: datetime) -> None:
    bring_in(kind, rows, name=name, by=by, at=at, on=on)
