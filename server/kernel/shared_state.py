"""Short-lived state that every worker must see alike: replay memory, lockout, one-time values.

Redis where there is one, else the database; a single worker on SQLite keeps it in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from . import database, rate_limits, redis_client, tasks
from .clock import MINUTE
from .database_state import DatabaseState
from .memory_state import MemoryState
from .redis_state import RedisState

if TYPE_CHECKING:
    from .clock import Duration

SWEEP_EVERY = 5 * MINUTE


class SharedState(Protocol):
    """Values and counts by key, each with a lifetime in microseconds. Every call is atomic; all raise Unavailable."""

    async def put(self, key: str, value: str, ttl: Duration) -> None:
        """Keep a value, in place of whatever was there."""

    async def get(self, key: str) -> str | None:
        """The value."""

    async def take(self, key: str) -> str | None:
        """The value, to one caller only: it is gone then."""

    async def claim(self, key: str, ttl: Duration) -> bool:
        """True for the first caller within the lifetime, false for all others."""

    async def add(self, key: str, amount: int, ttl: Duration) -> int:
        """Add to a count and return it; the lifetime begins with the first addition, and may be made shorter only."""

    async def adjust_each(self, *changes: tuple[str, int, Duration]) -> list[int]:
        """Change several counts, of different keys, at once; what they are then, in the same order.

        A change adds an amount as `add` does, or ends the count: that is what no lifetime means.
        """

    async def forget(self, key: str) -> None:
        """Remove a value or count."""


class StateSettings(Protocol):
    """What must be known to choose."""

    @property
    def redis_url(self) -> str | None:
        """Redis, where there is one."""

    @property
    def rate_limits(self) -> bool:
        """Whether request rates are limited."""


_state: SharedState | None = None


def shared_state() -> SharedState:
    """The state of this installation."""
    if _state is None:
        raise RuntimeError("open_shared_state was not called")
    return _state


async def open_shared_state(settings: StateSettings, workers: int) -> None:
    """Choose an implementation, with the database open; rate limits are counted beside it. Raises Unavailable."""
    global _state  # noqa: PLW0603  one state an installation
    redis = None if settings.redis_url is None else await redis_client.open_redis(settings.redis_url)
    if redis is not None:
        _state = RedisState(redis)
    elif workers > 1 or database.is_postgresql():
        _state = stored = DatabaseState()
        tasks.every(SWEEP_EVERY, stored.sweep, "sweep shared state")
    else:
        _state = MemoryState()
    rate_limits.open_rate_limits(redis, on=settings.rate_limits)


async def close_shared_state() -> None:
    """Disconnect and forget."""
    global _state  # noqa: PLW0603  see open_shared_state
    _state = None
    rate_limits.close_rate_limits()
    await redis_client.close_redis()
