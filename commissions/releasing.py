"""What a receipt would release, and to whom: the calculation with one event more, nothing kept."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from commissions import classes, distributing, payees, plans, recorded
from commissions.calculation import facts
from commissions.calculation.calculate import calculate
from commissions.calculation.ledger import MEMO
from crm.accounts.models import Department, Member
from crm.money import from_fen, to_fen
from customers.models import Contract


class Released(NamedTuple):
    """What a payee would be posted, in the tenant's currency."""

    payee: Member | Department
    amount: Decimal


def by_receipt(contract: Contract, *, amount: Decimal, received_on: date, on: date) -> list[Released]:
    """What money that came on a day would add to each payee's commission, the largest first.

    `amount` is in contract currency. Nothing for money beyond what is due, nor while the contract is held
    or its plan cannot pay it.
    """
    money = facts.Event(
        id="cash:", kind=facts.Kind.CASH_RECEIVED, on=received_on, entered_on=on, amount=to_fen(amount)
    )
    asked = _asked(contract, on)
    if classes.unknown(asked):
        return []
    more = _payable(replace(asked, events=(*asked.events, money)))
    more.subtract(_payable(asked))
    return sorted(_named(more), key=lambda each: -each.amount)


def _asked(contract: Contract, on: date) -> facts.Request:
    book, ids = plans.Book(), [contract.pk]
    ((_contract, request),) = recorded.questions(
        ids,
        plan_of=lambda row: book.paying(row.responsible_dept_id, row.signed_on, row.id).plan,
        currency=book.default.currency,
        on=on,
        pools=distributing.of(ids),
    )
    return request


def _payable(request: facts.Request) -> Counter[str]:
    """Fen by payee of what the ledger would hold, without what is only noted."""
    found: Counter[str] = Counter()
    for entry in calculate(request).ledger:
        if entry.kind not in MEMO:
            found[entry.payee] += entry.amount
    return found


def _named(fen: Counter[str]) -> Iterator[Released]:
    directory = payees.Directory()
    for key, amount in fen.items():
        payee = directory.payee(key)
        if payee is None or not amount:
            continue
        member = Member.objects.filter(pk=payee.member_id).first() if payee.member_id else None
        yield Released(member or Department.objects.get(pk=payee.payee_department_id), from_fen(amount))
