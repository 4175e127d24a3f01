"""Bytes become rows: encodings, quotation marks, and files that mean harm."""

import io
import resource
import tempfile
import time
import zipfile

import pytest
from python_calamine import load_workbook
from xlsxwriter import Workbook

from crm.integrations.imports import reading, workbook
from crm.integrations.imports.faults import Unreadable
from crm.integrations.imports.inspection import inspect
from crm.integrations.tests.files import archive

HEADER = ["编号", "名称"]
LIMIT = 1 << 31


def read(content, *, size=1000, **options):
    """Layout and rows of a file."""
    file = io.BytesIO(content)
    inspected = inspect(file, limit=LIMIT, **options)
    file.seek(0)
    layout = reading.open_file(file, inspected).layout
    file.seek(0)
    rows = [row for _first, block in reading.blocks(file, layout, size) for row in block]
    return layout, rows


def refusal(content, **options):
    with pytest.raises(Unreadable) as caught:
        read(content, **options)
    return caught.value.code


def sheet(cells):
    rows = "".join(f"<row>{''.join(cells_)}</row>" for cells_ in cells)
    return archive(sheet=f"<worksheet><sheetData>{rows}</sheetData></worksheet>")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encoding_and_delimiter_are_told_from_the_file(codec, delimiter):
    text = f"编号{delimiter}名称\r\n1{delimiter}华信科技\r\n"
    layout, rows = read(text.encode(codec))
    assert (list(layout.header), layout.delimiter, rows) == (HEADER, delimiter, [["1", "华信科技"]])


def test_a_few_broken_bytes_are_a_fault_of_their_row_and_not_of_the_file():
    lines = ["编号,名称", *(f"{n},华信{n}" for n in range(9))]
    content = "\n".join(lines).encode() + b"\n9," + "北禾".encode("gbk")
    layout, rows = read(content)
    assert (layout.encoding, len(rows), rows[0]) == ("utf-8", 10, ["0", "华信0"])
    assert rows[9][1].isascii() is False and rows[9][1] != "北禾"


def test_bytes_of_no_encoding_are_refused():
    assert (
        refusal(bytes(range(128, 256)) * 40 + b"\n" + bytes(range(255, 127, -1)) * 40) == "unknown_encoding"
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf\r\n  \r\n", "empty_file"),
        (b"a,b\r\n", "header_only"),
        (b"a,b\r\n\r\n , \r\n", "header_only"),
        (b"%PDF-1.7 abc", "not_a_table"),
        (b"<!DOCTYPE html><table>", "not_a_table"),
        (b'<svg xmlns="x"/>', "not_a_table"),
        (b"MZ\x90\x00\x03", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "old_excel"),
        (b"PK\x03\x04 broken", "broken_archive"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(content, code):
    assert refusal(content) == code


def test_a_row_with_an_unclosed_quotation_mark_does_not_swallow_the_rows_below():
    _layout, rows = read(b'a,b\n1,"x\n2,y\n3,z\n')
    assert rows[1:] == [["2", "y"], ["3", "z"]]
    assert rows[0].code == "quote_not_closed"


def test_cells_may_hold_delimiters_quotation_marks_and_lines():
    _layout, rows = read(b'a,b\n1,"x, ""y""\nz"\n')
    assert rows == [["1", 'x, "y"\nz']]


def test_rows_come_in_blocks_with_their_numbers():
    file = io.BytesIO(b"a\n" + b"".join(b"%d\n" % n for n in range(10)))
    inspected = inspect(file, limit=LIMIT)
    file.seek(0)
    layout = reading.open_file(file, inspected).layout
    file.seek(0)
    blocks = list(reading.blocks(file, layout, 4))
    assert [(first, len(rows)) for first, rows in blocks] == [(2, 3), (5, 4), (9, 3)]


def test_a_line_of_json_keeps_every_digit():
    layout, rows = read(b'{"a": 1.10, "b": "x"}\n{"b": true, "a": null}\n[1]\n', ndjson=True)
    assert (layout.header, rows[:2], rows[2].code) == (("a", "b"), [["1.10", "x"], ["", "true"]], "bad_json")


def test_a_sheet_reads_like_the_spreadsheet_shows_it(tmp_path):
    path = tmp_path / "a.xlsx"
    with Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["编号", "金额", "日期", "时间", "是", "公式", "电话"])
        page.write_row(1, 0, ["A1", 0.1 + 0.2])
        page.write_number(1, 2, 46346, book.add_format({"num_format": "yyyy-mm-dd"}))
        page.write_number(1, 3, 46346.5, book.add_format({"num_format": 'yyyy"年"m"月" hh:mm'}))
        page.write_boolean(1, 4, True)
        page.write_formula(1, 5, "=1+1", value=2)
        page.write_number(1, 6, 13800138000)
        page.write_string(3, 0, "A3")
    layout, rows = read(path.read_bytes())
    expected = ["A1", "0.3", "2026-11-20", "2026-11-20 12:00:00", "true", "2", "13800138000"]
    assert (layout.format, rows) == ("XLSX", [expected, [], ["A3"]])


def test_our_reader_agrees_with_another(tmp_path):
    path = tmp_path / "b.xlsx"
    cells = [[f"行{r}列{c}" if c % 2 else r * c / 4 for c in range(7)] for r in range(60)]
    with Workbook(path) as book:
        page = book.add_worksheet()
        for number, row in enumerate([["x"] * 7, *cells]):
            page.write_row(number, 0, row)
    other = load_workbook(path).get_sheet_by_index(0).to_python()
    plain = [[f"{cell:g}" if isinstance(cell, float) else cell for cell in row] for row in other]
    assert [
        [f"{float(c):g}" if i % 2 == 0 else c for i, c in enumerate(row)]
        for row in read(path.read_bytes())[1]
    ] == plain[1:]


def test_a_formula_without_a_result_and_an_error_stay_visible():
    rows = [
        ["<c r='A1' t='str'><v>a</v></c>"],
        ["<c r='A2'><f>1+1</f></c>"],
        ["<c r='A3' t='e'><v>#N/A</v></c>"],
    ]
    assert read(sheet(rows))[1] == [["=1+1"], ["=#N/A"]]


# Attacks


def test_a_zip_bomb_is_refused_before_it_unpacks():
    bomb = archive(sheet=b"<worksheet>" + b" " * (64 << 20))
    assert len(bomb) < 100_000
    assert refusal(bomb) == "bomb"


def test_an_entity_bomb_is_refused():
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    assert refusal(archive(sheet=laughs)) == "entities"
    strings = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst><si><t>&a;</t></si></sst>'
    assert refusal(archive(sheet="<worksheet/>", strings=strings)) == "entities"


def test_a_cell_in_the_last_corner_asks_for_no_memory():
    assert (
        refusal(sheet([["<c r='A1' t='str'><v>a</v></c>", "<c r='XFD1' t='str'><v>b</v></c>"]]))
        == "too_many_columns"
    )
    rows = (
        "<row r='1'><c r='A1' t='str'><v>a</v></c></row><row r='1048576'><c r='A1048576'><v>1</v></c></row>"
    )
    far = archive(sheet=f"<worksheet><sheetData>{rows}</sheetData></worksheet>")
    file = io.BytesIO(far)
    inspected = inspect(file, limit=LIMIT)
    file.seek(0)
    with pytest.raises(Unreadable):
        reading.open_file(file, inspected)


def test_ten_million_cells_are_refused_at_the_door():
    block = b"<row>" + b"<c><v>1</v></c>" * 1000 + b"</row>\n"
    noise = bytes(range(33, 60))
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("xl/workbook.xml", "<workbook><sheets><sheet name='a' id='r1'/></sheets></workbook>")
        opened.writestr(
            "xl/_rels/workbook.xml.rels", '<R><Relationship Id="r1" Target="worksheets/sheet1.xml"/></R>'
        )
        with opened.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(b"<worksheet><sheetData>")
            for _number in range(10_000):
                part.write(block)
        opened.writestr("noise", noise * 10)
    started = time.monotonic()
    with pytest.raises(Unreadable) as caught, workbook.archive(data) as opened:
        workbook.count(opened)
    assert caught.value.code in ("bomb", "too_many_cells_in_file")
    assert time.monotonic() - started < 5


def test_a_cell_of_two_megabytes_is_cut_and_marked():
    _layout, rows = read(b"a,b\n1," + b"x" * (2 << 20) + b"\n2,y\n")
    assert (len(rows[0][1]), rows[0][1][-1], rows[1]) == (101, "\udfff", ["2", "y"])


@pytest.mark.slow
def test_one_line_of_a_gigabyte_is_refused_at_once_with_flat_memory():
    with tempfile.TemporaryFile() as file:
        file.write(b"a,b\n1,")
        file.seek(1 << 30)
        file.write(b"\n")
        file.seek(0)
        before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
        with pytest.raises(Unreadable):
            inspect(file, limit=LIMIT)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert time.monotonic() - started < 5
        assert grown < 100 << 10  # kB


def test_a_file_beyond_the_limit_is_refused_while_it_is_read():
    with pytest.raises(Unreadable) as caught:
        inspect(io.BytesIO(b"a\n" * (1 << 20)), limit=1 << 20)
    assert caught.value.code == "too_big"
