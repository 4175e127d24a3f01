"""Small marks of a row: icon, tier, risk, stage, avatar. Plain functions, since a list draws hundreds."""

from collections.abc import Mapping
from zlib import crc32

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from crm.web.templatetags.amounts import is_chinese

TIERS = {
    "COMPANY": (pgettext_lazy("tier", "Company"), pgettext_lazy("tier", "Company account")),
    "KEY": (pgettext_lazy("tier", "Key"), pgettext_lazy("tier", "Key account")),
    "MAJOR": (pgettext_lazy("tier", "Major"), pgettext_lazy("tier", "Major account")),
    "GENERAL": (pgettext_lazy("tier", "General"), pgettext_lazy("tier", "General account")),
}
BANDS = {
    "RED": pgettext_lazy("risk band", "high"),
    "AMBER": pgettext_lazy("risk band", "medium"),
    "GREEN": pgettext_lazy("risk band", "low"),
}
STAGES = {
    "LEAD": pgettext_lazy("stage", "Lead"),
    "PROSPECT": pgettext_lazy("stage", "Prospect"),
    "OPPORTUNITY": pgettext_lazy("stage", "Opportunity"),
    "NEW": pgettext_lazy("stage", "New"),
    "ACTIVE": pgettext_lazy("stage", "Active"),
    "RENEWAL_DUE": pgettext_lazy("stage", "Renewal due"),
    "AT_RISK": pgettext_lazy("stage", "At risk"),
    "WON_BACK": pgettext_lazy("stage", "Won back"),
    "OVERDUE": pgettext_lazy("stage", "Renewal overdue"),
    "CHURNED": pgettext_lazy("stage", "Churned"),
    "DORMANT": pgettext_lazy("stage", "Dormant"),
    "BLOCKED": pgettext_lazy("stage", "Blocked"),
}
AVATAR_TONES = 6


def unknown() -> SafeString:
    """A dash for an unknown value, read aloud as "none"."""
    return format_html(
        '<span class="nil"><span aria-hidden="true">—</span><span class="unseen">{}</span></span>', _("none")
    )


def icon(name: str) -> SafeString:
    """An icon of the sprite; decorative, so the words beside it carry the meaning."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("icons.svg"), name
    )


def tier(code: str | None, label: str = "", long: bool = False) -> SafeString:
    """The tier as a word on one violet hue in four depths; `label` is the tenant's own name for it."""
    if not code:
        return unknown()
    words = label or TIERS[code][1 if long else 0]
    return format_html('<span class="tag tier-{}">{}</span>', code.lower(), words)


def tier_of(code: str | None, own: Mapping[str, str]) -> SafeString:
    """The tier in the tenant's words, which `own` holds; by its code where no version in force names it."""
    label = own.get(code or "", "") or ("" if code in TIERS else code or "")
    return tier(code, label)


def stage(code: str, label: str = "") -> SafeString:
    """The lifecycle stage as an outlined word."""
    return format_html('<span class="tag tag-line">{}</span>', label or STAGES[code])


def risk(band: str | None, points: int | None = None, reason: str = "") -> SafeString:
    """Shape, number and word: ◆ red, ● amber, ○ green; the word is read aloud, the reason follows it."""
    if not band:
        return unknown()
    number = "" if points is None else points
    tail = format_html(' <span class="risk-why">{}</span>', reason) if reason else ""
    return format_html(
        '<span class="risk risk-{}"><i class="mark"></i><b class="num">{}</b>'
        '<span class="unseen"> {}</span>{}</span>',
        band.lower(),
        number,
        BANDS[band],
        tail,
    )


def risk_tag(band: str | None, points: int | None = None) -> SafeString:
    """The risk beside a title: the same shape in a tinted tag with the word "Risk"."""
    if not band:
        return SafeString("")
    return format_html(
        '<span class="tag risk-tag risk-{}"><i class="mark"></i>{} {}<span class="unseen"> {}</span></span>',
        band.lower(),
        pgettext("risk", "Risk"),
        "" if points is None else points,
        BANDS[band],
    )


def initials(name: str) -> str:
    """The last character of a Chinese name, up to two initials of another."""
    words = name.split()
    if not words:
        return "?"
    if not name.isascii() and len(words) == 1:
        return name[-1]
    return "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper()


def avatar(name: str) -> SafeString:
    """A tinted disc with initials; its tone follows the name, so a person keeps it everywhere."""
    tone = crc32(name.encode()) % AVATAR_TONES + 1
    return format_html('<span class="avatar tint-{}" aria-hidden="true">{}</span>', tone, initials(name))


def person(name: str | None) -> SafeString:
    """Avatar and name in one line."""
    if not name:
        return unknown()
    language = "" if is_chinese() or name.isascii() else SafeString(' lang="zh-Hans"')
    return format_html('<span class="person">{}<span{}>{}</span></span>', avatar(name), language, name)
