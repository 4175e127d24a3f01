"""Files for the tests of imports, and one way to bring them in."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from crm.integrations.imports import receiving, told
from crm.integrations.imports.kinds import kind_of
from crm.integrations.imports.run import work
from crm.integrations.models import Import, ImportFault
from crm.tests.cast import NOW, TODAY

CONTENT_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
)
BOOK = '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{}</sheets></workbook>'
RELS = '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>'


def table(rows: Iterable[Sequence[Any]], delimiter: str = ",") -> str:
    """Rows as CSV text."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def archive(**parts: str | bytes) -> bytes:
    """An XLSX file of raw parts; `sheet` is the first sheet, `strings` the shared strings."""
    data = io.BytesIO()
    names = {
        "book": "xl/workbook.xml",
        "rels": "xl/_rels/workbook.xml.rels",
        "sheet": "xl/worksheets/sheet1.xml",
        "strings": "xl/sharedStrings.xml",
        "styles": "xl/styles.xml",
    }
    whole = {"book": BOOK.format('<sheet name="a" r:id="r1"/>'), "rels": RELS} | parts
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("[Content_Types].xml", CONTENT_TYPES)
        for name, content in whole.items():
            opened.writestr(names[name], content)
    return data.getvalue()


def receive(
    kind: str, content: str | bytes, *, by: Any = None, name: str = "file.csv", **options: Any
) -> Import:
    """Take in a file and choose how it is read, as every door does."""
    data = content.encode() if isinstance(content, str) else content
    run = receiving.receive(
        io.BytesIO(data),
        name=name,
        kind=kind_of(kind),
        by=by,
        at=NOW,
        encoding=options.pop("encoding", ""),
        ndjson=name.endswith(".ndjson"),
    )
    return receiving.choose(run, **options)


def bring_in(
    kind: str, content: str | bytes, *, write: bool = True, by: Any = None, **options: Any
) -> Import:
    """A file from its bytes to its end."""
    run = receive(kind, content, by=by, **options)
    receiving.request(run, write=write, by=by, at=NOW, on=TODAY)
    return work(run.id, lambda: NOW)


def faults(run: Import) -> list[tuple[int, str, str]]:
    """Row, column and code of everything wrong."""
    return list(
        ImportFault.objects.filter(run=run).order_by("row", "id").values_list("row", "column", "code")
    )


def messages(run: Import) -> dict[int, str]:
    """The words told about each row."""
    return {error["row"]: error["message"] for error in told.errors(run)}
