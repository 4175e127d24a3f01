"""The left bar as data: what it holds, who sees it, which count stands beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.rights import Right


class Count(NamedTuple):
    """What waits on the reader; `late` turns it red."""

    number: int
    late: bool = False


@dataclass(frozen=True)
class Entry:
    """One line of the table below.

    Any of `rights` opens it, none means everybody; `key` is pressed after G; `phone` makes it a tab there;
    all pages below `under` belong to it.
    """

    label: str | Promise
    url_name: str
    icon: str
    rights: frozenset[str] = frozenset()
    count_key: str = ""
    key: str = ""
    phone: bool = False
    under: str = ""


@dataclass(frozen=True)
class Item:
    """A link ready for the template."""

    label: str
    url: str
    icon: str = ""
    count: Count | None = None
    key: str = ""
    phone: bool = False
    under: str = ""
    children: tuple["Item", ...] = ()


@dataclass(frozen=True)
class Section:
    """A titled group of links; the first has no title."""

    label: str
    items: tuple[Item, ...] = field(default=())


_TASKS = frozenset({Right.INTERACTION_LOG, Right.FOLLOW_UP_ASSIGN})
_CUSTOMER = frozenset({Right.CUSTOMER_VIEW})
_POOL = frozenset({Right.POOL_CLAIM, Right.OWNERSHIP_TRANSFER})
_DISPUTE = frozenset({Right.DISPUTE_VIEW})
_POLICY = frozenset({Right.POLICY_EDIT})
_TRANSFER = frozenset({Right.OWNERSHIP_TRANSFER})
_RISK = frozenset({Right.RISK_VIEW})
_CONTRACT = frozenset({Right.CONTRACT_VIEW})
_RECEIVABLE = frozenset({Right.RECEIVABLE_VIEW})
_IMPORT = frozenset({Right.IMPORT_RUN})
_COMMISSION = frozenset({Right.COMMISSION_OWN, Right.COMMISSION_REVIEW})
_REVIEW = frozenset({Right.COMMISSION_REVIEW})
_CONFIRM = frozenset({Right.CREDIT_CONFIRM})
_PLANS = frozenset({*_COMMISSION, Right.PLAN_EDIT, Right.PLAN_APPROVE})
_TEAM = frozenset({Right.TEAM_VIEW})
_NIGHT = frozenset({Right.NIGHT_VIEW})
_contracts = pgettext_lazy("navigation", "Contracts")

NAVIGATION: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry(_("Home"), "dashboards:home", "home", key="h", phone=True),
            Entry(
                _("Follow-ups"),
                "lifecycle:follow-ups",
                "clipboard-check",
                _TASKS,
                "follow-ups",
                "m",
                phone=True,
            ),
        ),
    ),
    (
        _("Customers"),
        (
            Entry(_("Customers"), "dashboards:book", "users", _CUSTOMER, key="c", phone=True),
            Entry(_("Segments"), "customers:segments", "filter", _CUSTOMER),
            Entry(_("Public pool"), "customers:pool", "ripple", _POOL, key="o"),
            Entry(_("Risk list"), "lifecycle:risks", "alert-triangle", _RISK, "risks", "r", phone=True),
            Entry(_("Duplicate check"), "customers:check", "search", _CUSTOMER),
            Entry(_("Registrations"), "customers:registrations", "briefcase", _CUSTOMER),
            Entry(_("News"), "customers:intel", "speakerphone", _CUSTOMER, "news", "n"),
            Entry(_("Disputes"), "customers:disputes", "flag", _DISPUTE, "disputes"),
        ),
    ),
    (
        _contracts,
        (
            Entry(_contracts, "customers:contracts", "file-text", _CONTRACT, key="k"),
            Entry(
                pgettext_lazy("commission", "Splits"), "customers:splits", "checklist", _CONTRACT, "splits"
            ),
            Entry(_("Receivables"), "customers:receivables", "hourglass", _RECEIVABLE, under="/receivables/"),
            Entry(_("Imports"), "integrations:imports", "file-import", _IMPORT),
        ),
    ),
    (
        _("Pay"),
        (
            Entry(_("Commission"), "commissions:mine", "coin-yuan", _COMMISSION, "statements", "p"),
            Entry(_("Department pools"), "commissions:pools", "users-group", _CONFIRM, "department-pools"),
            Entry(_("Months"), "commissions:periods", "calendar", _REVIEW, "periods"),
            Entry(_("Disputed lines"), "commissions:disputes", "flag", _COMMISSION, "line-disputes"),
            Entry(_("Adjustments"), "commissions:adjustments", "pencil", _REVIEW, "adjustments"),
            Entry(
                pgettext_lazy("commission", "Plans"), "commissions:plans", "adjustments-horizontal", _PLANS
            ),
        ),
    ),
    (
        pgettext_lazy("navigation", "Company"),
        (
            Entry(_("Team"), "accounts:team", "users-group", _TEAM),
            Entry(_("Handovers"), "customers:handovers", "refresh", _TRANSFER, "handovers"),
            Entry(_("Who manages whom"), "customers:assignment", "arrows-exchange", _CUSTOMER),
            Entry(_("Tiers"), "tiers:policies", "adjustments-horizontal", _CUSTOMER, under="/tiers/"),
            Entry(_("Rules of the pools"), "customers:pool-rules", "ripple", _POLICY),
            Entry(_("Steps of dunning"), "customers:dunning-rules", "receipt", _POLICY),
            Entry(_("Rules of escalation"), "lifecycle:neglect-rules", "hourglass", _POLICY),
            Entry(_("Rules of disputes and adjustments"), "commissions:dispute-rules", "flag", _POLICY),
            Entry(_("Night run"), "nightly:runs", "moon-stars", _NIGHT, "failed-runs"),
        ),
    ),
)
PHONE_ORDER = ("home", "users", "alert-triangle", "clipboard-check")


def items_for(
    permissions: frozenset[str], counts: Mapping[str, int | Count], pinned: Iterable[Item] = ()
) -> tuple[Section, ...]:
    """Sections with the links a member may open; `pinned` views stand under Customers.

    A link without a right is absent, a count of zero too; a url name that no app has yet is skipped.
    """
    sections = (
        Section(str(label), tuple(item for entry in entries if (item := _item(entry, permissions, counts))))
        for label, entries in NAVIGATION
    )
    children = tuple(pinned)
    return tuple(_with_children(section, children) for section in sections if section.items)


def _item(entry: Entry, permissions: frozenset[str], counts: Mapping[str, int | Count]) -> Item | None:
    if entry.rights and not entry.rights & permissions:
        return None
    try:
        url = reverse(entry.url_name)
    except NoReverseMatch:
        return None
    count = _count(counts.get(entry.count_key, 0))
    return Item(str(entry.label), url, entry.icon, count, entry.key, entry.phone, entry.under)


def _count(value: int | Count) -> Count | None:
    count = value if isinstance(value, Count) else Count(value)
    return count if count.number else None


def _with_children(section: Section, children: tuple[Item, ...]) -> Section:
    if not children or not any(item.icon == "users" for item in section.items):
        return section
    items = (replace(item, children=children) if item.icon == "users" else item for item in section.items)
    return Section(section.label, tuple(items))


def current_url(sections: Iterable[Section], path: str) -> str:
    """The url of the link that is the current place: the one with the longest start of the path."""
    links = [link for section in sections for item in section.items for link in (item, *item.children)]
    starts = [(start, link.url) for link in links for start in (link.url, link.under) if start]
    matching = [(len(start), url) for start, url in starts if _starts(path, start)]
    return max(matching, default=(0, ""))[1]


def _starts(path: str, start: str) -> bool:
    return path == start or (start != "/" and path.startswith(start))


def phone_items(sections: Iterable[Section]) -> list[Item]:
    """The links that are tabs on a phone, in the order of the thumb."""
    items = [item for section in sections for item in section.items if item.phone]
    return sorted(items, key=lambda item: PHONE_ORDER.index(item.icon))
