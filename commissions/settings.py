"""The settings of a plan version, judged before they are kept (spec/what-if.md §3, §6)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commissions.calculation.checks.plan import plan_faults
from commissions.calculation.faults import Message
from commissions.calculation.plan import PlanVersion
from commissions.calculation.reading.request import read_plan
from commissions.calculation.writing import settings_of
from crm.money import from_fen
from crm.refusal import Fault, Refused

PLACE = "settings"
OWN = ("code", "valid_from", "valid_to", "versions")  # said of the version beside its settings
CAP_BELOW_FLOOR = _(
    "PLAN-03: a payee would be paid more than his cap. The cap of a month is at least the floor of %(floor)s."
)


def judged(settings: Mapping[str, Any], currency: str) -> PlanVersion:
    """The version that these settings describe, in the plan's currency.

    Raises Refused with all faults of form, else all of meaning; a field reads `settings.bands[0].dept_rate`.
    Beside the codes of the specification: `cap_below_floor`, `currency_mismatch`.
    """
    known = [Fault(f"{PLACE}.{name}", "unknown_field", _("There is no such field.")) for name in OWN]
    strange = [fault for fault, name in zip(known, OWN, strict=True) if name in settings]
    if strange:
        raise Refused(*strange)
    try:
        plan = read_plan({"currency": currency, **settings})
        faults = list(plan_faults(plan))
    except Refused as refused:
        raise Refused(*map(_placed, refused.faults)) from None
    (version,) = plan.versions
    faults = [*map(_placed, faults), *_of_pay(version), *_of_currency(version, currency)]
    if faults:
        raise Refused(*faults)
    return version


def complete(settings: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """The same settings with every default written out, as a version keeps them. Refused as `judged`."""
    return settings_of(judged(settings, currency))


def _placed(fault: Fault) -> Fault:
    """A fault under the name that the field has for who writes a version, in his language."""
    words = fault.message.text(gettext) if isinstance(fault.message, Message) else fault.message
    inner = fault.field.removeprefix("plan").removeprefix(".")
    return replace(fault, field=f"{PLACE}.{inner}" if inner else PLACE, message=words)


def _of_pay(version: PlanVersion) -> Iterator[Fault]:
    """A cap a month that is lower than what everybody gets at least."""
    floor = version.floor.amount if version.floor else 0
    for place, cap in enumerate(version.caps):
        if cap.scope == "PAYEE_PERIOD" and cap.amount < floor:
            words = CAP_BELOW_FLOOR % {"floor": f"{from_fen(floor):,.2f}"}
            field = f"{PLACE}.caps[{place}].amount"
            yield Fault(field, "cap_below_floor", words, {"rule": "PLAN-03"})


def _of_currency(version: PlanVersion, currency: str) -> Iterator[Fault]:
    if version.currency != currency:
        words = _("A plan pays in the company's currency, %(currency)s.") % {"currency": currency}
        yield Fault(f"{PLACE}.currency", "currency_mismatch", words)
