"""What somebody earns stands in no answer to who does not review him: page, file, paper, search, sort."""

import re
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import Any
from unittest.mock import patch
from zipfile import ZipFile

import pytest
from django.urls import reverse

from commissions import payouts
from commissions.models import LedgerEntry, Statement
from commissions.tests.test_close_pages import bring, last_month, last_months_book
from crm.accounts.access import reach
from crm.accounts.rights import Role, Scope
from crm.accounts.roles import GRANTS
from crm.tenancy.context import tenant
from crm.tests import morning
from crm.tests.callers import Api, browser
from crm.tests.cast import Company
from crm.tests.kinds import KINDS, PEOPLE
from crm.tests.matrix import NOBODY, ROWS
from crm.tests.test_apart import on_paper
from crm.tests.test_matrix import url
from crm.tests.test_secrets import MOMENT, written

pytestmark = pytest.mark.django_db(databases=["default", "reader"])

EARNED = {
    "S-PAY": "87654.30",
    "S-REST": "43210.70",
}  # pays 8,765.43 and, should that be in dispute, 4,321.07
READERS = (*PEOPLE, "zhou", "zhao")  # a colleague, and the head of another department
OF_PAY = re.compile(
    r"commissions:|dashboards:|customers:contract|api:(entries|statements|periods|plan|commence|events|contracts|metrics)"
)
QUESTIONS = (
    "/find/?q=8765",
    "/commission/entries/?view=all&ordering=-amount",
    "/commission/entries/?view=all&ordering=amount&kind=EARNED",
    "/commission/periods/{period}/?ordering=-payable",
    "/commission/periods/{period}/payroll.xlsx",
    "/commission/periods/{period}/asc340.xlsx",
    "/api/v1/entries/?ordering=-amount&limit=200",
    "/api/v1/entries/?search=8765&limit=200",
    "/api/v1/statements/?ordering=-payable&limit=200",
    "/api/v1/statements/?expand=period&limit=200",
    "/api/v1/statements/?fields=id,payable,by_kind",
    "/api/v1/periods/?expand=reviews",
    "/api/v1/periods/{period}/payroll/",
    "/api/v1/periods/{period}/costs/",
    "/api/v1/contracts/?expand=splits&limit=200",
    "/api/v1/events/?limit=200",
)
PAYROLL = {"payroll.xlsx", "payroll.csv"}
CHANNELS = PAYROLL | {"/pdf/", "/api/v1/statements/", "ordering=-payable"}


def in_words(response: Any) -> str:
    """The text of an answer: a paper's words, a workbook's cells, else what was sent."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response.headers.get("Content-Type", "")
    if kind == "application/pdf":
        body = on_paper(body)
    elif "spreadsheet" in kind:
        with ZipFile(BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    return MOMENT.sub("", body.decode(errors="replace"))


def told(company: Company, person: str, asked: Any) -> dict[str, str]:
    api, pages = Api(company, person), browser(company, person)
    return {
        address: in_words((api if address.startswith("/api/") else pages).get(address)) for address in asked
    }


def planted(company: Company) -> tuple[set[str], list[str]]:
    """李娜 earned last month what nobody else did; returns its spellings and every address to ask."""
    with tenant(company.tenant.id):
        buyer = morning.customer(company.li, "工资保密")
        for number, gross in EARNED.items():
            deal = morning.sign(buyer, number, gross, starts_on=last_month(), signed_on=last_month())
            morning.receive(deal, gross, last_month())
    rows = {name: row for name, row in ROWS.items() if row.get is not NOBODY and OF_PAY.match(name)}
    with tenant(company.tenant.id):
        records = {
            kind: KINDS[kind].near(company)
            for kind in dict.fromkeys(("period", *(row.of for row in rows.values())))
            if kind
        }
        row = Statement.objects.get(period=records["period"], member=company.li)
        mine = LedgerEntry.objects.filter(member=company.li, contract__number__in=EARNED)
        amounts = mine.values_list("amount", flat=True)
        paid = payouts.of_statement(row).paid  # less than is payable: a line of it is in dispute
        assert Decimal("8765.43") in amounts
        secrets = set().union(*(written(each) - {f"{each:,.0f}"} for each in (*amounts, row.payable, paid)))
    places = [each.format(period=records["period"]) for each in QUESTIONS]
    read = [url(name, row, records[row.of] if row.of else None) for name, row in rows.items()]
    return secrets, [*read, *places]


@pytest.mark.parametrize("person", READERS)
def test_no_answer_tells_what_somebody_earns_to_who_does_not_review_him(
    person: str, yunheng: Company
) -> None:
    secrets, asked = planted(yunheng)
    with tenant(yunheng.tenant.id):
        mine = reach(yunheng.viewer(person), LedgerEntry.objects.filter(contract__number="S-PAY"))
        sees = mine.filter(member=yunheng.li).exists()
    answers = told(yunheng, person, asked)
    found = {(address, one) for address, body in answers.items() for one in secrets if one in body}
    assert bool(found) == sees, found
    if sees and person not in ("li", "chen"):  # who reviews the company finds it on every kind of channel
        places = [address for address, _one in found]
        known = {kind for kind in CHANNELS if any(kind in place for place in places)}
        assert known == CHANNELS - (PAYROLL if person in ("gao", "shen") else set())


TOTALS = (
    "/",
    "/commission/",
    "/commission/review/?month={month}",
    "/commission/periods/",
    "/commission/periods/{period}/",
    "/commission/entries/?view=all&posting_period={month}",
    "/api/v1/periods/?count=true",
    "/api/v1/periods/{period}/",
    "/api/v1/statements/?count=true",
    "/api/v1/entries/?count=true&posting_period={month}",
    "/api/v1/events/?limit=200",
)


def totals(book: Any, person: str) -> dict[str, str]:
    month = f"{last_month():%Y-%m}"
    asked = [each.format(period=book.period.pk, month=month) for each in TOTALS]
    return told(book.company, person, asked)


def test_no_answer_tells_a_total_over_two_payees(yunheng: Company) -> None:
    """陈静 reviews 李娜 with 6,930.00 and 周毅 with 2,970.00; 高远 operations with 990.00 besides."""
    book = last_months_book(yunheng)
    bring(book, 4)
    two, three = written(Decimal("9900.00")) - {"9,900"}, {"10,890.00"}
    found = totals(book, "chen")
    assert [(address, one) for address, body in found.items() for one in two if one in body] == []
    assert any("6,930.00" in body for body in found.values())
    assert any(one in body for body in totals(book, "gao").values() for one in three)


@pytest.mark.parametrize("role", [Role.COMP_ADMIN, Role.EXECUTIVE])
def test_who_writes_or_approves_plans_without_reviewing_all_learns_no_sums_from_them(
    role: Role, yunheng: Company
) -> None:
    person = {Role.COMP_ADMIN: "tian", Role.EXECUTIVE: "gao"}[role]
    version = reverse("api:plan-versions-list")
    with tenant(yunheng.tenant.id):
        approved, made = KINDS["plan version"].near(yunheng), KINDS["replay"].near(yunheng)
    narrow = {role: replace(GRANTS[role], commission=Scope.DEPT_TREE)}
    with patch.dict(GRANTS, narrow):
        api, pages = Api(yunheng, person), browser(yunheng, person)
        days = {"since": "2026-01-01", "until": "2026-06-01"}
        answers = [
            api.get(f"{version}{approved}/lint/"),
            api.get(f"{version}{approved}/replay/"),
            api.post(f"{version}{approved}/replay/", days),
            pages.get(reverse("commissions:plan-version-lint", args=[approved])),
            pages.post(reverse("commissions:replay-new", args=[approved]), days),
        ]
        assert [each.status_code for each in answers] == [403] * 5
        assert pages.get(reverse("commissions:replay", args=[made])).status_code == 404
