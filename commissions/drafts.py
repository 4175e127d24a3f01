"""Writing plans: a new plan, a draft of a version like another, its change, its end as waste paper."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from commissions import settings as rules
from commissions.models import Plan, PlanVersion
from crm.events.record import Actor, event, record
from crm.periods import add_months
from crm.refusal import Conflict, Fault, Refused
from crm.tenancy.context import current
from crm.tenancy.models import Tenant
from crm.versions import CODE_LENGTH, of_code

NAME_LENGTH = 120
CODE = re.compile(r"[A-Z][A-Z0-9_-]{0,39}")
RESERVED = ("CURRENT",)  # the what-if's word for the plan that pays
State = PlanVersion.State


def make(*, code: str, name: str, by: Actor | None, at: datetime, on: date) -> Plan:
    """A new plan without versions. Refused: code required, max_length, duplicate, invalid; name required."""
    code, name = code.strip().upper(), name.strip()
    faults = of_code(Plan, code)
    if not faults and (not CODE.fullmatch(code) or code in RESERVED):
        form = _("The code of a plan is a word of capital letters, digits, - and _, such as SALES.")
        faults.append(Fault("code", "invalid", form))
    if not name:
        faults.append(Fault("name", "required", _("Give the plan a name.")))
    elif len(name) > NAME_LENGTH:
        words = _("The name has at most %(most)s characters.") % {"most": NAME_LENGTH}
        faults.append(Fault("name", "max_length", words))
    if faults:
        raise Refused(*faults)
    plan = Plan.objects.create(code=code, name=name)
    record(event("plan.made", at=at, on=on, by=by, subject=plan.pk, data={"code": code, "name": name}))
    return plan


def currency() -> str:
    """The currency in which every plan of the tenant in scope pays."""
    return str(Tenant.objects.values_list("currency", flat=True).get(pk=current()))


def next_code(plan: Plan) -> str:
    """The number that follows those of the plan's versions."""
    taken = set(plan.versions.values_list("code", flat=True))
    return next(
        str(number) for number in range(len(taken) + 1, 2 * len(taken) + 2) if str(number) not in taken
    )


def pattern(plan: Plan) -> PlanVersion | None:
    """What a new version begins as a copy of: the plan's latest approved one."""
    return plan.versions.filter(state=State.APPROVED).order_by("-valid_from").first()


def draft(
    plan: Plan,
    *,
    code: str,
    valid_from: date,
    settings: Mapping[str, Any],
    by: Actor,
    at: datetime,
    on: date,
) -> PlanVersion:
    """A draft of a version that is to begin on a day. It pays nothing before it is approved.

    Refused: code required, max_length, duplicate; settings as commissions.settings.judged.
    """
    faults = _of_code(plan, code, None)
    written = _written(settings, faults)
    row = PlanVersion.objects.create(
        plan=plan, code=code.strip(), valid_from=valid_from, settings=written, drafted_by_id=by.id
    )
    data = {"plan": plan.code, "code": row.code, "valid_from": valid_from.isoformat()}
    record(event("plan_version.drafted", at=at, on=on, by=by, subject=row.pk, data=data))
    return row


def rewrite(
    row: PlanVersion,
    *,
    code: str,
    valid_from: date,
    settings: Mapping[str, Any],
    version: int | None = None,
    by: Actor,
    at: datetime,
    on: date,
) -> PlanVersion:
    """Change a draft, or a refused version, which becomes a draft again.

    Conflict frozen: it is submitted or approved; stale. Refused as `draft`.
    """
    held = held_open(row, version)
    faults = _of_code(held.plan, code, held)
    written = _written(settings, faults)
    changed = sorted(name for name, value in written.items() if held.settings.get(name) != value)
    held.code, held.valid_from, held.settings = code.strip(), valid_from, written
    held.state = State.DRAFT
    held.touch().save()
    data = {"plan": held.plan.code, "code": held.code, "changed": changed}  # names only: rates are secret
    record(event("plan_version.edited", at=at, on=on, by=by, subject=held.pk, data=data))
    return held


def discard(row: PlanVersion, *, by: Actor, at: datetime, on: date) -> None:
    """Throw a draft or a refused version away. Conflict frozen."""
    held = held_open(row)
    data = {"plan": held.plan.code, "code": held.code}
    record(event("plan_version.discarded", at=at, on=on, by=by, subject=held.pk, data=data))
    held.delete()


def held(row: PlanVersion, version: int | None = None) -> PlanVersion:
    """The version as it stands, its plan locked: whoever changes versions of a plan takes turns."""
    Plan.objects.select_for_update().get(pk=row.plan_id)
    found = PlanVersion.objects.select_related("plan").get(pk=row.pk)
    found.refuse_stale(version)
    return found


def held_open(row: PlanVersion, version: int | None = None) -> PlanVersion:
    """The same, if it may still be written."""
    found = held(row, version)
    if not found.is_open:
        words = _("Only a draft can be changed: copy this version to a new draft.")
        raise Conflict(Fault("", "frozen", words))
    return found


def _of_code(plan: Plan, code: str, own: PlanVersion | None) -> list[Fault]:
    code = code.strip()
    if not code:
        return [Fault("code", "required", _("Give the version a name."))]
    if len(code) > CODE_LENGTH:
        words = _("The name has at most %(most)s characters.") % {"most": CODE_LENGTH}
        return [Fault("code", "max_length", words)]
    others = plan.versions.filter(code=code)
    if (others.exclude(pk=own.pk) if own else others).exists():
        return [Fault("code", "duplicate", _("Another version has this name."))]
    return []


def _written(settings: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """The settings complete; Refused with what is wrong in them and what was found before."""
    try:
        written = rules.complete(settings, currency())
    except Refused as refused:
        raise Refused(*faults, *refused.faults) from None
    if faults:
        raise Refused(*faults)
    return written


def next_month(on: date) -> date:
    """When a new draft is meant to begin, unless another day is said: the first of the next month."""
    return add_months(on.replace(day=1), 1)
