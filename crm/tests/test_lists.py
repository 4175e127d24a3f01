"""Lists about ownership and tiers cost the same queries for one row and for fifty, by page and API."""

from typing import Any

import pytest

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, statements
from crm.tests.cast import Company
from customers import collaborators, ownership, segments
from customers.assignment.candidates import Newcomer
from customers.disputes import cases
from customers.intel import relay
from customers.models import Customer, Handover, HandoverRow, Standing
from customers.pools import extending
from customers.registrations import registering
from lifecycle.models import Stage
from tiers import strategies
from tiers.models import Review, ReviewLine, Strategy

pytestmark = pytest.mark.django_db
STAGES = [stage.value for stage in Stage][:10]
TIERS = ["", "GENERAL", "MAJOR", "KEY", "COMPANY"]
PAGES = {
    "/registrations/?view=all-mine": "li",
    "/disputes/?view=open": "gao",
    "/handovers/?state=DONE": "gao",
    "/pool/extensions/?view=all": "chen",
    "/intel/?view=open": "chen",
    "/segments/?view=all": "gao",
    "/tiers/strategies/": "an",
    "/tiers/reviews/": "gao",
    "/assignment/arrangements/": "gao",
}
OF_API = ("registrations", "ownership-disputes", "handovers", "handover-rows", "extensions", "customer-intel")
OF_API += ("collaborators", "segments", "strategies", "reviews", "review-lines", "ownerships")


def now() -> dict[str, Any]:
    return {"at": morning.noon(morning.today()), "on": morning.today()}


def book(company: Company, count: int) -> list[Customer]:
    """So many more customers of 李娜 since today."""
    first = Customer.objects.count()
    rows = [
        Customer(code=f"L{n}", name=f"清单{n}", registered_on=morning.today())
        for n in range(first, first + count)
    ]
    Customer.objects.bulk_create(rows)
    Standing.objects.bulk_create([Standing(customer=row) for row in rows])
    ownership.assign([Newcomer(row, developer=company.li) for row in rows], by=None, **now())
    return rows


def fill(company: Company, count: int) -> None:
    """Each list gets so many rows more."""
    rows = book(company, count)
    for row in rows:
        extending.ask(row, reason="等预算", by=company.li, **now())
        relay.relay(row, called="清单", text="要招标", sender=company.sun, **now())
        collaborators.add(row, member=company.zhou, by=company.li, **now())
        cases.open_dispute(row, called="清单", statement="我在跟", claimant=company.zhao, **now())
        about = registering.Company(f"报备{row.code}", need="维保", no_code_reason="新设")
        registering.register(about, registering.Person("王经理"), by=company.li, **now())
        segments.make(name=row.code, query="tier=KEY", is_shared=True, by=company.viewer("an"), **now())
    combined = [(tier, stage) for tier in TIERS for stage in STAGES]
    for tier, stage in combined[Strategy.objects.count() :][:count]:
        strategies.lay_down(
            tier=tier, stage=stage, service_level="标准", rhythm_days=30, by=company.an, **now()
        )
    handed(company, rows)
    judged(company, rows)


def handed(company: Company, rows: list[Customer]) -> None:
    """A handover of each, and all of them in one more, which is returned to be looked at."""
    about = {"department_id": company.li.department_id, "member": company.li, "state": "DONE"}
    days = {"opened_on": morning.today(), "executed_on": morning.today(), "undo_until": morning.today()}
    days["executed_at"] = now()["at"]
    Handover.objects.bulk_create([Handover(**about, **days) for _row in rows])
    first = Handover.objects.order_by("id")[0]
    there = {
        "from_member": company.li,
        "from_department_id": company.li.department_id,
        "to_member": company.zhou,
    }
    HandoverRow.objects.bulk_create([HandoverRow(handover=first, customer=row, **there) for row in rows])


def judged(company: Company, rows: list[Customer]) -> None:
    """Each customer in the cycle that was signed and in the one that runs; the cycles grow by as many."""
    days = {"frozen_on": morning.day(-9), "due_on": morning.day(-2), "holds_until": morning.day(90)}
    signed = {"signed_on": morning.day(-1), "signed_by": company.gao}
    known = Review.objects.count()
    Review.objects.bulk_create([Review(code=f"周期{known + n}", **days, **signed) for n in range(len(rows))])
    before = Review.objects.filter(signed_on__isnull=False).order_by("id")[0]
    running = Review.objects.filter(signed_on=None).first()
    if running is None:
        running = Review.objects.create(code="本期", **days | {"frozen_on": morning.today()})
    about = {"owner": company.li, "tier": "GENERAL", "annual_amount": 0}
    ReviewLine.objects.bulk_create(
        [ReviewLine(review=cycle, customer=row, **about) for row in rows for cycle in (before, running)]
    )


def costs(company: Company) -> dict[str, int]:
    """How many queries each list asks, the second time it is asked for."""
    with tenant(company.tenant.id):
        review = Review.objects.get(signed_on=None).pk
        handover = Handover.objects.order_by("id")[0].pk
    addresses = [*PAGES.items(), (f"/tiers/reviews/{review}/", "chen"), (f"/handovers/{handover}/", "chen")]
    asked = [(path, browser(company, who)) for path, who in addresses]
    api = Api(company, "chen")
    found = {}
    for path, client in [*asked, *((f"{name}/?limit=50", api) for name in OF_API)]:
        assert client.get(path).status_code == 200, path
        with statements() as sql:
            client.get(path)
        found[path] = len(sql)
    return found


@pytest.mark.slow
def test_one_row_and_fifty_cost_the_same(yunheng: Company) -> None:
    with tenant(yunheng.tenant.id):
        fill(yunheng, 1)
    few = costs(yunheng)
    with tenant(yunheng.tenant.id):
        fill(yunheng, 49)
    assert costs(yunheng) == few
