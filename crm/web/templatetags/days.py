"""Dates, spans and periods as text, in the reader's language (ui.md §4).

No clock here: what depends on today takes `on`, the tenant-local date the door has read.
Spans are half-open `[starts_on, ends_on)`; the reader sees the inclusive last day.
"""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from crm.web.templatetags.amounts import is_chinese

RELATIVE_LIMIT = 90
HALF_YEAR = 180
ONE_DAY = timedelta(days=1)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def day(value: date) -> str:
    """`2026-11-20`, in English `20 Nov 2026`."""
    return f"{value:%Y-%m-%d}" if is_chinese() else f"{_english_day(value)} {value.year}"


def _english_day(value: date) -> str:
    return f"{value.day} {_MONTHS[value.month - 1]}"


def month_name(value: date) -> str:
    """The month of a day, as it stands under a column: `Nov`, `11 月`."""
    return f"{value.month} 月" if is_chinese() else _MONTHS[value.month - 1]


def day_list(value: date, on: date) -> str:
    """In a list: without the year while it is that of `on`, or near enough to be no other."""
    if value.year != on.year and abs((value - on).days) > HALF_YEAR:
        return day(value)
    return f"{value:%m-%d}" if is_chinese() else _english_day(value)


def last_day(ends_on: date) -> str:
    """The last day of a half-open span, the one before `ends_on`."""
    return day(ends_on - ONE_DAY)


def last_day_list(ends_on: date, on: date) -> str:
    """`last_day` in a list."""
    return day_list(ends_on - ONE_DAY, on)


def day_task(value: date, on: date) -> str:
    """On a task: with the weekday, `11-24 周二` or `Tue 24 Nov`."""
    text, weekday = day_list(value, on), _weekdays()[value.weekday()]
    return f"{text} {weekday}" if is_chinese() else f"{weekday} {text}"


def _weekdays() -> tuple[str, ...]:
    return (
        pgettext("weekday", "Mon"),
        pgettext("weekday", "Tue"),
        pgettext("weekday", "Wed"),
        pgettext("weekday", "Thu"),
        pgettext("weekday", "Fri"),
        pgettext("weekday", "Sat"),
        pgettext("weekday", "Sun"),
    )


def moment(value: datetime, on: date) -> str:
    """A time of day in the tenant's zone, `11-18 14:22`."""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{day_list(local.date(), on)} {local:%H:%M}"


def span(starts_on: date, ends_on: date) -> str:
    """`2026-01-17 至 2027-01-16`: the last day is the one before the half-open end."""
    return _("%(first)s – %(last)s") % {"first": day(starts_on), "last": last_day(ends_on)}


def relative(value: date, on: date) -> str:
    """`21 天前`, `还有 57 天`; beyond 90 days the date itself."""
    distance = (value - on).days
    if abs(distance) > RELATIVE_LIMIT:
        return day(value)
    if distance in (-1, 0, 1):
        return {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}[distance]
    if distance < 0:
        return ngettext("%(n)d day ago", "%(n)d days ago", -distance) % {"n": -distance}
    return ngettext("in %(n)d day", "in %(n)d days", distance) % {"n": distance}


def relative_list(value: date, on: date) -> str:
    """`relative` for a narrow column: English shortens the word, `34 d ago`."""
    distance = (value - on).days
    if abs(distance) > RELATIVE_LIMIT:
        return day_list(value, on)
    if abs(distance) < 2:
        return relative(value, on)
    if distance < 0:
        return pgettext("narrow", "%(n)d d ago") % {"n": -distance}
    return pgettext("narrow", "in %(n)d d") % {"n": distance}


def period(starts_on: date, ends_on: date) -> str:
    """Names a half-open span that is a year, quarter, month or Monday week; any other is a span."""
    months = (ends_on.year - starts_on.year) * 12 + ends_on.month - starts_on.month
    names = {"year": starts_on.year, "quarter": starts_on.month // 3 + 1, "month": _month(starts_on)}
    if starts_on.day == ends_on.day == 1:
        if months == 12 and starts_on.month == 1:
            return pgettext("period", "%(year)d") % names
        if months == 3 and starts_on.month % 3 == 1:
            return pgettext("period", "Q%(quarter)d %(year)d") % names
        if months == 1:
            return pgettext("period", "%(month)s %(year)d") % names
    if starts_on.weekday() == 0 and (ends_on - starts_on).days == 7:
        return _("Week of %(day)s") % {"day": day(starts_on)}
    return span(starts_on, ends_on)


def _month(value: date) -> str:
    return str(value.month) if is_chinese() else _MONTHS[value.month - 1]
