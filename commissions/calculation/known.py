"""The facts about a contract known so far, grouped by what they change; each list in business order."""

from bisect import insort
from operator import attrgetter

from commissions.calculation.facts import Event, Kind
from commissions.calculation.history import event_year
from commissions.calculation.pools import Signing

BUSINESS_ORDER = attrgetter("order")


class Known:
    """Grows by one event after the other, in any order; what it holds depends on the set of them only."""

    def __init__(self, signing: Signing) -> None:
        version = signing.version
        self.signing = signing
        self.invoiced = version.basis == "INVOICED"
        self.on_signing = version.basis == "SIGNED"
        self.prorata = version.clawback_mode == "PRORATA_TEMPORIS"
        self.starts: dict[int, Event] = {}  # contract year -> the event that starts it
        self.holds = bool(version.holdback_rate)
        self._disputes = 0  # opened less ruled
        self._unsettled = 0  # opened less settled
        self.handovers: list[Event] = []
        self.changes: list[Event] = []
        self.receipts: list[Event] = []
        self.refunds: list[Event] = []
        self.approved: frozenset[str] = frozenset()
        self.written_off: dict[int, int] = {}
        self.expenses: dict[int, int] = {}
        self.cash = self.refunded = 0
        for expense in signing.contract.expenses:
            if expense.on is None:
                self._book(expense.amount, expense.category, expense.contract_year or 1)

    @property
    def signed(self) -> bool:
        return 1 in self.starts

    @property
    def disputed(self) -> bool:
        """Whether it is to be ruled yet whose the customer is: then nothing of it is paid."""
        return self._disputes > 0

    @property
    def unsettled(self) -> bool:
        """Whether it is open yet who shares the department pool: then nothing of that is paid."""
        return self._unsettled > 0

    def learn(self, event: Event) -> None:
        """Take up one more event; each one once."""
        match event.kind:
            case Kind.CONTRACT_SIGNED | Kind.YEAR_STARTED:
                self.starts[event.contract_year or 1] = event
            case Kind.HOLD_RELEASED:
                self.holds = False
            case Kind.DISPUTE_OPENED:
                self._disputes += 1
            case Kind.DISPUTE_RULED:
                self._disputes -= 1
            case Kind.SHARES_OPENED:
                self._unsettled += 1
            case Kind.SHARES_SETTLED:
                self._unsettled -= 1
            case Kind.HANDOVER:
                insort(self.handovers, event, key=BUSINESS_ORDER)
            case Kind.EXPENSE_BOOKED:
                self._book(event.amount, event.category, event_year(event, self.signing.term))
            case Kind.CONTRACT_AMENDED | Kind.CONTRACT_CANCELLED:
                insort(self.changes, event, key=BUSINESS_ORDER)
            case _:
                self._learn_money(event)

    def _learn_money(self, event: Event) -> None:
        if event.kind is Kind.CASH_RECEIVED:
            self.cash += event.amount
        if event.kind is Kind.REFUNDED:
            self.refunded += event.amount
        if event.kind is (Kind.INVOICE_ISSUED if self.invoiced else Kind.CASH_RECEIVED):
            insort(self.receipts, event, key=BUSINESS_ORDER)
        elif event.kind is Kind.WRITTEN_OFF and self.on_signing:
            year = event_year(event, self.signing.term)
            self.written_off[year] = self.written_off.get(year, 0) + event.amount
        elif event.kind is Kind.REFUNDED or (event.kind is Kind.WRITTEN_OFF and self.invoiced):
            self._take_back(event)

    def _take_back(self, event: Event) -> None:
        """A refund; on INVOICED a write-off works like an approved one. Under PRORATA nothing is taken."""
        if self.prorata:
            return
        insort(self.refunds, event, key=BUSINESS_ORDER)
        if event.approved or event.kind is Kind.WRITTEN_OFF:
            self.approved |= {event.id}

    def _book(self, amount: int, category: str, year: int) -> None:
        if category in self.signing.version.deductible_expenses:
            self.expenses[year] = self.expenses.get(year, 0) + amount
