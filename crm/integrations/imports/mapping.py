"""Which column of the file is which of ours: guessed by header and content, or given by the sender.

A mapping is {our column: position in their header}.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from crm.integrations.imports.faults import tell
from crm.integrations.imports.kinds import Column, Kind
from crm.refusal import Fault, Refused

_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|[\s_\-*:：.·/]+")
_SHARE = 0.8  # of the sample's cells that must look like the column's type


@dataclass
class Guess:
    """A mapping, and the columns for which the file offers the same header twice."""

    mapping: dict[str, int] = field(default_factory=dict)
    ambiguous: dict[str, str] = field(default_factory=dict)


def plain(header: str) -> str:
    """A header without case, width, brackets, spaces and marks."""
    return _ASIDE.sub("", unicodedata.normalize("NFKC", header).lower())


def signature(header: Sequence[str]) -> str:
    """The same for files with the same columns in the same order."""
    return hashlib.sha256("\x1f".join(map(plain, header)).encode()).hexdigest()


def words_of(column: Column) -> set[str]:
    """Every header that means this column."""
    words = {column.name, *filter(None, column.aliases.split("|"))}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            words.add(str(column.label))
    return {plain(word) for word in words}


def guess(kind: Kind, header: Sequence[str], sample: Sequence[Sequence[str]]) -> Guess:
    """The likely mapping: same words first, then words contained, then what the cells look like."""
    found = Guess()
    headers = [plain(name) for name in header]
    words = {column.name: words_of(column) for column in kind.columns}
    for name, own in words.items():
        places = [place for place, head in enumerate(headers) if head in own]
        if len({headers[place] for place in places}) < len(places):
            found.ambiguous[name] = header[places[0]]
        elif places:
            found.mapping[name] = places[0]
    _by_part(found, headers, words)
    _by_content(found, kind, sample, len(headers))
    return found


def _free(found: Guess, width: int) -> list[int]:
    return [place for place in range(width) if place not in found.mapping.values()]


def _by_part(found: Guess, headers: Sequence[str], words: Mapping[str, set[str]]) -> None:
    for place in _free(found, len(headers)):
        fits = [
            (len(word), name)
            for name, own in words.items()
            if name not in found.mapping and name not in found.ambiguous
            for word in own
            if word in headers[place] and len(word) >= (5 if word.isascii() else 3)
        ]
        if fits:
            found.mapping[max(fits)[1]] = place


def _by_content(found: Guess, kind: Kind, sample: Sequence[Sequence[str]], width: int) -> None:
    kinds = Counter(type(column.value) for column in kind.columns)
    for place in _free(found, width):
        cells = [row[place].strip() for row in sample if place < len(row) and row[place].strip()]
        fits = [
            column.name
            for column in kind.columns
            if column.name not in found.mapping
            and column.name not in found.ambiguous
            and kinds[type(column.value)] == 1
            and len(cells) >= 2
            and sum(map(column.value.looks_like, cells)) >= _SHARE * len(cells)
        ]
        if len(fits) == 1:
            found.mapping[fits[0]] = place


def given(kind: Kind, header: Sequence[str], told: Mapping[str, Any]) -> dict[str, int]:
    """The mapping as a sender told it: {ours: theirs} or {theirs: ours}, theirs by name or position.

    A header that stands twice is named with its number: 金额 (2). Raises Refused.
    """
    names = set(kind.names)
    turned = bool(told) and not set(map(str, told)) <= names and set(map(str, told.values())) <= names
    pairs = [(str(v), k) for k, v in told.items()] if turned else [(str(k), v) for k, v in told.items()]
    places = numbered(header)
    mapping = {}
    for ours, theirs in pairs:
        place = theirs if isinstance(theirs, int) else places.get(str(theirs).strip())
        if ours not in names:
            raise _refusal("unknown_column", _("There is no column “%(name)s”."), ours)
        if place is None or not 0 <= place < len(header):
            raise _refusal("unknown_header", _("The file has no column “%(name)s”."), theirs)
        mapping[ours] = place
    if not mapping:
        raise Refused(Fault("mapping", "nothing_mapped", tell("nothing_mapped", {})))
    return mapping


def _refusal(code: str, message: Any, name: Any) -> Refused:
    return Refused(Fault("mapping", code, message % {"name": name}))


def numbered(header: Sequence[str]) -> dict[str, int]:
    """The position of each header; the second of the same name is called “name (2)”."""
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        number = 2
        told = name
        while told in places:
            told, number = f"{name} ({number})", number + 1
        places[told] = place
    return places


def missing(kind: Kind, mapping: Mapping[str, int], key: str, create: bool = False) -> list[str]:
    """The columns without which a file of this kind cannot be brought in by this key."""
    needed = [*kind.keys[key], *(c.name for c in kind.columns if c.required and create)]
    return [name for name in dict.fromkeys(needed) if name not in mapping]


def best_key(kind: Kind, mapping: Mapping[str, int], sample: Sequence[Sequence[str]] = ()) -> str:
    """The first key whose columns the file has, before any with an empty cell in its first rows.

    The usual one if it has none.
    """
    whole = [key for key, columns in kind.keys.items() if set(columns) <= mapping.keys()]
    full = [key for key in whole if _is_full([mapping[name] for name in kind.keys[key]], sample)]
    return next(iter([*full, *whole, *kind.keys]))


def _is_full(places: Sequence[int], sample: Sequence[Sequence[str]]) -> bool:
    return all(place < len(row) and row[place].strip() for row in sample for place in places)
