"""Settlement: what a month pays each payee, by the rules of the calculation (rule STATEMENT).

The statements of a month are worked out from its entries and the statements of the month before. Caps,
floors, recoveries and carries are posted as rows of the month; calculating again posts the differences.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from commissions import balances, plans, posting
from commissions.balances import Account, Payee
from commissions.calculation.plan import PlanVersion
from commissions.calculation.statements import Settled, settle, settle_plainly
from commissions.freshness import fingerprint
from commissions.models import LedgerEntry, Period, Statement
from commissions.models.entry import MEMO_KINDS, SETTLED, Kind
from crm.accounts.models import Member
from crm.money import fen_text, from_fen, to_fen
from crm.refusal import Conflict, Fault

MONTH, OPENING, CLOSING = "@month", "@opening", "@closing"
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Rules:
    """The version of a plan that rules statements of a month."""

    version: PlanVersion
    id: UUID
    currency: str


class Rulebook:
    """The rules of each payee in a month: of his own plan, else of his department's (decision 013)."""

    def __init__(self, period: Period, homes: dict[UUID, UUID]) -> None:
        """Conflict no_plan_version when the tenant has no plan at all."""
        try:
            self._book = plans.Book()
        except plans.NoPlan:
            raise _no_version() from None
        self._day, self._homes = period.last_day, homes

    def of(self, payee: Payee) -> Rules:
        """Conflict no_plan_version when none holds on the last day of the month."""
        stored = self._book.of_payee(payee.member_id, self.home(payee), self._day)
        version = stored.plan.on(self._day)
        if version is None:
            raise _no_version()
        return Rules(version, stored.version_id(version.code), stored.currency)

    def home(self, payee: Payee) -> Any:
        """The department that reviews a payee."""
        return self._homes[payee.member_id] if payee.member_id else payee.department_id

    @property
    def guarantees(self) -> bool:
        """Whether any plan has a floor on that day."""
        return any(version.floor is not None for version in self._book.on(self._day))


def _no_version() -> Conflict:
    return Conflict(Fault("", "no_plan_version", _("No version of the plan holds in this month.")))


@dataclass(frozen=True)
class Outcome:
    """The month of a payee, settled."""

    payee: Payee
    account: Account
    settled: Settled
    statement: Statement

    @property
    def added(self) -> dict[tuple[str, str], int]:
        """By kind and source in 分; the carry comes in and goes out: the month's rows sum to what it pays."""
        added = {(kind, MONTH): amount for kind, amount in self.settled.added.items()}
        added[Kind.CARRY, OPENING] = self.account.opening
        added[Kind.CARRY, CLOSING] = -self.settled.closing_carry
        return {key: amount for key, amount in added.items() if amount}


@dataclass(frozen=True)
class Settlement:
    """A month as things stand: its rules, and what it pays its payees."""

    period: Period
    rules: Rulebook
    outcomes: dict[Payee, Outcome]

    @property
    def statements(self) -> list[Statement]:
        return [outcome.statement for outcome in self.outcomes.values()]


def settle_month(period: Period, *, at: datetime) -> list[Statement]:
    """Write the statements of a month that is held, and post what the rules add; returns the statements.

    What they stand on is noted on the month, which the caller saves. Conflict no_plan_version.
    """
    settlement = work_out(period)
    _post(settlement, at)
    kept = _keep(settlement)
    period.fingerprint = fingerprint(period)
    return kept


def take_back(period: Period, *, at: datetime) -> None:
    """Undo the settlement of a month that still takes entries: what the rules had added is posted back."""
    if period.statements.exists():
        nobody = Settlement(period, _rulebook(period), {})
        _post(nobody, at)
        _keep(nobody)
    period.reviews.all().delete()


def is_stale(period: Period) -> bool:
    """Whether entries or plans have changed what the statements say since they were calculated.

    One query as long as nothing has come; else the month is worked out, for what came may change nothing.
    """
    if period.fingerprint == fingerprint(period):
        return False
    stands = sorted(_shape(row) for row in period.statements.all())
    return stands != sorted(_shape(row) for row in work_out(period).statements)


def work_out(period: Period) -> Settlement:
    """What the month pays each payee as things stand; about ten queries, whatever the number of payees."""
    rules = _rulebook(period)
    accounts, kinds = balances.accounts(period, floor=rules.guarantees), balances.kinds(period)
    settlement = Settlement(period, rules, {})
    for payee in sorted(accounts, key=str):
        account, ruling = accounts[payee], rules.of(payee)
        if account.is_empty and payee not in kinds and ruling.version.floor is None:
            continue  # only others are guaranteed something
        settled = _settled(account, ruling.version)
        row = Statement(period=period, payee_department_id=rules.home(payee), **payee._asdict())
        _fill(row, ruling, account, settled, kinds.get(payee, {}))
        settlement.outcomes[payee] = Outcome(payee, account, settled, row)
    return settlement


def _rulebook(period: Period) -> Rulebook:
    return Rulebook(period, dict(Member.objects.values_list("id", "department_id")))


def _settled(account: Account, version: PlanVersion) -> Settled:
    if not account.ruled:
        return settle_plainly(account.opening + account.above + account.below, account.draw_due)
    if version.floor is not None and not account.guaranteed:
        version = replace(version, floor=version.floor._replace(amount=0))
    parts = (account.opening, account.above, account.below)
    return settle(parts, version, account.draw_due, account.paid_this_year)


def _fill(
    row: Statement, rules: Rules, account: Account, settled: Settled, kinds: dict[str, Decimal]
) -> None:
    by_kind = {kind: to_fen(amount) for kind, amount in kinds.items() if kind not in MEMO_KINDS}
    for kind, amount in settled.added.items():
        by_kind[kind] = by_kind.get(kind, 0) + amount
    row.plan_version_id, row.currency, row.ruled = rules.id, rules.currency, account.ruled
    row.opening_carry = from_fen(account.opening)
    row.by_kind = {str(kind): fen_text(amount) for kind, amount in sorted(by_kind.items()) if amount}
    row.posted = from_fen(sum(by_kind.values()))
    row.payable, row.closing_carry = from_fen(settled.payable), from_fen(settled.closing_carry)
    row.draw_due = from_fen(settled.draw_due)
    row.held, row.forfeited = kinds.get(Kind.HOLD, ZERO), kinds.get(Kind.FORFEIT, ZERO)


def _post(settlement: Settlement, at: datetime) -> None:
    """Enter what the rules add and what is carried: the differences to what stands."""
    stands = _standing(settlement.period)
    wanted = {
        (out.payee, *key): amount for out in settlement.outcomes.values() for key, amount in out.added.items()
    }
    rows = []
    for key in sorted(wanted.keys() | stands.keys(), key=str):
        amount, (before, number) = wanted.get(key, 0), stands.get(key, (0, 0))
        if amount != before:
            rows.append(_entry(settlement, *key, amount - before, number, at))
    posting.hold(settlement.period.last_day).post(rows)


def _standing(period: Period) -> dict[tuple[Payee, str, str], tuple[int, int]]:
    """What was posted for the month itself: sum in 分 and number of rows by payee, kind and source."""
    rows = LedgerEntry.objects.filter(SETTLED, posting_period=period.month).order_by()
    sums = rows.values_list("member_id", "department_id", "kind", "source_event")
    return {
        (Payee(member, department), kind, source.partition(":")[0]): (to_fen(amount), number)
        for member, department, kind, source, amount, number in sums.annotate(Sum("amount"), Count("id"))
    }


def _entry(
    settlement: Settlement, payee: Payee, kind: str, source: str, amount: int, number: int, at: datetime
) -> LedgerEntry:
    period, outcome = settlement.period, settlement.outcomes.get(payee)
    rules = settlement.rules.of(payee)
    return LedgerEntry(
        **payee._asdict(),
        kind=kind,
        source_event=f"{source}:{period.month}",
        round=number,
        amount=from_fen(amount),
        contract_year=0,
        payee_department_id=settlement.rules.home(payee),
        currency=rules.currency,
        effective_date=period.last_day,
        posting_period=period.month,
        plan_version_id=rules.id,
        trace=[_step(rules.version, outcome)] if outcome else [],
        posted_at=at,
    )


def _step(version: PlanVersion, outcome: Outcome) -> dict[str, Any]:
    """How the month was settled, as kept in the rows that came of it."""
    account, row = outcome.account, outcome.statement
    inputs = {
        "opening": fen_text(account.opening),
        "above": fen_text(account.above),
        "below": fen_text(account.below),
        "paid_this_year": fen_text(account.paid_this_year),
        "draw_due": fen_text(account.draw_due),
        "added": {str(kind): fen_text(amount) for kind, amount in outcome.settled.added.items()},
        "floor": fen_text(version.floor.amount) if version.floor and account.guaranteed else None,
        "min_payout": fen_text(version.min_payout),
        "closing": str(row.closing_carry),
    }
    formula = "payable = opening carry + entries + added - closing carry"
    names = {"rule": "STATEMENT", "contract_year": None, "source_event": None}
    return {**names, "formula": formula, "inputs": inputs, "result": str(row.payable)}


def _keep(settlement: Settlement) -> list[Statement]:
    """Bring the statements of the month to what was worked out; what stays the same keeps its id."""
    before = {Payee(row.member_id, row.department_id): row for row in settlement.period.statements.all()}
    gone = [row.pk for payee, row in before.items() if payee not in settlement.outcomes]
    Statement.objects.filter(pk__in=gone).delete()
    new, changed = [], []
    for payee, outcome in settlement.outcomes.items():
        row, old = outcome.statement, before.get(payee)
        if old is None:
            new.append(row)
        elif _shape(row) != _shape(old):
            row.pk, row.version, row.created_at = old.pk, old.version + 1, old.created_at
            changed.append(row)
    Statement.objects.bulk_create(new, batch_size=2000)
    Statement.objects.bulk_update(changed, [*FIELDS, "version"], batch_size=500)
    return list(settlement.period.statements.all())


FIELDS = (
    *("payee_department_id", "plan_version_id", "ruled", "currency", "opening_carry", "by_kind", "posted"),
    *("payable", "closing_carry", "draw_due", "held", "forfeited"),
)


def _shape(row: Statement) -> tuple[Any, ...]:
    shape = [str(getattr(row, name)) for name in FIELDS if name != "by_kind"]
    return str(row.member_id), str(row.department_id), *shape, str(sorted(row.by_kind.items()))
