"""Customers as they are registered and changed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Department, Member
from crm.events.record import Actor, event, record
from crm.refusal import Fault, Refused
from customers import arranging, counters, credit_codes, duplicates, families, ownership, search
from customers.assignment.candidates import Newcomer
from customers.faults import broken, of_fields
from customers.models import Contract, Customer, Standing

PLAIN = ("industry", "province", "city", "address", "website", "source", "note")
TEXT = ("name", "code", "credit_code", *PLAIN)
EDITABLE = (*TEXT, "parent")
REASON = 200  # characters


def register(
    *,
    name: str,
    by: Actor | None,
    at: datetime,
    on: date,
    code: str = "",
    credit_code: str = "",
    developer: Member | None = None,
    override: Department | None = None,
    product_kind: str = Contract.ProductKind.STANDARD,
    line: str = "DEFAULT",
    expected_annual: Decimal | None = None,
    reason: str = "",
    on_trial: bool = False,
    **fields: Any,
) -> Customer:
    """A new customer with its standing, search keys, and whoever the rules make responsible for it.

    `fields` are parent, industry, province, city, address, website, source, note. Without `code` the next
    K-000123 is taken. `developer` is history, told of a customer the company had before; without him it came
    by itself (inbound). Who develops one himself: customers.registrations. `expected_annual` is in
    the tenant's currency. `reason` says why the company overrides the rules, or why a known name is
    registered again. `on_trial` leaves it with the developer, who becomes that when he reaches it (报备).
    Refused: name required, duplicate_name; credit_code invalid, duplicate_credit_code; code duplicate;
    developer not_active; a field of its own that is too long or unknown.
    """
    _refuse_unknown(fields, (*PLAIN, "parent"))
    customer = Customer(registered_on=on)
    _write(customer, fields | {"name": name, "code": code, "credit_code": credit_code})
    given = [name for name in TEXT if name != "code" or customer.code]
    _judge(customer, given, developer=developer, reason=reason, on=on)
    _begin(customer)
    newcomer = Newcomer(customer, developer, override, product_kind, line, expected_annual, reason, on_trial)
    (decision,) = ownership.assign([newcomer], by=by, at=at, on=on)
    arranging.note([newcomer], by=by, on=on)
    data = {"name": customer.name, "code": customer.code, "rule": decision.rule, "pool": decision.to_pool}
    data |= _whose(customer, None if on_trial else developer)
    _tell("customer.registered", customer, data, by=by, at=at, on=on)
    return customer


def _begin(customer: Customer) -> None:
    """The rows that every customer has from its first moment: itself, its standing, its search keys."""
    customer.code = customer.code or next_codes(1)[0]
    search.set_keys(customer)
    _save(customer, force_insert=True)
    Standing.objects.create(customer=customer)
    search.index([customer.pk])


def edit(
    customer: Customer, *, changes: Mapping[str, Any], version: int, by: Actor | None, at: datetime, on: date
) -> Customer:
    """Change fields of EDITABLE; `version` is that of the row the changes were made on.

    Nothing happens when nothing differs. Refused as in `register`; parent circle; Conflict stale when the
    row was changed meanwhile.
    """
    _refuse_unknown(changes, EDITABLE)
    if "parent" in changes:
        families.take_turn()
    fresh = _held(customer, version)
    before = {name: getattr(fresh, name) for name in changes}
    _write(fresh, changes)
    changed = [name for name in changes if getattr(fresh, name) != before[name]]
    if not changed:
        return _caught_up(customer, fresh)
    _judge(fresh, [name for name in changed if name != "parent"], circle="parent" in changed, on=on)
    search.set_keys(fresh)
    _save(fresh.touch(), update_fields=[*changed, *search.KEYS, "version", "updated_at"])
    if {"name", "code"} & set(changed):
        search.index([fresh.pk])
    data: dict[str, Any] = {name: [_told(before[name]), _told(getattr(fresh, name))] for name in changed}
    if "parent" in changed and before["parent"]:
        data["parent_was"] = str(before["parent"].pk)
    _tell("customer.edited", fresh, data, by=by, at=at, on=on)
    return _caught_up(customer, fresh)


def block(customer: Customer, *, reason: str, by: Actor | None, at: datetime, on: date) -> Customer:
    """Put a customer on the black list: nothing more is signed with it.

    Refused: reason required, max_length.
    """
    if not reason.strip():
        raise Refused(Fault("reason", "required", _("Say why the customer is blocked.")))
    if len(reason.strip()) > REASON:
        raise Refused(Fault("reason", "max_length", _("The reason is too long.")))
    return _set_block(customer, True, reason.strip(), by=by, at=at, on=on)


def unblock(customer: Customer, *, by: Actor | None, at: datetime, on: date) -> Customer:
    """Take a customer off the black list."""
    return _set_block(customer, False, "", by=by, at=at, on=on)


def next_codes(count: int) -> list[str]:
    """Customer codes that nobody has, in order: K-000001, …; two at once get different ones."""
    codes: list[str] = []
    while len(codes) < count:
        made = [f"K-{number:06d}" for number in counters.take("customer code", count - len(codes))]
        taken = set(Customer.objects.filter(code__in=made).values_list("code", flat=True))
        codes += [code for code in made if code not in taken]
    return codes


def _refuse_unknown(fields: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = [
        Fault(name, "unknown_field", _("There is no such field.")) for name in fields if name not in known
    ]
    if unknown:
        raise Refused(*unknown)


def _write(customer: Customer, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(customer, name, (value or "").strip() if name in TEXT else value)
    customer.credit_code = credit_codes.clean(customer.credit_code)


def _judge(
    customer: Customer,
    changed: Sequence[str],
    *,
    developer: Member | None = None,
    reason: str = "",
    circle: bool = False,
    on: date,
) -> None:
    """Raise Refused with everything that stands against the changed fields."""
    faults = of_fields(customer, *changed)
    if customer.credit_code and not credit_codes.is_formed(customer.credit_code):
        words = _("A credit code has 18 digits and capital letters, without I, O, S, V and Z.")
        faults = [f for f in faults if f.field != "credit_code"] + [Fault("credit_code", "invalid", words)]
    if developer is not None and developer.status == Member.Status.LEFT:
        faults.append(Fault("developer", "not_active", _("This person has left the company.")))
    if len(reason) > REASON:
        faults.append(Fault("reason", "max_length", _("The reason is too long.")))
    if circle and families.is_above(customer, customer.parent):
        faults.append(Fault("parent", "circle", _("A company cannot stand above itself.")))
    if not faults and {"name", "credit_code"} & set(changed):
        duplicates.take_turn(customer.name)
        faults = duplicates.faults(customer.name, customer.credit_code, but=customer.pk, reason=reason, on=on)
    if faults:
        raise Refused(*faults)


def _save(customer: Customer, **how: Any) -> None:
    """Save; a code or credit code that somebody else has taken in this moment is refused like any other."""
    try:
        with transaction.atomic():
            customer.save(**how)
    except IntegrityError as problem:
        if broken(problem).startswith("customer_code"):
            raise Refused(Fault("code", "duplicate", _("Another customer has this code."))) from problem
        if broken(problem).startswith("customer_credit_code"):
            words = _("Another customer has this credit code.")
            raise Refused(Fault("credit_code", "duplicate_credit_code", words)) from problem
        raise


def _held(customer: Customer, version: int) -> Customer:
    fresh = Customer.objects.select_for_update().get(pk=customer.pk)
    fresh.refuse_stale(version)
    return fresh


def _set_block(customer: Customer, blocked: bool, reason: str, **told: Any) -> Customer:
    fresh = Customer.objects.select_for_update().get(pk=customer.pk)
    if fresh.is_blocked != blocked:
        data = {"is_blocked": [fresh.is_blocked, blocked], "block_reason": [fresh.block_reason, reason]}
        fresh.is_blocked, fresh.block_reason = blocked, reason
        _save(fresh.touch(), update_fields=["is_blocked", "block_reason", "version", "updated_at"])
        _tell("customer.edited", fresh, data, **told)
    return _caught_up(customer, fresh)


def _caught_up(customer: Customer, fresh: Customer) -> Customer:
    """The caller's object with what is in the database now."""
    for name in (*EDITABLE, *search.KEYS, "is_blocked", "block_reason", "version", "updated_at"):
        setattr(customer, name, getattr(fresh, name))
    return customer


def _told(value: Any) -> Any:
    return value.name if isinstance(value, Customer) else value


def _whose(customer: Customer, developer: Member | None) -> dict[str, Any]:
    who = {"developer": developer, "owner": customer.owner, "department": customer.responsible_dept}
    return {name: one.name if one else None for name, one in who.items()}


def _tell(
    name: str, customer: Customer, data: dict[str, Any], *, by: Actor | None, at: datetime, on: date
) -> None:
    record(event(name, at=at, on=on, by=by, subject=customer.id, customer=customer.id, data=data))
