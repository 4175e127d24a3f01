"""Bank files: the exact rule, what is suggested, a person's word, and what keeps a month open."""

from datetime import date
from decimal import Decimal

import pytest

from commissions import accrual, checklist, closing
from commissions.models import LedgerEntry, Period
from crm.accounts.access import viewer_of
from crm.accounts.models import Member
from crm.events.models import Event
from crm.integrations.tests.files import bring_in, faults, table
from crm.periods import add_months
from crm.refusal import Conflict
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser, codes, statements
from customers.models import BankLine, Contract, Payment
from customers.receivables import banking
from customers.tests.deals import refusal

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
D = Decimal
START, CAME = date(2026, 10, 1), date(2026, 11, 10)  # files are brought in on 20 November
HEAD = ["交易流水号", "交易日期", "对方户名", "贷方金额", "附言"]


def now() -> dict:
    return {"at": morning.noon(morning.today()), "on": morning.today()}


def deal(company, number: str = "HT-1", name: str = "宁波华信科技有限公司", owner: str = "li") -> Contract:
    """120,000.00, half due in October and half in a year."""
    buyer = morning.customer(company.people[owner], name)
    due = [date(2026, 10, 15), date(2027, 9, 15)]
    return morning.sign(buyer, number, "120000.00", starts_on=START, due=due)


def bank_file(*rows: tuple[str, str, str, str]):
    """Serial, payer, amount, reference; all of one day."""
    lines = [[serial, f"{CAME}", payer, amount, words] for serial, payer, amount, words in rows]
    return bring_in("bank-lines", table([HEAD, *lines]), by=viewer_of(Member.objects.get(code="qian")))


def states() -> dict[str, tuple[str, str]]:
    return {row.serial: (row.state, row.by) for row in BankLine.objects.all()}


def line(serial: str) -> BankLine:
    return BankLine.objects.get(serial=serial)


def why(serial: str) -> list[tuple[str, bool, bool, bool]]:
    row = line(serial)
    found = banking.suggestions([row])[row.pk]
    return [(each.contract.number, each.by_number, each.by_name, each.by_amount) for each in found]


def test_a_number_and_exactly_what_is_open_are_matched_without_a_person(here) -> None:
    signed = deal(here)
    bank_file(("B-1", "华信", "60000", "付HT-1货款"), ("B-2", "别家", "120000.00", "货款"))
    assert states() == {"B-1": ("MATCHED", "EXACT"), "B-2": ("OPEN", "")}
    paid = Payment.objects.get()
    assert (paid.number, paid.contract_id, paid.amount, paid.note) == (
        "B-1",
        signed.pk,
        D("60000.00"),
        "华信",
    )
    assert list(signed.receivables.order_by("number").values_list("open", flat=True)) == [D(0), D("60000.00")]


def test_what_the_exact_rule_matches_is_accrued(here) -> None:
    deal(here)
    bank_file(("B-1", "华信", "60000", "HT-1"))
    accrual.accrue_for(Event.objects.filter(name="bank_lines.matched"))
    assert LedgerEntry.objects.filter(source_event="cash:B-1", member=here.li).exists()


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("60000.01", "HT-1"),
        ("60000", "HT-12"),
        ("60000", "HT-1-A"),
        ("60000", "AHT-1"),
        ("60000", ""),
        ("60000", "HT-1 HT-9"),
    ],
)
def test_whatever_is_not_exact_waits_for_a_person(here, amount, words) -> None:
    deal(here)
    deal(here, "HT-9", "另一家公司")
    bank_file(("B-1", "华信", amount, words))
    assert states() == {"B-1": ("OPEN", "")}
    assert not Payment.objects.exists()


def test_of_two_lines_for_one_contract_the_rule_takes_the_first(here) -> None:
    deal(here)
    bank_file(("B-1", "华信", "60000", "HT-1"), ("B-2", "华信", "60000", "HT-1"))
    assert states() == {"B-1": ("MATCHED", "EXACT"), "B-2": ("OPEN", "")}


def test_the_same_file_again_changes_nothing_and_a_recorded_serial_is_the_same_receipt(here) -> None:
    signed = deal(here)
    morning.receive(signed, "10.00", CAME, "B-0")
    run = bank_file(("B-0", "华信", "10", ""), ("B-1", "华信", "5", ""))
    assert faults(run) == [(2, "serial", "same_receipt")]
    again = bank_file(("B-1", "华信", "5", ""))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
    other = bank_file(("B-1", "华信", "6", ""))
    assert faults(other) == [(2, "serial", "posted_line")]


def test_suggestions_are_told_with_what_speaks_for_them_the_likeliest_first(here) -> None:
    deal(here, "HT-1", "宁波华信科技有限公司")
    deal(here, "HT-2", "另一家公司")
    bank_file(("B-1", "华信科技（宁波）有限公司", "60000", "货款"), ("B-2", "个人", "77", "ht-2 尾款"))
    bank_file(("B-3", "无关", "1.11", "利息"))
    assert why("B-1") == [("HT-1", False, True, True), ("HT-2", False, False, True)]
    assert why("B-2") == [("HT-2", True, False, False)]
    assert why("B-3") == []


def test_a_person_confirms_and_the_money_settles_the_oldest_instalment(here) -> None:
    signed = deal(here)
    bank_file(("B-1", "王五", "70000", "代付"))
    done = banking.match(line("B-1"), signed, by=here.qian, **now())
    assert (done.state, done.by, done.payment.number) == ("MATCHED", "PERSON", "B-1")
    assert list(signed.receivables.order_by("number").values_list("open", flat=True)) == [D(0), D("50000.00")]
    assert refusal(lambda: banking.match(done, signed, by=here.qian, **now())) == [("", "not_open")]


def test_a_line_in_another_currency_or_before_the_signature_is_refused(here) -> None:
    deal(here)
    buyer = morning.customer(here.li, "外贸客户")
    about = {"currency": "USD", "book_rate": D("7.1")}
    usd = morning.sign(buyer, "US-1", "100.00", starts_on=START, due=[START], **about)
    after = date(2026, 11, 15)
    late = morning.sign(buyer, "HT-3", "100.00", starts_on=after, due=[after])
    bank_file(("B-1", "外贸客户", "100", "US-1 HT-3"))
    assert states() == {"B-1": ("OPEN", "")}
    assert refusal(lambda: banking.match(line("B-1"), usd, by=here.qian, **now())) == [
        ("contract", "other_currency")
    ]
    assert refusal(lambda: banking.match(line("B-1"), late, by=here.qian, **now())) == [
        ("received_on", "before_signing")
    ]


def test_what_is_no_receipt_is_set_aside_with_a_reason_and_may_be_taken_back(here) -> None:
    bank_file(("B-1", "某银行", "3.21", "利息"))
    assert refusal(lambda: banking.set_aside(line("B-1"), reason=" ", by=here.qian, **now())) == [
        ("reason", "required")
    ]
    aside = banking.set_aside(line("B-1"), reason="存款利息", by=here.qian, **now())
    assert (aside.state, aside.reason) == ("SET_ASIDE", "存款利息")
    assert banking.reopen(aside, by=here.qian, **now()).state == "OPEN"


def last_month(company) -> Period:
    """The month before, with nothing to pay."""
    month = add_months(morning.today().replace(day=1), -1)
    return Period.objects.get_or_create(month=f"{month:%Y-%m}")[0]


def test_one_unmatched_line_keeps_its_month_from_being_calculated(here) -> None:
    period = last_month(here)
    about = {"payer": "王五", "amount": D("5.00"), "currency": "CNY", "entered_on": morning.today()}
    row = BankLine.objects.create(serial="B-1", received_on=period.last_day, **about)
    (point,) = [each for each in checklist.of(period, morning.today()) if each.key == "bank"]
    assert (point.count, point.blocks) == (1, True)
    with pytest.raises(Conflict) as refused:
        closing.calculate(period, by=here.viewer("tian"), **now())
    assert refused.value.faults[0].code == "unmatched_cash"
    banking.set_aside(row, reason="内部往来", by=here.qian, **now())
    assert closing.calculate(period, by=here.viewer("tian"), **now()).state != "OPEN"


def test_a_line_of_a_later_month_does_not_block(here) -> None:
    period = last_month(here)
    about = {"payer": "王五", "amount": D("5.00"), "currency": "CNY", "entered_on": morning.today()}
    BankLine.objects.create(serial="B-1", received_on=morning.today(), **about)
    assert not [each for each in checklist.of(period, morning.today()) if each.key == "bank" and each.is_open]


def test_finance_confirms_chooses_and_sets_aside_by_the_pages(yunheng) -> None:
    with tenant(yunheng.tenant.id):
        signed = deal(yunheng)
        bank_file(("B-1", "宁波华信科技有限公司", "1000", ""), ("B-2", "x", "7", ""), ("B-3", "y", "8", ""))
        one, two, three = line("B-1"), line("B-2"), line("B-3")
    client = browser(yunheng, "qian")
    shown = {
        row.serial: suggestion for row, suggestion in client.get("/receivables/bank/").context["list"].lines
    }
    assert (shown["B-1"].contract.pk, shown["B-2"]) == (signed.pk, None)
    assert client.post(f"/receivables/bank/{one.pk}/matching/", {"contract": signed.pk}).status_code == 303
    assert client.post(f"/receivables/bank/{one.pk}/matching/", {"contract": signed.pk}).status_code == 409
    wrong = client.post(f"/receivables/bank/{two.pk}/matching/", {"contract_text": "HT-77"})
    assert wrong.status_code == 422 and "HT-77" in wrong.content.decode()
    assert client.post(f"/receivables/bank/{two.pk}/matching/", {"contract_text": "HT-1"}).status_code == 303
    assert client.post(f"/receivables/bank/{three.pk}/setting-aside/", {"reason": ""}).status_code == 422
    assert client.post(f"/receivables/bank/{three.pk}/setting-aside/", {"reason": "利息"}).status_code == 303
    assert client.post(f"/receivables/bank/{three.pk}/reopening/").status_code == 303
    with tenant(yunheng.tenant.id):
        assert states() == {"B-1": ("MATCHED", "PERSON"), "B-2": ("MATCHED", "PERSON"), "B-3": ("OPEN", "")}


def test_whose_a_line_is_nobody_below_the_whole_company_sees_before_it_is_matched(yunheng, beihe) -> None:
    with tenant(yunheng.tenant.id):
        signed = deal(yunheng)
        bank_file(("B-1", "王五", "1000", ""), ("B-2", "赵六", "7", ""))
        one, two = line("B-1"), line("B-2")
        banking.match(one, signed, by=yunheng.qian, **now())
    li = browser(yunheng, "li")
    assert [row.serial for row, _s in li.get("/receivables/bank/?view=all").context["list"].lines] == ["B-1"]
    assert li.get(f"/receivables/bank/{two.pk}/").status_code == 404
    assert browser(yunheng, "sun").get(f"/receivables/bank/{one.pk}/").status_code == 404
    assert Api(beihe, "qian").get("bank-lines/").json()["results"] == []
    assert browser(yunheng, "gao").get(f"/receivables/bank/{two.pk}/").status_code == 200
    assert browser(yunheng, "gao").post(f"/receivables/bank/{two.pk}/setting-aside/").status_code == 403


def test_the_api_suggests_matches_and_sets_aside(yunheng, beihe) -> None:
    with tenant(yunheng.tenant.id):
        signed = deal(yunheng)
        bank_file(("B-1", "王五", "60000", ""), ("B-2", "赵六", "7", ""))
        one, two = line("B-1"), line("B-2")
    with tenant(beihe.tenant.id):
        foreign = deal(beihe)
    api = Api(yunheng, "qian")
    (found,) = api.get(f"bank-lines/{one.pk}/suggestions/").json()["results"]
    assert (found["number"], found["by_amount"], found["by_name"]) == ("HT-1", True, False)
    assert codes(api.post(f"bank-lines/{one.pk}/matching/", {"contract": str(foreign.pk)})) == [
        ("contract", "does_not_exist")
    ]
    done = api.post(f"bank-lines/{one.pk}/matching/", {"contract": str(signed.pk)}).json()
    assert (done["state"], done["by"]) == ("MATCHED", "PERSON")
    assert api.post(f"bank-lines/{two.pk}/setting-aside/", {"reason": "利息"}).json()["state"] == "SET_ASIDE"
    assert api.post(f"bank-lines/{two.pk}/reopening/", {}).json()["state"] == "OPEN"


def test_the_list_costs_the_same_for_one_line_and_for_many(yunheng) -> None:
    client = browser(yunheng, "qian")
    with tenant(yunheng.tenant.id):
        deal(yunheng)
        bank_file(("B-1", "宁波华信科技有限公司", "1", ""))
    client.get("/receivables/bank/")
    with statements() as few:
        client.get("/receivables/bank/")
    with tenant(yunheng.tenant.id):
        bank_file(*((f"B-{n}", "宁波华信科技有限公司", f"{n}", "") for n in range(2, 12)))
    with statements() as many:
        client.get("/receivables/bank/")
    assert len(many) == len(few)
