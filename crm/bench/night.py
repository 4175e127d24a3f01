"""The steps of the night, each beside a bare aggregate of the rows it reads."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from crm.bench import limits
from crm.bench.book import FILLED, ONE_IN_TWENTY, Book, fill_book
from crm.bench.cost import ratio
from crm.bench.promise import Outcome
from crm.bench.room import room, tidy
from crm.events.record import in_night
from crm.nightly.steps import STEPS
from crm.tenancy.statements import ROOMY
from lifecycle.churn.features import features
from lifecycle.models import RiskScore, StageMove
from tiers import strategies
from tiers.models import Grade, RfmScore

SIZES = (1_000, 10_000, 100_000)
AGGREGATE = "the read-only aggregate of the same rows"

# Changes of one customer `c` in twenty.
DEARER = "UPDATE customers_contractyear y SET annual_amount = round(annual_amount * 1.06, 2)"
PAID = "UPDATE customers_receivable y SET applied = amount"
BLOCKED = "UPDATE customers_customer c SET is_blocked = true WHERE c.tenant_id = %(tenant)s"
CALLED = "UPDATE customers_standing y SET last_contact_on = %(on)s"
SIGNED_BEFORE = "UPDATE customers_contract y SET signed_on = y.signed_on - 1"
TOUCHED = "UPDATE customers_contract y SET updated_at = %(at)s + interval '1 second'"
OF_CUSTOMER = (
    "FROM customers_customer c WHERE c.tenant_id = y.tenant_id AND c.id = y.customer_id"
    " AND y.tenant_id = %(tenant)s"
)


@dataclass(frozen=True)
class Step:
    """A step of the night beside its limit, and the statement by which one customer in twenty changes."""

    name: str
    limit: str
    change: str
    told: str = AGGREGATE
    begin: Callable[[Book], object] = lambda book: None
    unchanged: float = 1.5
    changed: float = 2.5

    def do(self, book: Book) -> int:
        with in_night():
            return next(step for step in STEPS if step.name == self.name).do(book.on, book.at)

    def least(self, book: Book) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL jit = off; {ROOMY}")
            cursor.execute(self.limit, book.days)
            cursor.fetchall()


def _strategies(book: Book) -> None:
    """One for everybody, one for a tier at a stage."""
    about: dict[str, Any] = {"by": None, "at": book.at, "on": book.on}
    strategies.lay_down(service_level="A", rhythm_days=90, **about)
    strategies.lay_down(tier="KEY", stage="ACTIVE", service_level="B", rhythm_days=30, **about)


SCORING = limits.FEATURES.format(features=features(some=False))
NIGHT = (
    Step("grade", limits.GRADE, f"{DEARER} {OF_CUSTOMER}"),
    Step("cash", limits.CASH, f"{PAID} {OF_CUSTOMER}"),
    Step("value", limits.VALUE, f"{SIGNED_BEFORE} {OF_CUSTOMER} AND y.number LIKE '%%-0'"),
    Step("stages", limits.STAGES, BLOCKED),
    Step("scores", SCORING, f"{PAID} {OF_CUSTOMER}", "the bare feature query", unchanged=2.0, changed=2.0),
    Step("accrue", limits.ACCRUE, f"{TOUCHED} {OF_CUSTOMER} AND y.number LIKE '%%-2'"),
    Step("strategies", limits.STRATEGIES, f"{CALLED} {OF_CUSTOMER}", begin=_strategies),
)


def measure(steps: Sequence[Step], scale: int) -> Iterator[Outcome]:
    """Each step unchanged, with 5 % of the customers changed, and no dearer a customer by the tenant's size.

    One tenant of each size serves all steps, since removing it takes longer than any of them.
    """
    seconds: dict[str, dict[int, float]] = {step.name: {} for step in steps}
    for size in sorted({*(size for size in SIZES if size < scale), scale}):
        with _filled(size) as book:
            for step in _in_turn(steps, book):
                do, least = partial(step.do, book), partial(step.least, book)
                dear, seconds[step.name][size] = ratio(book.company, do, least)
                if size == scale:
                    detail = f"{size} customers in {seconds[step.name][size]:.3f} CPU s"
                    yield Outcome(f"{called(step)}.unchanged", dear, step.unchanged, step.told, detail)
                    yield _changed(step, book)
    for step in steps:
        yield _growth(step, seconds[step.name], scale)


def _in_turn(steps: Sequence[Step], book: Book) -> Iterator[Step]:
    """The wanted steps, each when it and all before it have run, so that it has nothing left to do."""
    for step in NIGHT[: max(map(NIGHT.index, steps)) + 1]:
        with transaction.atomic():
            step.begin(book)
        with transaction.atomic():
            step.do(book)
        tidy(*FILLED, Grade, RfmScore, RiskScore, StageMove)
        if step in steps:
            yield step


def _growth(step: Step, seconds: dict[int, float], scale: int) -> Outcome:
    told = ", ".join(f"{size}: {size / spent:,.0f} customers/CPU s" for size, spent in seconds.items())
    least_spent = min(spent / size for size, spent in seconds.items())
    limit = "a customer in the tenant where he costs least"
    return Outcome(f"{called(step)}.growth", seconds[scale] / scale / least_spent, 1.2, limit, told)


def called(step: Step) -> str:
    """The name of the promise: night.score is the step "scores"."""
    return f"night.{'score' if step.name == 'scores' else step.name}"


@contextmanager
def _filled(size: int) -> Iterator[Book]:
    at = timezone.now()
    with room(at) as company:
        book = Book(company.id, at.date(), at)
        fill_book(book, size)
        yield book


def _changed(step: Step, book: Book) -> Outcome:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{step.change} AND {ONE_IN_TWENTY}", book.days | {"at": book.at})
    tidy(*FILLED)
    dear, seconds = ratio(book.company, partial(step.do, book), partial(step.least, book))
    with transaction.atomic():
        rows = step.do(book)
    detail = f"{rows} changes, {seconds:.3f} CPU s"
    return Outcome(f"{called(step)}.changed", dear, step.changed, step.told, detail)


BENCHES: dict[str, Step] = {called(step): step for step in NIGHT}
