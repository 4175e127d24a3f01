"""查重: whether a customer is known already (domain.md §2.2), and what may be told of it to whom."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from unicodedata import normalize
from urllib.parse import urlsplit
from uuid import UUID

from django.db import connection, models
from django.db.models import Max, Q, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer, reach
from crm.periods import ONE_DAY
from crm.refusal import Fault
from crm.tenancy.context import current
from customers.models import Contact, Contract, Customer
from customers.places import PLACE
from customers.pools import clocks
from customers.pools.protection import signed_through

_COMPANY = re.compile(
    "(?:(?:集团|控股)?(?:股份)?有限(?:责任)?公司|(?:集团|控股|股份)公司|集团|公司|合伙企业"
    r"|(?:co|company|limited|ltd|inc|llc|corp|corporation|gmbh))$"
)
_MARKS = re.compile(r"[\W_]+")
_OPEN, _CLOSED = "[(\\[【〔〈《「『{]", "[)\\]】〕〉》」』}]"
_NOTE = "自然人独资|法人独资|个人独资|自然人投资或控股|有限合伙|普通合伙|特殊普通合伙|外商独资|港澳台独资"
_BRACKETED = re.compile(rf"{_OPEN}(?:(?:{PLACE})+|中国|{_NOTE}){_CLOSED}")
_LEADING_PLACES = re.compile(f"^(?:{PLACE})+")
_SPACE = re.compile(r"\s+")
CORE = 4  # a name keeps its place when less than so many characters would be left: 青岛啤酒, 贵州茅台
MOST = 20
SHORTEST_PHONE = 5  # an extension is no phone
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
    for spelling in (_BRACKETED.sub("", folded), folded):
        plain = core = _MARKS.sub("", spelling)
        while (shorter := _COMPANY.sub("", core)) not in (core, ""):
            core = shorter
        bare = _LEADING_PLACES.sub("", core)
        if core != plain and len(bare) >= CORE:
            return bare[:200]
    return core[:200]


class By(models.TextChoices):
    """What a known customer has in common with what is asked; the first two block."""

    CREDIT_CODE = "CREDIT_CODE", _("Credit code")
    NAME = "NAME", _("Name")
    PHONE = "PHONE", _("Phone")
    EMAIL_DOMAIN = "EMAIL_DOMAIN", _("E-mail domain")
    PARENT = "PARENT", _("Parent company")


BLOCKING = frozenset({By.CREDIT_CODE, By.NAME})


@dataclass(frozen=True)
class Known:
    """A known customer as it is told to anybody: that it exists, whose department it is, until when.

    `name` is "" for a customer beyond the asker's reach, `department` for one that nobody is responsible
    for. Nothing else of it is told: no owner, no contact, no amount.
    """

    customer_id: UUID
    by: By
    blocks: bool
    department: str
    protected_until: date | None
    name: str = ""


def check(
    viewer: Viewer,
    *,
    name: str = "",
    credit_code: str = "",
    phones: Iterable[str] = (),
    emails: Iterable[str] = (),
    sites: Iterable[str] = (),
    parent: Customer | None = None,
    on: date,
) -> list[Known]:
    """What the whole tenant knows of a company, masked for the asker: what blocks first, each once.

    A few queries, whatever the number found; at most MOST customers are told.
    """
    found: dict[UUID, tuple[Customer, By]] = {}
    same = list(_same(name_key(name), credit_code)[:MOST])
    same.sort(key=lambda one: not (credit_code and one.credit_code == credit_code))
    for one in same:
        is_code = bool(credit_code) and one.credit_code == credit_code
        found[one.pk] = (one, By.CREDIT_CODE if is_code else By.NAME)
    for like in similar(phones=phones, emails=emails, sites=sites, parent=parent):
        found.setdefault(like.customer.pk, (like.customer, By(like.by)))
    rows = Customer.objects.filter(pk__in=found)
    near = dict(reach(viewer, rows).values_list("pk", "name")) if found else {}
    told = dict(rows.values_list("pk", "responsible_dept__name")) if found else {}
    until = protected_until(rows.order_by(), on) if found else {}
    return [
        Known(pk, by, _blocks(one, by, credit_code), told[pk] or "", until.get(pk), near.get(pk, ""))
        for pk, (one, by) in list(found.items())[:MOST]
    ]


def _blocks(known: Customer, by: By, credit_code: str) -> bool:
    """The same name with another credit code is another company."""
    return by in BLOCKING and not (by is By.NAME and credit_code and known.credit_code)


def protected_until(rows: "QuerySet[Customer]", on: date) -> dict[UUID, date]:
    """The last day on which customers are their owners', where a day is known: by contract, else by clock."""
    ends = Contract.objects.filter(customer__in=rows, cancelled_on=None).order_by()
    last = ends.values("customer_id").annotate(last=Max("ends_on")).values_list("customer_id", "last")
    signed = {customer: signed_through(day) for customer, day in last}
    dropping = {clock.customer_id: clock.on - ONE_DAY for clock in clocks.of(rows, on) if not clock.shield}
    return {pk: day for pk, day in (dropping | signed).items() if day >= on}


@dataclass(frozen=True)
class Likeness:
    """A known customer that may be the same, and what it shares: PHONE, EMAIL_DOMAIN or PARENT."""

    customer: Customer
    by: str


def faults(
    name: str, credit_code: str, *, on: date, but: UUID | None = None, reason: str = ""
) -> list[Fault]:
    """What stands against registering this name and credit code in the tenant.

    The same credit code always does. The same name does, unless both have credit codes and they differ,
    or a `reason` is given. The message names the responsible department and nothing else of the other.
    """
    found = [other for other in same(name, credit_code) if other.pk != but]
    if credit_code and found and found[0].credit_code == credit_code:
        return [_known("credit_code", "duplicate_credit_code", found[0], on)]
    return [_known("name", "duplicate_name", found[0], on)] if found and not reason else []


def same(name: str, credit_code: str) -> list[Customer]:
    """The known customers that are the same company: who has the credit code first, then the name.

    The same name with another credit code is another company.
    """
    found = list(_same(name_key(name), credit_code).select_related("responsible_dept"))
    if not credit_code:
        return found
    coded = [other for other in found if other.credit_code == credit_code]
    return coded + [other for other in found if not other.credit_code]


def _same(key: str, credit_code: str) -> QuerySet[Customer]:
    wanted = Q(name_key=key) if key else Q(pk__in=[])
    if credit_code:
        wanted |= Q(credit_code=credit_code)
    return Customer.objects.filter(wanted)


def _known(field: str, code: str, other: Customer, on: date) -> Fault:
    """The refusal, with the masked answer for programs."""
    department = other.responsible_dept.name if other.responsible_dept else ""
    until = protected_until(Customer.objects.filter(pk=other.pk), on).get(other.pk)
    about = {
        "customer": str(other.pk),
        "responsible_dept": department or None,
        "protected_until": until.isoformat() if until else None,
        "offers": offers(department),
    }
    if not department:
        words = _("This customer is known already; nobody is responsible for it yet.")
        return Fault(field, code, words, about)
    told = _("This customer is known already; the responsible department is {department}.")
    return Fault(field, code, format_lazy(told, department=department), about)


def offers(department: str) -> list[str]:
    """What can be done about a known customer beyond one's reach: pass on news, claim it from somebody."""
    return ["customer-intel", *(["ownership-disputes"] if department else [])]


def take_turn(name: str) -> None:
    """Let nobody else register this name until the transaction ends, so that two at once see each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [name_key(name), current()])


def similar(
    *,
    phones: Iterable[str] = (),
    emails: Iterable[str] = (),
    sites: Iterable[str] = (),
    parent: Customer | None = None,
) -> list[Likeness]:
    """Known customers that share a phone, a domain (no free mail) or the parent: a warning.

    Phones are compared by their last eleven digits; a web site counts as the domain of an e-mail.
    """
    numbers = {key for phone in phones if len(key := phone_key(phone)) >= SHORTEST_PHONE}
    domains = {email.rpartition("@")[2].lower() for email in emails if "@" in email}
    domains = (domains | {_host(site) for site in sites}) - FREE_MAIL - {""}
    found = [Likeness(row.customer, "PHONE") for row in _contacts(phone_key__in=numbers)]
    found += [Likeness(row.customer, "EMAIL_DOMAIN") for row in _contacts(mail_domain__in=domains)]
    if parent is not None:
        found += [Likeness(child, "PARENT") for child in parent.subsidiaries.all()[:10]]
    return found


def phone_key(phone: str) -> str:
    """A phone as Contact.phone_key has it: its last eleven digits, whatever stands between them."""
    return re.sub("[^0-9]", "", normalize("NFKC", phone))[-11:]


def _host(site: str) -> str:
    try:
        host = urlsplit(site if "//" in site else f"//{site}").hostname or ""
    except ValueError:  # http://[
        return ""
    return host.removeprefix("www.")


def _contacts(**wanted: Collection[str]) -> QuerySet[Contact]:
    return Contact.objects.filter(**wanted).select_related("customer")[:10]
