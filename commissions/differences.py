"""What changes from one version of a plan to another, setting by setting."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Difference(NamedTuple):
    """One setting that differs, by its name, with both values as the specification writes them."""

    name: str
    before: Any
    after: Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The settings in which two complete versions differ, in the order of the names."""
    names = sorted({*before, *after})
    return [
        Difference(name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]
