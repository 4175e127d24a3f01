"""Disputes and adjustments by page and by API: who finds which form, and what he reads of whom."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from commissions.models import Adjustment, LedgerEntry, LineDispute
from commissions.tests.test_close_pages import bring, last_months_book, statement_of
from commissions.tests.test_pages import text
from crm.tenancy.context import tenant
from crm.tests.callers import Api, browser, codes, statements
from crm.tests.cast import PEOPLE

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 proof"


@pytest.fixture
def book(yunheng):
    """Last month is approved: 李娜 earned 6,930.00, 周毅 2,970.00."""
    made = last_months_book(yunheng)
    bring(made, 4)
    with tenant(yunheng.tenant.id):
        made.line = LedgerEntry.objects.get(member=yunheng.people["li"], kind="EARNED")
    return made


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("分成约定.pdf", PDF, "application/pdf")


def new_url(book) -> str:
    return reverse("commissions:dispute-new", args=[book.line.pk])


def typed(**more):
    return {"category": "SHARE", "expected": "7920", "words": "约定八二分成", "file": paper(), **more}


def disputed(book) -> LineDispute:
    """李娜 says that her share is 80 %."""
    answer = browser(book.company, "li").post(new_url(book), typed())
    assert answer.status_code == 303, text(answer)
    with tenant(book.company.tenant.id):
        return LineDispute.objects.select_related("answerer").get()


def press(book, person: str, row, act: str, data=None):
    kind = "dispute" if isinstance(row, LineDispute) else "adjustment"
    url = reverse(f"commissions:{kind}-{act}", args=[row.pk])
    return browser(book.company, person).post(url, data or {})


def page(book, person: str, row):
    kind = "dispute" if isinstance(row, LineDispute) else "adjustment"
    return browser(book.company, person).get(reverse(f"commissions:{kind}", args=[row.pk]))


def offered(book, person: str, row) -> set[str]:
    """The acts whose forms a page shows."""
    shown = page(book, person, row).content.decode()
    kind = "dispute" if isinstance(row, LineDispute) else "adjustment"
    acts = ("take", "answer", "withdraw") if kind == "dispute" else ("approve", "refuse", "withdraw")
    return {act for act in acts if f'"{reverse(f"commissions:{kind}-{act}", args=[row.pk])}"' in shown}


def partly(**more):
    return {"outcome": "PARTIAL", "amount": "7425", "words": "按邮件约定七五分", **more}


def adjustment(book) -> Adjustment:
    with tenant(book.company.tenant.id):
        return Adjustment.objects.select_related("entry").latest("proposed_at")


# The way of a dispute


def test_from_the_line_to_the_correction_in_the_open_month(book) -> None:
    li, row = browser(book.company, "li"), statement_of(book, "li")
    statement_url = reverse("commissions:statement", args=[row.pk])
    before = text(li.get(statement_url))
    assert f'href="{new_url(book)}"' in li.get(statement_url).content.decode()
    found = disputed(book)
    assert (found.answerer.code, str(found.withheld)) == ("chen", "6930.00")
    after = text(li.get(statement_url))
    assert "Kept out by a dispute ¥6,930.00" in after and "Paid out ¥0.00" in after
    assert (
        "¥0.00 + ¥6,930.00 = ¥6,930.00 + ¥0.00" in before and "¥0.00 + ¥6,930.00 = ¥6,930.00 + ¥0.00" in after
    )
    assert press(book, "chen", found, "take").status_code == 303
    assert press(book, "chen", found, "answer", partly()).status_code == 303
    made = adjustment(book)
    assert offered(book, "chen", made) == set()
    assert press(book, "qian", made, "approve").status_code == 303
    made = adjustment(book)
    assert (str(made.entry.amount), made.entry.kind) == ("495.00", "ADJUSTMENT")
    assert made.entry.posting_period > row.period.month
    told = text(page(book, "li", found))
    assert "Upheld in part" in told and "Adjustment of ¥495.00 · Approved" in told
    assert f"posted in {made.entry.posting_period}" in told
    linked = page(book, "qian", made).content.decode()
    assert reverse("commissions:dispute", args=[found.pk]) in linked
    why = text(li.get(reverse("commissions:entry-why", args=[made.entry.pk])))
    assert "The line that it corrects" in why and "6,930.00" in why


def test_the_same_way_by_the_api(book) -> None:
    li, chen, qian = (Api(book.company, person) for person in ("li", "chen", "qian"))
    body = {"entry": str(book.line.pk), "category": "SHARE", "expected": "7920.00", "words": "约定八二分成"}
    made = li.post("disputes/", body)
    assert made.status_code == 201, made.json()
    found = made.json()
    assert (found["state"], found["amount"], found["withheld"]) == ("OPEN", "6930.00", "6930.00")
    (mine,) = li.get("statements/").json()["results"]
    assert (mine["payable"], mine["kept_out"], mine["freed"], mine["paid_out"]) == (
        *("6930.00", "6930.00"),
        *("0.00", "0.00"),
    )
    assert chen.post(f"disputes/{found['id']}/review/", {}).json()["state"] == "REVIEW"
    said = {"outcome": "UPHELD", "words": "属实"}
    answered = chen.post(f"disputes/{found['id']}/answer/", said).json()
    assert (answered["state"], answered["granted"]) == ("UPHELD", "990.00")
    (waiting,) = qian.get("adjustments/", {"state": "PROPOSED"}).json()["results"]
    refused = chen.post(f"adjustments/{waiting['id']}/approval/", {})
    assert (refused.status_code, codes(refused)) == (400, [("", "own_proposal")])
    approved = qian.post(f"adjustments/{waiting['id']}/approval/", {"decision": "同意"}).json()
    assert (approved["state"], approved["decided_by"]) == ("APPROVED", str(book.company.qian.pk))
    entry = li.get(f"entries/{approved['entry']}/").json()
    assert (entry["kind"], entry["amount"]) == ("ADJUSTMENT", "990.00")
    again = li.post("disputes/", body)
    assert (again.status_code, codes(again)) == (409, [("", "disputed")])


def test_a_file_goes_in_and_comes_out_by_page_and_api(book) -> None:
    found = disputed(book)
    (held,) = (
        Api(book.company, "li").get(f"disputes/{found.pk}/", {"expand": "attachments"}).json()["attachments"]
    )
    assert (held["name"], held["media_type"], held["size"]) == ("分成约定.pdf", "application/pdf", len(PDF))
    url = reverse("commissions:attachment", args=[held["id"]])

    def readers() -> set[str]:
        return {code for code, *_ in PEOPLE if browser(book.company, code).get(url).status_code == 200}

    assert readers() == {"li", "chen", "gao", "qian", "tian", "shen"}
    answer = browser(book.company, "chen").get(url)
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    by_api = Api(book.company, "chen").get(f"attachments/{held['id']}/content/")
    assert b"".join(by_api.streaming_content) == PDF
    sent = {"member": str(book.company.li.pk), "amount": "-10.00", "reason": "逾期退款", "file": paper()}
    client = Api(book.company, "tian")
    made = super(Api, client).post("/api/v1/adjustments/", sent)
    assert made.status_code == 201, made.json()
    without = client.post("adjustments/", {name: sent[name] for name in ("member", "amount", "reason")})
    assert codes(without) == [("file", "required")]


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(book) -> None:
    li = browser(book.company, "li")
    wrong = li.post(new_url(book), typed(expected="6930", file=SimpleUploadedFile("x.pdf", b"MZ")))
    assert wrong.status_code == 422
    said = text(wrong)
    assert "That is what the line says already." in said and "Attach a PDF, PNG" in said
    assert "约定八二分成" in wrong.content.decode()
    found = disputed(book)
    outside = press(book, "chen", found, "answer", partly(amount="8000"))
    assert outside.status_code == 422
    assert "In part lies between 6,930.00 and 7,920.00." in text(outside)
    assert "按邮件约定七五分" in outside.content.decode()


# Who may what


def test_who_finds_which_form(book) -> None:
    found = disputed(book)
    people = {code: offered(book, code, found) for code in ("li", "chen", "gao", "qian", "tian", "shen")}
    answers = {"take", "answer"}
    assert people == {
        "li": {"withdraw"},
        **dict.fromkeys(("chen", "gao", "qian", "tian"), answers),
        "shen": set(),
    }
    press(book, "chen", found, "answer", partly())
    made = adjustment(book)
    decides = {code: offered(book, code, made) for code in ("chen", "gao", "qian", "tian", "shen", "li")}
    assert decides == {
        "gao": {"approve", "refuse"},
        "qian": {"approve", "refuse"},
        **{code: set() for code in ("chen", "tian", "shen", "li")},
    }
    assert "You proposed it: somebody else decides." in text(page(book, "chen", made))


def test_an_amount_beyond_the_band_says_who_approves_it(book) -> None:
    chen = browser(book.company, "chen")
    url = f"{reverse('commissions:adjustment-new')}?line={book.line.pk}"
    sent = {"amount": "5000", "effective_on": "today", "reason": "补发", "file": paper()}
    assert browser(book.company, "tian").post(url, sent).status_code == 303
    made = adjustment(book)
    assert "An amount like this is approved by finance." in text(page(book, "chen", made))
    assert press(book, "chen", made, "approve").status_code == 422
    by_api = Api(book.company, "chen").post(f"adjustments/{made.pk}/approval/", {})
    assert codes(by_api) == [("", "beyond_band")]
    assert press(book, "qian", made, "refuse", {"decision": "无依据"}).status_code == 303
    assert "无依据" in text(page(book, "tian", made))
    assert chen.get(f"{reverse('commissions:adjustment-new')}?line={'x' * 9}").status_code == 404


def test_a_head_adjusts_his_own_people_only(book) -> None:
    zhao, url = browser(book.company, "zhao"), reverse("commissions:adjustment-new")
    assert zhao.get(f"{url}?line={book.line.pk}").status_code == 404
    sent = {"payee_text": "李娜", "amount": "1", "effective_on": "today", "reason": "补发", "file": paper()}
    refused = zhao.post(url, sent)
    assert refused.status_code == 422 and "Nothing is called “李娜” here." in text(refused)
    offered = text(zhao.get(reverse("commissions:adjustment-payees")))
    assert "孙悦" in offered and "李娜" not in offered and "赵鹏" not in offered
    again = browser(book.company, "chen").post(url, {**sent, "file": paper()})
    assert again.status_code == 303, text(again)


def test_lists_show_what_the_reader_has_to_do(book) -> None:
    found = disputed(book)
    url = reverse("commissions:disputes")
    assert "李娜" in text(browser(book.company, "chen").get(url))
    assert "¥7,920.00" in text(browser(book.company, "li").get(url))
    for person in ("zhou", "zhao", "wu"):
        assert "7,920.00" not in text(browser(book.company, person).get(f"{url}?view=ended"))
        assert "7,920.00" not in text(browser(book.company, person).get(url))
    home = text(browser(book.company, "chen").get(reverse("dashboards:home")))
    assert "李娜 disputes a line of" in home
    press(book, "chen", found, "answer", {"outcome": "REJECTED", "words": "分成已确认"})
    assert ": Rejected" in text(browser(book.company, "li").get(reverse("dashboards:home")))
    browser(book.company, "tian").post(
        f"{reverse('commissions:adjustment-new')}?line={book.line.pk}",
        {"amount": "12.34", "effective_on": "today", "reason": "补发", "file": paper()},
    )
    listed = reverse("commissions:adjustments")
    assert "¥12.34" in text(browser(book.company, "chen").get(listed))
    assert "12.34" not in text(browser(book.company, "zhao").get(listed))
    assert browser(book.company, "li").get(listed).status_code == 403


def test_the_month_lists_what_is_open_and_does_not_wait_for_it(book) -> None:
    disputed(book)
    url = reverse("commissions:period", args=[book.period.pk])
    shown = text(browser(book.company, "qian").get(url))
    assert (
        "Every disputed line is answered · 1 open · 6,930.00 kept out of the payout · does not block" in shown
    )
    rows = reverse("commissions:period-rows", args=[book.period.pk, "line_disputes"])
    assert "李娜" in text(browser(book.company, "qian").get(rows))
    assert browser(book.company, "qian").post(f"{url}payout/").status_code == 303


def test_lists_cost_the_same_for_one_row_and_for_many(book) -> None:
    found = disputed(book)
    client = browser(book.company, "qian")

    def queries() -> tuple[int, int]:
        with statements() as first:
            client.get(f"{reverse('commissions:disputes')}?view=open")
        with statements() as second:
            client.get(f"{reverse('commissions:adjustments')}?view=all")
        return len(first), len(second)

    press(book, "chen", found, "answer", partly())
    queries()
    one = queries()
    with tenant(book.company.tenant.id):
        row, made = LineDispute.objects.get(), adjustment(book)
        for number in range(9):
            line = LedgerEntry.objects.get(pk=book.line.pk)
            line.pk, line._state.adding, line.round = None, True, number + 1
            line.source_event = f"again:{number}"
            line.pk = LedgerEntry().pk
            line.save()
            about = {"statement": row.statement, "entry": line, "member": row.member, "words": "再"}
            about |= {"payee_department_id": row.payee_department_id, "category": "SHARE", "expected": 1}
            about |= {"opened_on": row.opened_on, "opened_at": row.opened_at, "due_on": row.due_on}
            LineDispute.objects.create(**about, answerer=row.answerer)
            whose = {"member": row.member, "payee_department_id": row.payee_department_id, "amount": 1}
            whose |= {"currency": "CNY", "effective_on": made.effective_on, "reason": "再"}
            whose |= {"proposed_on": made.proposed_on, "proposed_at": made.proposed_at, "corrects": line}
            Adjustment.objects.create(**whose, proposed_by=book.company.tian)
    assert queries() == one


def test_another_companys_disputes_do_not_exist(book, beihe) -> None:
    found = disputed(book)
    for code in ("li", "chen", "qian"):
        client, api = browser(beihe, code), Api(beihe, code)
        assert client.get(reverse("commissions:dispute", args=[found.pk])).status_code == 404
        assert client.get(new_url(book)).status_code == 404
        assert api.get(f"disputes/{found.pk}/").status_code == 404
        assert [
            api.get(f"{name}/").json()["results"] for name in ("disputes", "adjustments", "attachments")
        ] == [*([], [], [])]
    line = {"entry": str(book.line.pk), "category": "SHARE", "expected": "1.00", "words": "我的"}
    assert codes(Api(beihe, "li").post("disputes/", line)) == [("entry", "does_not_exist")]


# The rules


def test_the_admin_lays_down_days_and_bands_that_all_payees_may_read(book) -> None:
    url = reverse("commissions:dispute-rules")
    sent = {"valid_from": "+1", "open_days": "20", "answer_workdays": "5"}
    sent |= {"head_below": "3000", "finance_below": "1万"}
    assert browser(book.company, "gao").post(url, sent).status_code == 403
    assert browser(book.company, "an").post(url, sent).status_code == 303
    assert "20 days" in text(browser(book.company, "li").get(url))
    told = Api(book.company, "li").get("dispute-policies/").json()["results"]
    assert [(row["open_days"], row["finance_below"]) for row in told] == [(20, "10000.00")]
    assert browser(book.company, "he").get(url).status_code == 403
