"""Why somebody is responsible for a customer: the stored credits in words; nothing is computed again."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.accounts.access import Viewer
from crm.money import quantise
from crm.web.templatetags.days import day
from crm.web.why import Link, Row, Why
from customers import ownership
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
    "TRANSFER": gettext_lazy("It was handed over."),
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
        sentence=" ".join(filter(None, [str(RULES.get(manager.rule, "")), manager.reason])),
        head=(pgettext("ownership", "Part"), _("Who"), _("Share"), _("Since")),
        rows=tuple(
            Row(
                str(credit.get_role_display()),
                (_who(credit), f"{quantise(Decimal(credit.basis_points) / 100, 0)}%", day(credit.valid_from)),
            )
            for credit in credits
        ),
        formula=_inputs(manager),
        rule=_("Rule %(rule)s") % {"rule": manager.rule},
        links=links,
    )


def _who(credit: OwnershipCredit) -> str:
    return str(credit.member or credit.place)


def _inputs(credit: OwnershipCredit) -> str:
    place = "".join(filter(None, [credit.inputs.get("province"), credit.inputs.get("city")]))
    words: list[Any] = [
        place and _("region %(place)s") % {"place": place},
        credit.decided_by and _("decided by %(name)s") % {"name": credit.decided_by.name},
    ]
    return " · ".join(filter(None, words))
