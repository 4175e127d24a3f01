"""Which keys earlier rows of a file have taken, in memory that stays small."""

import json
import sqlite3
from collections.abc import Iterable, Sequence

IN_MEMORY = 500_000


class Seen:
    """A set of 64-bit fingerprints; beyond IN_MEMORY of them they go to a private file that nobody names."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._near: set[int] = set()
        self._far: sqlite3.Connection | None = None
        self._most = in_memory

    def known(self, prints: Sequence[int]) -> set[int]:
        """Those of `prints` that were added before."""
        found = self._near.intersection(prints)
        if self._far is not None:
            asked = json.dumps(list(prints))
            sql = "SELECT value FROM json_each(?) WHERE value IN (SELECT print FROM seen)"
            found |= {value for (value,) in self._far.execute(sql, [asked])}
        return found

    def add(self, prints: Iterable[int]) -> None:
        """Take these; what is known already stays known."""
        self._near.update(prints)
        if len(self._near) > self._most:
            self._spill()

    def _spill(self) -> None:
        if self._far is None:
            self._far = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            self._far.execute("PRAGMA journal_mode = OFF")
            self._far.execute("PRAGMA cache_size = -32000")
            self._far.execute("CREATE TABLE seen (print INTEGER PRIMARY KEY)")
        self._far.execute("BEGIN")
        self._far.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((p,) for p in sorted(self._near)))
        self._far.execute("COMMIT")
        self._near.clear()
