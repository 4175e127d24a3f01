"""The tiles of the home pages: one figure each, a remark, and the list behind it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.dashboards import income, metrics
from crm.dashboards.desk import Desk, behind_url, book_url
from crm.dashboards.metrics import ZERO
from crm.periods import add_months
from crm.web.templatetags.amounts import percent
from crm.web.templatetags.days import period
from lifecycle.models import FollowUp


@dataclass(frozen=True)
class Tile:
    """A figure: `value` as a number (None: not known), `text` as it is shown."""

    key: str
    title: str
    value: Decimal | int | None
    text: str
    note: str = ""
    href: str = ""
    share: Decimal | None = None
    tone: str = "c1"


def due_today(desk: Desk) -> Tile:
    """What I have to do by today."""
    mine = FollowUp.objects.filter(owner_id=desk.viewer.id, state=FollowUp.State.OPEN, due_on__lte=desk.on)
    found = mine.aggregate(due=Count("pk"), late=Count("pk", filter=Q(due_on__lt=desk.on)))
    late = ngettext("%(n)d of them late", "%(n)d of them late", found["late"]) % {"n": found["late"]}
    note = late if found["late"] else _("nothing late")
    href = f"{reverse('lifecycle:follow-ups')}?due_on__lte={desk.on}"
    return Tile("due_today", _("Due by today"), found["due"], str(found["due"]), note, href)


def signed(desk: Desk) -> Tile:
    """What was signed in the quarter, beside the same days of the year before."""
    (since, until), before = desk.quarters
    amount, then = desk.signed(since, until), desk.signed(*before)
    title = _("Signed in %(quarter)s") % {"quarter": period(*metrics.quarter(desk.on))}
    note = _("%(amount)s by this day a year ago") % {"amount": desk.money(then)}
    href = behind_url("signed", since=since, until=until)
    return Tile("signed", title, amount, desk.money(amount), note, href)


def pay_to_come(desk: Desk) -> Tile:
    """What my signed contracts still pay."""
    amount = sum((part.open for part in desk.my_pay.values()), ZERO)
    note = _("when the cash arrives in time")
    href = reverse("commissions:to-come")
    return Tile("pay_to_come", _("Commission still to come"), amount, desk.money(amount), note, href)


def at_risk(desk: Desk) -> Tile:
    """The yearly value of the customers at high risk."""
    book = desk.book
    share = book.red_annual / book.annual if book.annual else ZERO
    words = _("%(share)s of the value in force · %(red)d high, %(amber)d medium")
    note = words % {"red": book.red, "amber": book.amber, "share": percent(share)}
    href = f"{reverse('lifecycle:risks')}?view=high"
    title = _("Value at high risk")
    return Tile("at_risk", title, book.red_annual, desk.money(book.red_annual), note, href, share, "red")


def overdue(desk: Desk) -> Tile:
    """What is late of all that is open."""
    whole = desk.overdue + desk.ageing[income.NOT_DUE]
    share = desk.overdue / whole if whole else ZERO
    note = _("%(share)s of %(open)s receivable") % {"share": percent(share), "open": desk.money(whole)}
    href = behind_url("overdue")
    return Tile("overdue", _("Overdue"), desk.overdue, desk.money(desk.overdue), note, href, share, "amber")


def overdue_long(desk: Desk) -> Tile:
    """What is late for more than 90 days."""
    old = sum((desk.ageing[name] for days, name in income.AGES if days is None or days > 90), ZERO)
    share = old / desk.overdue if desk.overdue else ZERO
    note = _("%(share)s of what is overdue") % {"share": percent(share)}
    href = behind_url("overdue", age=income.LONG)
    title = _("Overdue for more than 90 days")
    return Tile("overdue_long", title, old, desk.money(old), note, href, share, "red")


def renewal_rate(desk: Desk) -> Tile:
    """How much of the yearly value that ended in twelve months was kept."""
    total = sum((found for _month, found in desk.renewals), metrics.Renewals())
    title, key = _("Gross renewal rate, 12 months"), "renewal_rate"
    if total.gross is None or total.net is None:
        return Tile(key, title, None, "—", _("no contract ended yet"))
    words = ngettext(
        "net %(net)s · %(n)d contract ended", "net %(net)s · %(n)d contracts ended", total.number
    )
    note = words % {"net": percent(total.net), "n": total.number}
    href = behind_url("ended", after=desk.renewals[0][0], until=desk.on)
    return Tile(key, title, total.gross, percent(total.gross), note, href, min(total.gross, Decimal(1)))


def annual(desk: Desk) -> Tile:
    """The yearly value of everything in force."""
    book = desk.book
    note = ngettext("%(n)d customer in force", "%(n)d customers in force", book.customers)
    href = book_url(contracts_in_force__gt=0)
    text = desk.money(book.annual)
    return Tile("annual", _("Annual value in force"), book.annual, text, note % {"n": book.customers}, href)


def commission_cost(desk: Desk) -> Tile:
    """What was posted of commission in this month and the eleven before, against the cash of these months."""
    title, key = _("Commission, 12 months"), "commission"
    if desk.commission is None:
        return Tile(key, title, None, "—", _("not shown over fewer than three payees"))
    total = sum((each.amount for each in desk.commission), ZERO)
    return Tile(key, title, total, desk.money(total), "", _entries_url(desk.commission[0].month, desk.on))


def _entries_url(since: date, until: date) -> str:
    words = f"view=all&payable=true&posting_period__gte={since:%Y-%m}&posting_period__lte={until:%Y-%m}"
    return f"{reverse('commissions:entries')}?{words}"


def commission_of_month(desk: Desk) -> Tile:
    """What was posted of commission this month."""
    title, key = _("Commission of this month"), "commission_of_month"
    last, now = (each.told for each in desk.commission[-2:]) if desk.commission else (None, None)
    if now is None:
        return Tile(key, title, None, "—", _("not shown over fewer than three payees"))
    note = "" if last is None else _("%(amount)s in the month before") % {"amount": desk.money(last)}
    href = f"{reverse('commissions:review')}?month={desk.on:%Y-%m}"
    return Tile(key, title, now, desk.money(now), note, href)


def cash_of_month(desk: Desk) -> Tile:
    """What came in this month, against what is due in it."""
    month, came, due = desk.cash[-1]
    title = _("Cash in %(month)s") % {"month": period(month, add_months(month, 1))}
    note = _("%(due)s is due in it") % {"due": desk.money(due)}
    share: Any = came / due if due > 0 else None
    href = behind_url("cash", month=f"{month:%Y-%m}")
    return Tile("cash_of_month", title, came, desk.money(came), note, href, share)
