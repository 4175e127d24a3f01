"""How often a key and a tenant may call: counted in Valkey by the minute, told in RateLimit headers.

Only answered keys are counted against themselves, so a stranger cannot use up another's allowance;
calls without a valid key are counted by address. Without Valkey nobody is limited.
"""

import hashlib
import logging
import time
from dataclasses import dataclass

import redis
from django.conf import settings
from redis.exceptions import NoScriptError

logger = logging.getLogger(__name__)

WINDOW = 60  # seconds
COUNT = """
local counted = {}
for at, name in ipairs(KEYS) do
  counted[at] = redis.call('INCR', name)
  if counted[at] == 1 then redis.call('EXPIRE', name, ARGV[1]) end
end
return counted
"""
COUNT_SHA = hashlib.sha1(COUNT.encode(), usedforsecurity=False).hexdigest()
PAUSE = 10  # seconds without asking a server that did not answer
_resting_until = 0.0
_client: redis.Redis | None = None


@dataclass(frozen=True)
class Allowance:
    """What is left of a limit in this minute."""

    limit: int
    remaining: int
    reset: int

    @property
    def exceeded(self) -> bool:
        return self.remaining < 0

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(self.remaining, 0)),
            "RateLimit-Reset": str(self.reset),
            "RateLimit-Policy": f"{self.limit};w={WINDOW}",
        }


def of_key(tenant: int, key: str, now: float) -> Allowance | None:
    """Count one call of a key and of its tenant; the tighter of the two allowances."""
    return _count(
        {f"{tenant}:{key}": settings.API_RATE_PER_KEY, f"{tenant}": settings.API_RATE_PER_TENANT}, now
    )


def of_address(address: str, now: float) -> Allowance | None:
    """Count one call without a valid key."""
    return _count({f"ip:{address}": settings.API_RATE_PER_KEY // 10}, now)


def _count(limits: dict[str, int], now: float) -> Allowance | None:
    global _resting_until
    if time.monotonic() < _resting_until:
        return None
    window, passed = divmod(int(now), WINDOW)
    try:
        counted = _counted([f"rate:{name}:{window}" for name in limits])
    except redis.RedisError as problem:
        logger.warning("rate limits rest for %s s: %s", PAUSE, problem)
        _resting_until = time.monotonic() + PAUSE
        return None
    allowances = [
        Allowance(limit, limit - used, WINDOW - passed)
        for limit, used in zip(limits.values(), counted, strict=True)
    ]
    return min(allowances, key=lambda a: a.remaining)


def _counted(names: list[str]) -> list[int]:
    """One more for each name, in one round trip; the server is told the script when it does not know it."""
    try:
        return _server().evalsha(COUNT_SHA, len(names), *names, WINDOW)  # type: ignore[return-value]
    except NoScriptError:
        return _server().eval(COUNT, len(names), *names, WINDOW)  # type: ignore[return-value]


def _server() -> redis.Redis:
    global _client
    if _client is None:
        _client = redis.Redis.from_url(
            settings.CACHES["default"]["LOCATION"], socket_timeout=0.2, socket_connect_timeout=0.2
        )
    return _client
