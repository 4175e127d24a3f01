"""定期评价 in the story of Huaxin: the half-year before is signed, this one is half judged."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import QuerySet

from crm.accounts.models import Member
from crm.demo.huaxin.turns import Cast
from lifecycle import followups
from lifecycle.models import FollowUp
from tiers import reviews
from tiers.models import Review, ReviewLine

Act = Callable[[date, datetime], object]
ORDER = 5
LAST, THIS = 202, 12  # days before today on which the lists were frozen: in two half-years on any day
HEADS = {"EAST": "chen", "NINGBO": "chen", "NORTH": "ma", "SOUTH": "huang"}
DONE = "已与总部设备部开完年度会"


@dataclass(frozen=True)
class Judged:
    """What the owner of a customer proposes, and what his head says to it; "" is agreement."""

    verdict: str
    tier: str = ""
    reason: str = ""
    step: str = ""
    answer: str = ""


KEEP = Judged("KEEP")
FIRST = {
    "宁波海晟石化装备股份有限公司": Judged("KEEP", step="约总部设备部开年度会"),
    "嘉兴联创电子股份有限公司": Judged("UP", "KEY", "两家子公司明年并入合同，按重点客户服务"),
    "芜湖江汽零部件有限公司": Judged("DOWN", "GENERAL", "用量连续两年缩减，只保留基础维保"),
    "南京金陵医疗影像中心": Judged("UP", "COMPANY", "分院扩建，预算已批", answer="金额未到，签下再议"),
}
SECOND = {
    "杭州云栖数据中心运营有限公司": Judged("UP", "COMPANY", "二期机房年内签约，合计将超过百万"),
    "徐州重装工程机械有限公司": Judged("DOWN", "GENERAL", "续签减半，款项停付", "上门谈清欠款和恢复计划"),
    "唐山钢联设备检修有限公司": Judged("DOWN", "GENERAL", "续签减半，已两个月联系不上"),
}


def acts(cast: Cast, today: date) -> Iterator[tuple[date, int, Act]]:
    """Day, order within the day, act."""
    first, second = today - timedelta(LAST), today - timedelta(THIS)
    everybody = [code for code, person in cast.people.items() if person.department.code in HEADS]
    yield first, ORDER, partial(_begin, cast, first + timedelta(21), today + timedelta(30))
    yield first + timedelta(9), ORDER, partial(_propose, cast, first, FIRST, everybody, 1)
    yield first + timedelta(14), ORDER, partial(_confirm, cast, first, FIRST, everybody, 1)
    yield first + timedelta(18), ORDER, partial(_sign, cast, first)
    yield first + timedelta(30), ORDER, partial(_do, cast)
    yield second, ORDER, partial(_begin, cast, today + timedelta(9), today + timedelta(220))
    quick = ["wu", "suny", "zhou", "zhaop", "tang", "liuy"]
    yield second + timedelta(5), ORDER, partial(_propose, cast, second, SECOND, quick, 1)
    yield second + timedelta(7), ORDER, partial(_confirm, cast, second, SECOND, ["wu", "suny"], 1)
    yield second + timedelta(9), ORDER, partial(_confirm, cast, second, SECOND, ["zhou", "liuy"], 2)
    yield second + timedelta(11), ORDER, partial(_propose, cast, second, SECOND, ["li", "ma"], 3)


def name_of(frozen: date) -> str:
    """What a cycle is called: by the half-year in which its list was frozen."""
    return f"{frozen.year} 年{'上' if frozen.month < 7 else '下'}半年评价"


def _begin(cast: Cast, due_on: date, holds_until: date, on: date, at: datetime) -> None:
    until: dict[str, date] = {"due_on": due_on, "holds_until": holds_until}
    reviews.begin(code=name_of(on), **until, by=cast.people["gao"], at=at, on=on)


def _lines(frozen: date, owners: Collection[str], one_in: int) -> list[ReviewLine]:
    """The lines of some owners, or every so many-th of them, the largest customers first."""
    rows: QuerySet[ReviewLine] = ReviewLine.objects.filter(review__frozen_on=frozen)
    rows = rows.filter(owner__code__in=owners).select_related("customer", "owner__department")
    return list(rows.order_by("owner__code", "-annual_amount", "id"))[::one_in]


def _propose(
    cast: Cast, frozen: date, judged: dict[str, Judged], owners: Collection[str], one_in: int, *when: Any
) -> None:
    on, at = when
    for line in _lines(frozen, owners, one_in):
        said = judged.get(line.customer.name, KEEP)
        about: dict[str, Any] = {"verdict": said.verdict, "tier": said.tier, "reason": said.reason}
        if said.step:
            about |= {"next_step": said.step, "next_on": on + timedelta(25)}
        reviews.propose(line, **about, by=line.owner, at=at, on=on)


def _confirm(
    cast: Cast, frozen: date, judged: dict[str, Judged], owners: Collection[str], one_in: int, *when: Any
) -> None:
    on, at = when
    for line in _lines(frozen, owners, one_in):
        answer = judged.get(line.customer.name, KEEP).answer
        by = _head(cast, line.owner)
        reviews.confirm(line, agrees=not answer, answer=answer, by=by, at=at, on=on)


def _head(cast: Cast, owner: Member) -> Member:
    """Who confirms: the head of the owner's department, for the head himself the executive."""
    head = cast.people[HEADS[owner.department.code]]
    return cast.people["gao"] if head.pk == owner.pk else head


def _sign(cast: Cast, frozen: date, on: date, at: datetime) -> None:
    reviews.sign(Review.objects.get(frozen_on=frozen), by=cast.people["gao"], at=at, on=on)


def _do(cast: Cast, on: date, at: datetime) -> None:
    """What was agreed for the next step is done by whoever has to."""
    for row in FollowUp.objects.filter(state=FollowUp.State.OPEN, source="review").select_related("owner"):
        followups.done(row, outcome=DONE, by=row.owner, at=at, on=on)
