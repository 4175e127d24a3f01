"""Columns for a logit: lines with bends, an indicator where a number is missing, a column a word."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lifecycle.churn.prediction.arrays import Anything, Floats, Texts

FEWEST = 10  # rows of a word before it has its own column
MOST = 60  # words of one column that have their own
BENDS = (0.1, 0.25, 0.5, 0.75, 0.9)  # quantiles of the training rows


@dataclass(frozen=True)
class Number:
    """How a column of numbers enters: a line with bends, each piece standardised; where the number is
    missing every piece is 0 and an indicator stands for it. Beyond the range of the training it is flat.
    """

    lowest: float
    highest: float
    bends: tuple[float, ...]
    means: Floats
    spreads: Floats
    some_missing: bool

    def columns(self, values: Anything) -> list[Floats]:
        missing = np.isnan(values)
        pieces = (_pieces(values, self.lowest, self.highest, self.bends) - self.means) / self.spreads
        made = list(np.where(missing[:, None], 0.0, pieces).T)
        return [*made, missing.astype(float)] if self.some_missing else made

    @property
    def width(self) -> int:
        return 1 + len(self.bends) + self.some_missing


@dataclass(frozen=True)
class Word:
    """How a column of words enters: one column for each word seen often enough; a new word is none."""

    words: tuple[str, ...]

    def columns(self, values: Texts) -> list[Floats]:
        return [(values == word).astype(float) for word in self.words]

    @property
    def width(self) -> int:
        return len(self.words)


@dataclass(frozen=True)
class Encoding:
    """The columns as the training rows taught them; the same for every later row."""

    parts: Mapping[str, Number | Word]

    def matrix(self, columns: Mapping[str, Anything]) -> Floats:
        """One row a row; `columns` holds at least those of the training."""
        made = [made for name, part in self.parts.items() for made in part.columns(columns[name])]
        return np.column_stack(made)

    def families(self) -> list[str]:
        """The column each column of the matrix comes from."""
        return [name for name, part in self.parts.items() for _ in range(part.width)]


def encoding(columns: Mapping[str, Anything]) -> Encoding:
    """Learn the encoding of training columns: floats with NaN where missing, or texts."""
    return Encoding({name: _part(values) for name, values in columns.items()})


def _part(values: Anything) -> Number | Word:
    if values.dtype.kind != "f":
        words, counts = np.unique(values, return_counts=True)
        often = np.argsort(-counts, kind="stable")[:MOST]
        return Word(tuple(str(words[each]) for each in sorted(often) if counts[each] >= FEWEST))
    known = values[~np.isnan(values)]
    if not known.size:
        return Number(0.0, 0.0, (), np.zeros(1), np.ones(1), True)
    lowest, *inner, highest = np.quantile(known, [0, *BENDS, 1])
    bends = tuple(float(each) for each in np.unique(inner) if lowest < each < highest)
    pieces = _pieces(known, lowest, highest, bends)
    spreads = pieces.std(axis=0)
    spreads = np.where(spreads > 0, spreads, 1.0)
    return Number(
        float(lowest), float(highest), bends, pieces.mean(axis=0), spreads, known.size < values.size
    )


def _pieces(values: Floats, lowest: float, highest: float, bends: tuple[float, ...]) -> Floats:
    """The value itself and how far it stands above each bend."""
    within = np.clip(values, lowest, highest)
    return np.column_stack([within, *(np.maximum(within - bend, 0) for bend in bends)])
