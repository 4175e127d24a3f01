"""The rows of a decision table in words: when one wins, who becomes responsible, who shares."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.money import quantise
from customers.assignment.table import FACTS, Rule
from customers.models.assignment import Outcome, Sharer

WORDS = {  # what a condition says when it asks for yes, and for no
    "arranged": (gettext_lazy("the company arranged it"), gettext_lazy("the company arranged nothing")),
    "protected": (
        gettext_lazy("a protected owner has it"),
        gettext_lazy("no protected owner has it"),
    ),
    "anyone_capable": (gettext_lazy("some department is able"), gettext_lazy("no department is able")),
    "developed": (gettext_lazy("somebody developed it"), gettext_lazy("it came by itself")),
    "capable": (
        gettext_lazy("the developer's department is able"),
        gettext_lazy("the developer's department is not able"),
    ),
    "in_region": (
        gettext_lazy("the developer's department is in the region"),
        gettext_lazy("the developer's department is outside the region"),
    ),
    "region_served": (
        gettext_lazy("an able department is in the region"),
        gettext_lazy("no able department is in the region"),
    ),
    "within_authority": (
        gettext_lazy("within the developer's authority"),
        gettext_lazy("beyond the developer's authority"),
    ),
}


def conditions(rule: Rule) -> list[str]:
    """Everything that must be so for a row to win."""
    asked = [(fact, getattr(rule, fact)) for fact in FACTS]
    found = [str(WORDS[fact][0 if wanted else 1]) for fact, wanted in asked if wanted is not None]
    if rule.amount_from is not None:
        found.append(_("%(amount)s a year or more") % {"amount": _plain(rule.amount_from)})
    if rule.amount_below is not None:
        found.append(_("less than %(amount)s a year") % {"amount": _plain(rule.amount_below)})
    return found


def when(rule: Rule) -> str:
    """The conditions in one line."""
    return " · ".join(conditions(rule)) or _("everything else")


def who(rule: Rule) -> str:
    """Who becomes responsible."""
    return str(Outcome(rule.outcome).label)


def share(rule: Rule) -> str:
    """Who is proposed how much beside the responsible department; "" for nobody."""
    if not rule.share_to:
        return ""
    percent = quantise(Decimal(rule.basis_points) / 100, 2).normalize()
    return _("%(percent)s%% for %(whom)s") % {"percent": f"{percent:f}", "whom": Sharer(rule.share_to).label}


def sentence(rule: Rule) -> str:
    """The whole row, in the company's own words where it has any."""
    return rule.name or _("%(when)s: %(who)s") % {"when": when(rule), "who": who(rule)}


def _plain(amount: Decimal) -> str:
    return f"{amount:,.2f}".removesuffix(".00")
