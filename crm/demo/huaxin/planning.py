"""Next year's commission in the story of Huaxin: a version is written and tried, another is submitted."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from commissions import approvals, drafts, replays
from commissions.models import Plan, PlanVersion
from commissions.settings import complete
from crm.accounts.models import Member

Act = Callable[[date, datetime], object]
ORDER = 8
DRAFTED, SUBMITTED = 6, 2  # days before today
LOWER, PROTECTED = "大客户7%", "大额保护"
SEVEN = "0.070000"


def acts(people: Mapping[str, Member], today: date) -> Iterator[tuple[date, int, Act]]:
    """Day, order within the day, act."""
    yield today - timedelta(DRAFTED), ORDER, partial(_lower, people["tian"])
    yield today - timedelta(SUBMITTED), ORDER, partial(_protect, people["tian"])


def _lower(tian: Member, on: date, at: datetime) -> None:
    """What 大客户 pay falls from 8 % to 7 %."""
    settings = _in_force()
    bands = [band | {"dept_rate": SEVEN} if band["class"] == "MAJOR" else band for band in settings["bands"]]
    _draft(LOWER, settings | {"bands": bands}, by=tian, at=at, on=on)


def _protect(tian: Member, on: date, at: datetime) -> None:
    """A larger contract never pays less than a smaller one."""
    told: dict[str, Any] = {"by": tian, "at": at, "on": on}
    approvals.submit(_draft(PROTECTED, _in_force() | {"cliff_protection": True}, **told), **told)


def _in_force() -> dict[str, Any]:
    row = drafts.pattern(Plan.objects.get(code="DEFAULT"))
    assert row is not None  # a company begins with one
    return complete(row.settings, drafts.currency())


def _draft(code: str, settings: dict[str, Any], *, by: Member, at: datetime, on: date) -> PlanVersion:
    plan, begins = Plan.objects.get(code="DEFAULT"), date(on.year + 1, 1, 1)
    return drafts.draft(plan, code=code, valid_from=begins, settings=settings, by=by, at=at, on=on)


def try_out(by: Member, *, at: datetime, on: date) -> None:
    """Both versions on the last twelve months. Replay reads as another role: after all this is committed."""
    for code in (LOWER, PROTECTED):
        since = date(on.year - 1, on.month, 1)
        with transaction.atomic():
            row = PlanVersion.objects.get(code=code)
            asked = replays.ask(row, since=since, until=on.replace(day=1), by=by, at=at, on=on)
        replays.work(asked.pk, at)
