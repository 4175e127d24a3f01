"""Finding customers by any part of name, pinyin, code, credit code, contact, phone or e-mail.

The keys are worked out here and searched by the database function customers_find (tenancy.md §5).
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple, cast
from unicodedata import normalize
from uuid import UUID

from django.db import connection

from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right, Scope
from crm.events.models import Event
from crm.tenancy.context import current
from customers.credit_codes import clean
from customers.duplicates import fold, name_key
from customers.models import Contact, Customer

KEYS = ("name_key", "pinyin", "initials")
LONGEST = 100  # characters of a term that are looked at
SHORTEST = 4  # characters of a phone or e-mail that are a search and not a guess
OWN_MOST = 5000  # so many customers of one's own are searched alone, not found among all
BATCH = 2000
_PHONE = re.compile(r"[\d\s()+.-]+")
_NOT_DIGITS = re.compile(r"\D+")


def find(
    term: str,
    limit: int = 50,
    *,
    phones: bool = False,
    credit_codes: bool = False,
    within: Collection[UUID] | None = None,
) -> list[UUID]:
    """Ids of the tenant's customers that a term finds, best first: beginnings, pinyin, parts, contacts.

    Traditional and simplified, full and half width, capitals and spaces are alike. Phones and e-mails,
    and credit codes, are searched only if asked for: the caller asks for what his reader may see.
    `within` narrows to some customers. No right is checked here; see `reachable`.
    """
    wanted = fold("".join(filter(str.isprintable, term)))[:LONGEST]
    if not wanted:
        return []
    code = clean(term)[:LONGEST] if credit_codes else ""
    among = None if within is None else list(within)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customers_find(%s, %s, %s, %s::uuid[], %s)",
            [
                wanted,
                code if code.isascii() and code.isalnum() else None,
                _contact(wanted, phones),
                among,
                limit,
            ],
        )
        return [row[0] for row in cursor.fetchall()]


def reachable(viewer: Viewer, term: str, limit: int = 50) -> list[UUID]:
    """What the term finds among the customers within a viewer's reach, by what he may see of them."""
    sees: dict[str, Any] = {
        "phones": viewer.may(Right.SEE_PHONE),
        "credit_codes": viewer.may(Right.SEE_CREDIT_CODE),
    }
    if viewer.customers is Scope.TENANT:
        return find(term, limit, **sees)
    rows = reach(viewer, Customer.objects.order_by())
    own = list(rows.values_list("pk", flat=True)[: OWN_MOST + 1])
    if len(own) <= OWN_MOST:
        return find(term, limit, within=own, **sees) if own else []
    found = find(term, OWN_MOST, **sees)
    mine = set(rows.filter(pk__in=found).values_list("pk", flat=True))
    return [pk for pk in found if pk in mine][:limit]


def _contact(wanted: str, phones: bool) -> str | None:
    """The term as phones and e-mails are compared, or None when it is not to be looked for among them."""
    phone = _NOT_DIGITS.sub("", wanted) if _PHONE.fullmatch(wanted) else wanted
    return phone if phones and len(phone) >= SHORTEST else None


def set_keys(customer: Customer) -> None:
    """Work out the columns of the row that sorting, searching and 查重 read from its name."""
    customer.name_key = name_key(customer.name)
    customer.pinyin, customer.initials = spelled(customer.name)


def spelled(name: str) -> tuple[str, str]:
    """A name in pinyin, whole and by initials: 华信科技 is huaxinkeji and hxkj; other letters stay."""
    from pypinyin import lazy_pinyin  # its dictionary takes a third of a second to read

    letters = cast(Any, lambda rest: list(filter(str.isalnum, rest)))  # its stubs forget the list
    parts = lazy_pinyin(fold(name), errors=letters)
    return "".join(parts)[:600], "".join(part[0] for part in parts)[:200]


class Found(NamedTuple):
    """A customer as the search knows it."""

    customer_id: UUID
    name_key: str
    pinyin: str
    initials: str
    folded: str
    others: str
    contacts: str
    grams: str
    contact_grams: str


WRITE = """
WITH row AS (
  SELECT * FROM unnest({columns}) AS r({names})
), customer AS (
  UPDATE customers_customer c SET name_key = r.name_key, pinyin = r.pinyin, initials = r.initials
  FROM row r WHERE c.tenant_id = %(tenant)s AND c.id = r.customer_id
    AND (c.name_key, c.pinyin, c.initials) IS DISTINCT FROM (r.name_key, r.pinyin, r.initials)
), known AS (
  UPDATE customers_searchkey k SET folded = r.folded, others = r.others, contacts = r.contacts,
    grams = string_to_array(r.grams, chr(10)), contact_grams = string_to_array(r.contact_grams, chr(10))
  FROM row r WHERE k.tenant_id = %(tenant)s AND k.customer_id = r.customer_id
    AND (k.folded, k.others, k.contacts) IS DISTINCT FROM (r.folded, r.others, r.contacts)
)
INSERT INTO customers_searchkey (tenant_id, customer_id, folded, others, contacts, grams, contact_grams)
SELECT %(tenant)s, r.customer_id, r.folded, r.others, r.contacts,
  string_to_array(r.grams, chr(10)), string_to_array(r.contact_grams, chr(10))
FROM row r WHERE NOT EXISTS (SELECT FROM customers_searchkey k
  WHERE k.tenant_id = %(tenant)s AND k.customer_id = r.customer_id)
""".format(
    names=", ".join(Found._fields),
    columns=", ".join(
        f"%({name})s::{'uuid' if name == 'customer_id' else 'text'}[]" for name in Found._fields
    ),
)


def index(customer_ids: Collection[UUID] | None = None) -> int:
    """Work out the search keys of some customers, or of all, again; returns how many were looked at.

    Three statements for every two thousand customers; only what differs is written.
    """
    rows = Customer.objects.order_by("id")
    if customer_ids is not None:
        rows = rows.filter(pk__in=customer_ids)
    known, last, done = rows.values_list("id", "name", "code"), UUID(int=0), 0
    while batch := list(known.filter(id__gt=last)[:BATCH]):
        people = _people([row[0] for row in batch])
        _store([_found(*row, people[row[0]]) for row in batch])
        last, done = batch[-1][0], done + len(batch)
    return done


def index_for(events: Sequence[Event]) -> None:
    """Follower of customers.imported and contacts.imported."""
    ids: set[Any] = set()
    for each in events:
        named = each.data["ids"]
        if each.name == "contacts.imported":
            named = Contact.objects.filter(pk__in=named).values_list("customer_id", flat=True)
        ids.update(named)
    index(ids)


def _people(customer_ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, str, str]]]:
    people: dict[UUID, list[tuple[str, str, str]]] = defaultdict(list)
    contacts = Contact.objects.filter(customer__in=customer_ids).order_by("id")
    for key, name, phone, email in contacts.values_list("customer_id", "name", "phone", "email"):
        people[key].append((name, phone, email))
    return people


def _found(key: UUID, name: str, code: str, people: Iterable[tuple[str, str, str]]) -> Found:
    folded = f"{fold(name)[:300]}\n{fold(code)[:99]}"
    letters = spelled(name)
    others = "\n".join((letters[1], *(fold(person) for person, _phone, _email in people)))
    reached = "\n".join(filter(None, (text for _, *ways in people for text in _ways(*ways))))
    return Found(
        key,
        name_key(name),
        *letters,
        folded,
        others,
        reached,
        _grams(f"{folded}\n{others}"),
        _grams(reached),
    )


def _ways(phone: str, email: str) -> tuple[str, str]:
    return _NOT_DIGITS.sub("", normalize("NFKC", phone)), fold(email)


def _grams(text: str) -> str:
    """Every character and every two neighbours of the lines, each once, one a line."""
    lines = text.splitlines()
    pieces = {line[at : at + size] for line in lines for size in (1, 2) for at in range(len(line) + 1 - size)}
    return "\n".join(sorted(pieces))


def _store(rows: Sequence[Found]) -> None:
    columns = {
        name: list(column) for name, column in zip(Found._fields, zip(*rows, strict=True), strict=True)
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, columns | {"tenant": current()})
