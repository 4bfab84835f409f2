"""The word that something cached has changed, by Redis: at once to whoever listens, to nobody else, and never twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .faults import StateUnavailable
from .redis_client import redis_faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis.asyncio import Redis

CHANNEL = "latchkey:changed"
SILENCE_SECONDS = 1
MAX_SILENCES = 3  # of which each but the first follows a question


async def publish(redis: Redis, word: str) -> None:
    """Pass a word on; raises StateUnavailable."""
    with redis_faults:
        await redis.publish(CHANNEL, word)


async def listen(redis: Redis, hear: Callable[[str], None]) -> None:
    """Hear every word, until the connection is lost or nothing answers at its other end: StateUnavailable."""
    with redis_faults:
        async with redis.pubsub() as subscription:
            await subscription.subscribe(CHANNEL)
            silences = 0
            while silences < MAX_SILENCES:
                message = await subscription.get_message(timeout=SILENCE_SECONDS)
                if message is None:
                    silences += 1
                    await subscription.ping()
                    continue
                silences = 0
                if message["type"] == "message":
                    hear(str(message["data"]))
    raise StateUnavailable("silence")
