"""One pass over the bytes of a file: its checksum, its format, its encoding, its longest line."""

import codecs
import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from crm.integrations.imports.faults import Unreadable

BLOCK = 1 << 20
LINE_MAX = 8 << 20  # bytes of one physical line; a cell of 2 MB still is a fault of its row
NAMES = {"utf-8": "UTF-8", "gb18030": "GB18030", "utf-16": "UTF-16"}
CSV, XLSX, NDJSON = "CSV", "XLSX", "NDJSON"
_OLE = b"\xd0\xcf\x11\xe0"
_FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"MZ", b"\x7fELF", b"\x1f\x8b", b"Rar!", b"7z\xbc")


@dataclass(frozen=True)
class Inspected:
    """What a file is; `lines` counts its physical lines."""

    format: str
    encoding: str
    sha256: str
    size: int
    lines: int


def inspect(file: BinaryIO, *, limit: int, encoding: str = "", ndjson: bool = False) -> Inspected:
    """Read the file once, from where it stands; raises Unreadable for what is no table.

    `encoding` is the sender's word, else it is told from the bytes: UTF-8 unless most lines that are not
    plain ASCII are no UTF-8 but are GB18030. A few broken lines stay faults of their rows.
    """
    first = file.read(BLOCK)
    form = _format(first, ndjson)
    digest, size, tally = hashlib.sha256(), 0, _Tally(_sixteen(first))
    block = first
    while block:
        digest.update(block)
        size += len(block)
        if size > limit:
            raise Unreadable("too_big", limit=limit >> 20)
        if form != XLSX:
            tally.take(block)
        block = file.read(BLOCK)
    if size == 0 or (form != XLSX and tally.blank):
        raise Unreadable("empty_file")
    told = "" if form == XLSX else encoding or tally.encoding()
    return Inspected(form, told, digest.hexdigest(), size, tally.lines)


def _format(first: bytes, ndjson: bool) -> str:
    if first.startswith(b"PK\x03\x04"):
        return XLSX
    if first.startswith(_OLE):
        raise Unreadable("old_excel")
    head = first.lstrip()[:512].lower()
    if first.startswith(_FOREIGN) or head.startswith((b"<!doctype", b"<html", b"<svg", b"<?xml")):
        raise Unreadable("not_a_table")
    nuls = first[:8192].count(b"\x00")
    if not _sixteen(first) and nuls > max(8, len(first[:8192]) // 20):
        raise Unreadable("not_a_table")
    return NDJSON if ndjson else CSV


def _sixteen(first: bytes) -> bool:
    return first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


class _Tally:
    """Counts lines, and which of them are no UTF-8 and no GB18030."""

    def __init__(self, sixteen: bool) -> None:
        self.sixteen = sixteen
        self.lines = self.foreign = self.not_utf8 = self.not_gb = 0
        self.first_bad = 0
        self.blank = True
        self._rest = b""

    def take(self, block: bytes) -> None:
        """Count the lines that end in this block."""
        self.blank = self.blank and not block.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
        whole, newline, rest = block.rpartition(b"\n")
        if newline:
            self._count(self._rest + whole + newline)
            self._rest = rest
        else:
            self._rest += block
        if len(self._rest) > LINE_MAX:
            raise Unreadable("line_too_long", row=self.lines + 1, limit=LINE_MAX >> 20)

    def _count(self, text: bytes) -> None:
        before = self.lines
        self.lines += text.count(b"\n")
        if self.sixteen or text.isascii():
            return
        if _decodes(text, "utf-8"):
            self.foreign += sum(not line.isascii() for line in text.split(b"\n"))
            return
        for number, line in enumerate(text.split(b"\n"), before + 1):
            self._judge(line, number)

    def _judge(self, line: bytes, number: int) -> None:
        if line.isascii():
            return
        self.foreign += 1
        if not _decodes(line, "utf-8"):
            self.not_utf8 += 1
            self.first_bad = self.first_bad or number
            self.not_gb += not _decodes(line, "gb18030")

    def encoding(self) -> str:
        """The encoding most lines agree with; raises Unreadable if there is none."""
        if self._rest:
            self._count(self._rest + b"\n")
            self._rest = b""
        if self.sixteen:
            return "utf-16"
        if self.not_utf8 * 2 <= self.foreign:
            return "utf-8"
        if self.not_gb * 2 <= self.not_utf8:
            return "gb18030"
        raise Unreadable("unknown_encoding", row=self.first_bad)


def _decodes(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
