"""Reads one JSON object field by field, and notes every fault with the path of its field."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from commissions.calculation.faults import Fault, fault
from commissions.calculation.reading.values import Malformed, writable

T = TypeVar("T")


class Reader:
    """A field that is absent or null gives the default, a faulty one None; `faults` is shared by all."""

    def __init__(self, source: dict[str, Any], path: str, faults: list[Fault]) -> None:
        self._source, self._path, self._faults = source, path, faults
        self._known: set[str] = set()

    def place(self, name: str) -> str:
        """The path of a field of this object."""
        return f"{self._path}.{name}" if self._path else name

    def refuse(self, name: str, code: str) -> None:
        self._faults.append(fault(self.place(name) if name else self._path, code))

    def has(self, name: str) -> bool:
        return self._source.get(name) is not None

    def take(self, name: str, value: Callable[[Any], T], default: T, required: bool = False) -> T:
        """One value, read by `value`."""
        self._known.add(name)
        found = self._source.get(name)
        if found is None:
            if required:
                self.refuse(name, "required")
            return default
        try:
            return value(found)
        except Malformed as malformed:
            self.refuse(name, malformed.code)
            return default

    def need(self, name: str, value: Callable[[Any], T]) -> T:
        """One value that must be there; what stands in for a missing one is never looked at."""
        return self.take(name, value, cast("T", None), required=True)

    def values(self, name: str, value: Callable[[Any], T]) -> tuple[T, ...] | None:
        """A list of single values; None when absent."""
        items = self._list(name)
        if items is None:
            return None
        found = []
        for place, item in enumerate(items):
            try:
                found.append(value(item))
            except Malformed as malformed:
                self.refuse(f"{name}[{place}]", malformed.code)
        return tuple(found)

    def objects(self, name: str, read: Callable[["Reader"], T]) -> tuple[T, ...] | None:
        """A list of objects, each read by `read`; None when absent."""
        items = self._list(name)
        if items is None:
            return None
        found = []
        for place, item in enumerate(items):
            reader = self._inner(f"{name}[{place}]", item)
            if reader is not None:
                found.append(reader.whole(read))
        return tuple(found)

    def object(self, name: str, read: Callable[["Reader"], T]) -> T | None:
        """An object read by `read`; None when absent."""
        self._known.add(name)
        found = self._source.get(name)
        reader = None if found is None else self._inner(name, found)
        return None if reader is None else reader.whole(read)

    def whole(self, read: Callable[["Reader"], T]) -> T:
        """This object, read by `read`, with the fields refused that nobody asked for."""
        found = read(self)
        for name in self._source:
            if name not in self._known:
                self.refuse(name if writable(name) else repr(name), "unknown_field")
        return found

    def also(self, *names: str) -> None:
        """Fields that belong here but are not looked at."""
        self._known.update(names)

    def _list(self, name: str) -> list[Any] | None:
        self._known.add(name)
        found = self._source.get(name)
        if found is not None and not isinstance(found, list):
            self.refuse(name, "invalid_list")
            return None
        return found

    def _inner(self, name: str, value: Any) -> "Reader | None":
        if not isinstance(value, dict):
            self.refuse(name, "invalid_object")
            return None
        return Reader(value, self.place(name), self._faults)
