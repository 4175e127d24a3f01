"""Tiers by decision: proposed by one, decided by another, in force for a while, and then by amount again."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from crm.events.models import Event
from crm.refusal import Conflict, Refused
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes, statements
from customers.models import Customer
from tiers import grading, overrides, proposals
from tiers.models import Grade, TierOverride, TierProposal

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(yunheng):
    """李娜's customer of ¥600,000 a year, KEY by amount, and 孙悦's of ¥70,000, GENERAL."""
    with tenant(yunheng.tenant.id):
        for owner, name, gross in ((yunheng.li, "华信", "600000.00"), (yunheng.sun, "北方", "70000.00")):
            made = morning.customer(owner, name)
            morning.sign(made, f"T-{name}", gross, starts_on=morning.day(-100))
    return yunheng


def told(on: int = 0) -> dict:
    return {"at": morning.noon(morning.day(on)), "on": morning.day(on)}


def of(name: str) -> Customer:
    return Customer.objects.select_related("standing").get(name=name)


def refusal(act) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught, transaction.atomic():
        act()
    return [(fault.field, fault.code) for fault in caught.value.faults]


def propose(company, by: str = "chen", **changes) -> TierProposal:
    words = {"tier": "COMPANY", "until": morning.day(30), "reason": "集团采购"} | changes
    return proposals.propose(of("华信"), **words, by=company.people[by], **told())


# The verbs


def test_a_decision_that_expires_is_graded_by_amount_again_in_the_night_of_that_day(book) -> None:
    with tenant(book.tenant.id):
        overrides.decide(
            of("华信"), tier="COMPANY", until=morning.day(30), reason="集团采购", by=book.gao, **told()
        )
        tiers = []
        for number in (0, 29, 30):
            grading.grade_all(on=morning.day(number), at=morning.noon(morning.day(number)))
            tiers.append(of("华信").standing.tier)
        assert tiers == ["COMPANY", "COMPANY", "KEY"]
        last = Grade.objects.filter(customer=of("华信"))[0]
        assert (last.previous, last.tier, last.trigger, last.on) == (
            "COMPANY",
            "KEY",
            "NIGHT",
            morning.day(30),
        )
        assert last.inputs["decision"] is None
        night = Event.objects.filter(name="customer.graded").order_by("-id")[0]
        assert (night.data["previous"], night.data["tier"]) == ("COMPANY", "KEY")


def test_what_is_proposed_holds_once_another_approves_it(book) -> None:
    with tenant(book.tenant.id):
        row = propose(book)
        assert of("华信").standing.tier == "KEY"
        made = proposals.approve(row, by=book.gao, **told())
        assert of("华信").standing.tier == "COMPANY"
        assert (made.proposed_by, made.decided_by_id, made.valid_to) == (
            book.chen,
            book.gao.pk,
            morning.day(30),
        )
        row.refresh_from_db()
        assert (row.outcome, row.decided_by, row.decided_on) == ("APPROVED", book.gao, morning.today())
        with pytest.raises(Conflict):
            proposals.approve(row, by=book.gao, **told())


def test_whoever_proposes_never_approves_in_the_verb_and_in_the_database(book) -> None:
    with tenant(book.tenant.id):
        row = propose(book, "gao")
        assert refusal(lambda: proposals.approve(row, by=book.gao, **told())) == [("", "own_proposal")]
        with pytest.raises(IntegrityError), transaction.atomic():
            TierProposal.objects.update(outcome="APPROVED", decided_by=book.gao)


def test_nobody_decides_the_tier_of_a_customer_that_he_earns_by(book) -> None:
    with tenant(book.tenant.id):
        words = {"tier": "COMPANY", "until": morning.day(30), "reason": "x", "by": book.li}
        assert refusal(lambda: overrides.decide(of("华信"), **words, **told())) == [("", "own_customer")]
        overrides.decide(of("北方"), **words, **told())
        assert of("北方").standing.tier == "COMPANY"


def test_a_proposal_needs_a_known_tier_a_later_day_and_a_reason_and_waits_alone(book) -> None:
    with tenant(book.tenant.id):
        wrong = {"tier": "GOLD", "until": morning.today(), "reason": " "}
        assert refusal(lambda: propose(book, **wrong)) == [
            ("tier", "unknown_class"),
            ("until", "end_before_start"),
            ("reason", "required"),
        ]
        propose(book)
        assert refusal(lambda: propose(book)) == [("", "open")]


def test_a_refusal_says_why_and_the_proposer_may_take_his_back(book) -> None:
    with tenant(book.tenant.id):
        row = propose(book)
        assert refusal(lambda: proposals.refuse(row, note=" ", by=book.gao, **told())) == [
            ("note", "required")
        ]
        proposals.refuse(row, note="年底再议", by=book.gao, **told())
        again = propose(book)
        proposals.refuse(again, note="", by=book.chen, **told())
        found = TierProposal.objects.order_by("id").values_list("outcome", "note")
        assert list(found) == [("REFUSED", "年底再议"), ("TAKEN_BACK", "")]
        assert of("华信").standing.tier == "KEY"


def test_ending_early_grades_by_amount_at_once_and_only_the_decision_that_holds(book) -> None:
    with tenant(book.tenant.id):
        words = {"tier": "COMPANY", "until": morning.day(30), "reason": "x", "by": book.gao}
        row = overrides.decide(of("华信"), **words, **told(-5))
        overrides.end(row, by=book.gao, **told())
        assert of("华信").standing.tier == "KEY"
        row.refresh_from_db()
        assert row.valid_to == morning.today()
        with pytest.raises(Conflict):
            overrides.end(row, by=book.gao, **told())


# The pages


def test_a_head_proposes_and_an_executive_approves_on_the_pages(book) -> None:
    with tenant(book.tenant.id):
        key = of("华信").pk
    typed = {"tier": "COMPANY", "until": "+30", "reason": "集团采购"}
    sent = browser(book, "chen").post(reverse("tiers:decision-new", args=[key]), typed)
    assert sent.status_code == 303
    with tenant(book.tenant.id):
        row = TierProposal.objects.get()
    head = browser(book, "chen").get(reverse("tiers:proposal", args=[row.pk])).context
    boss = browser(book, "gao").get(reverse("tiers:proposal", args=[row.pk])).context
    assert [(page["approves"], page["closes"]) for page in (head, boss)] == [(False, True), (True, True)]
    browser(book, "gao").post(reverse("tiers:proposal-approve", args=[row.pk]))
    (line,) = browser(book, "li").get(reverse("tiers:decisions")).context["decisions"].lines
    assert (line["row"].tier, line["left"], line["holds"]) == ("COMPANY", 30, True)


def test_an_executive_decides_at_once_and_ends_it_on_the_list(book) -> None:
    with tenant(book.tenant.id):
        key = of("华信").pk
    gao = browser(book, "gao")
    page = reverse("tiers:decision-new", args=[key])
    assert gao.post(page, {"tier": "COMPANY", "until": "", "reason": ""}).status_code == 422
    assert gao.post(page, {"tier": "COMPANY", "until": "+10", "reason": "董事会"}).status_code == 303
    with tenant(book.tenant.id):
        row = TierOverride.objects.get()
        assert of("华信").standing.tier == "COMPANY"
    assert gao.post(reverse("tiers:decision-end", args=[row.pk])).status_code == 303
    with tenant(book.tenant.id):
        assert of("华信").standing.tier == "KEY"
        assert not TierOverride.objects.exists()  # it never held a whole day


def test_the_views_of_the_list_tell_in_force_ending_soon_and_ended(book) -> None:
    with tenant(book.tenant.id):
        words = {"tier": "COMPANY", "reason": "x", "by": book.gao}
        overrides.decide(of("华信"), until=morning.day(60), **words, **told(-5))
        overrides.decide(of("北方"), until=morning.day(20), **words, **told(-5))
    gao = browser(book, "gao")

    def names(view: str) -> list[str]:
        found = gao.get(f"{reverse('tiers:decisions')}?view={view}").context["decisions"]
        return [line["row"].customer.name for line in found.lines]

    assert (names("in-force"), names("soon"), names("ended")) == (["北方", "华信"], ["北方"], [])
    with tenant(book.tenant.id):
        overrides.withdraw(of("北方"), by=book.gao, **told())
    assert (names("in-force"), names("soon"), names("ended")) == (["华信"], [], ["北方"])


def test_lists_keep_to_the_readers_customers_and_to_the_company(book, beihe) -> None:
    with tenant(book.tenant.id):
        words = {"tier": "COMPANY", "until": morning.day(60), "reason": "x", "by": book.gao}
        for name in ("华信", "北方"):
            overrides.decide(of(name), **words, **told())

    def names(company, who: str) -> list[str]:
        found = browser(company, who).get(reverse("tiers:decisions")).context["decisions"]
        return sorted(line["row"].customer.name for line in found.lines)

    assert (names(book, "li"), names(book, "gao"), names(beihe, "gao")) == (["华信"], ["北方", "华信"], [])


def test_the_lists_ask_the_same_number_of_questions_however_long_they_are(book) -> None:
    def asked() -> int:
        chen = browser(book, "gao")
        with statements() as sql:
            chen.get(reverse("tiers:decisions"))
        return len(sql)

    with tenant(book.tenant.id):
        words = {"tier": "COMPANY", "until": morning.day(60), "reason": "x", "by": book.gao}
        overrides.decide(of("华信"), **words, **told())
    one = asked()
    with tenant(book.tenant.id):
        for number in range(6):
            row = morning.customer(book.li, f"客户{number}")
            overrides.decide(row, **words, **told())
    assert asked() == one


# The API


def test_the_api_proposes_approves_and_ends(book) -> None:
    with tenant(book.tenant.id):
        key = str(of("华信").pk)
    body = {"customer": key, "tier": "COMPANY", "until": str(morning.day(30)), "reason": "集团采购"}
    made = Api(book, "chen").post("tier-proposals/", body)
    assert (made.status_code, made.json()["outcome"]) == (201, "")
    address = f"tier-proposals/{made.json()['id']}/"
    assert Api(book, "chen").post(f"{address}approval/", {}).status_code == 403
    assert Api(book, "gao").post(f"{address}approval/", {}).json()["outcome"] == "APPROVED"
    (row,) = Api(book, "li").get(f"tier-overrides/?in_force_on={morning.today()}").json()["results"]
    assert (row["tier"], row["valid_to"], row["proposed_by"]) == (
        "COMPANY",
        str(morning.day(30)),
        str(book.chen.pk),
    )
    assert Api(book, "gao").post(f"tier-overrides/{row['id']}/end/", {}).status_code == 204
    assert Api(book, "li").get("tier-overrides/").json()["results"] == []


def test_the_api_names_what_is_wrong(book) -> None:
    with tenant(book.tenant.id):
        key = str(of("华信").pk)
    body = {"customer": key, "tier": "GOLD", "until": str(morning.day(0)), "reason": "x"}
    answer = Api(book, "gao").post("tier-overrides/", body)
    assert (answer.status_code, codes(answer)) == (
        400,
        [("tier", "unknown_class"), ("until", "end_before_start")],
    )


def test_the_timeline_tells_of_the_proposal_and_the_decision(book) -> None:
    with tenant(book.tenant.id):
        row = propose(book)
        proposals.approve(row, by=book.gao, **told())
        key = of("华信").pk
    page = browser(book, "li", "zh-hans").get(reverse("dashboards:customer", args=[key])).content.decode()
    assert "提议客户等级" in page and "指定等级" in page and "集团采购" in page


def test_who_takes_another_ones_proposal_back_is_turned_away(book) -> None:
    with tenant(book.tenant.id):
        row = propose(book, "gao")
    url = reverse("tiers:proposal-refuse", args=[row.pk])
    assert browser(book, "chen").post(url, {"note": "x"}).status_code == 403
    assert Api(book, "chen").post(f"tier-proposals/{row.pk}/refusal/", {"note": "x"}).status_code == 403
