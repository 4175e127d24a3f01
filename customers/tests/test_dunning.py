"""催收: the night takes an overdue account from step to step, money ends it, the steps are the tenant's."""

from decimal import Decimal

import pytest

from crm.events.models import Event
from crm.nightly.steps import STEPS as NIGHT
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser
from customers.models import Contract, Dunning, DunningPolicy
from customers.receivables import credit, dunning
from customers.tests.deals import refusal
from lifecycle.models import FollowUp

pytestmark = pytest.mark.django_db
D = Decimal


def deal(company, days: int, number: str = "HT-1", owner: str = "li") -> Contract:
    """100.00 that fell due so many days ago."""
    buyer = morning.customer(company.people[owner], f"客户{number}")
    due = morning.day(-days)
    return morning.sign(buyer, number, "100.00", starts_on=due, due=[due])


def night(shift: int = 0) -> int:
    """The step of the night as of a day; returns how many accounts moved."""
    on = morning.day(shift)
    return dunning.climb(on, morning.noon(on))


def steps() -> dict[str, int]:
    return dict(Dunning.objects.values_list("contract__number", "step"))


def asked() -> list[tuple[str, str, dict]]:
    rows = FollowUp.objects.filter(kind="DUNNING").order_by("id")
    return [(row.owner.code, row.state, row.inputs["step"]) for row in rows]


@pytest.mark.parametrize(
    ("days", "step"),
    [(0, None), (1, 1), (14, 1), (15, 2), (29, 2), (30, 3), (31, 4), (90, 4), (91, 5)],
)
def test_the_step_follows_from_the_days_overdue(here, days, step) -> None:
    deal(here, days)
    night()
    assert steps() == ({} if step is None else {"HT-1": step})


def test_the_night_knows_the_step() -> None:
    names = [step.name for step in NIGHT]
    assert names.index("dunning") > names.index("cash")


def test_each_step_is_told_once_and_asks_the_owner_in_one_follow_up(here) -> None:
    deal(here, 20)
    assert (night(), night()) == (1, 0)
    assert asked() == [("li", "OPEN", 2)]
    assert night(11) == 1
    assert asked() == [("li", "OPEN", 4)]
    told = Event.objects.filter(name="account.dunned").order_by("id")
    assert [(each.data["step"], each.data["days"], each.data["amount"]) for each in told] == [
        (2, 20, "100.00"),
        (4, 31, "100.00"),
    ]


def test_days_of_credit_put_dunning_off(here) -> None:
    signed = deal(here, 20)
    credit.agree(signed, credit_days=15, by=here.qian, at=morning.noon(morning.today()), on=morning.today())
    night()
    assert steps() == {"HT-1": 1}


def test_money_ends_it_at_once(here) -> None:
    signed = deal(here, 40)
    night()
    morning.receive(signed, "40.00", morning.today())
    assert steps() == {"HT-1": 4}
    morning.receive(signed, "60.00", morning.today(), "R-2")
    assert steps() == {}
    assert asked() == [("li", "CANCELLED", 4)]
    assert Event.objects.filter(name="account.eased").count() == 1


def test_the_next_instalment_begins_anew(here) -> None:
    buyer = morning.customer(here.li, "两期")
    due = [morning.day(-100), morning.day(-20)]
    signed = morning.sign(buyer, "HT-1", "200.00", starts_on=due[0], due=due)
    night()
    morning.receive(signed, "100.00", morning.today())
    assert (night(), steps()) == (1, {"HT-1": 2})


def test_the_steps_are_the_tenants_own(here) -> None:
    about = {"by": here.an, "at": morning.noon(morning.day(-1)), "on": morning.day(-1)}
    days = {"first_days": 5, "second_days": 10, "third_days": 20, "joint_days": 40, "legal_days": 60}
    dunning.lay_down(valid_from=morning.today(), **days, **about)
    deal(here, 39)
    night()
    assert steps() == {"HT-1": 3}
    wrong = days | {"second_days": 5}
    assert refusal(lambda: dunning.lay_down(valid_from=morning.day(2), **wrong, **about)) == [
        ("legal_days", "out_of_order")
    ]
    assert refusal(lambda: dunning.lay_down(valid_from=morning.day(-1), **days, **about)) == [
        ("valid_from", "in_past")
    ]
    assert refusal(lambda: dunning.lay_down(valid_from=morning.today(), **days, **about)) == [
        ("valid_from", "version_overlap")
    ]


def test_another_tenant_is_left_alone(yunheng, beihe) -> None:
    with tenant(beihe.tenant.id):
        deal(beihe, 40)
    with tenant(yunheng.tenant.id):
        assert night() == 0
    with tenant(beihe.tenant.id):
        assert steps() == {}


def test_the_page_shows_the_step_and_whom_to_dun_together(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        deal(yunheng, 40)
        deal(yunheng, 3, "HT-2")
        night()
    client = browser(yunheng, "qian")
    lines = client.get("/receivables/").context["list"].lines
    assert {line["row"].number: line["dunning"].step for line in lines} == {"HT-1": 4, "HT-2": 1}
    joint = client.get("/receivables/?view=joint").context["list"].lines
    assert [line["row"].number for line in joint] == ["HT-1"]
    rows = Api(yunheng, "li").get("dunnings/?step=4").json()["results"]
    assert [row["since"] for row in rows] == [f"{morning.day(-40)}"]
    assert Api(yunheng, "sun").get("dunnings/").json()["results"] == []


def test_what_is_overdue_stays_a_secret_of_receivables(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        signed = deal(yunheng, 40)
        night()
    at = f"/customers/{signed.customer_id}/"
    owner = browser(yunheng, "li").get(at).content.decode()
    assert "Dun together with finance: HT-1" in owner
    for person in ("he", "wang"):
        page = browser(yunheng, person).get(at).content.decode()
        assert "Dun together" not in page
        assert Api(yunheng, person).get("follow-ups/").json()["results"] == []


def test_the_admin_lays_down_the_steps_by_page_and_api(yunheng) -> None:
    client = browser(yunheng, "an")
    days = {"first_days": 3, "second_days": 10, "third_days": 20, "joint_days": 30, "legal_days": 60}
    assert client.post("/receivables/dunning/steps/", days | {"valid_from": "today"}).status_code == 422
    assert client.post("/receivables/dunning/steps/", days | {"valid_from": "+1"}).status_code == 303
    assert browser(yunheng, "li").post("/receivables/dunning/steps/", days).status_code == 403
    assert browser(yunheng, "li").get("/receivables/dunning/steps/").context["form"] is None
    later = days | {"valid_from": f"{morning.day(9)}"}
    assert Api(yunheng, "an").post("dunning-policies/", later).status_code == 201
    with tenant(yunheng.tenant.id):
        assert DunningPolicy.objects.count() == 2
