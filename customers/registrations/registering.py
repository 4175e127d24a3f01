"""Registration 报备: who says first that he develops a company, and reaches it in time, is its developer.

The registrant holds the customer from the day of registering. The first follow-up of his department that
reaches the customer within seven days puts the registration in effect: it fixes the developer, and the
rules ASSIGN-03…09 say who manages. Else it lapses, and a customer that was held by it alone drops into the
pool when the protection of a registered one ends. What becomes of them: customers.registrations.outcomes.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Member
from crm.events.record import event, record
from crm.refusal import Conflict, Fault, Refused
from customers import contacts, credit_codes, duplicates, registry
from customers.faults import of_fields
from customers.models import Contact, Contract, Customer, OwnershipCredit, Registration

DAYS = 7  # to reach the customer, the last one inside
JUDGED = ("name", "credit_code", "no_code_reason", "need", "product_kind", "line", "expected_annual")


@dataclass(frozen=True)
class Person:
    """Whom one speaks with at the company."""

    name: str
    phone: str = ""
    title: str = ""


@dataclass(frozen=True)
class Company:
    """What a registrant knows of the company."""

    name: str
    credit_code: str = ""
    no_code_reason: str = ""
    need: str = ""
    product_kind: str = Contract.ProductKind.STANDARD
    line: str = "DEFAULT"
    expected_annual: Decimal | None = None
    industry: str = ""
    province: str = ""
    city: str = ""
    source: str = ""


def register(
    company: Company, contact: Person, *, by: Member, at: datetime, on: date, customer: Customer | None = None
) -> Registration:
    """Register a company as the one who develops it; a new one becomes the registrant's customer on trial.

    One that the registrant is responsible for already, and that nobody has developed, may be registered
    too: `customer` names it, or its name or credit code does.
    Refused: name, need required; credit_code invalid; no_code_reason required (without a credit code);
    contact_name required; duplicate_name, duplicate_credit_code (somebody else's, told masked).
    Conflict: registered (and still to be reached), developed.
    """
    code = credit_codes.clean(company.credit_code)
    row = Registration(
        **{name: getattr(company, name) for name in JUDGED},
        contact_name=contact.name.strip(),
        member=by,
        department_id=by.department_id,
        registered_on=on,
        registered_at=at,
        due_on=on + timedelta(DAYS),
    )
    row.name, row.need, row.credit_code = row.name.strip(), row.need.strip(), code
    _judge(row)
    row.customer = _own(row, customer) or _new(row, company, at=at, on=on)
    row.contact = _contact(row.customer, contact, by=by, at=at, on=on)
    row.save(force_insert=True)
    data = {"need": row.need, "due_on": str(row.due_on), "contact": row.contact_name}
    _tell("registration.filed", row, data, by=by, at=at, on=on)
    return row


def _judge(row: Registration) -> None:
    faults = of_fields(row, *JUDGED, "contact_name")
    if row.credit_code and not credit_codes.is_formed(row.credit_code):
        words = _("A credit code has 18 digits and capital letters, without I, O, S, V and Z.")
        faults = [fault for fault in faults if fault.field != "credit_code"]
        faults.append(Fault("credit_code", "invalid", words))
    row.no_code_reason = "" if row.credit_code else row.no_code_reason.strip()
    if not row.credit_code and not row.no_code_reason:
        words = _("Give the credit code, or say why there is none.")
        faults.append(Fault("no_code_reason", "required", words))
    if faults:
        raise Refused(*faults)


def _own(row: Registration, customer: Customer | None) -> Customer | None:
    """The registrant's own customer that he means, held; None for a company that is not his."""
    duplicates.take_turn(row.name)
    meant = duplicates.same(row.name, row.credit_code) if customer is None else [customer]
    found = next((one for one in meant if one.owner_id == row.member_id), None)
    if found is None:
        return None
    held = Customer.objects.select_for_update(no_key=True).get(pk=found.pk)
    if Registration.objects.filter(customer=held, effective_on=None, lapsed_on=None).exists():
        raise Conflict(Fault("", "registered", _("This customer is registered, and still to be reached.")))
    developers = OwnershipCredit.objects.filter(customer=held, role="DEVELOPER", valid_to=None)
    if developer := developers.select_related("department").first():
        words = _("This customer has been developed already, by %(department)s.")
        raise Conflict(Fault("", "developed", words % {"department": developer.department}))
    return held


def _new(row: Registration, company: Company, *, at: datetime, on: date) -> Customer:
    plain = {name: getattr(company, name) for name in ("industry", "province", "city", "source")}
    about: dict[str, Any] = {"name": row.name, "credit_code": row.credit_code, "line": row.line, **plain}
    about |= {"product_kind": row.product_kind, "expected_annual": row.expected_annual}
    return registry.register(**about, developer=row.member, on_trial=True, by=row.member, at=at, on=on)


def _contact(customer: Customer, person: Person, **told: Any) -> Contact:
    known = Contact.objects.filter(customer=customer, name=person.name.strip()).order_by("-is_primary", "id")
    if found := known.first():
        return found
    first = not Contact.objects.filter(customer=customer).exists()
    about: dict[str, Any] = {"phone": person.phone, "title": person.title, "is_primary": first}
    try:
        return contacts.add(customer, name=person.name, **about, **told)
    except Refused as refused:
        named = [Fault(f"contact_{fault.field}", fault.code, fault.message) for fault in refused.faults]
        raise Refused(*named) from refused


def _tell(name: str, row: Registration, data: dict[str, Any], *, by: Member, at: datetime, on: date) -> None:
    who = {"member": by.name, "member_id": str(by.pk), "department": by.department.name}
    about: dict[str, Any] = {"subject": row.pk, "customer": row.customer_id, "data": who | data}
    record(event(name, at=at, on=on, by=by, **about))
