"""Why somebody is responsible for a customer: the stored credits in words; nothing is computed again."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.money import quantise
from crm.web.templatetags.days import day
from crm.web.why import Link, Row, Why
from customers import ownership
from customers.assignment.table import DEFAULT_TABLE
from customers.assignment.words import WORDS, sentence
from customers.models import Customer, OwnershipCredit

RULES = {
    "ASSIGN-01": gettext_lazy("The company decided so."),
    "ASSIGN-02": gettext_lazy("The customer stays with the department that already had it."),
    "ASSIGN-03": gettext_lazy("Who develops a customer manages it: able, in the region, within authority."),
    "ASSIGN-04": gettext_lazy("The amount is beyond the developer's authority: key accounts take it."),
    "ASSIGN-05": gettext_lazy("Developed outside the developer's region: the region's department takes it."),
    "ASSIGN-06": gettext_lazy("Developed outside the region, but large: it stays with the developer."),
    "ASSIGN-07": gettext_lazy("The developer's department cannot manage it: an able department takes it."),
    "ASSIGN-08": gettext_lazy("It came by itself: the able department of its region takes it, by turns."),
    "ASSIGN-09": gettext_lazy("No department is able to manage it: it waits in the pool."),
    "REGISTRATION": gettext_lazy("Who registered it has it until he reaches it, 15 days at most."),
    "NEGLECT": gettext_lazy("Nobody followed it up in time: a colleague looks after it."),
    "TRANSFER": gettext_lazy("It was handed over."),
    "HANDOVER": gettext_lazy("It was handed over with the book of somebody who leaves, or of a department."),
    "TAKE_BACK": gettext_lazy("A handover was taken back."),
    "IMPORT": gettext_lazy("An imported file said so."),
    "CLAIM": gettext_lazy("Claimed from the pool."),
    "DISTRIBUTE": gettext_lazy("Dealt out of the pool by a head."),
    "RETURN": gettext_lazy("Returned to the pool."),
    "RELEASE": gettext_lazy("It dropped into the pool: nobody attended to it in time."),
    "DISPUTE": gettext_lazy("A dispute over it was ruled so."),
    "POOL_CHANGE": gettext_lazy("Moved from another pool."),
}


def owner(customer: Customer, viewer: Viewer) -> Why | None:
    """Why that person is responsible: the credits in force, each with its rule."""
    credits = [credit for credit in ownership.why(customer) if credit.valid_to is None]
    manager = next((c for c in credits if c.role == OwnershipCredit.Role.MANAGER), None)
    links = (Link(_("History"), reverse("dashboards:customer-ownership", args=[customer.pk])),)
    if manager is None:
        return Why(title=_("Nobody is responsible"), sentence=str(RULES["ASSIGN-09"]), links=links)
    return Why(
        title=_("Why %(name)s?") % {"name": _who(manager)},
        sentence=" ".join(filter(None, [_said(manager), manager.reason])),
        head=(pgettext("ownership", "Part"), _("Who"), _("Share"), _("Since")),
        rows=tuple(
            Row(
                str(credit.get_role_display()),
                (_who(credit), f"{quantise(Decimal(credit.basis_points) / 100, 0)}%", day(credit.valid_from)),
            )
            for credit in credits
        ),
        formula=_inputs(manager, viewer),
        rule=_("Rule %(rule)s") % {"rule": manager.rule},
        version=manager.policy.code if manager.policy else "",
        valid_from=manager.policy.valid_from if manager.policy else None,
        links=links,
    )


def _who(credit: OwnershipCredit) -> str:
    return str(credit.member or credit.place)


def _said(credit: OwnershipCredit) -> str:
    """What the rule says; a row that the company has changed, in the words of its version."""
    usual = next((row for row in DEFAULT_TABLE if row.code == credit.rule), None)
    if credit.policy is not None:
        rule = next((row for row in credit.policy.table if row.code == credit.rule), usual)
        if rule is not None and rule != usual:
            return sentence(rule)
    return str(RULES.get(credit.rule, ""))


def _inputs(credit: OwnershipCredit, viewer: Viewer) -> str:
    """What the decision rested on, as it was then; amounts for those who may see them."""
    found = credit.inputs
    place = "".join(filter(None, [found.get("province"), found.get("city")]))
    words: list[Any] = [
        place and _("region %(place)s") % {"place": place},
        *_of_amount(found, viewer),
        *_of_developer(found),
        *_of_choice(found),
        credit.decided_by and _("decided by %(name)s") % {"name": credit.decided_by.name},
    ]
    return " · ".join(filter(None, words))


def _of_amount(found: Mapping[str, Any], viewer: Viewer) -> list[str]:
    amount, authority = found.get("annual_amount"), found.get("authority")
    if not viewer.may(Right.SEE_AMOUNT) or amount is None:
        return []
    said = [_("expected %(amount)s a year") % {"amount": f"{Decimal(amount):,.2f}"}]
    if authority is not None:
        said.append(_("authority %(amount)s") % {"amount": f"{Decimal(authority):,.2f}"})
    return said


def _of_developer(found: Mapping[str, Any]) -> list[str]:
    if "able" not in found:
        return []
    facts = ("capable", found["able"]), ("in_region", found.get("in_region", False))
    return [str(WORDS[fact][0 if so else 1]) for fact, so in facts]


def _of_choice(found: Mapping[str, Any]) -> list[str]:
    compared = [f"{one['dept']} {one['in_force_customers']}" for one in found.get("considered", ())]
    said = [_("customers in force: %(counts)s") % {"counts": ", ".join(compared)}] if compared else []
    return said + ([_("by turns")] if found.get("picked") == "TURN" else [])
