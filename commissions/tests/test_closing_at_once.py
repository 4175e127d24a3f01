"""Two workers on one month: who posts and who approves take turns; each test founds its own company."""

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction

from commissions import closing
from commissions.linedisputes import cases
from commissions.models import LedgerEntry, LineDispute, Period, Statement
from crm.accounts import departments, members, tenants
from crm.accounts.access import viewer_of
from crm.accounts.rights import Role
from crm.refusal import Refused
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.cast import NOW, TODAY
from customers import cash, registry
from customers.models import Contract

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
JAN, ON = date(2025, 1, 10), date(2025, 2, 8)


@pytest.fixture
def company() -> SimpleNamespace:
    """A company whose January is reviewed: 李 earned 4,000.00 in it."""
    number = tenants.found(slug="close", name="Close", at=NOW, on=TODAY).id
    with tenant(number), transaction.atomic():
        sales = departments.create(code="SALES", name="商务部")
        people = {
            code: members.add(code=code, name=code, department=sales, roles=[role], at=NOW, on=TODAY)
            for code, role in (
                ("li", Role.SALES),
                ("tian", Role.COMP_ADMIN),
                ("gao", Role.EXECUTIVE),
                ("qian", Role.FINANCE),
            )
        }
        li = people["li"]
        buyer = registry.register(name="客户", developer=li, by=li, at=morning.noon(JAN), on=JAN)
        signed = morning.sign(buyer, "A", "40000.00", starts_on=JAN, signed_on=JAN)
        morning.receive(signed, "40000.00", JAN, "R-A")
        for verb, person in ((closing.calculate, "tian"), (closing.review, "gao")):
            verb(Period.objects.get(), by=viewer_of(people[person]), at=morning.noon(ON), on=ON)
    return SimpleNamespace(number=number, signed=signed, people=people)


def refund(company: SimpleNamespace, number: str = "B-1") -> None:
    """A refund of January that is entered when the month is about to be approved."""
    acts: dict[str, Any] = {"by": company.people["qian"], "at": morning.noon(ON), "on": ON}
    contract = Contract.objects.get(number="A")
    cash.refund(contract, number=number, amount=Decimal("10000.00"), refunded_on=date(2025, 1, 31), **acts)


def approve(company: SimpleNamespace) -> None:
    by = viewer_of(company.people["gao"])
    closing.approve(Period.objects.get(month="2025-01"), by=by, at=morning.noon(ON), on=ON)


def beside(number: int, work: Callable[[], object]) -> tuple[threading.Thread, list[str]]:
    """Start work in a transaction of its own, on another connection; the codes of what refuses it."""
    codes: list[str] = []

    def run() -> None:
        try:
            with tenant(number), transaction.atomic():
                work()
        except Refused as refused:
            codes.extend(fault.code for fault in refused.faults)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, codes


def waits(thread: threading.Thread) -> bool:
    thread.join(timeout=1)
    return thread.is_alive()


def of_li(month: str) -> list[Decimal]:
    rows = LedgerEntry.objects.filter(member__code="li", posting_period=month).exclude(kind="CARRY")
    return list(rows.order_by("id").values_list("amount", flat=True))


def test_a_posting_that_began_first_makes_the_approval_wait_and_then_stale(company) -> None:
    with tenant(company.number), transaction.atomic():
        refund(company)
        approval, codes = beside(company.number, lambda: approve(company))
        assert waits(approval)
    approval.join(60)
    with tenant(company.number), transaction.atomic():
        assert codes == ["stale"]
        assert Period.objects.get(month="2025-01").state == "REVIEWED"
        assert of_li("2025-01") == [Decimal("4000.00"), Decimal("-1000.00")]


def test_an_approval_that_began_first_sends_the_posting_into_the_next_month(company) -> None:
    with tenant(company.number), transaction.atomic():
        approve(company)
        posting, codes = beside(company.number, lambda: refund(company))
        assert waits(posting)
    posting.join(60)
    with tenant(company.number), transaction.atomic():
        assert codes == []
        assert of_li("2025-01") == [Decimal("4000.00")]
        assert of_li("2025-02") == [Decimal("-1000.00")]
        assert Statement.objects.get(member__code="li").payable == Decimal("4000.00")


def test_of_two_who_approve_at_once_one_is_told_that_it_is_done(company) -> None:
    with tenant(company.number), transaction.atomic():
        approve(company)
        second, codes = beside(company.number, lambda: approve(company))
        assert waits(second)
    second.join(60)
    assert codes == ["wrong_state"]


def test_two_who_post_into_one_month_do_not_wait_for_each_other(company) -> None:
    with tenant(company.number), transaction.atomic():
        li = company.people["li"]
        on = date(2025, 1, 20)
        other = registry.register(name="另一客户", developer=li, by=li, at=morning.noon(on), on=on)
        signed = morning.sign(other, "B", "20000.00", starts_on=on, signed_on=on)
    with tenant(company.number), transaction.atomic():
        refund(company)
        posting, codes = beside(company.number, lambda: morning.receive(signed, "20000.00", on, "R-B"))
        posting.join(60)
        assert not posting.is_alive()
    with tenant(company.number), transaction.atomic():
        assert codes == []
        assert sorted(of_li("2025-01")) == [Decimal("-1000.00"), Decimal("2000.00"), Decimal("4000.00")]


def pay_out(company: SimpleNamespace) -> None:
    by = viewer_of(company.people["qian"])
    closing.pay_out(Period.objects.get(month="2025-01"), by=by, at=morning.noon(ON), on=ON)


def dispute(company: SimpleNamespace) -> None:
    """李 disputes what A paid her."""
    line = LedgerEntry.objects.get(member__code="li", kind="EARNED")
    about: dict[str, Any] = {"category": "RATE", "words": "应为新签", "expected": Decimal("5000.00")}
    acts: dict[str, Any] = {"by": company.people["li"], "at": morning.noon(ON), "on": ON}
    cases.open_dispute(Statement.objects.get(member__code="li"), line, **about, **acts)


@pytest.mark.parametrize(
    ("first", "second", "kept_out"), [(dispute, pay_out, "4000.00"), (pay_out, dispute, "0.00")]
)
def test_a_payout_and_a_dispute_of_its_month_take_turns(company, first, second, kept_out) -> None:
    with tenant(company.number), transaction.atomic():
        approve(company)
    with tenant(company.number), transaction.atomic():
        first(company)
        other, codes = beside(company.number, lambda: second(company))
        assert waits(other)
    other.join(60)
    with tenant(company.number), transaction.atomic():
        assert codes == []
        assert Period.objects.get(month="2025-01").state == "PAID"
        assert LineDispute.objects.get().withheld == Decimal(kept_out)
