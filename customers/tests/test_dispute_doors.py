"""撞单 by pages and API: claimed from the masked 查重, concealed, ruled by one of two at once."""

from datetime import timedelta

import pytest

from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes, statements
from customers import registry
from customers.disputes import cases
from customers.models import Customer, DisputeRuling, OwnershipDispute

pytestmark = pytest.mark.django_db
SECRET = "华信绝密科技有限公司"


def theirs(company) -> Customer:
    """A customer of 李娜, which 孙悦 of another department does not reach."""
    on = morning.day(-100)
    return registry.register(name=SECRET, developer=company.li, by=company.li, at=morning.noon(on), on=on)


def act(on=None) -> dict:
    day = on or morning.today()
    return {"at": morning.noon(day), "on": day}


def claimed(company, on=None) -> OwnershipDispute:
    about = {"statement": "去年起就在跟", "called": "华信", "claimant": company.sun}
    row = cases.open_dispute(theirs(company), **about, **act(on))
    cases.answer(row, answer="是我的绝密客户", by=company.li, **act(on))
    cases.bring(row, kind="CHOICE", text="绝密来函", by=company.li, **act(on))
    cases.bring(row, kind="CHOICE", text="客户选我", by=company.sun, **act(on))
    return row


def test_a_masked_answer_leads_to_a_claim(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        one = theirs(yunheng)
    client = browser(yunheng, "sun")
    page = client.get(f"/customers/check/?name={SECRET}").content.decode()
    assert f"/disputes/new/?customer={one.pk}" in page
    form = client.get(f"/disputes/new/?customer={one.pk}&called=华信")
    assert form.status_code == 200 and "绝密" not in form.content.decode()
    words = {"customer": one.pk, "called": "华信", "statement": "去年起就在跟"}
    sent = client.post("/disputes/new/", words)
    with tenant(yunheng.tenant.id):
        row = OwnershipDispute.objects.get()
    assert (sent.status_code, sent["Location"]) == (303, f"/disputes/{row.pk}/")
    assert client.post("/disputes/new/", words).status_code == 409
    assert browser(yunheng, "he").get(f"/disputes/new/?customer={one.pk}").status_code == 403
    of_the_judge = browser(yunheng, "gao").get(f"/customers/check/?name={SECRET}")
    assert "/disputes/new/" not in of_the_judge.content.decode()


def test_without_a_customer_one_is_looked_for_first(yunheng) -> None:
    for words in ("", "?customer=x", "?customer=019a2f6e-3c1b-7d44-9f0a-5b7c2d8e1f30"):
        answer = browser(yunheng, "sun").get(f"/disputes/new/{words}")
        assert (answer.status_code, answer["Location"]) == (302, "/customers/check/")


def test_the_claimant_and_his_head_see_their_own_side_alone(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        row = claimed(yunheng)
    for person in ("sun", "zhao"):
        client = browser(yunheng, person)
        for address in ("/disputes/?view=open", f"/disputes/{row.pk}/"):
            text = client.get(address).content.decode()
            assert "华信" in text and "华东商务部" in text
            assert "绝密" not in text and "李娜" not in text
        assert "客户选我" in client.get(f"/disputes/{row.pk}/").content.decode()
        assert client.get(f"/disputes/?view=open&party={yunheng.li.pk}").context["disputes"].lines == []


def test_the_respondent_and_the_judge_see_both_sides_and_the_proposal(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        row = claimed(yunheng)
    for person in ("li", "gao", "chen"):
        page = browser(yunheng, person).get(f"/disputes/{row.pk}/")
        text = page.content.decode()
        assert all(
            words in text for words in (SECRET, "去年起就在跟", "是我的绝密客户", "绝密来函", "客户选我")
        )
        assert page.context["proposal"].outcome == "SPLIT"
    assert browser(yunheng, "zhou").get(f"/disputes/{row.pk}/").status_code == 404


def test_a_page_offers_what_the_reader_can_do_today(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        row = claimed(yunheng)
    offered = {
        person: set(browser(yunheng, person).get(f"/disputes/{row.pk}/").context["forms"])
        for person in ("sun", "li", "gao", "chen")
    }
    assert offered == {"sun": {"bring", "withdraw"}, "li": {"bring"}, "gao": {"rule"}, "chen": set()}


def test_the_judge_rules_by_page_and_a_second_ruling_comes_too_late(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        row = claimed(yunheng)
    client, address = browser(yunheng, "gao"), f"/disputes/{row.pk}/ruling/"
    assert client.get("/disputes/").context["disputes"].lines[0]["row"].pk == row.pk
    assert client.post(address, {"outcome": "SPLIT", "share": "70"}).status_code == 422
    assert client.post(address, {"outcome": "SPLIT", "share": "100", "reason": "各有功劳"}).status_code == 422
    ruled = client.post(address, {"outcome": "SPLIT", "share": "70", "reason": "各有功劳"})
    assert (ruled.status_code, ruled["Location"]) == (303, f"/disputes/{row.pk}/")
    assert client.post(address, {"outcome": "CLAIMANT", "reason": "改"}).status_code == 409
    with tenant(yunheng.tenant.id):
        assert DisputeRuling.objects.get().claimant_basis_points == 7_000
    text = browser(yunheng, "sun").get(f"/disputes/{row.pk}/").content.decode()
    assert "Claimant 70% · Respondent 30%" in text and "各有功劳" in text
    assert client.get("/disputes/").context["disputes"].lines == []


def test_a_late_ruling_is_red_beside_its_link(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        claimed(yunheng, morning.day(-20))
    sections = browser(yunheng, "gao").get("/disputes/").context["shell"].nav
    counts = {item.url: item.count for section in sections for item in section.items}
    assert counts["/disputes/"] == (1, True)


def test_the_list_asks_a_fixed_number_of_queries(yunheng) -> None:
    client, asked = browser(yunheng, "gao"), []
    for number in (1, 3):
        with tenant(yunheng.tenant.id):
            for place in range(number):
                one = morning.customer(yunheng.li, f"客户 {number}-{place}")
                about = {"statement": "在跟", "called": "客户", "claimant": yunheng.sun}
                cases.open_dispute(one, **about, **act())
        client.get("/disputes/?view=open")
        with statements() as found:
            assert client.get("/disputes/?view=open").status_code == 200
        asked.append(len(found))
    assert asked[0] == asked[1]


# The API


def test_a_dispute_goes_through_the_api_from_claim_to_ruling(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        one = theirs(yunheng)
    sun, li, gao = (Api(yunheng, person) for person in ("sun", "li", "gao"))
    made = sun.post("ownership-disputes/", {"customer": str(one.pk), "called": "华信", "statement": "在跟"})
    assert made.status_code == 201
    path = f"ownership-disputes/{made.json()['id']}/"
    evidence = {"kind": "CHOICE", "text": "客户来函", "dated_on": str(morning.day(-3))}
    assert sun.post(f"{path}evidence/", evidence).status_code == 200
    assert li.post(f"{path}answer/", {"answer": "是我的"}).status_code == 200
    assert li.post(f"{path}answer/", {"answer": "再说"}).status_code == 409
    assert li.post(f"{path}ruling/", {"outcome": "RESPONDENT", "reason": "我说了算"}).status_code == 403
    proposal = gao.get(f"{path}proposal/").json()
    assert (proposal["outcome"], proposal["by"]) == ("CLAIMANT", "CHOICE")
    assert sun.get(f"{path}proposal/").status_code == 404
    ruled = gao.post(f"{path}ruling/", {"outcome": "CLAIMANT", "reason": "客户选择"})
    assert (ruled.status_code, ruled.json()["state"]) == (200, "FINAL")
    told = sun.get(f"{path}?expand=evidence,rulings").json()
    assert [(row["kind"], row["side"]) for row in told["evidence"]] == [("CHOICE", "CLAIMANT")]
    assert [(row["outcome"], row["by"]) for row in told["rulings"]] == [("CLAIMANT", str(yunheng.gao.id))]
    with tenant(yunheng.tenant.id):
        assert Customer.objects.get().owner == yunheng.sun


def test_the_api_conceals_the_respondents_side_from_the_claimant(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        row = claimed(yunheng)
    for person, whole in (("sun", False), ("zhao", False), ("li", True), ("gao", True)):
        api = Api(yunheng, person)
        told = api.get(f"ownership-disputes/{row.pk}/?expand=evidence").json()
        assert told["respondent"] == (str(yunheng.li.id) if whole else None)
        assert told["answer"] == ("是我的绝密客户" if whole else None)
        sides = {"CLAIMANT", "RESPONDENT"} if whole else {"CLAIMANT"}
        assert {each["side"] for each in told["evidence"]} == sides
        listed = api.get(f"dispute-evidence/?dispute={row.pk}").json()["results"]
        assert {each["side"] for each in listed} == sides
        guessed = api.get(f"ownership-disputes/?party={yunheng.li.id}").json()["results"]
        assert len(guessed) == int(whole)


def test_another_companys_customer_is_unknown_to_the_api(yunheng, beihe) -> None:
    with tenant(beihe.tenant.id):
        one = theirs(beihe)
    body = {"customer": str(one.pk), "called": "x", "statement": "y"}
    answer = Api(yunheng, "sun").post("ownership-disputes/", body)
    assert (answer.status_code, codes(answer)) == (400, [("customer", "does_not_exist")])


def test_an_appeal_after_its_days_is_refused_with_the_reason(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        row = claimed(yunheng, morning.day(-30))
        OwnershipDispute.objects.filter(pk=row.pk).update(
            state="RULED", appeal_until=morning.today() - timedelta(1)
        )
    answer = Api(yunheng, "li").post(f"ownership-disputes/{row.pk}/appeal/", {"appeal": "不服"})
    assert (answer.status_code, codes(answer)) == (400, [("", "too_late")])
