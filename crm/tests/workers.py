"""Tests on every core: each worker has its own database and its own Valkey database, and takes whole files.

The browser's tests share one running product and a clock that people would notice: they come last, all
on one worker.
"""

import os
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings

BROWSER = "crm/tests/browser/"
LONG = ("crm/demo/tests/", "crm/tests/test_matrix.py")  # first: no worker is left with them at the end


def pytest_configure() -> None:
    """The worker's own Valkey database; pytest-django gives it its own database of PostgreSQL."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        own = own_valkey(settings.REDIS_URL, int(worker.removeprefix("gw")) + 1)
        settings.REDIS_URL = settings.CACHES["default"]["LOCATION"] = own


def own_valkey(url: str, number: int) -> str:
    """The address of another database of the same server."""
    if url.startswith("unix://"):
        return f"{url.partition('?')[0]}?db={number}"
    return urlunsplit(urlsplit(url)._replace(path=f"/{number}"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole files for one worker, the long ones first, the browser's at the end."""
    for item in items:
        place = item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group("browser" if place.startswith(BROWSER) else place))
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    return 0 if item.nodeid.startswith(LONG) else 2 if item.nodeid.startswith(BROWSER) else 1
