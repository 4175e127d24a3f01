"""What is due of each contract year: the agreed price, amendments, a cancellation, receivables.

Rules ANNUAL, YEARS and steps 1-2 of RELEASE. Amounts in 分 of the contract's currency.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from commissions.calculation.facts import Contract, Event, Kind, Receivable
from crm.money import net_of_tax
from crm.periods import Term, annual_fen, schedule, year_of


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a contract by year: as agreed, and as due after a cancellation.

    `schedule` is what was agreed by year, None if nothing was; `receivables` the last payment plan
    given; `served_until` is set by a cancellation under PRORATA_TEMPORIS.
    """

    gross: int
    schedule: tuple[int, ...] | None
    agreed: tuple[int, ...]
    due: tuple[int, ...]
    receivables: tuple[Receivable, ...] | None
    served_until: date | None = None


def signed_price(contract: Contract) -> Price:
    """The price as it was signed."""
    agreed = contract.schedule or schedule(contract.gross, contract.starts_on, contract.ends_on)
    return Price(contract.gross, contract.schedule, agreed, agreed, contract.receivables)


def changed_price(price: Price, event: Event, contract: Contract, prorata: bool) -> Price:
    """The price after an amendment or a cancellation.

    An amendment is a new price for the same term. A cancellation lets `kept_gross` fill the agreed
    years in order; under PRORATA_TEMPORIS it leaves the amounts and says until when was served.
    """
    if event.kind is Kind.CONTRACT_AMENDED:
        agreed = event.schedule or schedule(event.gross, contract.starts_on, contract.ends_on)
        plan = event.receivables if event.receivables is not None else price.receivables
        return Price(event.gross, event.schedule, agreed, agreed, plan, price.served_until)
    if prorata:
        return replace(price, served_until=event.served_until or event.on)
    return replace(price, due=tuple(filled(price.agreed, event.kept_gross or 0)))


def price_after(contract: Contract, changes: Iterable[Event], prorata: bool) -> Price:
    """The price after amendments and cancellations, taken in business order."""
    price = signed_price(contract)
    for event in changes:
        price = changed_price(price, event, contract, prorata)
    return price


def filled(amounts: Sequence[int], total: int) -> list[int]:
    """How `total` fills the amounts in order, each up to its size."""
    parts = []
    for amount in amounts:
        parts.append(min(amount, total))
        total -= parts[-1]
    return parts


def open_items(price: Price, span: Term) -> list[tuple[date, int, int]]:
    """The receivables as (due day, contract year, amount), oldest first, then by year (steps 2 and 4).

    Given ones keep their days: a reduction comes off the last of a year, an increase goes to the last.
    A year without any has one, due on its first day.
    """
    items = []
    for year, due in zip(span.years, price.due, strict=True):
        given = [item for item in price.receivables or () if year_number(item, span) == year.number]
        if not given:
            items.append((year.starts_on, year.number, due))
            continue
        given.sort(key=lambda item: item.due_on)
        parts = filled([item.gross for item in given], due)
        parts[-1] += due - sum(parts)
        items += [(item.due_on, year.number, part) for item, part in zip(given, parts, strict=True)]
    items.sort(key=lambda item: item[:2])
    return items


def year_number(item: Receivable, span: Term) -> int:
    """The contract year a receivable belongs to."""
    return year_of(span, item.due_on) if item.contract_year is None else item.contract_year


def annual_value(contract: Contract, year: int, gross_up_short: bool, price: Price | None = None) -> int:
    """What a contract counts a year in the contract year `year`, in 分 of the plan's currency (ANNUAL)."""
    return annual_fen(
        contract.gross if price is None else price.gross,
        contract.starts_on,
        contract.ends_on,
        agreed=contract.schedule if price is None else price.schedule,
        year=year,
        book_rate=contract.rate,
        gross_up_short=gross_up_short,
    )


def annual_net(contract: Contract, year: int, gross_up_short: bool, price: Price | None = None) -> int:
    """The same without value-added tax, as the renewal ratio compares it."""
    return net_of_tax(annual_value(contract, year, gross_up_short, price), contract.vat_rate)
