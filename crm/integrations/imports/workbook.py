"""What surrounds the sheet of an XLSX file: guards before anything is parsed, parts, strings, date formats.

The reader is our own because the file is a stranger's: it streams, so that neither a bomb nor one cell in the
last corner of a sheet can ask for memory, and it refuses every document type declaration.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from posixpath import normpath
from typing import Any, BinaryIO
from xml.parsers import expat

from crm.integrations.imports.faults import Unreadable
from crm.integrations.imports.values import CELL_MAX, CUT

INFLATED_MAX = 512 << 20
STRINGS_MAX = 96 << 20
SMALL_PART_MAX = 16 << 20
RATIO_MAX = 300
ENTRIES_MAX = 2000
CELLS_MAX = 5_000_000
BLOCK = 1 << 16
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NOT_LETTERS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


@contextmanager
def archive(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """The file as a guarded archive; every damage in it is told as Unreadable."""
    try:
        with zipfile.ZipFile(file) as opened:
            _guard(opened)
            yield opened
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, NotImplementedError) as problem:
        raise Unreadable("broken_archive") from problem


def _guard(opened: zipfile.ZipFile) -> None:
    entries = opened.infolist()
    if len(entries) > ENTRIES_MAX or sum(entry.file_size for entry in entries) > INFLATED_MAX:
        raise Unreadable("bomb")
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise Unreadable("old_excel")
        if entry.file_size > BLOCK * 16 and entry.file_size > RATIO_MAX * max(entry.compress_size, 1):
            raise Unreadable("bomb")


def count(opened: zipfile.ZipFile) -> int:
    """How many rows the sheet has, roughly; raises Unreadable when it has too many cells."""
    cells = rows = 0
    with opened.open(sheet_part(opened)) as part:
        while block := part.read(BLOCK * 16):
            cells += block.count(b"<c ") + block.count(b"<c>")
            rows += block.count(b"<row")
            if cells > CELLS_MAX:
                raise Unreadable("too_many_cells_in_file", limit=CELLS_MAX)
    return rows


def feed(opened: zipfile.ZipFile, name: str, parser: Any, most: int) -> Iterator[None]:
    """Parse a part block by block, giving way after each; raises Unreadable beyond `most` bytes."""

    def refuse(*_declaration: Any) -> None:
        raise Unreadable("entities")

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.buffer_text = True
    read = 0
    with opened.open(name) as part:
        while block := part.read(BLOCK):
            read += len(block)
            if read > most:
                raise Unreadable("bomb")
            parser.Parse(block)
            yield
        parser.Parse(b"", True)
        yield


def elements(opened: zipfile.ZipFile, name: str, *tags: str) -> list[tuple[str, dict[str, str]]]:
    """(local name, attributes) of the wanted elements of a small part; none if the part is missing."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if (local := tag.rpartition(":")[2]) in tags:
            found.append((local, attributes))

    if name in opened.namelist():
        parser = expat.ParserCreate()
        parser.StartElementHandler = start
        for _block in feed(opened, name, parser, SMALL_PART_MAX):
            pass
    return found


def sheet_part(opened: zipfile.ZipFile) -> str:
    """The part that holds the first visible sheet; raises Unreadable when there is none."""
    if "xl/workbook.xml" not in opened.namelist():
        raise Unreadable("not_a_table")
    links = elements(opened, "xl/_rels/workbook.xml.rels", "Relationship")
    targets = {link.get("Id"): link.get("Target", "") for _tag, link in links}
    for _tag, sheet in elements(opened, "xl/workbook.xml", "sheet"):
        link = next((value for key, value in sheet.items() if key.rpartition(":")[2] == "id"), None)
        path = targets.get(link, "")
        part = path.lstrip("/") if path.startswith("/") else normpath(f"xl/{path}")
        if sheet.get("state", "visible") == "visible" and part in opened.namelist():
            return part
    raise Unreadable("no_sheet")


def shared_strings(opened: zipfile.ZipFile) -> list[str]:
    """The strings that cells point at, without the readings put over Chinese or Japanese ones."""
    if "xl/sharedStrings.xml" not in opened.namelist():
        return []
    strings: list[str] = []
    gathered = Gathered()
    parser = expat.ParserCreate()
    depth = 0  # inside a phonetic run

    def start(tag: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        local = tag.rpartition(":")[2]
        depth += local == "rPh"
        if local == "si":
            gathered.clear()
        parser.CharacterDataHandler = gathered.add if local == "t" and not depth else None

    def end(tag: str) -> None:
        nonlocal depth
        local = tag.rpartition(":")[2]
        depth -= local == "rPh"
        parser.CharacterDataHandler = None
        if local == "si":
            strings.append(gathered.text())

    parser.StartElementHandler, parser.EndElementHandler = start, end
    for _block in feed(opened, "xl/sharedStrings.xml", parser, STRINGS_MAX):
        pass
    return strings


class Gathered:
    """Character data of one cell, cut where a cell is too long."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0

    def clear(self) -> None:
        self.parts.clear()
        self.length = 0

    def add(self, data: str) -> None:
        self.length += len(data)
        if self.length <= CELL_MAX + len(data):
            self.parts.append(data)

    def text(self) -> str:
        """What was gathered; a cell longer than CELL_MAX is cut and marked."""
        text = "".join(self.parts)
        return text if self.length <= CELL_MAX else text[:100] + CUT


def date_styles(opened: zipfile.ZipFile) -> set[str]:
    """Numbers of the cell styles that show a number as a date."""
    found = elements(opened, "xl/styles.xml", "numFmt", "cellXfs", "xf", "cellStyleXfs")
    own = {int(a.get("numFmtId", 0)): a.get("formatCode", "") for tag, a in found if tag == "numFmt"}
    dates = _DATE_FORMATS | {number for number, code in own.items() if _shows_date(code)}
    inside, styles, number = False, set(), 0
    for tag, attributes in found:
        if tag in ("cellXfs", "cellStyleXfs"):
            inside, number = tag == "cellXfs", 0
        elif tag == "xf" and inside:
            if int(attributes.get("numFmtId", 0)) in dates:
                styles.add(str(number))
            number += 1
    return styles


def _shows_date(code: str) -> bool:
    letters = _NOT_LETTERS.sub("", code.split(";")[0]).lower()
    return any(letter in letters for letter in "ydhs") or "mm" in letters


def starts_in_1904(opened: zipfile.ZipFile) -> bool:
    """Whether the workbook counts its days from 1904."""
    found = elements(opened, "xl/workbook.xml", "workbookPr")
    return any(attributes.get("date1904") in ("1", "true") for _tag, attributes in found)
