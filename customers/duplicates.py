"""查重: whether a customer is known already (domain.md §2.2)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, cast
from unicodedata import normalize
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.refusal import Fault
from crm.tenancy.context import current
from customers.models import Contact, Customer
from customers.places import PLACE

_COMPANY = re.compile(
    "(?:(?:集团|控股)?(?:股份)?有限(?:责任)?公司|(?:集团|控股|股份)公司|集团|公司"
    r"|(?:co|company|limited|ltd|inc|llc|corp|corporation|gmbh))$"
)
_MARKS = re.compile(r"[\W_]+")
_BRACKETED_PLACE = re.compile(rf"\({PLACE}\)")
_LEADING_PLACES = re.compile(f"^(?:{PLACE})+")
_SPACE = re.compile(r"\s+")
CORE = 4  # a name keeps its place when less than so many characters would be left: 青岛啤酒, 贵州茅台
_FREE_MAIL = (
    "qq.com 163.com 126.com 139.com 189.com sina.com sina.cn sohu.com yeah.net foxmail.com aliyun.com "
    "21cn.com gmail.com outlook.com hotmail.com live.com yahoo.com icloud.com"
)
FREE_MAIL = frozenset(_FREE_MAIL.split())


@cache
def _simplified() -> Any:
    from opencc import OpenCC  # half a megabyte of dictionaries, read only where names are compared

    return OpenCC("t2s")


def fold(text: str) -> str:
    """The text as it is compared: half width, simplified, lower case, without any space."""
    return _SPACE.sub("", _simplified().convert(normalize("NFKC", text)).casefold())


def name_key(name: str) -> str:
    """What two spellings of one company have in common: without 省市, 有限公司, brackets and width.

    Only the name of a company loses its place, and only while enough of it is left: 杭州市人民医院 and
    宁波市人民医院 are two.
    """
    folded = fold(name)
    for spelling in (_BRACKETED_PLACE.sub("", folded), folded):
        plain = core = _MARKS.sub("", spelling)
        while (shorter := _COMPANY.sub("", core)) not in (core, ""):
            core = shorter
        bare = _LEADING_PLACES.sub("", core)
        if core != plain and len(bare) >= CORE:
            return bare[:200]
    return core[:200]


@dataclass(frozen=True)
class Likeness:
    """A known customer that may be the same, and what it shares: PHONE, EMAIL_DOMAIN or PARENT."""

    customer: Customer
    by: str


def faults(name: str, credit_code: str, *, but: UUID | None = None, reason: str = "") -> list[Fault]:
    """What stands against registering this name and credit code in the tenant.

    The same credit code always does. The same name does, unless both have credit codes and they differ,
    or a `reason` is given. The message names the responsible department and nothing else of the other.
    """
    others = _same(name_key(name), credit_code).exclude(pk=cast(UUID, but))  # None excludes nobody
    found = list(others.select_related("responsible_dept"))
    if credit_code:
        for other in found:
            if other.credit_code == credit_code:
                return [_known("credit_code", "duplicate_credit_code", other)]
    alike = [other for other in found if not (credit_code and other.credit_code)]
    return [_known("name", "duplicate_name", alike[0])] if alike and not reason else []


def _same(key: str, credit_code: str) -> QuerySet[Customer]:
    wanted = Q(name_key=key) if key else Q(pk__in=[])
    if credit_code:
        wanted |= Q(credit_code=credit_code)
    return Customer.objects.filter(wanted)


def _known(field: str, code: str, other: Customer) -> Fault:
    if other.responsible_dept is None:
        return Fault(field, code, _("This customer is known already; nobody is responsible for it yet."))
    words = _("This customer is known already; the responsible department is {department}.")
    return Fault(field, code, format_lazy(words, department=other.responsible_dept.name))


def take_turn(name: str) -> None:
    """Let nobody else register this name until the transaction ends, so that two at once see each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [name_key(name), current()])


def similar(
    *, phones: Iterable[str] = (), emails: Iterable[str] = (), parent: Customer | None = None
) -> list[Likeness]:
    """Known customers that share a phone, an e-mail domain (no free mail) or the parent: a warning."""
    domains = {email.rpartition("@")[2].lower() for email in emails if "@" in email} - FREE_MAIL
    found = [Likeness(row.customer, "PHONE") for row in _contacts(Q(phone__in=[p for p in phones if p]))]
    for domain in sorted(domains):
        found += [
            Likeness(row.customer, "EMAIL_DOMAIN") for row in _contacts(Q(email__iendswith=f"@{domain}"))
        ]
    if parent is not None:
        found += [Likeness(child, "PARENT") for child in parent.subsidiaries.all()[:10]]
    return found


def _contacts(wanted: Q) -> QuerySet[Contact]:
    return Contact.objects.filter(wanted).select_related("customer")[:10]
