"""What a line of the timeline is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm.accounts.access import Viewer
from crm.accounts.rights import Right

Words = Callable[[Mapping[str, Any], Viewer], str]


@dataclass(frozen=True)
class Entry:
    """One line of the timeline, ready to be shown; `url` leads to the record it speaks of."""

    at: datetime
    id: UUID
    shown_at: str
    title: str
    meta: str
    text: str
    icon: str
    tone: str = ""
    url: str = ""


@dataclass(frozen=True)
class Kind:
    """How events of one name are told: group of the filter, icon, title, the words of its data.

    Only holders of `right` read it at all.
    """

    group: str
    icon: str
    title: Any
    words: Words
    tone: str = ""
    right: Right | None = None

    def open_to(self, viewer: Viewer) -> bool:
        return self.right is None or viewer.may(self.right)
