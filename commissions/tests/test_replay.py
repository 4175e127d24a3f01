"""Replay: the recorded facts under another version, beside the ledger, by a role that cannot write.

The role has a connection of its own, which sees only what is committed: each test founds its own company.
"""

import re
from decimal import Decimal
from html import unescape
from uuid import UUID

import pytest
from django.db import ProgrammingError, connections, transaction
from django.db.utils import InternalError
from django.urls import reverse

from commissions import replay, replays
from commissions.models import LedgerEntry, PlanVersion, Replay
from commissions.tests.test_plans import NOW, default, written
from crm.events.models import Event
from crm.tenancy.context import tenant
from crm.tenancy.reading import only_reading
from crm.tests import morning
from crm.tests.callers import Api, browser
from crm.tests.cast import Company, company
from customers.models import Contract

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "reader"])

SEVEN = {
    "bands": [
        {"class": "GENERAL", "from": "0.00", "to": "100000.00", "dept_rate": "0.1", "ops_rate": "0.01"},
        {"class": "MAJOR", "from": "100000.00", "to": "500000.00", "dept_rate": "0.07", "ops_rate": "0.015"},
        {"class": "KEY", "from": "500000.00", "to": "1000000.00", "dept_rate": "0.06", "ops_rate": "0.02"},
        {"class": "COMPANY", "from": "1000000.00", "to": None, "dept_rate": "0.05", "ops_rate": "0.02"},
    ]
}
SINCE, UNTIL = morning.day(-300), morning.day(1)


def book(slug: str = "replayed") -> Company:
    """200,000 of 李娜 and 周毅, paid late in part; 60,000 of 孙悦, paid; 80,000 of 吴迪, nothing paid."""
    with transaction.atomic():
        made = company(slug, "回放商务")
    with tenant(made.tenant.id), transaction.atomic():
        big = morning.sign(
            morning.customer(made.li, "华信"),
            "K-BIG",
            "200000.00",
            starts_on=morning.day(-100),
            shares=[(made.li, 6000), (made.zhou, 4000)],
            due=[morning.day(-100)],
        )
        morning.receive(big, "120000.00", morning.day(-100))
        morning.receive(big, "80000.00", morning.day(-50))
        small = morning.sign(
            morning.customer(made.sun, "北方"), "K-SMALL", "60000.00", starts_on=morning.day(-90)
        )
        morning.receive(small, "60000.00", morning.day(-90))
        morning.sign(morning.customer(made.wu, "宁波"), "K-OPEN", "80000.00", starts_on=morning.day(-80))
    return made


def question(version: PlanVersion, **about) -> replay.Question:
    days = {"since": SINCE, "until": UNTIL, "on": morning.today()}
    return replay.Question(version, currency="CNY", **days | about)


def sums(asked: replay.Question) -> dict:
    with only_reading():
        return replay.run(asked, replay.asked(asked)).written()


def text(response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def test_the_version_that_paid_gives_the_ledger_to_the_fen() -> None:
    made = book()
    with tenant(made.tenant.id), transaction.atomic():
        row = default().versions.get(code="1")
        posted = LedgerEntry.objects.exclude(kind__in=("HOLD", "FORFEIT"))
        whole = sum(posted.values_list("amount", flat=True), Decimal(0))
        found = sums(question(row))
    assert whole > 0
    assert found["total"] == {"old": f"{whole:.2f}", "new": f"{whole:.2f}", "change": "0.00"}
    assert (found["winners"], found["losers"], found["contracts"]) == ([], [], 3)
    assert {each["change"] for part in ("payees", "months", "classes") for each in found[part]} == {"0.00"}


def test_another_version_tells_who_would_lose_what_and_where() -> None:
    made = book()
    with tenant(made.tenant.id), transaction.atomic():
        draft = written(made, SEVEN)
    with tenant(made.tenant.id), transaction.atomic():
        found = sums(question(draft))
        numbers = dict(Contract.objects.values_list("id", "number"))
        names = {str(member.pk): code for code, member in made.people.items()}
    # 200,000 × 8 % = 16,000; 120,000 in time, 80,000 at × 0.8: 9,600 + 5,120 = 14,720; at 7 %: 12,880
    (loser,) = found["losers"]
    assert (numbers[UUID(loser["contract"])], loser["change"]) == ("K-BIG", "-1840.00")
    assert found["winners"] == []
    changes = {names[each["member"]]: each["change"] for each in found["payees"] if each["member"]}
    assert changes == {"li": "-1104.00", "zhou": "-736.00", "sun": "0.00"}
    classes = {each["class"]: each["change"] for each in found["classes"]}
    assert classes == {"MAJOR": "-1840.00", "GENERAL": "0.00"}
    assert sum(Decimal(each["change"]) for each in found["months"]) == Decimal("-1840.00")
    east = {str(made.departments["EAST"].pk): "-1840.00", str(made.departments["NORTH"].pk): "0.00"}
    assert {
        each["department"]: each["change"] for each in found["departments"] if each["department"] in east
    } == east


def test_only_the_days_and_the_department_asked_about_count() -> None:
    made = book()
    with tenant(made.tenant.id), transaction.atomic():
        row = default().versions.get(code="1")
        late = sums(question(row, since=morning.day(-60)))
        north = sums(question(row, department=made.departments["NORTH"].pk))
    assert late["total"]["new"] == late["total"]["old"]
    assert Decimal(late["total"]["new"]) == Decimal("5120.00") + Decimal("960.00")  # and operations
    assert (north["contracts"], north["total"]["new"]) == (1, "6600.00")


def test_batches_come_to_the_same_as_one(monkeypatch) -> None:
    made, heard = book(), []
    with tenant(made.tenant.id), transaction.atomic():
        asked = question(default().versions.get(code="1"))
        whole = sums(asked)
        monkeypatch.setattr(replay, "BATCH", 1)
        with only_reading():
            found = replay.run(asked, replay.asked(asked), heard.append).written()
    assert found == whole
    assert heard == [1, 2, 3]


def test_the_role_of_a_replay_cannot_write_the_ledger() -> None:
    made = book()
    with tenant(made.tenant.id):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(using="reader"):
            cursor = connections["reader"].cursor()
            cursor.execute("SET LOCAL transaction_read_only = off")
            cursor.execute("INSERT INTO commissions_ledgerentry DEFAULT VALUES")
        with transaction.atomic():
            entry = LedgerEntry.objects.all()[0]
        entry.pk, entry.round, entry._state.adding = None, 9, True
        with pytest.raises((ProgrammingError, InternalError)), only_reading():
            entry.save(force_insert=True)
        with pytest.raises((ProgrammingError, InternalError)), only_reading():
            PlanVersion.objects.update(code="9")


def test_a_page_shows_the_simulation_and_leaves_no_trace_in_the_ledger() -> None:
    made = book()
    with tenant(made.tenant.id), transaction.atomic():
        draft = written(made, SEVEN)
        entries, events = LedgerEntry.objects.count(), Event.objects.count()
        big = Contract.objects.get(number="K-BIG")
    client = browser(made, "tian")
    sent = {"since": SINCE.isoformat(), "until": UNTIL.isoformat()}
    answer = client.post(reverse("commissions:replay-new", args=[draft.pk]), sent)
    shown = text(client.get(answer["Location"]))
    assert "Simulation : nothing of it stands in the ledger" in shown
    assert "K-BIG 华信" in shown and "−¥1,840.00" in shown
    assert "李娜" in shown and "−¥1,104.00" in shown
    listed = text(client.get(f"{answer['Location']}contracts/"))
    assert "K-SMALL 北方 ¥6,600.00 ¥6,600.00 ¥0.00" in listed
    traced = text(client.get(f"{answer['Location']}contracts/{big.pk}/"))
    assert "× 7%" in traced and "this entry" in traced
    with tenant(made.tenant.id), transaction.atomic():
        assert (LedgerEntry.objects.count(), Event.objects.count()) == (entries, events)


def test_the_api_asks_and_tells_and_hides_it_from_who_does_not_write_or_approve() -> None:
    made = book()
    with tenant(made.tenant.id), transaction.atomic():
        draft = written(made, SEVEN)
    place, body = (
        f"plan-versions/{draft.pk}/replay/",
        {"since": SINCE.isoformat(), "until": UNTIL.isoformat()},
    )
    with tenant(made.tenant.id), transaction.atomic():
        maker, payee, finance = (Api(made, person) for person in ("tian", "li", "qian"))
    assert maker.get(place).status_code == 404
    answer = maker.post(place, body)
    assert (answer.status_code, answer.json()["state"]) == (201, "DONE")
    assert answer.json()["result"]["total"]["change"] == "-1840.00"
    assert maker.get(place).json()["result"] == answer.json()["result"]
    assert [api.get(place).status_code for api in (payee, finance)] == [404, 403]
    assert maker.post(place, body | {"until": SINCE.isoformat()}).status_code == 400


def test_a_long_one_is_left_to_a_worker_and_ends_the_same(monkeypatch) -> None:
    made = book()
    with tenant(made.tenant.id):
        with transaction.atomic():
            draft = written(made, SEVEN)
        with transaction.atomic():
            days = {"since": SINCE, "until": UNTIL}
            row = replays.ask(draft, **days, by=made.tian, **NOW)
            assert (row.total, row.state) == (3, "RUNNING")
        monkeypatch.setattr(replay, "BATCH", 2)
        replays.work(row.pk, morning.noon(morning.today()))
        with transaction.atomic():
            row = Replay.objects.get(pk=row.pk)
    assert (row.state, row.done, row.result["total"]["change"]) == ("DONE", 3, "-1840.00")


def test_another_company_is_never_in_a_replay() -> None:
    made, other = book(), book("others")
    with tenant(other.tenant.id), transaction.atomic():
        theirs = default().versions.get(code="1")
        assert sums(question(theirs))["contracts"] == 3
    with tenant(made.tenant.id), transaction.atomic():
        assert sums(question(default().versions.get(code="1")))["contracts"] == 3
        assert not PlanVersion.objects.filter(pk=theirs.pk).exists()
