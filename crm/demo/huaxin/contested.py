"""撞单 in the story of Huaxin: one that awaits its ruling, one just ruled, one settled long ago."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from crm.demo.huaxin.customers import Course
from crm.demo.huaxin.story import Life
from crm.demo.huaxin.turns import Cast
from customers import interactions
from customers.disputes import cases, rulings
from customers.models import Customer, OwnershipDispute

Act = Callable[[date, datetime], object]
FIRST = 4  # of a day, the first hour after what happens with the customers themselves


def acts(cast: Cast, lives: Sequence[Life], today: date) -> Iterator[tuple[date, int, Act]]:
    """Day, order within the day, act; only prospects of old standing are worth a quarrel."""
    prospects = [life for life in lives if life.story.course is Course.PROSPECT][
        1:
    ]  # the first is given back
    found = {life.story.owner: life for life in reversed(prospects) if (today - life.registered_on).days > 30}
    if open_ := found.get("zhaop"):
        yield (
            today - timedelta(6),
            FIRST,
            partial(_visit, cast, open_, "zhou", "与设备部长面谈，对方索要报价。"),
        )
        words = "上月展会起一直由我联系设备部，上周面谈后客户索要报价。"
        yield today - timedelta(1), FIRST, partial(_claim, cast, open_, "zhou", words)
        yield (
            today - timedelta(1),
            FIRST + 1,
            partial(_bring, cast, open_, "zhou", "CHOICE", "客户邮件指定由我对接。"),
        )
        yield (
            today - timedelta(1),
            FIRST + 2,
            partial(_answer, cast, open_, "客户由我报备，按期跟进，从未中断。"),
        )
    if ruled := found.get("li"):
        words = "设备选型阶段由我支持，客户的技术负责人一直找我。"
        yield today - timedelta(4), FIRST, partial(_claim, cast, ruled, "zhou", words)
        yield today - timedelta(3), FIRST, partial(_answer, cast, ruled, "商务关系一直由我维护。")
        why = "商务由李娜主导，选型由周毅支持，各有贡献。"
        yield today - timedelta(2), FIRST, partial(_rule, cast, ruled, "SPLIT", 4_000, why)
    if settled := found.get("liuy"):
        words = "客户上海分公司由我开发，总部采购也由我引荐。"
        yield today - timedelta(20), FIRST, partial(_claim, cast, settled, "li", words)
        yield today - timedelta(19), FIRST, partial(_answer, cast, settled, "总部客户由我报备并持续拜访。")
        why = "保护期内，报备在先，维持原归属。"
        yield today - timedelta(17), FIRST, partial(_rule, cast, settled, "RESPONDENT", None, why)


def _customer(cast: Cast, life: Life) -> Customer:
    return Customer.objects.get(pk=cast.customers[life.code].pk)


def _dispute(cast: Cast, life: Life) -> OwnershipDispute:
    return OwnershipDispute.objects.select_related("judge", "respondent").get(
        customer=cast.customers[life.code]
    )


def _visit(cast: Cast, life: Life, who: str, note: str, on: date, at: datetime) -> None:
    by = cast.people[who]
    interactions.log(_customer(cast, life), kind="VISIT", note=note, happened_on=on, by=by, at=at, on=on)


def _claim(cast: Cast, life: Life, who: str, words: str, on: date, at: datetime) -> None:
    about: dict[str, Any] = {"claimant": cast.people[who], "at": at, "on": on}
    cases.open_dispute(_customer(cast, life), statement=words, called=life.story.name, **about)


def _bring(cast: Cast, life: Life, who: str, kind: str, text: str, on: date, at: datetime) -> None:
    cases.bring(_dispute(cast, life), kind=kind, text=text, by=cast.people[who], at=at, on=on, dated_on=on)


def _answer(cast: Cast, life: Life, words: str, on: date, at: datetime) -> None:
    row = _dispute(cast, life)
    cases.answer(row, answer=words, by=row.respondent, at=at, on=on)


def _rule(cast: Cast, life: Life, outcome: str, share: int | None, why: str, on: date, at: datetime) -> None:
    row = _dispute(cast, life)
    about: dict[str, Any] = {"by": row.judge, "at": at, "on": on}
    rulings.rule(row, outcome=outcome, claimant_basis_points=share, reason=why, **about)
