"""NDJSON: one JSON object a line; numbers keep every digit as written."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from crm.integrations.imports.delimited import BadRow, text_of
from crm.integrations.imports.values import CELL_MAX, CUT

HEADER_LINES = 1000


def header(file: BinaryIO, encoding: str) -> list[str]:
    """The keys of the first objects, in the order they appear."""
    keys: dict[str, None] = {}
    for _number, line in zip(range(HEADER_LINES), text_of(file, encoding), strict=False):
        found = _object(line)
        keys |= dict.fromkeys(found if isinstance(found, dict) else ())
    return list(keys)


def blocks(file: BinaryIO, encoding: str, names: list[str], size: int) -> Iterator[list[list[str]]]:
    """The objects as rows under the header `names`, which comes first; another key is a cell too many."""
    rows: list[list[str]] = [list(names)]
    characters = 0
    for line in text_of(file, encoding):
        rows.append(_row(line, names))
        characters += len(line)
        if len(rows) >= size or characters > 16 << 20:
            yield rows
            rows, characters = [], 0
    if rows:
        yield rows


def _object(line: str) -> Any:
    try:
        return json.loads(line, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _row(line: str, names: list[str]) -> list[str]:
    if not line.strip():
        return []
    found = _object(line)
    if not isinstance(found, dict):
        return BadRow([line[:200].rstrip()], "bad_json")
    row = [_cell(found.pop(name, None)) for name in names]
    return [*row, *(_cell(value) or "-" for value in found.values())]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= CELL_MAX else text[:100] + CUT
