"""What a claim would be answered: for one who claims, and for a page of pooled customers at once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from crm.accounts.models import Member
from customers.models import Claim, Contract, Customer, OwnershipCredit
from customers.pools import rules
from customers.pools.protection import Asked, Terms, Verdict, judge_claim

MANAGER = OwnershipCredit.Role.MANAGER


def verdicts(rows: Sequence[Customer], member: Member, on: date) -> dict[UUID, tuple[Verdict, Terms]]:
    """Verdict and terms for customers that wait in pools, by their ids. A fixed number of queries."""
    terms = {pool.pk: policy.terms for pool, policy in rules.all_in_force(on).items()}
    since = dict(_stays(rows).values_list("customer", "valid_from"))
    held, signed = _last_held(rows, member, on), _with_contract(rows, on)
    claims = Claim.objects.filter(member=member, on=on).count()
    holds = holding([member])[member.pk]
    found = {}
    for row in rows:
        its: Terms = terms[row.pool_id]  # type: ignore[index]
        last = held.get(row.pk)
        asked = Asked(
            on=on,
            released_on=since[row.pk],
            held_before=last is not None and last > on - timedelta(its.memory_days),
            claims_today=claims,
            owned_without_contract=holds,
            locked=row.is_locked,
            has_contract=row.pk in signed,
        )
        found[row.pk] = judge_claim(asked, its), its
    return found


def _stays(rows: Sequence[Customer]) -> "QuerySet[OwnershipCredit]":
    return OwnershipCredit.objects.filter(customer__in=rows, role=MANAGER, valid_to=None, pool__isnull=False)


def _last_held(rows: Sequence[Customer], member: Member, on: date) -> Mapping[UUID, date]:
    """The last day on which the person had each of the customers; a claim given back that day counts."""
    credits = OwnershipCredit.objects.filter(customer__in=rows, role=MANAGER, member=member)
    last: dict[UUID, date] = {}
    for customer, until in credits.values_list("customer", "valid_to"):
        last[customer] = max(last.get(customer, date.min), until or on)
    for customer, day in Claim.objects.filter(customer__in=rows, member=member).values_list("customer", "on"):
        last[customer] = max(last.get(customer, date.min), day)
    return last


def _with_contract(rows: Sequence[Customer], on: date) -> set[UUID]:
    running = Contract.objects.filter(customer__in=rows, ends_on__gt=on).exclude(cancelled_on__lte=on)
    return set(running.values_list("customer", flat=True))


def holding(people: Sequence[Member]) -> dict[UUID, int]:
    """How many customers without a contract each of the people holds: what the cap counts."""
    signed = Contract.objects.filter(customer=OuterRef("pk"))
    held: Any = Customer.objects.filter(~Exists(signed), owner__in=people).order_by().values_list("owner")
    counts = Counter(dict(held.annotate(Count("pk"))))
    return {one.pk: counts[one.pk] for one in people}


def former(rows: Sequence[Customer]) -> dict[UUID, list[str]]:
    """Who had each of the customers before, the latest first: one query."""
    credits = OwnershipCredit.objects.filter(customer__in=rows, role=MANAGER, member__isnull=False)
    names: dict[UUID, dict[str, None]] = {row.pk: {} for row in rows}
    for customer, name in credits.order_by("-valid_from").values_list("customer", "member__name"):
        names[customer].setdefault(name)
    return {customer: list(found) for customer, found in names.items()}


def stays(rows: Sequence[Customer]) -> dict[UUID, OwnershipCredit]:
    """The credit that put each of the customers into its pool: since when, and why. One query."""
    return {credit.customer_id: credit for credit in _stays(rows)}
