"""Every address × role × {own, out of scope, another tenant's, absent}: who may what, in one table.

A new address without a row fails the build. One line adds it:

    "customers:contract": Row(get=Right.CONTRACT_VIEW, of="contract"),
    "api:contracts-list": Row(get=Right.CONTRACT_VIEW, post=Right.CONTRACT_SIGN),
    "api:contracts-detail": Row(get=Right.CONTRACT_VIEW, patch=NOBODY, of="contract"),

A right, several in a tuple (all are needed), ANY(…) for one of several, EVERYBODY for every member,
NOBODY for a method that does not exist. `of` names the kind of record in the address; a new kind is
one entry of KINDS: how to make the record that 李娜 of 华东 owns and the one that 孙悦 of 华北 owns, and
which people of the cast see each.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.urls import URLPattern, get_resolver

from crm.accounts.roles import Right
from crm.integrations import keys
from crm.tests.cast import NOW, TODAY, Company
from customers.models import Customer, OwnershipCredit

PEOPLE = ("gao", "chen", "wu", "li", "wang", "he", "qian", "tian", "an", "shen")  # one for each role
ALL = frozenset(PEOPLE)
WIDE = frozenset({"gao", "he", "qian", "tian", "an", "shen"})  # who see every customer
OF_LI = WIDE | {"li", "chen"}
OF_SUN = WIDE


@dataclass(frozen=True)
class ANY:
    """One of these rights is enough."""

    rights: tuple[Right, ...]

    def __init__(self, *rights: Right) -> None:
        object.__setattr__(self, "rights", rights)


EVERYBODY: tuple[Right, ...] = ()
NOBODY = None
Needs = Right | tuple[Right, ...] | ANY | None


@dataclass(frozen=True)
class Row:
    """What one address needs, method by method.

    `takes` names arguments of the address besides the record. `redirects` says that a GET that is
    allowed leads elsewhere.
    """

    get: Needs = NOBODY
    post: Needs = NOBODY
    patch: Needs = NOBODY
    delete: Needs = NOBODY
    of: str = ""
    takes: Mapping[str, Any] = field(default_factory=dict)
    redirects: bool = False

    def needs(self, method: str) -> Needs:
        return getattr(self, method)


@dataclass(frozen=True)
class Kind:
    """A kind of record in an address: the record of 李娜, the record of 孙悦, and who sees each."""

    near: Callable[[Company], UUID]
    far: Callable[[Company], UUID]
    near_seen_by: frozenset[str] = ALL
    far_seen_by: frozenset[str] = ALL


def _key(person: str) -> Callable[[Company], UUID]:
    def make(company: Company) -> UUID:
        member = company.people[person]
        return keys.issue(member=member, name="m", scopes=["customers:read"], by=member, at=NOW, on=TODAY)[
            0
        ].pk

    return make


def _customer(owner: str) -> Callable[[Company], UUID]:
    def make(company: Company) -> UUID:
        member = company.people[owner]
        row = Customer.objects.create(
            code=f"MATRIX-{owner}",
            name=f"矩阵 {owner}",
            registered_on=TODAY,
            owner=member,
            responsible_dept=member.department,
        )
        OwnershipCredit.objects.create(
            customer=row,
            role=OwnershipCredit.Role.MANAGER,
            department=member.department,
            member=member,
            valid_from=TODAY,
            rule="TEST",
        )
        return row.pk

    return make


def _event(company: Company) -> UUID:
    from crm.events.models import Event

    return Event.objects.order_by("id").values_list("pk", flat=True)[0]


KINDS: dict[str, Kind] = {
    "member": Kind(lambda c: c.li.pk, lambda c: c.sun.pk),
    "department": Kind(lambda c: c.departments["EAST"].pk, lambda c: c.departments["NORTH"].pk),
    "event": Kind(_event, _event),
    "key": Kind(_key("li"), _key("sun"), frozenset({"li", "an"}), frozenset({"an"})),
    "customer": Kind(_customer("li"), _customer("sun"), OF_LI, OF_SUN),
}

ROWS: dict[str, Row] = {
    "accounts:profile": Row(get=EVERYBODY, post=EVERYBODY),
    "accounts:keys": Row(get=Right.API_KEY, post=Right.API_KEY),
    "accounts:key-revoke": Row(post=Right.API_KEY, of="key"),
    "accounts:team": Row(get=Right.TEAM_VIEW),
    "accounts:member-new": Row(get=Right.TEAM_EDIT, post=Right.TEAM_EDIT),
    "accounts:member": Row(get=Right.TEAM_EDIT, post=Right.TEAM_EDIT, of="member"),
    "accounts:member-invite": Row(post=Right.TEAM_EDIT, of="member"),
    "accounts:department-new": Row(get=Right.TEAM_EDIT, post=Right.TEAM_EDIT),
    "accounts:department": Row(get=Right.TEAM_EDIT, post=Right.TEAM_EDIT, of="department"),
    "api:me": Row(get=EVERYBODY),
    "api:tenant": Row(get=EVERYBODY, patch=Right.TENANT_EDIT),
    "api:roles": Row(get=Right.TEAM_VIEW),
    "api:departments-list": Row(get=Right.TEAM_VIEW, post=Right.TEAM_EDIT),
    "api:departments-detail": Row(get=Right.TEAM_VIEW, patch=Right.TEAM_EDIT, of="department"),
    "api:members-list": Row(get=Right.TEAM_VIEW, post=Right.TEAM_EDIT),
    "api:members-detail": Row(get=Right.TEAM_VIEW, patch=Right.TEAM_EDIT, of="member"),
    "api:events-list": Row(get=Right.EVENT_VIEW),
    "api:events-detail": Row(get=Right.EVENT_VIEW, of="event"),
    "api:api-keys-list": Row(get=Right.API_KEY, post=Right.API_KEY),
    "api:api-keys-detail": Row(get=Right.API_KEY, delete=Right.API_KEY, of="key"),
}

# Addresses outside the table, each with the reason.
OPEN: dict[str, str] = {
    "api:schema": "the description of the API holds no data",
    "api:docs": "the same, to read",
    "healthz": "a load balancer has no account",
    "readyz": "names parts, no data",
    "metrics": "guarded by its own token",
    "accounts:language": "chosen before sign-in too",
    "accounts:choose": "a person who has not entered a company yet",
    "accounts:switch": "the same; lists only his own seats",
    "accounts:appearance": "changes the person's own account only",
}


def addresses(patterns: Any = None, names: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the project with its full name, without those of the sign-in library."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            if not pattern.callback.__module__.startswith("allauth."):
                yield f"{names}{pattern.name}", pattern
        else:
            inner = f"{names}{pattern.namespace}:" if pattern.namespace else names
            yield from addresses(pattern.url_patterns, inner)
