from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm.accounts.access import reach
from crm.accounts.models import Member
from crm.events.models import Event
from crm.refusal import Conflict, Refused
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes
from crm.tests.cast import NOW, TODAY
from customers import registry
from customers.intel import relay
from customers.models import Customer, CustomerIntel

pytestmark = pytest.mark.django_db
ACT = {"at": NOW, "on": TODAY}
FRIDAY, TUESDAY = TODAY, date(2026, 11, 24)


def customer(of: Member, name: str = "华信科技有限公司") -> Customer:
    return registry.register(name=name, developer=of, by=of, at=NOW, on=TODAY)


def relayed(here, **given) -> CustomerIntel:
    about = {"text": "下月要招标", "called": "华信", "sender": here.zhao, **ACT} | given
    return relay.relay(about.pop("customer", None) or customer(here.li), **about)


def refusal(act) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        act()
    return [(fault.field, fault.code) for fault in refused.value.faults]


def test_news_is_to_be_answered_in_two_working_days(here) -> None:
    row = relayed(here)
    assert (row.relayed_on, row.due_on) == (FRIDAY, TUESDAY)
    over_the_holiday = relayed(here, customer=row.customer, on=date(2026, 9, 30))
    assert over_the_holiday.due_on == date(2026, 10, 9)


def test_news_without_words_or_of_ones_own_customer_is_refused(here) -> None:
    li = customer(here.li)
    assert refusal(lambda: relayed(here, customer=li, text=" ")) == [("text", "required")]
    assert refusal(lambda: relayed(here, customer=li, text="x" * 4001)) == [("text", "max_length")]
    assert refusal(lambda: relayed(here, customer=li, called="")) == [("called", "required")]
    assert refusal(lambda: relayed(here, customer=li, kind="X")) == [("kind", "invalid_choice")]
    assert refusal(lambda: relayed(here, customer=li, sender=here.li)) == [("", "own_customer")]


def test_it_is_the_owners_and_the_heads_to_answer_and_nobody_elses(here) -> None:
    row = relayed(here)
    answers = {name for name in here.people if relay.may_answer(here.viewer(name), row)}
    assert answers == {"li", "chen", "gao"}


def test_an_answer_is_told_once(here) -> None:
    row = relayed(here)
    relay.acknowledge(row, outcome="USEFUL", answer="谢谢", by=here.li, **ACT)
    stored = CustomerIntel.objects.get()
    assert (stored.outcome, stored.acknowledged_by, stored.acknowledged_on) == ("USEFUL", here.li, TODAY)
    assert Event.objects.get(name="intel.acknowledged").data == {"outcome": "USEFUL", "note": "谢谢"}
    with pytest.raises(Conflict):
        relay.acknowledge(row, outcome="KNOWN", by=here.chen, **ACT)


def test_an_answer_says_what_the_news_was_worth(here) -> None:
    row = relayed(here)
    assert refusal(lambda: relay.acknowledge(row, outcome="", by=here.li, **ACT)) == [("outcome", "required")]
    assert refusal(lambda: relay.acknowledge(row, outcome="X", by=here.li, **ACT)) == [
        ("outcome", "invalid_choice")
    ]


def test_the_sender_is_thanked_once_and_after_the_answer(here) -> None:
    row = relayed(here)
    with pytest.raises(Conflict):
        relay.thank(row, thanks="多谢", by=here.li, **ACT)
    relay.acknowledge(row, outcome="USEFUL", by=here.li, **ACT)
    assert refusal(lambda: relay.thank(row, thanks=" ", by=here.li, **ACT)) == [("thanks", "required")]
    relay.thank(row, thanks="多谢", by=here.li, **ACT)
    assert (CustomerIntel.objects.get().thanks, CustomerIntel.objects.get().thanked_by) == ("多谢", here.li)
    with pytest.raises(Conflict):
        relay.thank(row, thanks="再谢", by=here.li, **ACT)


def test_the_owner_gets_a_follow_up_that_the_answer_closes(here) -> None:
    row = relayed(here)
    (todo,) = row.customer.follow_ups.all()
    assert (todo.owner, todo.due_on, todo.state) == (here.li, TUESDAY, "OPEN")
    assert todo.headline == "Answer the news from 华北商务部"
    relay.acknowledge(row, outcome="KNOWN", by=here.chen, **ACT)
    todo.refresh_from_db()
    assert todo.state == "DONE"


# The night


def test_unanswered_news_goes_to_the_head_the_night_after_its_day_once(here) -> None:
    row = relayed(here)
    assert relay.escalate(TUESDAY, NOW) == 0
    assert relay.escalate(TUESDAY + timedelta(1), NOW) == 1
    assert relay.escalate(TUESDAY + timedelta(2), NOW) == 0
    row.refresh_from_db()
    assert (row.escalated_to, row.escalated_on) == (here.chen, TUESDAY + timedelta(1))
    assert Event.objects.get(name="intel.escalated").data == {"to": "陈静", "to_id": str(here.chen.id)}


def test_the_head_is_the_next_one_above_and_never_the_sender(here) -> None:
    of_a_team = relayed(here, customer=customer(here.wu, "甬江"))
    from_the_head = relayed(here, customer=customer(here.zhou, "钱塘"), sender=here.chen)
    relay.escalate(TUESDAY + timedelta(1), NOW)
    heads = {row.pk: row.escalated_to for row in CustomerIntel.objects.all()}
    assert heads == {of_a_team.pk: here.chen, from_the_head.pk: here.gao}


def test_a_night_asks_one_statement_whatever_the_number(here, django_assert_num_queries) -> None:
    one = customer(here.li)
    for number in range(5):
        relayed(here, customer=one, text=f"消息 {number}")
    with django_assert_num_queries(4):  # its settings before and after, and one for the events
        assert relay.escalate(TUESDAY + timedelta(1), NOW) == 5


def test_the_night_of_one_company_leaves_the_others_news(here, beihe) -> None:
    with tenant(beihe.tenant.id):
        theirs = relayed(beihe)
    relayed(here)
    assert relay.escalate(TUESDAY + timedelta(1), NOW) == 1
    with tenant(beihe.tenant.id):
        assert CustomerIntel.objects.get(pk=theirs.pk).escalated_to is None


# What it earns


def useful(here, on: date) -> Customer:
    one = customer(here.li)
    row = relayed(here, customer=one, on=on)
    relay.acknowledge(row, outcome="USEFUL", by=here.li, at=NOW, on=on)
    return one


def test_useful_news_proposes_its_department_a_fifth_for_twelve_months(here) -> None:
    one = useful(here, date(2026, 1, 15))
    for day in (date(2026, 1, 15), date(2027, 1, 15)):
        proposed = relay.proposal(one, day)
        assert proposed and (proposed.department.code, proposed.basis_points) == ("NORTH", 2_000)
    assert relay.proposal(one, date(2027, 1, 16)) is None
    assert relay.proposal(one, date(2026, 1, 14)) is None


def test_unanswered_known_and_own_news_proposes_nothing(here) -> None:
    one = customer(here.li)
    row = relayed(here, customer=one)
    assert relay.proposal(one, TODAY) is None
    relay.acknowledge(row, outcome="KNOWN", by=here.li, **ACT)
    of_the_same_department = relayed(here, customer=one, sender=here.zhou)
    relay.acknowledge(of_the_same_department, outcome="USEFUL", by=here.li, **ACT)
    assert relay.proposal(one, TODAY) is None


def test_news_that_led_to_a_contract_is_credited_once(here) -> None:
    today = morning.today()
    one = useful(here, today - timedelta(30))
    shares = [(here.li, 8_000), (here.departments["NORTH"], 2_000)]
    signed = morning.sign(one, "H-1", "100000.00", starts_on=today, shares=shares)
    assert CustomerIntel.objects.get().led_to_contract == signed
    assert relay.proposal(one, today) is None


def test_news_whose_department_got_no_share_has_led_to_nothing(here) -> None:
    today = morning.today()
    one = useful(here, today - timedelta(30))
    morning.sign(one, "H-1", "100000.00", starts_on=today)
    assert CustomerIntel.objects.get().led_to_contract is None


def test_the_form_that_signs_proposes_the_share(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        one = useful(yunheng, morning.today() - timedelta(30))
    page = browser(yunheng, "li").get(f"/customers/{one.pk}/sign/")
    assert [row["share"] for row in page.context["splits"].initial] == [Decimal("0.8"), Decimal("0.2")]
    assert str(page.context["splits"].initial[1]["payee"]) == "华北商务部"
    assert "20% for 华北商务部" in page.content.decode()


# Pages


def test_news_of_a_customer_beyond_reach_is_passed_on_and_followed(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        one = customer(yunheng.li, "华信绝密科技有限公司")
    client = browser(yunheng, "sun")
    form = client.get(f"/intel/new/?customer={one.pk}&called=华信")
    assert "绝密" not in form.content.decode()
    sent = client.post(
        "/intel/new/", {"customer": one.pk, "called": "华信", "kind": "NEED", "text": "要换供应商"}
    )
    with tenant(yunheng.tenant.id):
        row = CustomerIntel.objects.get()
    assert (sent.status_code, sent["Location"]) == (303, f"/intel/{row.pk}/")
    for address in ("/intel/?view=sent", f"/intel/{row.pk}/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "华信" in page.content.decode() and "绝密" not in page.content.decode()
    assert client.get(f"/customers/{one.pk}/").status_code == 404


def test_the_owner_reads_answers_and_thanks(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        row = relayed(yunheng, on=morning.today())
    client = browser(yunheng, "li")
    inbox = client.get("/intel/")
    assert [line["row"].pk for line in inbox.context["news"].lines] == [row.pk]
    assert "下月要招标" in client.get(f"/intel/{row.pk}/").content.decode()
    assert client.post(f"/intel/{row.pk}/acknowledgement/", {}).status_code == 422
    answered = client.post(f"/intel/{row.pk}/acknowledgement/", {"outcome": "USEFUL", "answer": "好"})
    assert answered.status_code == 303
    assert client.post(f"/intel/{row.pk}/thanks/", {"thanks": "多谢"}).status_code == 303
    assert client.get("/intel/").context["news"].lines == []
    assert "多谢" in browser(yunheng, "zhao").get(f"/intel/{row.pk}/").content.decode()


def test_late_news_is_red_beside_its_link(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        relayed(yunheng, on=morning.day(-20))
    sections = browser(yunheng, "li").get("/intel/").context["shell"].nav
    counts = {item.url: item.count for section in sections for item in section.items}
    assert counts["/intel/"] == (1, True)


def test_without_a_customer_one_is_looked_for_first(yunheng) -> None:
    for words in ("", "?customer=x", "?customer=019a2f6e-3c1b-7d44-9f0a-5b7c2d8e1f30"):
        answer = browser(yunheng, "sun").get(f"/intel/new/{words}")
        assert (answer.status_code, answer["Location"]) == (302, "/customers/check/")


def test_the_head_counts_what_his_people_passed_on(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        one = relayed(yunheng, on=morning.today(), customer=customer(yunheng.sun, "北方"), sender=yunheng.li)
        relay.acknowledge(one, outcome="USEFUL", by=yunheng.sun, at=NOW, on=morning.today())
        relayed(yunheng, on=morning.today(), customer=customer(yunheng.li, "南方"))
    page = browser(yunheng, "chen").get("/intel/counts/")
    rows = [(row.member, row.relayed, row.answered, row.useful, row.signed) for row in page.context["rows"]]
    assert rows == [("李娜", 1, 1, 1, 0)]
    assert browser(yunheng, "chen").get("/intel/counts/?since=nonsense").status_code == 422


# The API


def test_news_goes_through_the_api_masked_for_its_sender(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        one = customer(yunheng.li)
    body = {"customer": str(one.pk), "called": "华信", "text": "要换供应商", "kind": "RISK"}
    made = Api(yunheng, "sun").post("customer-intel/", body)
    assert made.status_code == 201
    about = made.json()
    assert (about["customer"], about["called"], about["outcome"]) == (str(one.pk), "华信", "")
    path = f"customer-intel/{about['id']}/"
    answer = {"outcome": "USEFUL", "answer": "谢谢"}
    assert Api(yunheng, "sun").post(f"{path}acknowledgement/", answer).status_code == 403
    assert Api(yunheng, "li").post(f"{path}acknowledgement/", answer).status_code == 200
    assert Api(yunheng, "li").post(f"{path}acknowledgement/", answer).status_code == 409
    assert Api(yunheng, "li").post(f"{path}thanks/", {"thanks": "多谢"}).status_code == 200
    for person, who in (("sun", None), ("li", str(yunheng.li.id))):
        told = Api(yunheng, person).get(path).json()
        assert (told["acknowledged_by"], told["outcome"], told["thanks"]) == (who, "USEFUL", "多谢")
    assert Api(yunheng, "sun").get("customer-intel/?state=ANSWERED").json()["results"][0]["id"] == about["id"]
    assert Api(yunheng, "sun").get("customer-intel/?addressee=me").json()["results"] == []
    assert Api(yunheng, "zhou").get(path).status_code == 404


def test_another_companys_customer_is_unknown_to_the_api(yunheng, beihe) -> None:
    with tenant(beihe.tenant.id):
        theirs = customer(beihe.li)
    answer = Api(yunheng, "sun").post(
        "customer-intel/", {"customer": str(theirs.pk), "called": "x", "text": "y"}
    )
    assert (answer.status_code, codes(answer)) == (400, [("customer", "does_not_exist")])


def test_the_counts_of_the_api_are_those_of_the_page(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        relayed(yunheng, on=morning.today(), customer=customer(yunheng.sun, "北方"), sender=yunheng.li)
    (row,) = Api(yunheng, "chen").get("customer-intel-counts/").json()["results"]
    assert row == {
        "member": str(yunheng.li.id),
        "department": str(yunheng.departments["EAST"].id),
        "relayed": 1,
        "answered": 0,
        "useful": 0,
        "thanked": 0,
        "signed": 0,
    }
    refused = Api(yunheng, "chen").get("customer-intel-counts/?since=soon")
    assert (refused.status_code, codes(refused)) == (400, [("since", "invalid")])


def test_a_sender_reaches_his_own_news_only(here) -> None:
    mine = relayed(here, sender=here.sun)
    relayed(here, customer=customer(here.zhou, "另一家"))
    assert list(reach(here.viewer("sun"), CustomerIntel.objects.all())) == [mine]
