"""How Huaxin attends to its customers: segments and strategies, who helps whom, a customer given to another
department by the company, and three follow-ups that were missed 3, 5 and 7 days ago or more."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from crm.accounts.access import viewer_of
from crm.accounts.models import Department
from crm.accounts.rights import Role
from crm.demo.huaxin.story import Life
from crm.demo.huaxin.turns import Cast
from customers import arranging, collaborators, segments
from customers.models import Collaboration, Customer, Segment
from lifecycle import followups
from tiers import strategies
from tiers.models import Tier

Act = Callable[[date, datetime], object]
ORDER = 4  # of a day, the hour after what happens with the customers themselves
JOINT, SERVICE = Collaboration.Role.JOINT, Collaboration.Role.SERVICE
READ, WRITE = Collaboration.Rights.READ, Collaboration.Rights.WRITE


@dataclass(frozen=True)
class Kept:
    """A segment somebody keeps."""

    who: str
    name: str
    query: str
    note: str = ""
    is_shared: bool = True


INDUSTRY = Kept(
    "an", "重点行业", "industry=数据中心,精密仪器,半导体材料,航空维修,医疗器械", "年度规划的五个行业"
)
KEPT = (
    INDUSTRY,
    Kept("chen", "百日内到期的大客户", "tier=COMPANY,KEY,MAJOR&first_ends_on__lte=today+100", "每周例会用"),
    Kept("li", "我三个月没联系的", "owner=me&last_contact_on__lte=today-90", is_shared=False),
)
SERVED: tuple[dict[str, Any], ...] = (
    {
        "tier": Tier.COMPANY,
        "stage": "RENEWAL_DUE",
        "service_level": "公司级续签",
        "rhythm_days": 7,
        "visitor": Role.EXECUTIVE,
        "benefits": "总经理出面谈框架，附三年用量报告",
    },
    {
        "tier": Tier.KEY,
        "stage": "RENEWAL_DUE",
        "service_level": "重点续签",
        "rhythm_days": 10,
        "visitor": Role.DEPT_HEAD,
    },
    {"stage": "RENEWAL_DUE", "service_level": "续签跟进", "rhythm_days": 14},
    {"stage": "AT_RISK", "service_level": "挽留", "rhythm_days": 7, "visitor": Role.DEPT_HEAD},
    {"stage": "CHURNED", "service_level": "赢回", "rhythm_days": 90},
)
OF_INDUSTRY: dict[str, Any] = {
    "tier": Tier.KEY,
    "service_level": "行业重点服务",
    "rhythm_days": 15,
    "benefits": "行业专家每季度回访",
}
HELPERS = (  # customer, who, part, rights, days before today from and until
    ("杭州云栖数据中心运营有限公司", "zhou", JOINT, WRITE, 62, None),
    ("宁波海晟石化装备股份有限公司", "li", Collaboration.Role.MEMBER, READ, 33, None),
    ("上海华信精密仪器有限公司", "wang", SERVICE, WRITE, 58, None),
    ("南京金陵医疗影像中心", "tang", JOINT, READ, 150, 41),
)
MISSED = (  # customer, what was to be done, days before today on which it was due
    ("绍兴越瓷文化传播有限公司", "确认续签意向", 4),
    ("蚌埠玻璃新材料研究院", "送续签方案和用量报告", 6),
    ("长沙岳麓医疗器械有限公司", "上门了解使用下降的原因", 9),
)
ARRANGED = ("温州瓯江港务有限公司", "NINGBO", "港口客户统一由宁波组服务，设备和人员都在宁波。", 30)


def acts(cast: Cast, lives: Sequence[Life], today: date) -> Iterator[tuple[date, int, Act]]:
    """Day, order within the day, act."""
    codes = {life.story.name: life.code for life in lives}
    owners = {life.story.name: life.story.owner for life in lives}
    for kept in KEPT:
        yield today - timedelta(110), ORDER, partial(_keep, cast, kept)
    yield today - timedelta(100), ORDER, partial(_serve, cast)
    for name, who, part, rights, since, until in HELPERS:
        helper = partial(_help, cast, codes[name], who, part, rights)
        yield today - timedelta(since), ORDER, helper
        if until is not None:
            yield today - timedelta(until), ORDER, partial(_help_no_longer, cast, codes[name], who)
    name, department, why, before = ARRANGED
    yield today - timedelta(before), ORDER, partial(_arrange, cast, codes[name], department, why)
    for name, title, before in MISSED:
        due = today - timedelta(before)
        asked = partial(_ask, cast, codes[name], owners[name], title, due)
        yield due - timedelta(4), ORDER, asked


def _keep(cast: Cast, kept: Kept, on: date, at: datetime) -> None:
    about: dict[str, Any] = {"name": kept.name, "query": kept.query, "note": kept.note}
    by = viewer_of(cast.people[kept.who])
    segments.make(**about, is_shared=kept.is_shared, by=by, at=at, on=on)


def _serve(cast: Cast, on: date, at: datetime) -> None:
    """The admin lays down what the management wants besides the first strategies."""
    found = Segment.objects.get(name=INDUSTRY.name)
    for row in (*SERVED, OF_INDUSTRY | {"segment": found}):
        strategies.lay_down(**row, by=cast.people["an"], at=at, on=on)


def _customer(cast: Cast, code: str) -> Customer:
    return Customer.objects.select_related("owner").get(pk=cast.customers[code].pk)


def _help(cast: Cast, code: str, who: str, part: str, rights: str, on: date, at: datetime) -> None:
    row = _customer(cast, code)
    about: dict[str, Any] = {"role": part, "rights": rights, "by": row.owner, "at": at, "on": on}
    collaborators.add(row, member=cast.people[who], **about)


def _help_no_longer(cast: Cast, code: str, who: str, on: date, at: datetime) -> None:
    row = _customer(cast, code)
    held = collaborators.in_force(row).get(member=cast.people[who])
    collaborators.remove(held, by=row.owner, at=at, on=on)


def _arrange(cast: Cast, code: str, department: str, why: str, on: date, at: datetime) -> None:
    there = Department.objects.get(code=department)
    by = cast.people["gao"]
    arranging.arrange(_customer(cast, code), department=there, reason=why, by=by, at=at, on=on)


def _ask(cast: Cast, code: str, who: str, title: str, due: date, on: date, at: datetime) -> None:
    by = cast.people["huang" if cast.people[who].department.code == "SOUTH" else "chen"]
    followups.open(_customer(cast, code), title=title, due_on=due, by=by, at=at, on=on)
