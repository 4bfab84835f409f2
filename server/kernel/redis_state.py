"""Shared state in Redis, one round trip a call. See shared_state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .redis_client import redis_faults

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from .clock import Duration

PREFIX = "latchkey:state:"
_ADD = """
local counts = {}
for number, key in ipairs(KEYS) do
  counts[number] = redis.call('INCRBY', key, ARGV[2 * number - 1])
  local left, longest = redis.call('PTTL', key), ARGV[2 * number]
  if left < 0 or left > tonumber(longest) then redis.call('PEXPIRE', key, longest) end
end
return counts
"""


class RedisState:
    """Keys with a lifetime."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._add = redis.register_script(_ADD)

    async def put(self, key: str, value: str, ttl: Duration) -> None:
        """See SharedState."""
        with redis_faults:
            await self._redis.set(PREFIX + key, value, px=_milliseconds(ttl))

    async def get(self, key: str) -> str | None:
        """See SharedState."""
        with redis_faults:
            return _text(await self._redis.get(PREFIX + key))

    async def take(self, key: str) -> str | None:
        """See SharedState."""
        with redis_faults:
            return _text(await self._redis.getdel(PREFIX + key))

    async def claim(self, key: str, ttl: Duration) -> bool:
        """See SharedState."""
        with redis_faults:
            return bool(await self._redis.set(PREFIX + key, "", px=_milliseconds(ttl), nx=True))

    async def add(self, key: str, amount: int, ttl: Duration) -> int:
        """See SharedState."""
        return (await self.adjust_each((key, amount, ttl)))[0]

    async def adjust_each(self, *changes: tuple[str, int, Duration]) -> list[int]:
        """See SharedState."""
        arguments = [part for _, amount, ttl in changes for part in (amount, _milliseconds(ttl))]
        with redis_faults:
            counts = await self._add(keys=[PREFIX + key for key, _, _ in changes], args=arguments)
        return [int(count) for count in counts]

    async def forget(self, key: str) -> None:
        """See SharedState."""
        with redis_faults:
            await self._redis.delete(PREFIX + key)


def _milliseconds(duration: Duration) -> int:
    return max(1, -(-duration // 1000))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
