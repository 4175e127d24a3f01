"""Journey a, steps 5 to 9: the admin of a new company brings its customers in from a file."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from crm.tests import morning
from crm.tests.browser.founding import KNOWN, imported_name

pytestmark = pytest.mark.browser

ADMINS = {"zh-hans": "an@chuxin.example", "en": "an@xinyuan.example"}
HEADER = ["客户名称", "统一社会信用代码", "行业", "大区", "联系人", "登记日期"]
NEW = 1_180
WRONG = {  # the columns of a row that is refused, and what is wrong with them
    "登记日期": ["2025-02-30", "去年", "2025-13-01", "32/01/2025"],
    "统一社会信用代码": ["12345", "91330201MA2AQ00000IO"],
    "客户名称": ["", "x" * 300],
}


def row(number: int) -> dict[str, str]:
    """A good row of the file."""
    began = morning.day(-400) + timedelta(number % 300)
    cells = [imported_name(number), "", "贸易", "浙江", f"联系人{number}", f"{began:%Y/%m/%d}"]
    return dict(zip(HEADER, cells, strict=True))


def rows() -> list[dict[str, str]]:
    """Twelve that are known, 1,180 new ones and eight wrong ones."""
    good = [row(number) for number in range(1, KNOWN + NEW + 1)]
    wrong = [(header, cell) for header, cells in WRONG.items() for cell in cells]
    numbered = enumerate(wrong, KNOWN + NEW + 1)
    return good + [row(number) | {header: cell} for number, (header, cell) in numbered]


def write(path: Path, table: list[dict[str, str]], encoding: str) -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    return path


def choose(reader, path: Path) -> None:
    """The first page of the wizard: what the file holds, and the file."""
    reader.open("/imports/new/")
    reader.box("What the file holds", "文件内容").select_option(label=reader.say("Customers", "客户"))
    reader.box("File", "文件", exact=True).set_input_files(path)
    reader.button("Continue", "继续").click()


def counted(reader, *figures: tuple[str, str, str]) -> None:
    """What the tiles of an import say, as soon as its job is through."""
    for english, chinese, figure in figures:
        expect(reader.tile(english, chinese)).to_have_text(figure, timeout=30_000)


def chosen(reader, header: str) -> str:
    """What a column of the file is said to hold."""
    return reader.page.get_by_label(header, exact=True).locator("option:checked").inner_text()


def test_a_new_company_brings_its_customers_in(reader, language, tmp_path):
    admin = reader(ADMINS[language])
    _sees_the_default_tiers(admin)
    path = write(tmp_path / "客户.csv", rows(), "gbk")
    _chooses_the_file_and_a_column(admin, path)
    _checks(admin)
    refused = _runs(admin, tmp_path)
    _brings_three_repaired_rows_in(admin, refused, tmp_path)
    _sees_every_customer_with_its_tier(admin)
    _is_told_that_the_file_is_in_already(admin, path)


def _sees_the_default_tiers(admin):
    admin.open("/customers/")
    admin.page.get_by_role("link", name=imported_name(1)).click()
    admin.link("Why? the tier", "为什么？客户等级").click()
    why = admin.page.get_by_role("dialog")
    expect(why).to_contain_text(admin.say("Why General account?", "为什么是一般客户？"))
    expect(why).to_contain_text(admin.say("version V1, from 1 Jan 2000", "版本 V1，自 2000-01-01 起"))


def _chooses_the_file_and_a_column(admin, path):
    choose(admin, path)
    expect(admin.words("GB18030", "GB18030")).to_be_visible()
    expect(admin.words("about 1200 rows", "约 1200 行")).to_be_visible()
    words = (
        "name",
        "unified social credit code",
        "industry",
        "— leave out —",
        "main contact",
        "registered on",
    )
    guessed = ("名称", "统一社会信用代码", "行业", "— 不导入 —", "主要联系人", "登记日期")
    assert [chosen(admin, header) for header in HEADER] == [
        admin.say(*pair) for pair in zip(words, guessed, strict=True)
    ]
    admin.page.get_by_label("大区", exact=True).select_option(label=admin.say("province", "省份"))
    admin.button("Check the file", "检查文件").click()


def _checks(admin):
    counted(
        admin,
        ("Would be new", "将新建", "1180"),
        ("Would be updated", "将更新", "12"),
        ("Unchanged", "未变", "0"),
        ("Refused", "拒绝", "8"),
    )
    for number in range(1_194, 1_202):
        expect(admin.words(f"Row {number} ", f"第 {number} 行")).to_be_visible()


def _runs(admin, folder):
    button = admin.button("Import 1192 rows", "导入 1192 行")
    button.click()
    expect(button).to_be_hidden()  # Chromium refuses to load a page again that it is about to leave
    admin.page.reload()
    counted(admin, ("New", "新建", "1180"), ("Updated", "更新", "12"), ("Refused", "拒绝", "8"))
    with admin.page.expect_download() as waiting:
        admin.link("Refused rows as a file", "下载被拒绝的行").click()
    waiting.value.save_as(folder / "refused.csv")
    text = (folder / "refused.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def _brings_three_repaired_rows_in(admin, refused, folder):
    assert [(one["客户名称"], one["登记日期"]) for one in refused[:2]]
    for one in refused[:3]:
        one["登记日期"] = "2025-02-28"
    choose(admin, write(folder / "已修改.csv", refused, "utf-8"))
    admin.button("Check the file", "检查文件").click()
    admin.button("Import 3 rows", "导入 3 行").click()
    counted(admin, ("New", "新建", "3"), ("Updated", "更新", "0"), ("Refused", "拒绝", "5"))


def _sees_every_customer_with_its_tier(admin):
    admin.link("Open the list", "打开列表").click()
    expect(admin.link(re.compile("All 1,?195"), re.compile("全部 1,?195"))).to_be_visible()
    general = admin.page.get_by_role("cell", name=admin.say("General", "一般"), exact=True)
    expect(general).to_have_count(50)


def _is_told_that_the_file_is_in_already(admin, path):
    choose(admin, path)
    expect(admin.heading("Already imported", "已经导入过")).to_be_visible()
    admin.link("See its result", "查看结果").click()
    counted(admin, ("New", "新建", "1180"))
