"""Periodic evaluation: frozen, proposed by owners, confirmed by heads, signed by an executive."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from crm.refusal import Conflict, Refused
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, statements
from customers.models import Customer
from tiers import reviews
from tiers.models import Review, ReviewLine, TierOverride

pytestmark = pytest.mark.django_db


def told(on: int = 0) -> dict:
    return {"at": morning.noon(morning.day(on)), "on": morning.day(on)}


def customer(owner, name: str, gross: str, **about) -> Customer:
    made = morning.customer(owner, name, **about)
    if gross:
        morning.sign(made, f"R-{name}", gross, starts_on=morning.day(-60))
    return made


@pytest.fixture
def book(yunheng):
    """李娜's 甲 (¥600,000, KEY) and 乙 (¥70,000, GENERAL), 孙悦's 丙 (¥120,000, MAJOR); besides them
    one without a contract and one known for two months only."""
    with tenant(yunheng.tenant.id):
        customer(yunheng.li, "甲", "600000.00")
        customer(yunheng.li, "乙", "70000.00")
        customer(yunheng.sun, "丙", "120000.00")
        customer(yunheng.li, "无合同", "")
        customer(yunheng.li, "新客户", "90000.00", on=morning.day(-61))
    return yunheng


def begin(company, code: str = "2026 上半年", on: int = 0) -> Review:
    days = {"due_on": morning.day(on + 20), "holds_until": morning.day(on + 180)}
    return reviews.begin(code=code, **days, by=company.gao, **told(on))


def line(name: str) -> ReviewLine:
    found = ReviewLine.objects.select_related("customer", "review").order_by("-review__frozen_on")
    return found.filter(customer__name=name)[0]


def tier_of(name: str) -> str:
    return Customer.objects.select_related("standing").get(name=name).standing.tier


def refusal(act) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught, transaction.atomic():
        act()
    return [(fault.field, fault.code) for fault in caught.value.faults]


def test_the_list_is_frozen_in_one_statement_with_tier_and_amount_of_the_day(book) -> None:
    with tenant(book.tenant.id):
        with statements() as sql:
            begin(book)
        assert len([one for one in sql if one.lstrip().startswith("INSERT INTO tiers_reviewline")]) == 1
        morning.sign(Customer.objects.get(name="乙"), "R-乙-2", "600000.00", starts_on=morning.today())
        rows = ReviewLine.objects.values_list("customer__name", "owner__code", "tier", "annual_amount")
        assert [(name, who, tier, str(amount)) for name, who, tier, amount in rows] == [
            ("甲", "li", "KEY", "600000.00"),
            ("丙", "sun", "MAJOR", "120000.00"),
            ("乙", "li", "GENERAL", "70000.00"),
        ]


def test_one_cycle_runs_at_a_time_and_its_days_are_judged(book) -> None:
    with tenant(book.tenant.id):
        days = {"due_on": morning.day(-1), "holds_until": morning.today()}
        wrong = refusal(lambda: reviews.begin(code=" ", **days, by=book.gao, **told()))
        assert wrong == [("code", "required"), ("due_on", "in_past"), ("holds_until", "too_early")]
        begin(book)
        assert refusal(lambda: begin(book, "2026 下半年")) == [("", "running")]


def test_a_verdict_fits_its_tier_and_a_change_has_a_reason(book) -> None:
    with tenant(book.tenant.id):
        begin(book)
        words = {"by": book.li, **told()}
        row = line("甲")
        assert refusal(lambda: reviews.propose(row, verdict="", **words)) == [("verdict", "required")]
        assert refusal(lambda: reviews.propose(row, verdict="UP", tier="KEY", **words)) == [
            ("tier", "not_higher"),
            ("reason", "required"),
        ]
        down = {"verdict": "DOWN", "tier": "COMPANY", "reason": "x"}
        assert refusal(lambda: reviews.propose(row, **down, **words)) == [("tier", "not_lower")]
        step = {"verdict": "KEEP", "next_step": "拜访"}
        assert refusal(lambda: reviews.propose(row, **step, **words)) == [("next_on", "required")]


def test_whoever_proposes_does_not_confirm_and_who_disagrees_says_why(book) -> None:
    with tenant(book.tenant.id):
        begin(book)
        row = line("甲")
        answer = {"agrees": True, **told()}
        assert refusal(lambda: reviews.confirm(row, by=book.chen, **answer)) == [("", "not_proposed")]
        reviews.propose(row, verdict="UP", tier="COMPANY", reason="明年扩产", by=book.li, **told())
        assert refusal(lambda: reviews.confirm(row, by=book.li, **answer)) == [("", "own_proposal")]
        with pytest.raises(IntegrityError), transaction.atomic():
            ReviewLine.objects.filter(pk=row.pk).update(confirmed_by=book.li)
        no = {"agrees": False, "by": book.chen, **told()}
        assert refusal(lambda: reviews.confirm(row, **no)) == [("answer", "required")]
        reviews.confirm(row, by=book.chen, **answer)
        again = {"verdict": "KEEP", "by": book.li, **told()}
        assert refusal(lambda: reviews.propose(row, **again)) == [("", "confirmed")]


def judged(company) -> Review:
    """甲 up to COMPANY, agreed, with a next step; 乙 up to MAJOR, not agreed; 丙 not judged."""
    cycle = begin(company)
    step = {"next_step": "商谈框架协议", "next_on": morning.day(14)}
    up = {"verdict": "UP", "by": company.li, **told()}
    reviews.propose(line("甲"), tier="COMPANY", reason="明年扩产", **step, **up)
    reviews.propose(line("乙"), tier="MAJOR", reason="有潜力", **up)
    reviews.confirm(line("甲"), agrees=True, by=company.chen, **told())
    reviews.confirm(line("乙"), agrees=False, answer="等合同签了再说", by=company.chen, **told())
    return cycle


def test_the_signature_applies_what_was_agreed_and_opens_the_next_steps(book) -> None:
    with tenant(book.tenant.id):
        cycle = judged(book)
        assert refusal(lambda: reviews.sign(cycle, by=book.gao, **told())) == [("", "unfinished")]
        assert (tier_of("甲"), TierOverride.objects.count()) == ("KEY", 0)
        reviews.sign(cycle, leave_open=True, by=book.gao, **told())
        assert [tier_of(name) for name in "甲乙丙"] == ["COMPANY", "GENERAL", "MAJOR"]
        (made,) = TierOverride.objects.all()
        assert (made.valid_to, made.proposed_by, made.decided_by) == (cycle.holds_until, book.li, book.gao)
        assert made.reason == "2026 上半年: 明年扩产"
        (todo,) = Customer.objects.get(name="甲").follow_ups.all()
        assert (todo.owner, todo.title, todo.due_on) == (book.li, "商谈框架协议", morning.day(14))
        with pytest.raises(Conflict):
            reviews.sign(cycle, by=book.gao, **told())
        again = {"verdict": "KEEP", "by": book.sun, **told()}
        assert refusal(lambda: reviews.propose(line("丙"), **again)) == [("", "signed")]


def test_a_cycle_is_compared_with_the_one_signed_before(book) -> None:
    with tenant(book.tenant.id):
        first = begin(book, "2025 下半年", on=-10)
        assert reviews.last_signed(first) is None
        up = {"verdict": "UP", "tier": "COMPANY", "reason": "明年扩产"}
        reviews.propose(line("甲"), **up, by=book.li, **told(-9))
        reviews.confirm(line("甲"), agrees=False, answer="等签约", by=book.chen, **told(-9))
        reviews.sign(first, leave_open=True, by=book.gao, **told(-8))
        second = begin(book)
        assert reviews.last_signed(second) == first
    page = browser(book, "gao").get(f"/tiers/reviews/{second.pk}/").content.decode()
    assert page.count("Up · not agreed") == 1


def test_the_api_leads_a_cycle_through_to_its_signature(book, beihe) -> None:
    gao, li, chen = (Api(book, who) for who in ("gao", "li", "chen"))
    days = {"due_on": str(morning.day(20)), "holds_until": str(morning.day(180))}
    made = gao.post("reviews/", {"code": "2026 上半年", **days})
    assert made.status_code == 201
    assert li.post("reviews/", {"code": "x", **days}).status_code == 403
    rows = {row["tier"]: row["id"] for row in li.get("review-lines/").json()["results"]}
    assert sorted(rows) == ["GENERAL", "KEY"]
    up = {"verdict": "UP", "tier": "COMPANY", "reason": "明年扩产"}
    address = f"review-lines/{rows['KEY']}/"
    assert chen.post(f"{address}proposal/", up).status_code == 403
    assert li.post(f"{address}proposal/", up).json()["proposed_tier"] == "COMPANY"
    assert li.post(f"{address}confirmation/", {"agrees": True}).status_code == 403
    assert chen.post(f"{address}confirmation/", {"agrees": True}).json()["is_agreed"] is True
    sign = f"reviews/{made.json()['id']}/signature/"
    assert gao.post(sign, {}).status_code == 409
    assert gao.post(sign, {"leave_open": True}).json()["signed_by"] == str(book.gao.pk)
    with tenant(book.tenant.id):
        assert tier_of("甲") == "COMPANY"
    assert "annual_amount" not in Api(book, "he").get("review-lines/").json()["results"][0]
    assert Api(beihe, "gao").get("reviews/").json()["results"] == []
    assert Api(beihe, "gao").get(address).status_code == 404


def test_the_pages_lead_a_cycle_through_to_its_signature(book) -> None:
    gao, li, chen = (browser(book, who) for who in ("gao", "li", "chen"))
    typed = {"code": "2026 上半年", "due_on": "+20", "holds_until": "+180"}
    assert gao.post(reverse("tiers:review-new"), typed | {"due_on": "-1"}).status_code == 422
    assert gao.post(reverse("tiers:review-new"), typed).status_code == 303
    with tenant(book.tenant.id):
        cycle, row = Review.objects.get(), line("甲")
    page = reverse("tiers:review", args=[cycle.pk])
    mine = li.get(page, {"view": "mine"}).context["lines"].lines
    assert [one["row"].customer.name for one in mine] == ["甲", "乙"]
    up = {"verdict": "UP", "tier": "COMPANY", "reason": "明年扩产"}
    propose = reverse("tiers:review-propose", args=[row.pk])
    assert li.post(propose, up | {"tier": "GENERAL"}).status_code == 422
    assert li.post(propose, up).status_code == 303
    waiting = chen.get(page, {"view": "confirm"}).context["lines"].lines
    assert [one["row"].customer.name for one in waiting] == ["甲"]
    assert chen.post(reverse("tiers:review-confirm", args=[row.pk]), {"agrees": "yes"}).status_code == 303
    sign = reverse("tiers:review-sign", args=[cycle.pk])
    assert gao.post(sign).status_code == 409
    assert gao.post(sign, {"leave_open": "on"}).status_code == 303
    ((_cycle, told_of),) = chen.get(reverse("tiers:reviews")).context["cycles"]
    assert (told_of["customers"], told_of["proposed"], told_of["confirmed"]) == (2, 1, 1)
    with tenant(book.tenant.id):
        assert tier_of("甲") == "COMPANY"
