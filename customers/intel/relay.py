"""News relay 信息通报: news of any customer to whoever is responsible, answered in time, and what came of it.

The sender need not reach the customer. News that was useful within the twelve months before a signature
proposes its department a share (ASSIGN-02).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.access import Viewer, reach
from crm.accounts.heads import HEADS
from crm.accounts.models import Department, Member
from crm.accounts.rights import Right
from crm.events.models import Event
from crm.events.record import Actor, event, record
from crm.periods import add_months, add_workdays
from crm.refusal import Conflict, Fault, Refused
from crm.tenancy import statements
from customers.assignment import deciding, policies
from customers.faults import of_fields
from customers.models import Contract, Customer, CustomerIntel

ANSWER_WORKDAYS = 2
LEADS_MONTHS = 12
Outcome = CustomerIntel.Outcome


def relay(
    customer: Customer,
    *,
    text: str,
    sender: Member,
    at: datetime,
    on: date,
    kind: str = CustomerIntel.Kind.NEED,
    called: str = "",
) -> CustomerIntel:
    """Pass on news of a customer; it is to be answered within two working days.

    `called` is how the sender names the customer. Refused: text required, max_length; called required;
    kind invalid; "" own_customer (the sender is responsible himself).
    """
    row = CustomerIntel(
        customer=customer,
        called=called.strip(),
        member=sender,
        department_id=sender.department_id,
        kind=kind,
        text=text.strip(),
        relayed_on=on,
        due_on=add_workdays(on, ANSWER_WORKDAYS),
    )
    faults = of_fields(row, "called", "kind", "text")
    if not faults and customer.owner_id == sender.pk:
        words = _("You are responsible for this customer yourself: log it as a contact.")
        faults = [Fault("", "own_customer", words)]
    if faults:
        raise Refused(*faults)
    row.save(force_insert=True)
    data = {
        "kind": row.kind,
        "note": row.text,
        "due_on": str(row.due_on),
        "department": sender.department.name,
    }
    _tell("intel.relayed", row, data, by=sender, at=at, on=on)
    return row


def may_answer(viewer: Viewer, row: CustomerIntel) -> bool:
    """Whether the news is the viewer's to answer: his customer, his to watch over, or escalated to him."""
    if row.member_id == viewer.id:
        return False
    if viewer.id in (row.customer.owner_id, row.escalated_to_id):
        return True
    return (
        viewer.may(Right.FOLLOW_UP_ASSIGN)
        and reach(viewer, Customer.objects.filter(pk=row.customer_id)).exists()
    )


def acknowledge(
    row: CustomerIntel,
    *,
    outcome: str,
    answer: str = "",
    by: Actor,
    at: datetime,
    on: date,
    version: int | None = None,
) -> CustomerIntel:
    """Answer news with what it was worth.

    Refused: outcome; answer max_length. Conflict answered (somebody was faster), stale.
    """
    held = _held(row, version)
    if not held.is_open:
        raise Conflict(Fault("", "answered", _("This news has been answered already.")))
    held.outcome, held.answer = outcome, answer.strip()
    faults = of_fields(held, "outcome", "answer")
    if not outcome:
        faults = [Fault("outcome", "required", _("Say what the news was worth."))]
    if faults:
        raise Refused(*faults)
    held.acknowledged_by_id, held.acknowledged_at, held.acknowledged_on = by.id, at, on
    changed = ("outcome", "answer", "acknowledged_by", "acknowledged_at", "acknowledged_on")
    _save(held, *changed)
    _tell("intel.acknowledged", held, {"outcome": outcome, "note": held.answer}, by=by, at=at, on=on)
    return held


def thank(
    row: CustomerIntel, *, thanks: str, by: Actor, at: datetime, on: date, version: int | None = None
) -> CustomerIntel:
    """Thank the sender, once. Refused: thanks required, max_length. Conflict open, thanked, stale."""
    held = _held(row, version)
    if held.is_open:
        raise Conflict(Fault("", "open", _("Answer the news first.")))
    if held.thanked_on:
        raise Conflict(Fault("", "thanked", _("The sender has been thanked already.")))
    held.thanks = thanks.strip()
    faults = of_fields(held, "thanks")
    if not held.thanks:
        faults = [Fault("thanks", "required", _("Write a word of thanks."))]
    if faults:
        raise Refused(*faults)
    held.thanked_by_id, held.thanked_on = by.id, on
    _save(held, "thanks", "thanked_by", "thanked_on")
    _tell("intel.thanked", held, {"note": held.thanks, "to": held.member.name}, by=by, at=at, on=on)
    return held


# Of a customer that no department has, the heads of the whole company are asked.
ESCALATE = f"""
WITH {HEADS}, company AS (
  SELECT d.id FROM accounts_department d
  WHERE d.tenant_id = %(tenant)s AND cardinality(d.ancestors) = 1 ORDER BY d.code LIMIT 1
)
UPDATE customers_customerintel i
SET escalated_on = %(on)s, escalated_to_id = h.head_id, version = i.version + 1, updated_at = %(at)s
FROM (
  SELECT i.id, (array_remove(h.ids, i.member_id))[1] AS head_id
  FROM customers_customerintel i
  JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = i.customer_id
  LEFT JOIN company ON true
  LEFT JOIN heads h ON h.department = coalesce(c.responsible_dept_id, company.id)
  WHERE i.tenant_id = %(tenant)s AND i.acknowledged_at IS NULL AND i.escalated_on IS NULL
    AND i.due_on < %(on)s
) h
LEFT JOIN accounts_member m ON m.tenant_id = %(tenant)s AND m.id = h.head_id
WHERE i.tenant_id = %(tenant)s AND i.id = h.id
RETURNING i.id, i.customer_id, m.id, m.name
"""


def escalate(on: date, at: datetime) -> int:
    """A step of the night: news that nobody answered in time goes to the head too; returns how many."""
    moved = statements.run(ESCALATE, {"on": on, "at": at})
    record(
        *(
            event(
                "intel.escalated",
                at=at,
                on=on,
                subject=number,
                customer=customer,
                data={"to": name or "", "to_id": str(to) if to else None},
            )
            for number, customer, to, name in moved
        )
    )
    return len(moved)


@dataclass(frozen=True)
class Proposal:
    """The share that news would earn its department when the customer signs (ASSIGN-02)."""

    intel: CustomerIntel
    department: Department
    basis_points: int

    @property
    def percent(self) -> int:
        """The share as people say it."""
        return self.basis_points // 100


def leading(customer: Customer, on: date) -> CustomerIntel | None:
    """The news that a signature on `on` would be owed to: the first of another department, answered within
    the twelve months before, neither known already nor unfounded, and not yet credited."""
    rows = CustomerIntel.objects.filter(
        customer=customer,
        outcome=Outcome.USEFUL,
        acknowledged_on__lte=on,
        acknowledged_on__gte=add_months(on, -LEADS_MONTHS),
        led_to_contract=None,
    ).exclude(department=customer.responsible_dept)
    return rows.select_related("department", "member").order_by("relayed_on", "id").first()


def proposal(customer: Customer, on: date) -> Proposal | None:
    """What the decision table gives the department of the leading news; None without any."""
    news, there = leading(customer, on), customer.responsible_dept
    if news is None or there is None:
        return None
    asked = deciding.Question((), protected_owner_dept=there.code, intel_dept=news.department.code)
    shares = deciding.decide(asked, policies.in_force(on).table).collaborators
    return Proposal(news, news.department, shares[0].basis_points) if shares else None


def credit_for(events: Sequence[Event]) -> None:
    """Follows contract.signed: the news that led to a contract names it, so that it is credited once."""
    ids = [each.subject_id for each in events if each.subject_id]
    signed = Contract.objects.filter(pk__in=ids).select_related("customer__responsible_dept")
    for contract in signed.order_by("signed_on", "id"):
        news = leading(contract.customer, contract.signed_on)
        shared = Q(splits__department=news.department_id) | Q(splits__member=news.member_id) if news else Q()
        if news and Contract.objects.filter(shared, pk=contract.pk).exists():
            news.led_to_contract = contract
            _save(news, "led_to_contract")


def _held(row: CustomerIntel, version: int | None) -> CustomerIntel:
    held = (
        CustomerIntel.objects.select_for_update(of=("self",))
        .select_related("customer", "member")
        .get(pk=row.pk)
    )
    held.refuse_stale(version)
    return held


def _save(held: CustomerIntel, *fields: str) -> None:
    held.touch().save(update_fields=[*fields, "version", "updated_at"])


def _tell(name: str, row: CustomerIntel, data: dict[str, Any], *, by: Actor, at: datetime, on: date) -> None:
    record(event(name, at=at, on=on, by=by, subject=row.pk, customer=row.customer_id, data=data))
