"""The words that a key's scopes may begin with, gathered from the resources themselves."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.urls import URLPattern, get_resolver


def views(patterns: Any = None) -> Iterator[tuple[URLPattern, Any]]:
    """Every address of the API with its class."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            if getattr(pattern.callback, "guarded", "") == "key":
                yield pattern, pattern.callback.cls  # type: ignore[attr-defined]
        else:
            yield from views(pattern.url_patterns)


@lru_cache(maxsize=1)
def areas() -> list[str]:
    """Areas of scopes, such as customers or platform."""
    return sorted({cls.area for _, cls in views() if cls.area})
