"""How often a key and a tenant may call: counted in Valkey by the minute, told in RateLimit headers.

Only answered keys are counted against themselves, so a stranger cannot use up another's allowance;
calls without a valid key are counted by address. Without Valkey nobody is limited.
"""

import logging
import time
from dataclasses import dataclass

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

WINDOW = 60  # seconds
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
    pipe = _server().pipeline(transaction=False)
    for name in limits:
        pipe.incr(f"rate:{name}:{window}")
        pipe.expire(f"rate:{name}:{window}", WINDOW, nx=True)
    try:
        counted = pipe.execute()[::2]
    except redis.RedisError as problem:
        logger.warning("rate limits rest for %s s: %s", PAUSE, problem)
        _resting_until = time.monotonic() + PAUSE
        return None
    allowances = [
        Allowance(limit, limit - used, WINDOW - passed)
        for limit, used in zip(limits.values(), counted, strict=True)
    ]
    return min(allowances, key=lambda a: a.remaining)


def _server() -> redis.Redis:
    global _client
    if _client is None:
        _client = redis.Redis.from_url(
            settings.CACHES["default"]["LOCATION"], socket_timeout=0.2, socket_connect_timeout=0.2
        )
    return _client
