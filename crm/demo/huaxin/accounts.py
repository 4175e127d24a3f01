"""往来账款 in the story of Huaxin: a statement that was signed, a rest given up, a file of the bank."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from crm.accounts.access import viewer_of
from crm.accounts.models import Member
from crm.demo.bringing import bring_in
from crm.periods import add_months
from customers.models import Payment, Receivable, Reconciliation, WriteOff
from customers.receivables import reconciling, writeoffs

Act = Callable[[date, datetime], object]
LAST = 7  # of a day, after everything else
REST = Decimal("500.00")


def acts(people: Mapping[str, Member], today: date) -> Iterator[tuple[date, int, Act]]:
    """Day, order within the day, act; a file of the bank came in yesterday, and one line has no owner yet."""
    first = add_months(today.replace(day=1), -1)
    yield first + timedelta(2), LAST, partial(_prepare, people["qian"], add_months(first, -1), first)
    yield first + timedelta(9), LAST, partial(_sign, people["qian"])
    yield today - timedelta(9), LAST, partial(_give_up, people["qian"])
    yield today - timedelta(8), LAST, partial(_approve, people["gao"])
    yield today - timedelta(1), LAST, partial(_bank, people["qian"])


def _prepare(by: Member, starts_on: date, ends_on: date, on: date, at: datetime) -> None:
    """The statement of the first customer who paid in the month, sent on the same day."""
    paid = Payment.objects.filter(received_on__gte=starts_on, received_on__lt=ends_on)
    first = paid.select_related("customer", "contract").order_by("customer__code").first()
    if first is not None:
        about: dict[str, Any] = {"starts_on": starts_on, "ends_on": ends_on, "currency": first.currency}
        row = reconciling.prepare(first.customer, **about, by=by, at=at, on=on)
        reconciling.send(row, by=by, at=at, on=on)


def _sign(by: Member, on: date, at: datetime) -> None:
    for row in Reconciliation.objects.filter(state=Reconciliation.State.SENT):
        reconciling.sign(row, answered_on=on, signatory="财务部 王会计", by=by, at=at, on=on)


def _give_up(by: Member, on: date, at: datetime) -> None:
    """A rest of the oldest debt that is larger than it."""
    rows = Receivable.objects.filter(open__gt=2 * REST, due_on__lt=on - timedelta(30))
    item = rows.order_by("due_on", "number").first()
    if item is not None:
        why = "尾差，客户以质量扣款为由拒付，催收成本高于金额。"
        writeoffs.propose(item, amount=REST, reason=why, by=by, at=at, on=on)


def _approve(by: Member, on: date, at: datetime) -> None:
    for row in WriteOff.objects.filter(state=WriteOff.State.PROPOSED):
        writeoffs.approve(row, by=by, at=at, on=on)


def _bank(by: Member, on: date, at: datetime) -> None:
    """One line that the exact rule knows, one that a person has to confirm, one that says nothing."""
    open_ones = Receivable.objects.filter(open__gt=0, contract__currency="CNY", contract__signed_on__lt=on)
    ahead = (
        open_ones.filter(due_on__gt=on).select_related("contract", "customer").order_by("due_on", "number")
    )
    heads: dict[Any, Receivable] = {}
    for item in ahead:
        if not open_ones.filter(contract=item.contract_id, due_on__lt=item.due_on).exists():
            heads.setdefault(item.customer_id, item)
        if len(heads) == 2:
            break
    rows = [("王建国", Decimal("12800.00"), "服务费")]
    if len(heads) == 2:
        exact, named = heads.values()
        rows.append((exact.customer.name, exact.open, f"{exact.contract.number} 合同款"))
        rows.append((named.customer.name, Decimal("30000.00"), "货款"))
    lines = [
        {
            "serial": f"CMB{on:%Y%m%d}{number:04}",
            "received_on": on.isoformat(),
            "payer": payer,
            "amount": str(amount),
            "reference": words,
        }
        for number, (payer, amount, words) in enumerate(rows, 1)
    ]
    bring_in("bank-lines", lines, name=f"招商银行-{on:%Y%m%d}.csv", by=viewer_of(by), at=at, on=on)
