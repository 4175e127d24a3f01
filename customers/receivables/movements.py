"""What moved the account of a customer in a period: what fell due, came, went back, was given up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, F, QuerySet, Sum, When

from customers.models import Payment, Receivable, WriteOff

ZERO = Decimal("0.00")
PARTS = ("due", "received", "refunded", "written_off")
SIGNS = {"due": 1, "received": -1, "refunded": 1, "written_off": -1}


@dataclass(frozen=True)
class Account:
    """The account of a customer in one currency over [starts_on, ends_on)."""

    customer_id: UUID
    currency: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Figures:
    """opening + due − received + refunded − written_off = closing; `lines` in the order of their days."""

    opening: Decimal
    due: Decimal
    received: Decimal
    refunded: Decimal
    written_off: Decimal
    lines: list[dict[str, Any]]

    @property
    def closing(self) -> Decimal:
        return self.opening + sum((SIGNS[part] * getattr(self, part) for part in PARTS), ZERO)


def figures(account: Account) -> Figures:
    """The figures of an account as all that is recorded tells them now; eight queries.

    A correction of a write-off counts below zero among what is written off.
    """
    opening, lines, sums = ZERO, [], dict.fromkeys(PARTS, ZERO)
    for part, day, rows in _sources(account):
        before = rows.filter(**{f"{day}__lt": account.starts_on}).aggregate(sum=Sum("moved"))["sum"]
        opening += SIGNS[part] * (before or ZERO)
        inside = rows.filter(**{f"{day}__gte": account.starts_on, f"{day}__lt": account.ends_on})
        for on, number, contract, moved in inside.values_list(day, "number", "contract__number", "moved"):
            sums[part] += moved
            lines.append(
                {
                    "on": on.isoformat(),
                    "kind": part,
                    "number": number,
                    "contract": contract,
                    "amount": str(moved),
                }
            )
    lines.sort(key=lambda line: (line["on"], PARTS.index(line["kind"]), line["number"]))
    return Figures(opening, **sums, lines=lines)


def _sources(account: Account) -> Iterator[tuple[str, str, QuerySet]]:
    """Each kind of movement: which part it is, the column of its day, and its rows with `moved`."""
    about = {"customer_id": account.customer_id, "contract__currency": account.currency}
    owed = F("amount") - F("waived")
    yield "due", "due_on", Receivable.objects.filter(**about).annotate(moved=owed).filter(moved__gt=0)
    payments = Payment.objects.filter(**about).annotate(moved=F("amount"))
    yield "received", "received_on", payments.filter(kind=Payment.Kind.RECEIPT)
    yield "refunded", "received_on", payments.filter(kind=Payment.Kind.REFUND)
    signed = Case(When(kind=WriteOff.Kind.CORRECTION, then=-F("amount")), default=F("amount"))
    given_up = WriteOff.objects.filter(**about, state=WriteOff.State.APPROVED)
    yield "written_off", "decided_on", given_up.annotate(moved=signed)
