"""Three years of Huaxin as a list of dated acts, made from its customers; the same story every time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from crm.demo.huaxin.customers import Course, Story
from crm.periods import add_months

WAN = Decimal(10_000)
GROWTH = {
    Course.GROWING: ("1", "1.22", "1.48"),
    Course.SHRINKING: ("1", "0.86", "0.62"),
    Course.LATE_PAYER: ("1", "1.02", "1.04"),
    Course.LEAVING: ("1", "0.96", "0.48"),
    Course.SILENT: ("1", "0.95", "0.9"),
}
STEADY_GROWTH = ("1", "1.03", "1.05")
GAP_BEFORE_LAST = {Course.LATE: 42, Course.WON_BACK: 150}
NEVER_SIGNED = (Course.PROSPECT, Course.LEAD)
NEXT_AGREED = 0.5
NEXT_DAYS = (-3, -1, 0, 0, 1, 2, 5, 9)
NEXT = ("回访服务情况", "确认续签意向", "送修改后的方案", "约设备科现场踏勘", "催本期款项", "安排季度回顾会")
WOOING = (
    ("CALL", "介绍维保方案，客户要一份案例。"),
    ("VISIT", "现场踏勘，记录了设备清单。"),
    ("WECHAT", "发了同行业案例。"),
    ("MEETING", "与采购部谈报价和付款条件。"),
)
QUIET_FROM = {Course.SILENT: 96, Course.LEAVING: 118, Course.CHURNED: 230, Course.FADING: 40}
NOTES = (
    ("CALL", "确认本月服务情况，客户满意。"),
    ("VISIT", "上门巡检，和设备科一起看了运行记录。"),
    ("WECHAT", "发了月度服务报告。"),
    ("CALL", "沟通下一期付款安排。"),
    ("MEETING", "季度回顾会，记录了三条改进项。"),
    ("EMAIL", "发送方案与报价说明。"),
)


@dataclass(frozen=True)
class Signing:
    """A contract to sign on a day."""

    day: date
    number: str
    starts_on: date
    ends_on: date
    gross: Decimal
    instalments: tuple[tuple[date, Decimal, int], ...]
    expenses: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class Receipt:
    """Money that arrives on a day for a contract."""

    day: date
    number: str
    contract: str
    amount: Decimal


@dataclass(frozen=True)
class Talk:
    """A contact with the customer on a day."""

    day: date
    kind: str
    note: str
    is_effective: bool = True
    next_on: date | None = None
    next_note: str = ""


@dataclass
class Life:
    """Everything that happens with one customer until today."""

    code: str
    story: Story
    registered_on: date
    signings: list[Signing] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)
    usage: list[tuple[date, Decimal]] = field(default_factory=list)


def live(number: int, story: Story, today: date) -> Life:
    """The life of one customer up to `today`."""
    chance = Random(f"{number}/{story.name}")
    terms = [] if story.course in NEVER_SIGNED else list(_terms(story, today))
    begin = terms[0][0] if terms else today - timedelta(_known(story, number))
    life = Life(f"HX-{number:04d}", story, begin - timedelta(75 if terms else 0))
    for year, (starts_on, ends_on) in enumerate(terms):
        life.signings.append(_signing(life, year, starts_on, ends_on, chance))
    life.signings = [signing for signing in life.signings if signing.day <= today]
    life.receipts = [
        r for signing in life.signings for r in _receipts(life, signing, chance) if r.day <= today
    ]
    life.talks = list(_talks(life, today, chance))
    life.usage = list(_usage(story, today, chance)) if terms else []
    return life


def _known(story: Story, number: int) -> int:
    """Days since somebody registered one that never signed: a lead is long past, a prospect is not."""
    return 45 + number * 17 % 150 if story.course is Course.LEAD else 12 + number * 17 % 70


def _terms(story: Story, today: date) -> Iterator[tuple[date, date]]:
    end = today + timedelta(story.anniversary)
    if story.course is Course.LONG:
        yield add_months(end, -36), end
        return
    gap = timedelta(GAP_BEFORE_LAST.get(story.course, 0))
    last = add_months(end, -12)
    for back in (24, 12):
        if add_months(last - gap, -back) > add_months(today, -36):
            yield add_months(last - gap, -back), add_months(last - gap, 12 - back)
    yield last, end


def _signing(life: Life, year: int, starts_on: date, ends_on: date, chance: Random) -> Signing:
    story = life.story
    factor = Decimal(GROWTH.get(story.course, STEADY_GROWTH)[min(year, 2)])
    gross = (story.amount * factor / 100).quantize(Decimal(1)) * 100
    day = starts_on - timedelta(chance.randint(3, 25))
    expenses = (("TRAVEL", gross // 100),) if gross >= 20 * WAN else ()
    number = f"HT-{starts_on.year}-{life.code[3:]}"
    return Signing(day, number, starts_on, ends_on, gross, _plan(gross, starts_on, ends_on), expenses)


def _plan(gross: Decimal, starts_on: date, ends_on: date) -> tuple[tuple[date, Decimal, int], ...]:
    years = max(1, round((ends_on - starts_on).days / 365))
    parts = 4 if gross / years >= 30 * WAN else 2 if gross / years >= 10 * WAN else 1
    plan = []
    for year in range(years):
        amount = gross // years if year < years - 1 else gross - gross // years * (years - 1)
        for part in range(parts):
            due = add_months(starts_on, 12 * year + 12 // parts * part) + timedelta(10)
            share = amount // parts if part < parts - 1 else amount - amount // parts * (parts - 1)
            plan.append((due, share, year + 1))
    return tuple(plan)


def _receipts(life: Life, signing: Signing, chance: Random) -> Iterator[Receipt]:
    late = life.story.course is Course.LATE_PAYER
    stopped = life.story.course is Course.LEAVING and signing is life.signings[-1]
    for part, (due, amount, _) in enumerate(signing.instalments[: 1 if stopped else None], 1):
        delay = chance.randint(38, 105) if late else chance.choice((-3, 0, 0, 1, 2, 6))
        yield Receipt(due + timedelta(delay), f"{signing.number}-R{part}", signing.number, amount)


def _talks(life: Life, today: date, chance: Random) -> Iterator[Talk]:
    story = life.story
    if story.course is Course.LEAD:
        yield Talk(life.registered_on + timedelta(3), "CALL", "电话无人接听。", is_effective=False)
        return
    quiet = today - timedelta(QUIET_FROM.get(story.course, 0) or chance.randint(1, 9))
    signed_on = life.signings[0].day if life.signings else today
    day = life.registered_on + timedelta(2)
    while day <= quiet:
        near = (today - day).days < 200 or day < signed_on
        step = timedelta(chance.randint(9, 15) if near else chance.randint(40, 75))
        kind, note = chance.choice(NOTES if day >= signed_on else WOOING)
        last = day + step > quiet and story.course not in QUIET_FROM
        yield _last(day, kind, note, today, chance) if last else Talk(day, kind, note)
        day += step


def _last(day: date, kind: str, note: str, today: date, chance: Random) -> Talk:
    """The latest contact; some agreed what comes next, which is due about now."""
    if chance.random() < NEXT_AGREED:
        return Talk(
            day, kind, note, True, max(day, today + timedelta(chance.choice(NEXT_DAYS))), chance.choice(NEXT)
        )
    return Talk(day, kind, note)


def _usage(story: Story, today: date, chance: Random) -> Iterator[tuple[date, Decimal]]:
    if story.course not in (Course.FADING, Course.STEADY):
        return
    for week in range(20, -1, -1):
        fade = Decimal("0.3") if story.course is Course.FADING and week < 4 else Decimal(1)
        yield today - timedelta(7 * week + 1), (Decimal(chance.randint(90, 110)) * fade).quantize(Decimal(1))
