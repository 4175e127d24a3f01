"""What people read of commission: their own, and what reviewers see of others."""

import re
from decimal import Decimal
from html import unescape
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import dateformat

from commissions import statement
from commissions.models import LedgerEntry
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import browser, statements
from crm.tests.cast import PEOPLE
from crm.web.templatetags.amounts import money
from crm.web.templatetags.days import day
from customers import cash

pytestmark = pytest.mark.django_db

OTHERS = Decimal("10800.00")  # 30 % of the pool, 6 % of 600,000
LATER = morning.day(75)


@pytest.fixture
def book(yunheng):
    """A contract of 600,000 that 李娜 and 周毅 share since last month; half of it is paid, on time."""
    with tenant(yunheng.tenant.id):
        buyer = morning.customer(yunheng.li, "华信精密仪器")
        signed = morning.sign(
            buyer,
            "K-1",
            "600000.00",
            starts_on=morning.day(-20),
            shares=[(yunheng.li, 7000), (yunheng.zhou, 3000)],
            due=[morning.day(0), LATER],
        )
        morning.receive(signed, "300000.00", morning.today())
    return SimpleNamespace(company=yunheng, contract=signed, customer=buyer)


def text(response) -> str:
    """The words of a page, without tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def entry_of(book, person: str) -> LedgerEntry:
    with tenant(book.company.tenant.id):
        return LedgerEntry.objects.get(member=book.company.people[person])


# My own


def test_my_page_tells_what_came_and_what_is_still_to_come(book) -> None:
    shown = text(browser(book.company, "li").get(reverse("commissions:mine")))
    assert re.search(r"Posted this month ¥ ?12,600\.00", shown)
    assert re.search(r"Still to come ¥ ?12,600\.00", shown)
    assert "K-1 华信精密仪器 ¥25,200.00" in shown


def test_the_chart_puts_what_is_to_come_into_the_month_of_its_instalment(book) -> None:
    shown = text(browser(book.company, "li").get(reverse("commissions:mine")))
    assert "¥12,600 posted in the last six months, ¥12,600 to come in the next six." in shown
    assert f"{dateformat.format(morning.today(), 'M')} 12,600 0" in shown
    assert f"{dateformat.format(LATER, 'M')} 0 12,600" in shown


def test_a_column_leads_to_a_list_with_its_sum(book) -> None:
    client = browser(book.company, "li")
    page = client.get(reverse("commissions:mine")).content.decode()
    name = dateformat.format(LATER, "M")
    links = [unescape(link) for link in re.findall(rf'<a href="([^"]+)" data-tip="{name}', page)]
    assert links == [f"{reverse('commissions:to-come')}?month={LATER:%Y-%m}"]
    shown = text(client.get(links[0]))
    assert "Posted ¥0.00 Expected ¥12,600.00" in shown
    assert f"{day(LATER)} K-1 华信精密仪器 {day(LATER)} ¥12,600.00" in shown


def test_what_is_late_is_expected_today(book) -> None:
    with tenant(book.company.tenant.id):
        known = statement.parts(statement.of_member(book.company.li.id))
        found = statement.coming(known, morning.day(90))
    assert [(c.on, c.due_on, c.amount) for c in found] == [(morning.day(90), LATER, Decimal("12600.00"))]


def test_parts_of_what_is_to_come_sum_to_it_to_the_fen(book) -> None:
    with tenant(book.company.tenant.id):
        signed = morning.sign(
            book.customer,
            "K-3",
            "1000.01",
            starts_on=morning.day(-1),
            shares=[(book.company.li, 3333), (book.company.zhou, 6667)],
            due=[morning.day(30), morning.day(60), morning.day(90)],
        )
        known = statement.parts(statement.of_member(book.company.li.id))
        mine = [c for c in statement.coming(known, morning.today()) if c.contract_id == signed.id]
    assert len(mine) == 3
    assert sum(c.amount for c in mine) == known[signed.id, 1].open == known[signed.id, 1].expected


def test_a_person_without_any_commission_is_told_so(yunheng) -> None:
    shown = text(browser(yunheng, "wu").get(reverse("commissions:mine")))
    assert "No contract pays commission yet." in shown


def test_who_may_not_have_commission_is_refused(yunheng) -> None:
    client = browser(yunheng, "he")
    names = ("mine", "to-come", "entries", "review")
    assert {client.get(reverse(f"commissions:{name}")).status_code for name in names} == {403}


def test_a_nonsensical_month_is_not_found(yunheng) -> None:
    client = browser(yunheng, "chen")
    for name in ("to-come", "review"):
        for month in ("2026-13", "x", "2026-1", "9999-01"):
            answer = client.get(reverse(f"commissions:{name}"), {"month": month})
            assert answer.status_code == 404, (name, month)


# Why


def test_why_tells_every_step_with_its_numbers(book) -> None:
    entry = entry_of(book, "li")
    shown = text(browser(book.company, "li").get(reverse("commissions:entry-why", args=[entry.id])))
    for words in (
        "Why ¥12,600.00?",
        "Department rate, Key account × 6%",
        "Department pool 36,000.00",
        "Share × 70.00%",
        "The year pays in all 25,200.00",
        "300,000.00 of 600,000.00 × 50.00%",
        "Due by then 12,600.00",
    ):
        assert words in shown


def test_why_is_an_answer_for_a_popover_and_a_page_without_scripts(book) -> None:
    client, url = browser(book.company, "li"), reverse("commissions:contract-why", args=[book.contract.id])
    whole, inside = client.get(url), client.get(url, headers={"HX-Request": "true"})
    assert "<html" in whole.content.decode()
    assert inside.content.decode().lstrip().startswith("<h2>Why ¥25,200.00?</h2>")


def test_a_contract_of_several_years_tells_each_of_them(book) -> None:
    with tenant(book.company.tenant.id):
        signed = morning.sign(
            book.customer,
            "K-2",
            "200000.00",
            starts_on=morning.day(-5),
            months=24,
            due=[morning.day(-5), morning.day(362)],
        )
    client = browser(book.company, "li")
    page = client.get(reverse("commissions:contract-why", args=[signed.id]))
    shown = text(page)
    assert re.search(r"1 New business [\w ]+ ¥[\d,.]+ 2 Renewal [\w ]+ ¥[\d,.]+ In all", shown)
    links = re.findall(r'href="([^"]+entitlements[^"]+)"', page.content.decode())
    assert [client.get(link).status_code for link in links] == [200, 200]


def test_expenses_are_no_part_of_the_why_of_one_who_may_not_see_them(book) -> None:
    with tenant(book.company.tenant.id):
        cash.book_expense(
            book.contract,
            number="V-1",
            category="TRAVEL",
            amount=Decimal("7654.32"),
            incurred_on=morning.today(),
            by=book.company.qian,
            at=morning.noon(morning.today()),
            on=morning.today(),
        )
        entry = LedgerEntry.objects.filter(member=book.company.li).latest("id")
    url = reverse("commissions:entry-why", args=[entry.id])
    assert "7,654.32" not in text(browser(book.company, "li").get(url))
    assert "Less direct expenses −7,654.32" in text(browser(book.company, "chen").get(url))


# Secrets


def test_nobody_finds_anothers_commission(book) -> None:
    """周毅's entry, its why and the sums that hold it, searched for in every page of every role."""
    entry = entry_of(book, "zhou")
    planted = {money(amount) for amount in (OTHERS, OTHERS / 2)} | {"10,800.00", "5,400.00"}
    company = book.company
    pages = [reverse(f"commissions:{name}") for name in ("mine", "to-come", "entries", "review")]
    pages += [f"{reverse('commissions:entries')}?{words}" for words in ("view=all", "ordering=-amount")]
    pages += [
        reverse("commissions:entry-why", args=[entry.id]),
        reverse("commissions:contract-why", args=[book.contract.id]),
        reverse("commissions:payee-statement", args=["member", company.zhou.id]),
        reverse("commissions:payee-to-come", args=["member", company.zhou.id]),
        reverse("commissions:payee-contract-why", args=["member", company.zhou.id, book.contract.id]),
    ]
    see = {"zhou", "chen", "gao", "qian", "tian", "shen"}
    for code, *_ in PEOPLE:
        client = browser(company, code)
        answers = [client.get(url, follow=True) for url in pages]
        found = any(amount in answer.content.decode() for answer in answers for amount in planted)
        assert found == (code in see), code


def test_anothers_why_is_not_found(book) -> None:
    entry = entry_of(book, "zhou")
    url = reverse("commissions:entry-why", args=[entry.id])
    assert browser(book.company, "li").get(url).status_code == 404
    assert browser(book.company, "zhao").get(url).status_code == 404


def test_another_company_sees_nothing(book, beihe) -> None:
    client = browser(beihe, "gao")
    entry = entry_of(book, "li")
    assert client.get(reverse("commissions:entry-why", args=[entry.id])).status_code == 404
    assert "K-1" not in client.get(reverse("commissions:entries")).content.decode()
    statement_url = reverse("commissions:payee-statement", args=["member", book.company.li.id])
    assert client.get(statement_url).status_code == 404


# The ledger as a list


def test_the_sum_of_a_list_is_that_of_what_is_paid_out(book) -> None:
    client = browser(book.company, "li")
    assert "Paid out ¥12,600.00" in text(client.get(reverse("commissions:entries")))
    assert "Paid out ¥0.00" in text(client.get(reverse("commissions:entries"), {"posting_period": "2020-10"}))


def test_there_is_no_sum_over_two_payees(book) -> None:
    client = browser(book.company, "chen")
    shown = text(client.get(reverse("commissions:entries"), {"view": "all"}))
    assert "No sum over fewer than three payees" in shown
    assert "18,000.00" not in shown


def test_nonsense_in_the_address_is_said_and_no_error(book) -> None:
    answer = browser(book.company, "li").get(reverse("commissions:entries"), {"contract": "x", "kind": "y"})
    assert answer.status_code == 200
    assert "is no id" in text(answer)


@pytest.mark.parametrize("name", ["mine", "to-come", "entries"])
def test_a_page_asks_no_more_for_many_rows_than_for_one(book, name: str) -> None:
    client = browser(book.company, "li")

    def asked() -> int:
        with statements() as sql:
            assert client.get(reverse(f"commissions:{name}")).status_code == 200
        return len(sql)

    asked()
    few = asked()
    with tenant(book.company.tenant.id):
        more = [
            morning.sign(
                book.customer,
                f"M-{number}",
                "50000.00",
                starts_on=morning.day(-3),
            )
            for number in range(3)
        ]
        for contract in more:
            morning.receive(contract, "20000.00", morning.today())
    assert asked() == few
    assert few <= 12


# Review


def test_a_head_reviews_his_people_and_no_others(book) -> None:
    shown = text(browser(book.company, "chen").get(reverse("commissions:review")))
    assert "李娜 华东商务部 ¥12,600.00" in shown
    assert "周毅 华东商务部 ¥5,400.00" in shown
    assert "运维部" not in shown
    assert "Totals over fewer than 3 payees are not shown." in shown
    assert "李娜" not in text(browser(book.company, "zhao").get(reverse("commissions:review")))


def test_a_total_over_three_payees_is_shown(book) -> None:
    shown = text(browser(book.company, "qian").get(reverse("commissions:review")))
    assert "Posted in the month ¥24,000.00" in shown
    assert "运维部 Department pool ¥6,000.00" in shown


def test_a_row_of_the_review_leads_to_entries_with_its_sum(book) -> None:
    client = browser(book.company, "chen")
    page = client.get(reverse("commissions:review")).content.decode()
    link = next(unescape(link) for link in re.findall(r'href="([^"]+entries[^"]+)"', page))
    assert "Paid out ¥12,600.00" in text(client.get(link))


def test_a_reviewer_reads_the_statement_of_his_payee(book) -> None:
    client, li = browser(book.company, "chen"), book.company.li
    shown = text(client.get(reverse("commissions:payee-statement", args=["member", li.id])))
    assert "Commission of 李娜" in shown
    why = client.get(reverse("commissions:payee-contract-why", args=["member", li.id, book.contract.id]))
    assert "Why ¥25,200.00?" in text(why)
    ops = reverse("commissions:payee-statement", args=["department", book.company.departments["OPS"].id])
    assert client.get(ops).status_code == 404
    assert "12,000.00" in text(browser(book.company, "gao").get(ops))


def test_one_who_only_reviews_is_led_to_the_review(yunheng) -> None:
    answer = browser(yunheng, "shen").get(reverse("commissions:mine"))
    assert (answer.status_code, answer["Location"]) == (302, reverse("commissions:review"))


# On the contract


def test_the_page_of_a_contract_fetches_what_it_pays_me_and_why(book) -> None:
    client, place = browser(book.company, "li"), reverse("commissions:contract-pays", args=[book.contract.pk])
    page = client.get(reverse("customers:contract", args=[book.contract.pk])).content.decode()
    assert f'hx-get="{place}"' in page
    shown = text(client.get(place))
    assert "This contract pays you about ¥25,200.00" in shown and "¥12,600.00 of it is posted." in shown
    assert reverse("commissions:contract-why", args=[book.contract.pk]) in client.get(place).content.decode()


def test_a_contract_that_pays_me_nothing_says_nothing(book) -> None:
    client = browser(book.company, "sun")
    place = reverse("commissions:contract-pays", args=[book.contract.pk])
    assert "pays you" not in text(client.get(place))
    assert browser(book.company, "he").get(place).status_code == 403
