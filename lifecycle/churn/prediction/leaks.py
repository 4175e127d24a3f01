"""Columns that tell the outcome because they were written after it, found by how well one alone tells it.

Real single columns known before a renewal stay far below this; a cancellation reason, a final status or a
total that stops at churn does not.
"""

from collections.abc import Mapping

import numpy as np
from scipy.stats import spearmanr

from lifecycle.churn.prediction.arrays import Anything, Flags, Ints
from lifecycle.churn.prediction.metrics import auc

TOO_GOOD = 0.90  # AUC of one column on rows that did not teach it
FEWEST = 10  # rows of each outcome; fewer tell nothing about a column
GROUPS = 20
PURE = 0.98  # share lost of one value of a column, where most are kept
PURE_ROWS, PURE_EVENTS = 20, 0.05  # at least so many rows, and so many of all events


def of_outcome(columns: Mapping[str, Anything], lost: Flags, seed: int) -> dict[str, str]:
    """The columns that tell the outcome alone, and how well."""
    if min(lost.sum(), (~lost).sum()) < FEWEST:
        return {}
    halves = np.random.default_rng(seed).permutation(lost.size) % 2
    found = {}
    for name, values in columns.items():
        group = _groups(values)
        alone = telling(group, lost, halves)
        if alone >= TOO_GOOD:
            found[name] = f"tells the outcome alone (AUC {alone:.2f}): written after it"
        elif _has_pure_value(group, lost):
            found[name] = "has a value that only lost rows have: written after the outcome"
    return found


def of_age(columns: Mapping[str, Anything], start: Ints, lasted: Anything, over: Flags) -> dict[str, str]:
    """The columns of numbers that follow how long a contract lasted, of ended and of running ones alike,
    and not its start: totals and counts that were not known then.
    """
    found = {}
    for name, values in columns.items():
        if values.dtype.kind != "f" or np.isnan(values).any():
            continue
        if all(_follows(values[rows], lasted[rows]) for rows in (over, ~over)) and not _follows(
            values, start
        ):
            found[name] = "follows how long the contract lasted: not known at its start"
    return found


def telling(group: Ints, lost: Flags, halves: Ints) -> float:
    """AUC of the share lost of each group, learned on the other half of the rows."""
    learned = np.empty(lost.size)
    for half in (0, 1):
        taught = halves != half
        rate = lost[taught].mean()
        events = np.bincount(group[taught], weights=lost[taught], minlength=group.max() + 1)
        share = (events + rate) / (np.bincount(group[taught], minlength=group.max() + 1) + 1)
        learned[~taught] = share[group[~taught]]
    found = auc(learned, lost)
    return 0.5 if found is None else found


def _groups(values: Anything) -> Ints:
    """Words by themselves, numbers by twentieths; what is missing is a group of its own."""
    if values.dtype.kind != "f":
        return np.unique(values, return_inverse=True)[1].astype(np.int64)
    missing, distinct = np.isnan(values), np.unique(values[~np.isnan(values)])
    edges = distinct
    if distinct.size > GROUPS:
        edges = np.unique(np.quantile(values[~missing], np.linspace(0, 1, GROUPS + 1)[1:-1]))
    return np.where(missing, 0, 1 + np.searchsorted(edges, values, side="right"))


def _has_pure_value(group: Ints, lost: Flags) -> bool:
    if lost.mean() >= 0.5:
        return False
    rows = np.bincount(group)
    events = np.bincount(group, weights=lost)
    many = (rows >= PURE_ROWS) & (events >= PURE_EVENTS * lost.sum())
    return bool((events[many] >= PURE * rows[many]).any())


def _follows(values: Anything, other: Anything) -> bool:
    """Rank correlation of at least .95 either way."""
    if values.size < FEWEST or np.unique(values).size < 3 or np.unique(other).size < 3:
        return False
    return abs(float(spearmanr(values, other).statistic)) >= 0.95
