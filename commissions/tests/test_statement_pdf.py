"""The statement on paper: what stands on it is what stands on its page."""

import hashlib
import re
from io import BytesIO

import pypdf
import pytest
from django.urls import reverse

from commissions.tests import months
from commissions.tests.test_close_pages import bring, last_month, last_months_book, statement_of
from crm.tenancy.context import tenant
from crm.tests.callers import Api, browser
from crm.tests.cast import PEOPLE
from crm.web.paper import FONTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(yunheng):
    return last_months_book(yunheng)


def read(content: bytes) -> list[str]:
    """The text of each page, without breaks."""
    return [re.sub(r"\s+", " ", each.extract_text()) for each in pypdf.PdfReader(BytesIO(content)).pages]


def pdf(book, person: str, language: str = "zh-hans") -> list[str]:
    row = statement_of(book, "li")
    answer = browser(book.company, person, language).get(reverse("commissions:statement-pdf", args=[row.pk]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert f"{row.period.month}%20%E6%9D%8E%E5%A8%9C.pdf" in answer["Content-Disposition"]
    return read(answer.content)


def test_the_paper_names_payee_company_and_reader_and_its_sums_are_those_of_the_page(book) -> None:
    bring(book, 4)
    (page,) = pdf(book, "li")
    for words in ("云衡商务", "李娜", "客户 A", "¥6,930.00", "人民币陆仟玖佰叁拾元整", "第 1 页，共 1 页"):
        assert words in page
    assert "草稿" not in page
    assert "2,970.00" not in page  # what 周毅 has


def test_before_its_approval_it_is_marked_as_a_draft(book) -> None:
    bring(book, 1)
    assert "草稿" in pdf(book, "qian")[0]
    assert "Draft" in pdf(book, "chen", "en")[0]


def test_a_long_statement_repeats_its_heads_and_counts_its_pages(book) -> None:
    with tenant(book.company.tenant.id):
        for number in range(40):
            months.earned(book.company, f"L-{number:02d}", "1000.00", last_month())
    bring(book, 1)
    pages = pdf(book, "qian")
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        assert f"第 {number} 页，共 {len(pages)} 页" in page
        assert "云衡商务" in page and "合同" in page
    whole = " ".join(pages)
    assert all(f"L-{number:02d}" in whole for number in range(40))
    assert "¥10,930.00" in whole  # 6,930.00 + 40 × 100.00


def test_the_paper_is_for_whom_the_statement_is(book, beihe) -> None:
    bring(book, 4)
    row = statement_of(book, "li")
    url = reverse("commissions:statement-pdf", args=[row.pk])
    readers = {code for code, *_ in PEOPLE if browser(book.company, code).get(url).status_code == 200}
    assert readers == {"gao", "chen", "li", "qian", "tian", "shen"}
    assert Api(book.company, "zhou").get(f"statements/{row.pk}/pdf/").status_code == 404
    assert Api(beihe, "li").get(f"statements/{row.pk}/pdf/").status_code == 404
    answer = Api(book.company, "li").get(f"statements/{row.pk}/pdf/")
    assert "¥6,930.00" in read(answer.content)[0]


def test_who_takes_nothing_but_a_paper_gets_it_and_learns_of_a_problem_in_json(book) -> None:
    bring(book, 4)
    row, paper = statement_of(book, "li"), {"Accept": "application/pdf"}
    answer = Api(book.company, "li", **paper).get(f"statements/{row.pk}/pdf/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    missing = Api(book.company, "zhou", **paper).get(f"statements/{row.pk}/pdf/")
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")
    assert Api(book.company, "li", **paper).get(f"statements/{row.pk}/").status_code == 406


def test_the_font_is_the_one_that_its_list_names() -> None:
    found = hashlib.sha256((FONTS / "NotoSansSC-Regular.ttf").read_bytes()).hexdigest()
    assert found in (FONTS / "README.md").read_text()
    assert "SIL Open Font License" in (FONTS / "OFL.txt").read_text()
