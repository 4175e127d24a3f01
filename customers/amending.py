"""A new price for a contract that runs: its years and its payment plan follow, what was agreed stays told."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.events.record import Actor, event, record
from crm.refusal import Fault, Refused
from customers import application
from customers.contracts import home_currency, running
from customers.faults import of_fields
from customers.models import Contract, ContractAmendment, ContractYear, Receivable
from customers.terms import Instalment, Terms, YearRow, judged, receivables, years_of

PLAIN = ("title", "line", "product_kind", "vat_rate", "currency", "signed_on", "starts_on", "ends_on")
REWRITTEN = ["due_on", "amount", "contract_year", "milestone", "applied", "waived", "written_off"]
REWRITTEN += ["version", "updated_at"]


def amend(
    contract: Contract,
    *,
    gross: Decimal,
    amended_on: date,
    reason: str,
    by: Actor | None,
    at: datetime,
    on: date,
    schedule: Sequence[Decimal] | None = None,
    instalments: Sequence[Instalment] = (),
) -> Contract:
    """Give a contract another price for the same term, from `amended_on`.

    `gross` in contract currency, tax included. Without `instalments` the dates of the plan stay: a
    reduction comes off the last instalments of a year, an increase goes to the last one. The class at
    signature stays; commission follows by differences (domain.md §2.6).
    Refused: gross; reason required; amended_on in_future, before_signing, before_last_amendment; schedule
    required, schedule_length, schedule_mismatch; instalments schedule_mismatch; instalments[i].…; gross
    nothing_changes; Conflict already_cancelled.
    """
    held = running(contract)
    amendment = _begun(held, amended_on=amended_on, entered_on=on, reason=reason.strip())
    amendment.amended_by_id = by.id if by else None
    terms = _terms(held, gross, schedule)
    years, plan = _judged(held, amendment, terms, instalments, on)
    _rewrite(held, years, plan, at)
    held.touch().save(update_fields=["gross", "has_schedule", "version", "updated_at"])
    amendment.gross, amendment.terms = held.gross, _agreed(held)
    amendment.save(force_insert=True)
    application.apply([held.pk])
    application.refresh([held.customer_id], on=on)
    about = {"subject": held.pk, "customer": held.customer_id}
    record(event("contract.amended", at=at, on=on, by=by, data=_told(held, amendment), **about))
    for name in ("gross", "has_schedule", "version", "updated_at"):
        setattr(contract, name, getattr(held, name))
    return contract


def _begun(held: Contract, **said: Any) -> ContractAmendment:
    """The next amendment of a contract, with what was agreed before it."""
    number = held.amendments.count() + 1
    before = {"gross_before": held.gross, "terms_before": _agreed(held)}
    return ContractAmendment(contract=held, customer_id=held.customer_id, number=number, **before, **said)


def _agreed(contract: Contract) -> dict[str, Any]:
    """Schedule and plan of a contract as an amendment keeps them."""
    years = contract.years.order_by("number").values_list("gross", flat=True)
    told = ("due_on", "amount", "contract_year", "milestone")
    plan = contract.receivables.order_by("due_on", "id").values_list(*told)
    return {
        "schedule": [str(part) for part in years] if contract.has_schedule else None,
        "plan": [
            {"due_on": due_on.isoformat(), "amount": str(amount), "contract_year": year}
            | ({"milestone": milestone} if milestone else {})
            for due_on, amount, year, milestone in plan
        ],
    }


def _terms(held: Contract, gross: Decimal, schedule: Sequence[Decimal] | None) -> Terms:
    return Terms(
        **{name: getattr(held, name) for name in PLAIN},
        number=held.number,
        gross=gross,
        book_rate=None if held.currency == home_currency() else held.book_rate,
        schedule=None if schedule is None else tuple(schedule),
        renewal_of=held.renewal_of,
    )


def _judged(
    held: Contract, amendment: ContractAmendment, terms: Terms, instalments: Sequence[Instalment], on: date
) -> tuple[tuple[YearRow, ...], list[Receivable]]:
    """The years and the plan of the new price; Refused with all that stands against them."""
    faults = _of_amendment(held, amendment, terms, instalments, on)
    held.gross = terms.gross
    faults += [fault for fault in judged(held, terms, home=home_currency(), on=on) if fault not in faults]
    if faults:
        raise Refused(*faults)
    held.has_schedule = terms.schedule is not None
    years = years_of(terms)
    plan, faults = receivables(held, instalments or list(_refilled(held, years)), years)
    if faults:
        raise Refused(*faults)
    return years, plan


def _of_amendment(
    held: Contract, row: ContractAmendment, terms: Terms, instalments: Sequence[Instalment], on: date
) -> list[Fault]:
    faults = of_fields(row, "amended_on", "reason")
    if not any(fault.field == "amended_on" for fault in faults):
        faults += _of_day(held, row, on)
    if held.has_schedule and terms.schedule is None:
        words = _("The amounts of the years were agreed: give one amount for each.")
        faults.append(Fault("schedule", "required", words))
    same = terms.gross == held.gross and not instalments
    agreed = None if terms.schedule is None else [f"{part:.2f}" for part in terms.schedule]
    if same and agreed == row.terms_before["schedule"]:
        faults.append(Fault("gross", "nothing_changes", _("The price stays as it is: nothing is amended.")))
    return faults


def _of_day(held: Contract, row: ContractAmendment, on: date) -> Iterable[Fault]:
    last = held.amendments.order_by("-number").first()
    if row.amended_on > on:
        yield Fault("amended_on", "in_future", _("This day is still to come."))
    elif row.amended_on < held.signed_on:
        words = _("The contract was signed later, on {day}.")
        yield Fault("amended_on", "before_signing", format_lazy(words, day=held.signed_on.isoformat()))
    elif last and row.amended_on < last.amended_on:
        words = _("It was amended later already, on {day}.")
        yield Fault(
            "amended_on", "before_last_amendment", format_lazy(words, day=last.amended_on.isoformat())
        )


def _refilled(held: Contract, years: Sequence[YearRow]) -> Iterable[Instalment]:
    """The instalments with their dates, filled with the new amounts year by year (rule RELEASE 2)."""
    rows = list(held.receivables.order_by("due_on", "id"))
    for year in years:
        left, mine = year.gross, [row for row in rows if row.contract_year == year.number]
        for row in mine[:-1]:
            if taken := min(left, row.amount):
                yield Instalment(row.due_on, taken, year.number, row.milestone)
                left -= taken
        if left and mine:
            yield Instalment(mine[-1].due_on, left, year.number, mine[-1].milestone)
        elif left:
            yield Instalment(year.starts_on, left, year.number)


def _rewrite(held: Contract, years: Sequence[YearRow], plan: Sequence[Receivable], at: datetime) -> None:
    """Bring years and instalments to the new price; an instalment keeps its number by its place."""
    rows = {row.number: row for row in held.years.all()}
    for year in years:
        rows[year.number].gross, rows[year.number].annual_amount = year.gross, year.annual_amount
    ContractYear.objects.bulk_update(rows.values(), ["gross", "annual_amount"])
    old = {row.number: row for row in held.receivables.all()}
    kept, new = [], []
    for row in plan:
        had = old.pop(row.number, None)
        if had is None:
            new.append(row)
            continue
        had.due_on, had.amount, had.contract_year = row.due_on, row.amount, row.contract_year
        had.milestone = row.milestone
        had.applied = had.waived = had.written_off = Decimal(0)
        had.updated_at = at
        kept.append(had.touch())
    Receivable.objects.filter(pk__in=[row.pk for row in old.values()]).delete()
    Receivable.objects.bulk_update(kept, REWRITTEN)
    Receivable.objects.bulk_create(new)


def _told(held: Contract, amendment: ContractAmendment) -> dict[str, Any]:
    return {
        "number": held.number,
        "currency": held.currency,
        "gross_before": str(amendment.gross_before),
        "gross": str(amendment.gross),
        "amended_on": amendment.amended_on.isoformat(),
        "reason": amendment.reason,
    }
