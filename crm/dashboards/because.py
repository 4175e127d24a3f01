"""The stored reasons of a customer's risk, stage and ownership in words; nothing is computed again."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.accounts.access import Viewer
from crm.dashboards.customer import risk as latest_risk
from crm.dashboards.facts import reason
from crm.money import quantise
from crm.web.templatetags.amounts import figure
from crm.web.templatetags.days import day
from crm.web.templatetags.marks import BANDS, STAGES
from crm.web.why import Link, Row, Why
from customers import ownership
from customers.models import Customer, OwnershipCredit
from lifecycle.models import StageMove

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
    "TRANSFER": gettext_lazy("It was handed over."),
}


def risk(customer: Customer, viewer: Viewer) -> Why | None:
    """Why the risk is what it is: each signal with weight, points and what it adds."""
    score = latest_risk(customer)
    if score is None or score.score is None:
        return None
    known = [each for each in score.signals if each["points"] is not None]
    weights = sum(each["weight"] for each in known)
    earned = sum(each["weight"] * each["points"] for each in known)
    words = {"score": score.score, "band": BANDS[score.band], "n": len(known)}
    return Why(
        title=_("Why risk %(score)s (%(band)s)?") % words,
        sentence=_("The %(n)s signals with data, averaged by weight.") % words,
        head=(_("Signal"), _("Weight"), _("Points"), _("Adds")),
        rows=tuple(_signal(each, weights) for each in score.signals),
        result=Row(
            _("%(earned)s ÷ %(weights)s, rounded") % {"earned": figure(earned, 0), "weights": weights},
            ("", "", str(score.score)),
        ),
        rule=_("Churn risk"),
        version=score.policy.code,
        valid_from=score.policy.valid_from,
        computed_at=score.at,
    )


def _signal(signal: dict[str, Any], weights: int) -> Row:
    points, weight = signal["points"], signal["weight"]
    if points is None:
        label = _("%(signal)s: no data, not counted") % {"signal": reason(signal["signal"])}
        return Row(label, (str(weight), "—", "—"), idle=True)
    added = quantise(Decimal(weight * points) / weights, 1)
    return Row(reason(signal["signal"]), (str(weight), str(points), str(added)))


def stage(customer: Customer, viewer: Viewer) -> Why | None:
    """Why the customer stands in its stage: the rule that moved it there, and when."""
    move = StageMove.objects.filter(customer=customer).order_by("-at", "-id").first()
    if move is None:
        return Why(
            title=_("Why %(stage)s?") % {"stage": STAGES[customer.standing.stage]},
            sentence=_("It has stood there since it was registered on %(day)s.")
            % {"day": day(customer.registered_on)},
        )
    before = STAGES.get(move.from_stage, move.from_stage)
    return Why(
        title=_("Why %(stage)s?") % {"stage": STAGES[move.to_stage]},
        sentence=str(move.get_reason_display()),
        rows=(
            Row(_("Stage before"), (str(before),)),
            Row(_("Since"), (day(move.on),)),
        ),
        rule=_("Stages of a customer's life"),
        version=move.inputs.get("version", ""),
        computed_at=move.at,
    )


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
    return credit.member.name if credit.member else credit.department.name


def _inputs(credit: OwnershipCredit) -> str:
    place = "".join(filter(None, [credit.inputs.get("province"), credit.inputs.get("city")]))
    words = [
        place and _("region %(place)s") % {"place": place},
        credit.decided_by and _("decided by %(name)s") % {"name": credit.decided_by.name},
    ]
    return " · ".join(filter(None, words))
