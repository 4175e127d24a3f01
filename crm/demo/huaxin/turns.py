"""What happens once in the story of Huaxin: a cancellation with money back, the pool, and a leaver."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from crm.accounts import members
from crm.accounts.models import Member
from crm.demo.huaxin.customers import Course
from crm.demo.huaxin.story import Life
from customers import cash, contracts, interactions
from customers.assignment import policies
from customers.assignment.policies import Proposal
from customers.assignment.table import DEFAULT_TABLE
from customers.models import Contract, Customer
from customers.pools import extending, sea
from lifecycle import followups

Act = Callable[[date, datetime], object]
LAID_DOWN = timedelta(120)  # before today
CANCELLED = timedelta(40)  # before today
GIVEN_BACK = Decimal("6000.00")


@dataclass(frozen=True)
class Cast:
    """The people and what they have to do with, by their codes."""

    people: dict[str, Member]
    customers: dict[str, Customer]
    last_contract: dict[str, Contract]


def turns(cast: Cast, lives: list[Life], today: date) -> Iterator[tuple[date, int, Act]]:
    """Day, order within the day, act."""
    for life in lives:
        if life.story.course is Course.CANCELLED:
            yield today - CANCELLED, 4, partial(_cancel, cast, life)
    yield today - LAID_DOWN, 0, partial(_lay_down, cast)
    yield today - timedelta(1), 5, partial(_ask, cast, lives, "li", "陪同拜访，谈明年框架")
    yield today - timedelta(1), 5, partial(_ask, cast, lives, "chen", "续签条件报总经理")
    yield today - timedelta(1), 7, partial(_leave, cast, "suny")
    leads = [life for life in lives if life.story.course is Course.LEAD]
    prospects = [life for life in lives if life.story.course is Course.PROSPECT]
    if len(leads) >= 3 and prospects:  # the smallest story has the written customers only
        yield today - timedelta(6), 4, partial(_return, cast, prospects[0])
        yield today - timedelta(4), 4, partial(_claim, cast, leads[0], "li", "加了采购的微信，下周看现场。")
        yield today - timedelta(2), 4, partial(_deal, cast, leads[2], "chen", "zhaop")
        yield today - timedelta(1), 4, partial(_claim, cast, leads[1], "zhou", "")
        yield today - timedelta(1), 5, partial(_more_days, cast, leads[0], "li", "等集团年度预算批复", "")
        yield (
            today - timedelta(1),
            5,
            partial(_more_days, cast, leads[2], "zhaop", "现场勘查排到月底", "chen"),
        )


def _lay_down(cast: Cast, on: date, at: datetime) -> None:
    """The executive lets the developer keep a quarter instead of 30 % of what goes to another region."""
    own: dict[str, dict[str, Any]] = {
        "ASSIGN-05": {"basis_points": 2_500, "name": "跨区域小额客户归属地部门"}
    }
    table = [replace(rule, **own.get(rule.code, {})) for rule in DEFAULT_TABLE]
    proposal = Proposal("管理办法二版", on + timedelta(7), table)
    policies.activate(proposal, by=cast.people["gao"], at=at, on=on)


def _leave(cast: Cast, who: str, on: date, at: datetime) -> None:
    """Somebody gives notice; his customers wait to be handed over."""
    member = Member.objects.get(pk=cast.people[who].pk)
    changes = {"status": Member.Status.LEAVING}
    members.edit(member, changes=changes, version=member.version, by=cast.people["an"], at=at, on=on)


def _cancel(cast: Cast, life: Life, on: date, at: datetime) -> None:
    contract = cast.last_contract[life.code]
    told: dict[str, Any] = {"at": at, "on": on}
    contracts.cancel(
        contract, cancelled_on=on, reason="模具厂搬迁，停用设备", by=cast.people[life.story.owner], **told
    )
    cash.refund(
        contract,
        number=f"{contract.number}-F1",
        amount=GIVEN_BACK,
        refunded_on=on,
        by=cast.people["qian"],
        **told,
    )


def _claim(cast: Cast, life: Life, who: str, note: str, on: date, at: datetime) -> None:
    member = cast.people[who]
    row = Customer.objects.get(pk=cast.customers[life.code].pk)
    sea.claim(row, by=member, at=at, on=on)
    if note:
        interactions.log(row, kind="WECHAT", note=note, happened_on=on, by=member, at=at, on=on)


def _deal(cast: Cast, life: Life, head: str, to: str, on: date, at: datetime) -> None:
    rows = Customer.objects.filter(pk=cast.customers[life.code].pk)
    sea.distribute(list(rows), among=[cast.people[to]], by=cast.people[head], at=at, on=on)


def _more_days(cast: Cast, life: Life, who: str, why: str, head: str, on: date, at: datetime) -> None:
    row = Customer.objects.get(pk=cast.customers[life.code].pk)
    asked = extending.ask(row, reason=why, by=cast.people[who], at=at, on=on)
    if head:
        extending.grant(asked, answer="同意，抓紧", by=cast.people[head], at=at, on=on)


def _return(cast: Cast, life: Life, on: date, at: datetime) -> None:
    row = Customer.objects.get(pk=cast.customers[life.code].pk)
    sea.give_back(row, reason="今年无预算，明年再谈", by=cast.people[life.story.owner], at=at, on=on)


def _ask(cast: Cast, lives: list[Life], who: str, title: str, on: date, at: datetime) -> None:
    """The head asks somebody to see the customer of his whose contract ends next."""
    mine = [
        life for life in lives if life.story.owner == who and life.signings and life.story.anniversary > 0
    ]
    life = min(mine, key=lambda one: one.story.anniversary)
    followups.open(
        cast.customers[life.code],
        title=title,
        due_on=on + timedelta(1),
        owner=cast.people[who],
        by=cast.people["chen"],
        at=at,
        on=on,
    )
