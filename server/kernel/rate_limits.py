"""Limits on how often something may be asked: so many at once, then evenly (GCRA, a leaky bucket as one number).

Per process, or for all of them in Redis. Each key is one instant: when its whole allowance is back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from .clock import MINUTE, SECOND, now, steady
from .redis_client import redis_faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redis.asyncio import Redis

    from .clock import Duration, Instant

PREFIX = "latchkey:rate:"
FORGET_PER_HIT = 2


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `amount` at once, and as many again in each `per` microseconds."""

    amount: int
    per: Duration
    # How long one request takes to be given back, at least a microsecond.
    interval: Duration = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "interval", max(1, self.per // self.amount))


@lru_cache(maxsize=1000)
def per_minute(amount: int) -> RateLimit:
    """The limit of so many requests a minute."""
    return RateLimit(amount, MINUTE)


@dataclass(frozen=True, slots=True)
class RateVerdict:
    """Whether a request may pass, and what is left.

    `reset_seconds` is when the whole allowance is back or, for a refused request, when to try again.
    """

    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int


@dataclass(frozen=True, slots=True)
class Refused:
    """How often a limit refused somebody since this process began, and when it last did."""

    times: int
    last_at: Instant


class Rates(Protocol):
    """Somewhere that keeps the instants."""

    async def delay(self, key: str, limit: RateLimit) -> Duration:
        """How long the whole allowance takes to come back, this request included; a refused one changes nothing."""


class MemoryRates:
    """A dictionary for each period, the least recently used key first."""

    def __init__(self) -> None:
        self._full_at: dict[Duration, dict[str, Instant]] = {}

    async def delay(self, key: str, limit: RateLimit) -> Duration:
        """See Rates."""
        moment, full_at = steady(), self._full_at.setdefault(limit.per, {})
        delay = max(full_at.get(key, 0) - moment, 0) + limit.interval
        if delay <= limit.per:
            _forget_whole(full_at, moment)
            full_at.pop(key, None)
            full_at[key] = moment + delay
        return delay


class RedisRates:
    """The same by the clock of Redis, in one round trip. When that clock is set back, nobody waits for the old time."""

    _DELAY = """
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local full_at = tonumber(redis.call('GET', KEYS[1]) or 0)
    if full_at > now + ARGV[2] then full_at = now end
    local delay = math.max(full_at - now, 0) + tonumber(ARGV[1])
    if delay <= tonumber(ARGV[2]) then
      redis.call('SET', KEYS[1], string.format('%.0f', now + delay), 'PX', math.ceil(delay / 1000))
    end
    return delay
    """

    def __init__(self, redis: Redis) -> None:
        self._script = redis.register_script(self._DELAY)

    async def delay(self, key: str, limit: RateLimit) -> Duration:
        """See Rates."""
        with redis_faults:
            return int(await self._script(keys=[PREFIX + key], args=[limit.interval, limit.per]))


_rates: Rates | None = None
_refused: dict[str, Refused] = {}


def open_rate_limits(redis: Redis | None, *, on: bool) -> None:
    """Count from now on, or let everything pass."""
    global _rates  # noqa: PLW0603  one set of counts a process
    _rates = None
    if on:
        _rates = MemoryRates() if redis is None else RedisRates(redis)


def close_rate_limits() -> None:
    """Forget all counts."""
    global _rates  # noqa: PLW0603  see open_rate_limits
    _rates = None


def is_on() -> bool:
    """Whether anything is counted."""
    return _rates is not None


def is_shared() -> bool:
    """Whether all processes count together."""
    return isinstance(_rates, RedisRates)


def refused() -> Mapping[str, Refused]:
    """What this process refused, by the name of the limit; nothing for a limit that nobody reached."""
    return MappingProxyType(_refused)


async def hit(name: str, key: str, limit: RateLimit) -> RateVerdict:
    """Count a request against the limit of this name for this key; raises StateUnavailable.

    Everything is allowed when rate limits are off.
    """
    if _rates is None:
        return RateVerdict(allowed=True, limit=limit.amount, remaining=limit.amount, reset_seconds=0)
    delay = await _rates.delay(f"{name}:{key}", limit)
    if delay > limit.per:
        _refused[name] = Refused(_refused[name].times + 1 if name in _refused else 1, now())
        return RateVerdict(allowed=False, limit=limit.amount, remaining=0, reset_seconds=_seconds(delay - limit.per))
    remaining = (limit.per - delay) // limit.interval
    return RateVerdict(allowed=True, limit=limit.amount, remaining=remaining, reset_seconds=_seconds(delay))


def _seconds(duration: Duration) -> int:
    return -(-duration // SECOND)


def _forget_whole(full_at: dict[str, Instant], moment: Instant) -> None:
    # Each request adds at most one key and looks at two: what nobody uses any more goes in time, without a sweep.
    for _ in range(min(FORGET_PER_HIT, len(full_at))):
        oldest = next(iter(full_at))
        if full_at[oldest] > moment:
            return
        del full_at[oldest]
