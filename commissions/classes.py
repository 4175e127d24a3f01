"""Classes that a plan has no band for: whoever is put into one by decision could not be paid."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext_lazy as _

from commissions.calculation.facts import Request
from commissions.calculation.plan import PlanVersion
from crm.refusal import Conflict, Fault
from tiers.models import TierPolicy
from tiers.policies import NoPolicy, in_force

CODE = "tier_without_band"
PLACE = "settings.bands"


def missing_classes(version: PlanVersion, on: date) -> list[str]:
    """Tiers of the rules in force that the plan has no band for."""
    try:
        policy: TierPolicy = in_force(on)
    except NoPolicy:
        return []
    known = {band.customer_class for band in version.bands}
    return sorted({band.tier for band in policy.bands.all()} - known)


def faults(version: PlanVersion, on: date) -> list[Fault]:
    """What stands against a version that is to pay from a day on."""
    missing = missing_classes(version, on)
    if not missing:
        return []
    words = _("Give %(tiers)s a band: the tier rules know it, and who is put into it could not be paid.")
    return [Fault(PLACE, CODE, words % {"tiers": ", ".join(missing)}, {"tiers": missing})]


def unknown(request: Request) -> str | None:
    """The class set by hand that the version of the contract has no band for; None when all is well.

    Versions are judged before they pay; rules of tiers that come later may still know a new one.
    """
    override, contract = request.class_override, request.contract
    version = request.plan.on(contract.signed_on) if contract else None
    if override is None or version is None:
        return None
    known = {band.customer_class for band in version.bands}
    return None if override.customer_class in known else override.customer_class


def judged_by_amount(request: Request) -> Request:
    """The question without a class that its plan does not know: then the amount decides, as for anybody."""
    return replace(request, class_override=None) if unknown(request) else request


def unpaid(numbers: Iterable[str]) -> Conflict:
    """What is said where contracts wait for a band."""
    words = _("These contracts cannot be paid: their plan has no band for the tier decided on: %(numbers)s.")
    return Conflict(Fault("", CODE, words % {"numbers": "、".join(numbers)}))
