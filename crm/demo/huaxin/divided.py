"""Splits across departments in the story of Huaxin: one that is confirmed, one that waits for 陈静."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from crm.accounts.models import Member
from crm.demo.huaxin.story import Life
from crm.demo.huaxin.turns import Cast
from crm.periods import add_months
from customers import cash, confirming, contracts
from customers.models import Contract, Customer

Act = Callable[[date, datetime], object]
SIGNED, PAID, FIRST_WORD, LAST_WORD, WAITING = (timedelta(days) for days in (12, 10, 11, 8, 2))
FIRST = 4  # of a day, the first hour after what happens with the customers themselves


class Shared(NamedTuple):
    """An add-on that a colleague of another department helped to win."""

    customer: str
    number: str
    gross: Decimal
    owner: str
    helper: str


CONFIRMED = Shared("南京金陵医疗影像中心", "HX-FC-01", Decimal("48000.00"), "zhaop", "lin")
ASKED = Shared("合肥创衡智能制造有限公司", "HX-FC-02", Decimal("36000.00"), "zhou", "liuy")


def acts(cast: Cast, lives: Sequence[Life], today: date) -> Iterator[tuple[date, int, Act]]:
    """Day, order within the day, act."""
    known = {life.story.name: life for life in lives}
    yield today - SIGNED, FIRST, partial(_sign, cast, known[CONFIRMED.customer], CONFIRMED)
    yield today - FIRST_WORD, FIRST, partial(_confirm, cast, CONFIRMED, "chen")
    yield today - PAID, FIRST, partial(_receive, cast, CONFIRMED)
    yield today - LAST_WORD, FIRST, partial(_confirm, cast, CONFIRMED, "huang")
    yield today - WAITING, FIRST, partial(_sign, cast, known[ASKED.customer], ASKED)
    yield today - WAITING, FIRST + 1, partial(_confirm, cast, ASKED, "ma")


def agree(contract: Contract, people: Mapping[str, Member], on: date, at: datetime) -> None:
    """Whoever is asked confirms the split of a contract on the day it is signed."""
    by_id = {person.pk: person for person in people.values()}
    while waiting := contract.confirmations.filter(state=confirming.State.WAITING).first():
        confirming.confirm(contract, by=by_id[waiting.asked_id], at=at, on=on)


def _sign(cast: Cast, life: Life, shared: Shared, on: date, at: datetime) -> None:
    owner, helper = cast.people[shared.owner], cast.people[shared.helper]
    terms = contracts.Terms(
        number=shared.number,
        title="扩容项目合同",
        line="扩容",
        gross=shared.gross,
        vat_rate=Decimal("0.06"),
        signed_on=on,
        starts_on=on,
        ends_on=add_months(on, 12),
    )
    shares = [contracts.Share(owner, 7_000), contracts.Share(helper, 3_000)]
    customer = Customer.objects.get(pk=cast.customers[life.code].pk)
    contracts.sign(customer, terms=terms, shares=shares, by=owner, at=at, on=on)


def _confirm(cast: Cast, shared: Shared, who: str, on: date, at: datetime) -> None:
    about: dict[str, Any] = {"by": cast.people[who], "at": at, "on": on}
    confirming.confirm(Contract.objects.get(number=shared.number), **about)


def _receive(cast: Cast, shared: Shared, on: date, at: datetime) -> None:
    cash.receive(
        Contract.objects.get(number=shared.number),
        number=f"{shared.number}-R1",
        amount=shared.gross / 2,
        received_on=on,
        by=cast.people["qian"],
        at=at,
        on=on,
    )
