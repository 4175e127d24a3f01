"""How a verb says no: by field, with a stable code and words that tell how to repair it."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: the field it stands in ("" for the whole), a code, and a lazy message.

    `about` is what a program may want to know beside the words, as JSON takes it.
    """

    field: str
    code: str
    message: Any
    about: Mapping[str, Any] | None = dataclasses.field(default=None, compare=False)


class Refused(ValueError):
    """The verb did nothing, because of these faults. Doors show them beside the fields (HTTP 400/422)."""

    status = 400

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.code}" for fault in faults))
        self.faults = faults


class Conflict(Refused):
    """Right in itself, but the state it needs is gone, such as an edit that was overtaken (HTTP 409)."""

    status = 409
