"""Pools and the versions of their rules: opening one, laying down rules, finding those in force."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm import versions
from crm.accounts.models import Department
from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from crm.tenancy.context import current
from crm.tenancy.models import Tenant
from crm.versions import LONG_AGO, OVERLAP
from customers.faults import of_fields
from customers.models import CustomerPool, PoolPolicy
from customers.pools.protection import DEFAULT

COMPANY = "COMPANY"
MOST_DAYS = 3650
NUMBERS = tuple(name for name in asdict(DEFAULT) if name != "stretch")


class NoRules(LookupError):
    """No version of a pool's rules is in force on the day."""


def in_force(pool: CustomerPool, on: date) -> PoolPolicy:
    """The rules of a pool on a day; raises NoRules."""
    found: PoolPolicy | None = versions.on_day(PoolPolicy, on).filter(pool=pool).first()
    if found is None:
        raise NoRules(f"pool {pool.code} has no rules on {on}")
    return found


def all_in_force(on: date) -> dict[CustomerPool, PoolPolicy]:
    """The rules of every pool on a day: one query."""
    found = versions.on_day(PoolPolicy, on).select_related("pool")
    return {policy.pool: policy for policy in found}


def install(events: Sequence[Event]) -> None:
    """Follows tenant.founded: the company's own pool with the default rules."""
    if CustomerPool.objects.exists():
        return
    language = Tenant.objects.values_list("language", flat=True).get(pk=current())
    with translation.override(language):
        pool = CustomerPool.objects.create(code=COMPANY, name=gettext("Company pool"))
    PoolPolicy.objects.create(pool=pool, code="V1", valid_from=LONG_AGO, **asdict(DEFAULT))


def open_pool(
    *, code: str, name: str, department: Department, by: Actor | None, at: datetime, on: date
) -> CustomerPool:
    """A pool for the people of a department, with the rules that the company's own has on that day.

    Refused: code or name required, too long; code duplicate; department has_pool.
    """
    pool = CustomerPool(code=code.strip(), name=name.strip(), department=department)
    faults = of_fields(pool, "code", "name")
    if CustomerPool.objects.filter(code=pool.code).exists():
        faults.append(Fault("code", "duplicate", _("Another pool has this code.")))
    if CustomerPool.objects.filter(department=department).exists():
        faults.append(Fault("department", "has_pool", _("This department has a pool already.")))
    if faults:
        raise Refused(*faults)
    pool.save(force_insert=True)
    rules = in_force(CustomerPool.objects.get(department=None), on)
    PoolPolicy.objects.create(pool=pool, code="V1", valid_from=on, **asdict(rules.terms))
    data = {"code": pool.code, "name": pool.name, "department": department.name}
    record(event("pool.opened", subject=pool.pk, data=data, by=by, at=at, on=on))
    return pool


def lay_down(
    pool: CustomerPool,
    *,
    code: str,
    valid_from: date,
    rules: Mapping[str, Any],
    by: Actor | None,
    at: datetime,
    on: date,
) -> PoolPolicy:
    """A new version of a pool's rules from a day on; the one in force until then ends there.

    `rules` are numbers of customers.pools.protection.Terms, and `stretch`; what is left out stays as it is.
    Refused: code duplicate; valid_from in_past; a number out_of_range; stretch invalid.
    Conflict version_overlap: a version begins on that day or later.
    """
    CustomerPool.objects.select_for_update(no_key=True).get(pk=pool.pk)
    last = PoolPolicy.objects.filter(pool=pool).latest("valid_from")
    policy = PoolPolicy(
        pool=pool, code=code.strip(), valid_from=valid_from, **asdict(last.terms) | dict(rules)
    )
    _judge(policy, on)
    if last.valid_from >= valid_from:
        raise Conflict(Fault("valid_from", "version_overlap", OVERLAP))
    PoolPolicy.objects.filter(pk=last.pk).update(valid_to=valid_from, version=F("version") + 1)
    policy.save(force_insert=True)
    changed = {name: value for name, value in asdict(policy.terms).items() if value != getattr(last, name)}
    data = {"pool": pool.name, "code": policy.code, "valid_from": str(valid_from), "changed": changed}
    record(event("pool.rules_laid_down", subject=policy.pk, data=data, by=by, at=at, on=on))
    return policy


def _judge(policy: PoolPolicy, on: date) -> None:
    faults = of_fields(policy, "code")
    if PoolPolicy.objects.filter(pool=policy.pool, code=policy.code).exists():
        faults.append(Fault("code", "duplicate", _("Another version has this name.")))
    if policy.valid_from <= on:
        faults.append(Fault("valid_from", "in_past", _("New rules begin tomorrow at the earliest.")))
    for name in NUMBERS:
        if not isinstance(getattr(policy, name), int) or not 1 <= getattr(policy, name) <= MOST_DAYS:
            words = _("Write a number from 1 to %(most)s.") % {"most": MOST_DAYS}
            faults.append(Fault(name, "out_of_range", words))
    if any(not isinstance(times, int) or not 1 <= times <= 10 for times in policy.stretch.values()):
        faults.append(Fault("stretch", "invalid", _("Days are multiplied by a number from 1 to 10.")))
    if faults:
        raise Refused(*faults)
