"""What a bench says: a cost beside the physical limit measured in the same run, and the promised bound."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """One promise kept or not: `ratio` of what was measured to `limit`, a sentence that names the limit."""

    name: str
    ratio: float
    bound: float
    limit: str
    detail: str = ""

    @property
    def kept(self) -> bool:
        return self.ratio <= self.bound

    def line(self) -> str:
        """name ratio bound pass|fail"""
        return f"{self.name} {self.ratio:.2f} {self.bound:.2f} {'pass' if self.kept else 'fail'}"

    def plain(self) -> dict[str, Any]:
        """The same for programs."""
        return {**asdict(self), "ratio": round(self.ratio, 3), "pass": self.kept}


Bench = Callable[[int], Iterable[Outcome]]
