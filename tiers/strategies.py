"""Strategies: how customers are served by tier, stage and segment, and by when the next contact is due.

Of the rows that fit a customer the most specific holds: more of tier, stage and segment named; of equally
many one with a segment before one with a stage; then the shorter rhythm; then the older row.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from crm import versions
from crm.accounts.rights import Role
from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.refusal import Conflict, Fault, Refused
from crm.tenancy.context import current
from crm.tenancy.models import Tenant
from crm.tenancy.statements import compiled, run
from customers import segments
from customers.faults import of_fields
from customers.models import Customer, Segment
from tiers.models import Strategy, Tier

LONGEST = 3650
MOST = 200

# Of a new company. domain.md §4 shortens the times of service for the two highest tiers, §2.2 wants a
# registered company reached within 7 days, and one without a contract before its 30 days in the pool's eyes.
FIRST: tuple[dict[str, Any], ...] = (
    {
        "tier": Tier.COMPANY,
        "service_level": _("Company service"),
        "rhythm_days": 14,
        "visitor": Role.EXECUTIVE,
        "benefits": _("Answered and mended in half the time"),
    },
    {
        "tier": Tier.KEY,
        "service_level": _("Key service"),
        "rhythm_days": 21,
        "visitor": Role.DEPT_HEAD,
        "benefits": _("Answered and mended in three quarters of the time"),
    },
    {"tier": Tier.MAJOR, "service_level": _("Major service"), "rhythm_days": 30},
    {"tier": Tier.GENERAL, "service_level": _("Standard service"), "rhythm_days": 60},
    {"stage": "LEAD", "service_level": _("First contact"), "rhythm_days": 7},
    {"stage": "PROSPECT", "service_level": _("Winning over"), "rhythm_days": 21},
)

# The rhythm counts from the last time the customer was reached; before the first from the registration.
REFRESH = """
WITH chosen AS ({chosen})
UPDATE customers_standing t
SET contact_due_on = coalesce(t.last_contact_on, h.registered_on) + h.rhythm::int FROM chosen h
WHERE t.tenant_id = %(tenant)s AND t.customer_id = h.id {of_standing}
  AND t.contact_due_on IS DISTINCT FROM coalesce(t.last_contact_on, h.registered_on) + h.rhythm::int
RETURNING t.customer_id
"""


@dataclass(frozen=True)
class Service:
    """What a customer is due on a day: by which strategy, and when somebody has to be in touch again."""

    strategy: Strategy
    due_on: date
    since: date | None  # the last time it was reached
    on: date
    others: Sequence[Strategy] = ()  # that fit too, and are less specific

    @property
    def days_late(self) -> int:
        return max((self.on - self.due_on).days, 0)


def lay_down(
    *,
    tier: str = "",
    stage: str = "",
    segment: Segment | None = None,
    service_level: str,
    rhythm_days: int,
    visitor: str = "",
    benefits: str = "",
    by: Actor | None,
    at: datetime,
    on: date,
) -> Strategy:
    """A strategy from today on, in place of the one that holds for the same tier, stage and segment.

    Refused: service_level required, max_length; rhythm_days out_of_range; visitor invalid_choice; benefits
    max_length; segment not_shared; too_many.
    """
    row = Strategy(
        tier=tier,
        stage=stage,
        segment=segment,
        service_level=service_level.strip(),
        rhythm_days=rhythm_days,
        visitor=visitor,
        benefits=benefits.strip(),
        valid_from=on,
    )
    held = list(Strategy.objects.select_for_update().filter(valid_to__isnull=True).order_by("id"))
    _judge(row, held)
    for before in held:
        if (before.tier, before.stage, before.segment_id) == (row.tier, row.stage, row.segment_id):
            _close(before, on)
    row.save()
    record(event("strategy.laid_down", at=at, on=on, by=by, subject=row.pk, data=_told(row)))
    return row


def end(strategy: Strategy, *, by: Actor | None, at: datetime, on: date) -> None:
    """Let a strategy hold no longer from today on; Conflict when it has ended already."""
    found = Strategy.objects.select_for_update().filter(pk=strategy.pk, valid_to__isnull=True).first()
    if found is None:
        raise Conflict(Fault("", "ended", _("This strategy has ended already.")))
    record(event("strategy.ended", at=at, on=on, by=by, subject=found.pk, data=_told(found)))
    _close(found, on)


def in_force(on: date) -> list[Strategy]:
    """The strategies of a day, the most specific first: the first that fits a customer holds for him."""
    rows = versions.on_day(Strategy, on).select_related("segment")
    return sorted(rows, key=_rank)


def fitting(strategy: Strategy, on: date) -> Q:
    """The customers that a strategy speaks of."""
    found = Q(pk__isnull=False)
    if strategy.tier:
        found &= Q(standing__tier=strategy.tier)
    if strategy.stage:
        found &= Q(standing__stage=strategy.stage)
    if strategy.segment is not None:
        inside = segments.members(strategy.segment, Customer.objects.order_by(), on)
        found &= Q(pk__in=inside.values("pk"))
    return found


def of(customer: Customer, on: date) -> Service | None:
    """What the customer is due on a day; None when no strategy speaks of him, or he is blocked."""
    if customer.is_blocked:
        return None
    every = in_force(on)
    row = Customer.objects.filter(pk=customer.pk).annotate(
        **{f"fits_{n}": _yes(fitting(each, on)) for n, each in enumerate(every)}
    )
    found = row.values(*(f"fits_{n}" for n in range(len(every)))).first() if every else None
    fit = [each for n, each in enumerate(every) if found and found[f"fits_{n}"]]
    if not fit:
        return None
    last = customer.standing.last_contact_on
    due_on = (last or customer.registered_on) + timedelta(days=fit[0].rhythm_days)
    return Service(fit[0], due_on, last, on, fit[1:])


def refresh_all(on: date, at: datetime) -> int:
    """Night step: by when each customer is to be contacted; returns how many days changed."""
    return refresh(None, on=on)


def refresh(customer_ids: Collection[UUID] | None, *, on: date) -> int:
    """Bring the due day of some customers, or of all (None), to what their strategy asks for."""
    rows = Customer.objects.order_by()
    some = ""
    if customer_ids is not None:
        rows, some = rows.filter(pk__in=list(customer_ids)), "AND t.customer_id = ANY (%(customers)s)"
    chosen, values = compiled(_chosen(rows, on), "chosen")
    sql = REFRESH.format(chosen=chosen, of_standing=some)
    return len(run(sql, {"customers": list(customer_ids or ())} | values))


def refresh_for(events: Sequence[Event]) -> None:
    """Follows what moves a customer to another strategy or is a contact with him."""
    latest = max(events, key=lambda each: each.at)
    customers = {each.customer_id for each in events if each.customer_id}
    refresh(customers, on=latest.on)


def refresh_everybody_for(events: Sequence[Event]) -> None:
    """Follows a change of the strategies, and imports of contacts."""
    refresh(None, on=max(each.on for each in events))


def _chosen(rows: QuerySet[Customer], on: date) -> QuerySet[Any]:
    """Each customer with the days of the strategy that holds for him, none for one who is blocked."""
    whens = [When(fitting(each, on), then=Value(each.rhythm_days)) for each in _named(in_force(on))]
    barred = When(is_blocked=True, then=Value(None))
    rhythm = Case(barred, *whens, default=Value(None), output_field=IntegerField())
    return rows.annotate(rhythm=rhythm).values("id", "registered_on", "rhythm")


def _named(rows: Iterable[Strategy]) -> Iterable[Strategy]:
    """Up to the one that speaks of everybody, behind which none is asked."""
    for row in rows:
        yield row
        if _names(row) == 0:
            return


def _yes(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0))


def _names(row: Strategy) -> int:
    return sum(map(bool, (row.tier, row.stage, row.segment_id)))


def _rank(row: Strategy) -> tuple[Any, ...]:
    return -_names(row), not row.segment_id, not row.stage, row.rhythm_days, row.pk


def _close(row: Strategy, on: date) -> None:
    """It never held when it began today."""
    if row.valid_from >= on:
        row.delete()
        return
    row.valid_to = on
    row.touch().save(update_fields=["valid_to", "version", "updated_at"])


def _judge(row: Strategy, held: Sequence[Strategy]) -> None:
    faults = of_fields(row, "tier", "stage", "service_level", "benefits")
    if not 1 <= row.rhythm_days <= LONGEST:
        words = _("The days between two contacts are a number from 1 to %(most)s.") % {"most": LONGEST}
        faults.append(Fault("rhythm_days", "out_of_range", words))
    if row.visitor and row.visitor not in Role.values:
        faults.append(Fault("visitor", "invalid_choice", _("There is no such role.")))
    if row.segment is not None and not row.segment.is_shared:
        faults.append(Fault("segment", "not_shared", _("A strategy takes a segment that is for everybody.")))
    if len(held) >= MOST:
        faults.append(Fault("", "too_many", _("There are %(most)s strategies already.") % {"most": MOST}))
    if faults:
        raise Refused(*faults)


def _told(row: Strategy) -> dict[str, Any]:
    return {
        "tier": row.tier,
        "stage": row.stage,
        "segment": str(row.segment) if row.segment else "",
        "service_level": row.service_level,
        "rhythm_days": row.rhythm_days,
    }


def install(events: Sequence[Event]) -> None:
    """Follows tenant.founded: the first strategies, in the company's language, from its first day on."""
    if not events or Strategy.objects.exists():
        return
    language = Tenant.objects.values_list("language", flat=True).get(pk=current())
    with translation.override(language):
        told = [
            {name: str(value) if name != "rhythm_days" else value for name, value in row.items()}
            for row in FIRST
        ]
    Strategy.objects.bulk_create(Strategy(**row, valid_from=events[-1].on) for row in told)
