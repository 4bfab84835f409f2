"""The connection to Redis, and what goes wrong with it.

redis-py is loaded only where there is a Redis: it is a tenth of every start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .faults import StateUnavailable

if TYPE_CHECKING:
    from types import TracebackType

    from redis.asyncio import Redis

MAX_CONNECTIONS = 32
TIMEOUT_SECONDS = 2


class RedisFaults:
    """`with`: translates what redis-py raises."""

    __slots__ = ()

    def __enter__(self) -> None:
        return

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if error is None:
            return
        from redis.exceptions import RedisError  # noqa: PLC0415  see above

        if isinstance(error, RedisError | OSError):
            raise StateUnavailable(type(error).__name__) from error


redis_faults = RedisFaults()
_redis: Redis | None = None


async def open_redis(url: str) -> Redis:
    """Connect; raises StateUnavailable."""
    from redis.asyncio import BlockingConnectionPool, Redis  # noqa: PLC0415  see above
    from redis.asyncio.retry import Retry  # noqa: PLC0415  see above
    from redis.backoff import NoBackoff  # noqa: PLC0415  see above
    from redis.maint_notifications import MaintNotificationsConfig  # noqa: PLC0415  see above

    global _redis  # noqa: PLW0603  one Redis an installation
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=MAX_CONNECTIONS,
        timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        # Trying again by itself would let a value that is taken once be taken by nobody.
        retry=Retry(NoBackoff(), 0),
        # With them redis-py hands out connections that have ended, too; and our Redis announces no maintenance.
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
        decode_responses=True,
    )
    _redis = Redis(connection_pool=pool)
    with redis_faults:
        await _redis.ping()
    return _redis


def find_redis() -> Redis | None:
    """The connection, where there is a Redis."""
    return _redis


async def close_redis() -> None:
    """Disconnect; nothing happens without a connection."""
    global _redis
    redis, _redis = _redis, None
    if redis is not None:
        await redis.connection_pool.aclose()
