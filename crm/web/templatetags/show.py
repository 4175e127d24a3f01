"""What a template may show: one filter or tag for each row of ui.md §4, and the components.

A filter given None answers with a dash that is read as "none". `on` is today in the tenant's zone.
"""

from collections.abc import Callable
from functools import wraps

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm.money import capitals
from crm.web.navigation import current_url, phone_items
from crm.web.templatetags import amounts, blocks, days, marks, parts

register = template.Library()


def _known(show: Callable) -> Callable:
    """The same filter for values that may be unknown."""

    @wraps(show)
    def shown(value, *argument):
        return marks.unknown() if value is None or value == "" else show(value, *argument)

    return shown


FILTERS: dict[str, Callable[..., str]] = {
    "money": amounts.money,
    "money_list": amounts.money_list,
    "money_tile": amounts.money_tile,
    "money_chart": amounts.money_chart,
    "money_short": amounts.money_short,
    "capitals": capitals,
    "percent": amounts.percent,
    "rate": amounts.rate,
    "q": amounts.quotient,
    "score": amounts.score,
    "day": days.day,
    "day_list": days.day_list,
    "day_task": days.day_task,
    "last_day": days.last_day,
    "last_day_list": days.last_day_list,
    "moment": days.moment,
    "relative": days.relative,
    "relative_list": days.relative_list,
}
TAGS: dict[str, Callable[..., str]] = {
    "span": days.span,
    "period": days.period,
    "icon": marks.icon,
    "tier": marks.tier,
    "tier_of": marks.tier_of,
    "stage": marks.stage,
    "risk": marks.risk,
    "risk_tag": marks.risk_tag,
    "avatar": marks.avatar,
    "person": marks.person,
    "unknown": marks.unknown,
}
for name, show in FILTERS.items():
    register.filter(name, _known(show))
for name, show in TAGS.items():
    register.simple_tag(show, name=name)
for library in (parts.register, blocks.register):
    register.tags.update(library.tags)
    register.filters.update(library.filters)


@register.filter
def with_unit(label: str) -> str:
    """A column header with the unit of its money: `年额（万元）`, `Annual (CNY)`."""
    return _("%(label)s (CNY)") % {"label": label}


@register.simple_tag
def url_or_none(name: str, *args, **kwargs) -> str:
    """The address of a page, or "" while no app has it."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@register.simple_tag
def html_lang() -> str:
    """The language tag of the page: `zh-Hans` or `en`."""
    return "zh-Hans" if amounts.is_chinese() else (get_language() or "en").split("-")[0]


@register.simple_tag
def current_place(nav, path: str) -> str:
    """The url in the left bar that stands for `path`."""
    return current_url(nav or (), path)


register.filter("phone_items", lambda nav: phone_items(nav or ()))
register.filter("initials", marks.initials)


@register.filter
def initial(name: str) -> str:
    """The first character of a company's name, for its mark in the left bar."""
    return name[:1].upper()
