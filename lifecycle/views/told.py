"""Why a customer has its risk and its stage: the stored record in words, nothing computed again."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.periods import last_day
from crm.web.templatetags.amounts import figure, percent
from crm.web.templatetags.days import day, day_list
from crm.web.why import Row, Why
from customers.models import Customer
from lifecycle.models import Band, RiskScore, Signal, Stage, StageMove, StageReason

UNKNOWN = "—"


def risk(customer: Customer) -> Why:
    """Why the churn score is what it is: each signal with its points and weight, and how they add up."""
    found = RiskScore.objects.filter(customer=customer).select_related("policy").first()
    if found is None or found.score is None:
        return Why(_("Why no risk?"), _("There is no score without a contract in force and something known."))
    known = [each for each in found.signals if each["points"] is not None]
    earned = sum(each["weight"] * each["points"] for each in known)
    weights = sum(each["weight"] for each in known)
    parts = {"earned": f"{earned:,}", "weights": weights, "score": found.score}
    return Why(
        title=_("Why a risk of %(score)s?") % {"score": found.score},
        sentence=_risk_sentence(found),
        head=(_("Signal"), _("What is known"), _("Points"), _("Weight"), _("Together")),
        rows=tuple(_signal(each) for each in found.signals),
        formula=_("%(earned)s ÷ %(weights)s = %(score)s, over the signals with data") % parts,
        result=Row(_("Risk"), (str(Band(found.band).label), "", "", str(found.score))),
        rule=_("Risk rule, not yet measured against what happened"),
        version=found.policy.code,
        valid_from=found.policy.valid_from,
        computed_at=found.at,
    )


OF_RISK = {"risk_band", "left_red_on"}


def stage(customer: Customer, *, sees_risk: bool = True) -> Why:
    """Why a customer stands in its stage: the rule that held, and the facts it was judged by."""
    found = StageMove.objects.filter(customer=customer).first()
    name = Stage(found.to_stage if found else Stage.LEAD).label
    if found is None:
        return Why(_("Why %(stage)s?") % {"stage": name}, str(StageReason.REGISTERED.label))
    hidden = set() if sees_risk else OF_RISK
    facts = {key: found.inputs[key] for key in _facts() if key in found.inputs and key not in hidden}
    return Why(
        title=_("Why %(stage)s?") % {"stage": name},
        sentence=str(StageReason(found.reason).label),
        head=(_("Fact"), _("As it was known")),
        rows=tuple(_fact(key, value) for key, value in facts.items()),
        result=Row(_("Stage"), (str(name),)),
        rule=_("Stages by contract, contact and risk"),
        version=found.inputs["version"],
        computed_at=found.at,
    )


def reasons(names: Sequence[str], found: RiskScore | None, on: date) -> str:
    """The signals that add most to a score, in order, each with what is known of it.

    A score is written when it changes, so its figures may be those of an earlier day; then that is said.
    """
    kept = {each["signal"]: each for each in found.signals} if found else {}
    words = " · ".join(_reason(name, kept.get(name)) for name in names)
    if not words or found is None or on - found.on <= timedelta(days=1):
        return words
    return _("%(reasons)s (as of %(day)s)") % {"reasons": words, "day": day_list(found.on, on)}


def _reason(name: str, kept: Mapping[str, Any] | None) -> str:
    if kept is None or kept["points"] is None:
        return str(Signal(name).label)
    return PHRASES[name](kept["inputs"])


def _risk_sentence(found: RiskScore) -> str:
    words: dict[str, Any] = {"band": Band(found.band).label}
    if not found.reasons:
        return _("The risk is %(band)s: no signal speaks of leaving.") % words
    words["reasons"] = _(", ").join(str(Signal(each).label) for each in found.reasons)
    return _("The risk is %(band)s. Most of it goes together with: %(reasons)s.") % words


def _signal(kept: Mapping[str, Any]) -> Row:
    label, points, weight = str(Signal(kept["signal"]).label), kept["points"], str(kept["weight"])
    if points is None:
        return Row(label, (_("no data"), UNKNOWN, weight, UNKNOWN), idle=True)
    together = points * kept["weight"]
    phrase = PHRASES[kept["signal"]](kept["inputs"])
    return Row(label, (phrase, str(points), weight, f"{together:,}"), idle=not together)


def _days(count: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", count) % {"n": count}


def _unquoted(known: Mapping[str, Any]) -> str:
    if known["quoted"]:
        return _("a renewal is quoted")
    return _("%(days)s to the end, no quote") % {"days": _days(known["days_to_end"])}


def _silence(known: Mapping[str, Any]) -> str:
    words = {
        "silent": _days(known["silent_days"]),
        "usual": figure(Decimal(known["usual_interval"]), 1).removesuffix(".0"),
        "ratio": figure(Decimal(known["silence"]), 2),
    }
    if known["interval_of"] == "OWN":
        return _("%(silent)s silent, usually every %(usual)s: %(ratio)s times") % words
    return _("%(silent)s silent, the department usually every %(usual)s: %(ratio)s times") % words


def _payment(known: Mapping[str, Any]) -> str:
    days = known["overdue_days"]
    return _("%(days)s overdue") % {"days": _days(days)} if days else _("nothing overdue")


def _shrink(known: Mapping[str, Any]) -> str:
    words = {"contract": known["renewal"], "ratio": figure(Decimal(known["renewal_ratio"]), 4)}
    return _("%(contract)s is %(ratio)s of what it renews") % words


def _usage(known: Mapping[str, Any]) -> str:
    change = percent(Decimal(known["usage_change"]))
    return _("%(measure)s: %(change)s against the 90 days before") % {
        "measure": known["usage_measure"],
        "change": change,
    }


PHRASES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    Signal.UNQUOTED: _unquoted,
    Signal.INTERACTION: _silence,
    Signal.COMPLAINTS: lambda known: _(", ").join(known["complaints"]) or _("none"),
    Signal.SATISFACTION: lambda known: str(known["nps_answer"] or ""),
    Signal.PAYMENT: _payment,
    Signal.SHRINK: _shrink,
    Signal.USAGE: _usage,
}


def _facts() -> dict[str, str]:
    return {
        "registered_on": _("Registered"),
        "last_contact_on": _("Last contact"),
        "first_starts_on": _("First contract started"),
        "ends_on": _("Last day of the last contract"),
        "renewed": _("Has renewed"),
        "terminated": _("The last contract was cancelled"),
        "won_back_on": _("Signed again on"),
        "risk_band": _("Risk"),
        "left_red_on": _("Risk no longer high since"),
    }


def _fact(key: str, value: Any) -> Row:
    if key == "risk_band":
        text = str(Band(value).label)
    elif isinstance(value, bool):
        text = _("yes") if value else _("no")
    else:
        known = date.fromisoformat(value)
        text = day(last_day(known) if key == "ends_on" else known)
    return Row(_facts()[key], (text,))
