"""Companies that the people of Huaxin have registered 报备 lately, and whom of them they have reached."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from crm.accounts.models import Member
from crm.demo.huaxin import acquaint
from crm.demo.huaxin.customers import Course, Story
from customers import interactions
from customers.models import Customer, Registration
from customers.registrations import registering

Act = Callable[[date, datetime], object]


@dataclass(frozen=True)
class Filing:
    """One registration: days before today, and the days until somebody was reached, if anybody was."""

    story: Story
    need: str
    before: int
    talk: tuple[int, str, str, bool] | None = None
    expected: int = 0


_P = Course.PROSPECT
FILINGS = (
    Filing(
        Story("嘉兴海宁经编机械有限公司", "浙江", "嘉兴", "纺织机械", "li", _P),
        "12 台经编机的年度维保，现供应商年底到期",
        2,
        (1, "CALL", "电话无人接听。", False),
        180_000,
    ),
    Filing(
        Story("南通启东船舶配套有限公司", "江苏", "南通", "船舶配套", "zhou", _P),
        "两条喷涂线的检修，客户要求月底前报价",
        6,
        expected=260_000,
    ),
    Filing(
        Story("舟山定海远洋渔业有限公司", "浙江", "舟山", "远洋渔业", "wu", _P),
        "冷库制冷机组维保",
        5,
        (1, "VISIT", "看了三座冷库，记录机组型号。", True),
        150_000,
    ),
    Filing(
        Story("杭州萧山机场货运有限公司", "浙江", "杭州", "物流", "liuy", _P),
        "集团北京总部介绍，分拣线维保",
        9,
        (2, "CALL", "与设备部通话，约下周看现场。", True),
        120_000,
    ),
    Filing(
        Story("盐城大丰风电设备有限公司", "江苏", "盐城", "风电", "zhaop", _P),
        "塔筒检测，展会上留了名片",
        12,
        expected=90_000,
    ),
)


def filings(people: Mapping[str, Member], today: date) -> Iterator[tuple[date, int, Act]]:
    """Day, order within the day, act."""
    for filing in FILINGS:
        day = today - timedelta(filing.before)
        yield day, 4, partial(_register, filing, people[filing.story.owner])
        if filing.talk:
            yield day + timedelta(filing.talk[0]), 5, partial(_talk, filing, people[filing.story.owner])


def _register(filing: Filing, member: Member, on: date, at: datetime) -> None:
    story, code = filing.story, acquaint.credit_code(filing.story)
    who = acquaint.people(f"bb{filing.before}", story)[0]
    registering.register(
        registering.Company(
            story.name,
            code,
            need=filing.need,
            line=story.line,
            expected_annual=Decimal(filing.expected) if filing.expected else None,
            industry=story.industry,
            province=story.province,
            city=story.city,
            source="展会",
        ),
        registering.Person(who.name, who.phone, who.title),
        by=member,
        at=at,
        on=on,
    )


def _talk(filing: Filing, member: Member, on: date, at: datetime) -> None:
    _days, kind, note, reached = filing.talk or (0, "", "", False)
    row = Customer.objects.get(pk=Registration.objects.get(name=filing.story.name).customer_id)
    told: dict[str, Any] = {"by": member, "at": at, "on": on}
    interactions.log(row, kind=kind, note=note, happened_on=on, is_effective=reached, **told)
