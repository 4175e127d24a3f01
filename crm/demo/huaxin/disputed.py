"""Huaxin's people dispute lines of their statements: one upheld in part and corrected, one to be answered."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import typst
from django.core.files.base import ContentFile

from commissions import adjusting
from commissions.linedisputes import answering, cases
from commissions.models import Adjustment, LedgerEntry, LineDispute, Period, Statement
from crm.accounts.access import viewer_of
from crm.accounts.models import Member
from crm.demo.huaxin.closings import publication
from crm.money import quantise
from crm.periods import add_months, add_workdays
from crm.web.paper import FONTS

Act = Callable[[date, datetime], object]
OPENED, TAKEN, ANSWERED, APPROVED = 2, 3, 8, 9  # working days after the publication; paid out in between
STILL = 25  # days after the publication; until then a line can be disputed whatever the month
EXPECTED, GRANTED = Decimal("1.20"), Decimal("1.08")  # of the line
LATE_FIRST = 9  # order within the day: after the months of that day were closed
CLAIM = "展会差旅由市场部承担，不应从本合同的提成基数中扣除。"
RULING = "展会部分核实为市场部费用，予以补回；其余差旅属本合同费用，维持扣除。"
WAITING = "客户两笔回款按合并到账认定，第二笔未逾期。"
NOTE = """#set page(width: 148mm, height: 105mm)
#set text(font: "Noto Sans SC", size: 11pt)
= 差旅费用归属说明
上海工博会展位与差旅由市场部统一承担，费用单号 SC-0917。
"""


def acts(people: Mapping[str, Member], today: date) -> Iterator[tuple[date, int, Act]]:
    """The latest month whose dispute is over by now, and the latest one that is published."""
    months = [Period(month=f"{add_months(today.replace(day=1), -back):%Y-%m}") for back in (1, 2, 3)]
    over = next(each for each in months if _after(each, APPROVED) <= today)
    yield _after(over, OPENED), LATE_FIRST, partial(_disputes, over.month, people["li"], "EXPENSE", CLAIM)
    yield _after(over, TAKEN), LATE_FIRST, partial(_takes, over.month)
    yield _after(over, ANSWERED), LATE_FIRST, partial(_answers, over.month)
    yield _after(over, APPROVED), LATE_FIRST, partial(_approves, people["qian"])
    latest = next(each for each in months if _after(each, OPENED) <= today)
    lately = min(today - timedelta(2), publication(latest) + timedelta(STILL))
    day = max(_after(latest, OPENED), lately)
    yield day, LATE_FIRST, partial(_disputes, latest.month, people["zhou"], "CASH", WAITING)


def _after(month: Period, workdays: int) -> date:
    return add_workdays(publication(month), workdays)


def _disputes(month: str, who: Member, category: str, words: str, on: date, at: datetime) -> None:
    """His largest line of the month; a colleague of the department disputes one when he has none."""
    lines = LedgerEntry.objects.filter(posting_period=month, kind="EARNED", member__department=who.department)
    lines = lines.filter(disputes=None).select_related("member")
    found = sorted(lines, key=lambda line: (line.member_id != who.pk, -line.amount, line.pk))
    if not found:
        return
    line = found[0]
    row = Statement.objects.select_related("period").get(period__month=month, member=line.member_id)
    about: dict[str, Any] = {"category": category, "words": words}
    about["file"] = _paper() if words == CLAIM else None
    expected = quantise(line.amount * EXPECTED)
    payee: Any = line.member
    act: dict[str, Any] = {"by": viewer_of(payee), "at": at, "on": on}
    cases.open_dispute(row, line, expected=expected, **about, **act)


def _paper() -> ContentFile:
    fonts: dict[str, Any] = {"font_paths": [str(FONTS)], "ignore_system_fonts": True}
    content: Any = typst.compile(NOTE.encode(), **fonts)
    return ContentFile(content, name="差旅费用归属说明.pdf")


def _dispute(month: str) -> LineDispute | None:
    rows = LineDispute.objects.filter(statement__period__month=month, words=CLAIM)
    return rows.select_related("answerer", "entry").first()


def _takes(month: str, on: date, at: datetime) -> None:
    if row := _dispute(month):
        cases.take(row, by=viewer_of(row.answerer), at=at, on=on)


def _answers(month: str, on: date, at: datetime) -> None:
    """In part, after the month was paid out without the line."""
    if row := _dispute(month):
        about: dict[str, Any] = {
            "outcome": "PARTIAL",
            "amount": quantise(row.entry.amount * GRANTED),
            "words": RULING,
        }
        answering.answer(row, by=viewer_of(row.answerer), at=at, on=on, **about)


def _approves(who: Member, on: date, at: datetime) -> None:
    for row in Adjustment.objects.filter(state=Adjustment.State.PROPOSED):
        adjusting.approve(row, decision="凭证齐全，同意补发。", by=viewer_of(who), at=at, on=on)
