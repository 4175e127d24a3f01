"""API keys: made, shown once, found by their text, revoked."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Department, Member
from crm.events.record import Actor, event, record
from crm.integrations.models import ApiKey
from crm.refusal import Fault, Refused
from crm.tenancy.context import current
from crm.tenancy.models import Tenant
from crm.web.entrants import built, columns, entrant, selected

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
KEY = re.compile(r"gh_([0-9a-z]{1,12})x([0-9a-z]{16})_([A-Za-z0-9_-]{43})", re.ASCII)
SCOPE = re.compile(r"([a-z][a-z-]*|\*):(read|write)", re.ASCII)
LONGEST = timedelta(days=366 * 3)
READ_SECONDS = 5  # a read that takes longer is stopped by the database


class Spoken(NamedTuple):
    """A key's text in its parts: the tenant it claims, the id to look for, the secret to compare."""

    tenant: int
    public_id: str
    secret: str


def parse(text: str) -> Spoken | None:
    """The parts of `gh_<tenant>x<public id>_<secret>`, None for any other text. Nothing is looked up."""
    found = KEY.fullmatch(text)
    if not found:
        return None
    tenant = int(found[1], 36)
    return Spoken(tenant, found[2], found[3]) if 0 < tenant < 1 << 63 else None


def issue(
    *,
    member: Member,
    name: str,
    scopes: Iterable[str],
    by: Actor | None,
    at: datetime,
    on: date,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key that acts as `member`, and its text, which exists nowhere afterwards.

    Refused for scopes of another form, a name that is empty, or an expiry in the past.
    """
    wanted = list(dict.fromkeys(scopes))
    _judge(member, name, wanted, at, expires_at)
    public_id = "".join(secrets.choice(DIGITS) for _ in range(16))
    secret = secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        name=name.strip(),
        member=member,
        public_id=public_id,
        secret_hash=hashed(secret),
        scopes=wanted,
        created_at=at,
        expires_at=expires_at,
    )
    record(event("api_key.issued", at=at, on=on, by=by, subject=key.id, data=_data(key)))
    return key, f"gh_{_base36(current())}x{public_id}_{secret}"


def _judge(member: Member, name: str, scopes: list[str], at: datetime, expires_at: datetime | None) -> None:
    faults = [
        Fault("scopes", "invalid", _("“%s” is no scope; it reads customers:read.") % scope)
        for scope in scopes
        if not SCOPE.fullmatch(scope)
    ]
    if not scopes:
        faults.append(Fault("scopes", "required", _("A key needs at least one scope.")))
    if not name.strip():
        faults.append(Fault("name", "required", _("Say what the key is for.")))
    if member.status != Member.Status.ACTIVE:
        faults.append(Fault("member", "left", _("This person is leaving or has left.")))
    if expires_at is not None and not at < expires_at <= at + LONGEST:
        faults.append(Fault("expires_at", "out_of_range", _("A key expires in the next three years.")))
    if faults:
        raise Refused(*faults)


def revoke(key: ApiKey, *, by: Actor | None, at: datetime, on: date) -> None:
    """Make a key useless at once; a second time changes nothing."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at):
        record(event("api_key.revoked", at=at, on=on, by=by, subject=key.id, data=_data(key)))


class Found(NamedTuple):
    """A valid key with the member it acts as and his tenant."""

    key: ApiKey
    member: Member
    tenant: Tenant


def find(spoken: Spoken, *, at: datetime, limited: bool) -> Found | None:
    """The valid key behind a text in the scope of its tenant, with member and tenant, by one statement.

    `limited` lets the same statement set the time limit of those that follow it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_statement(limited), [spoken.tenant, spoken.public_id, at])
        row = cursor.fetchone()
    width = len(ApiKey._meta.concrete_fields)
    key = built(ApiKey, row[:width]) if row else None
    same = hmac.compare_digest(key.secret_hash if key else hashed(""), hashed(spoken.secret))
    return Found(key, *entrant(row[width : width + _WIDTH])) if key and same else None


_WIDTH = sum(len(model._meta.concrete_fields) for model in (Member, Department, Tenant))


@cache
def _statement(limited: bool) -> str:
    patience = f", set_config('statement_timeout', '{READ_SECONDS}s', true)" if limited else ""
    return f"SELECT {columns(ApiKey, 'k')}, {selected()}{patience} FROM crm_entrant_by_key(%s, %s, %s) e"


def touch(key_id: UUID, at: datetime) -> None:
    """Note the use of a key, at most once a minute."""
    stale = Q(last_used_at=None) | Q(last_used_at__lte=at - timedelta(minutes=1))
    ApiKey.objects.filter(stale, pk=key_id).update(last_used_at=at)


def hashed(secret: str) -> str:
    """A secret of 256 random bits needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits


def _data(key: ApiKey) -> dict[str, object]:
    return {"name": key.name, "member": key.member.name, "scopes": key.scopes}
