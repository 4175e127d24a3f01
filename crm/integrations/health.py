"""Is the process alive, is it ready to serve, and a few numbers for Prometheus.

Readiness is a list of named checks; an app above this layer adds its own with `register`, such as the
age of the last night run.
"""

import hmac
from collections.abc import Callable
from typing import NamedTuple

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from crm.web.access import page


class Finding(NamedTuple):
    """What a check found: whether one can work with it, words, and a number for the metrics."""

    fine: bool
    words: str = ""
    number: float | None = None


Check = Callable[[], Finding]


def _database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding(True)


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return Finding(not waiting, f"{len(waiting)} waiting" if waiting else "", len(waiting))


def _cache() -> Finding:
    cache.get("ready")
    return Finding(True)


def _broker() -> Finding:
    # The broker is this server too; its own address is written in a way that only the queue reads.
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    with client:
        return Finding(True, "", client.llen("celery"))


CHECKS: dict[str, Check] = {
    "database": _database,
    "migrations": _migrations,
    "cache": _cache,
    "broker": _broker,
}
# Pages and API keep working without these: they are told, but do not take the process out of service.
SOFT = {"broker"}


def register(name: str, check: Check, *, soft: bool = True) -> None:
    """Add a check to /readyz and /metrics; a soft one warns only."""
    CHECKS[name] = check
    (SOFT.add if soft else SOFT.discard)(name)


def findings() -> dict[str, Finding]:
    """What every check finds now; a check that raises has found that it does not work."""
    found = {}
    for name, check in CHECKS.items():
        try:
            found[name] = check()
        except Exception as problem:  # the message may name hosts and users: only its kind is told
            found[name] = Finding(False, type(problem).__name__)
    return found


@require_safe
@page(anonymous=True)
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@page(anonymous=True)
def ready(request: HttpRequest) -> HttpResponse:
    """503 while something is missing that every request needs."""
    found = findings()
    fit = all(each.fine or name in SOFT for name, each in found.items())
    checks = {name: {"ok": each.fine, "detail": each.words} for name, each in found.items()}
    return JsonResponse({"ready": fit, "checks": checks}, status=200 if fit else 503)


@require_safe
@page(anonymous=True)
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text; 404 without the token of METRICS_TOKEN."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode()):
        raise Http404
    lines = ["# HELP guanhu_up Whether a part works.", "# TYPE guanhu_up gauge"]
    found = findings()
    lines += [f'guanhu_up{{part="{name}"}} {int(each.fine)}' for name, each in found.items()]
    lines += ["# HELP guanhu_value What a check counted.", "# TYPE guanhu_value gauge"]
    counted = {name: each.number for name, each in found.items() if each.number is not None}
    lines += [f'guanhu_value{{part="{name}"}} {number}' for name, number in counted.items()]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")
