"""Redis: rates that all processes share, and what happens without it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from server.kernel import rate_limits, redis_client, shared_state
from server.kernel.clock import HOUR, MINUTE, SECOND, now
from server.kernel.faults import StateUnavailable, Unavailable
from server.kernel.rate_limits import RateLimit, hit
from server.kernel.redis_state import RedisState
from tests.support.killable import Killable
from tests.support.ports import LOOPBACK


@pytest.fixture
async def rates(redis: Killable, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(rate_limits, "_rates", None)
    client = await redis_client.open_redis(f"redis://{LOOPBACK}:{redis.port}/0")
    rate_limits.open_rate_limits(client, on=True)
    yield
    await redis_client.close_redis()


@pytest.mark.usefixtures("rates")
async def test_exactly_the_allowance_passes_however_many_ask_at_once() -> None:
    limit = RateLimit(10, HOUR)  # one comes back in six minutes, which nobody takes for this
    verdicts = await asyncio.gather(*(hit("token", "acme", limit) for _ in range(30)))
    assert sum(verdict.allowed for verdict in verdicts) == 10
    assert min(verdict.remaining for verdict in verdicts if verdict.allowed) == 0
    assert {verdict.reset_seconds for verdict in verdicts if not verdict.allowed} <= set(range(300, 361))


@pytest.mark.usefixtures("rates")
async def test_the_allowance_comes_back_evenly() -> None:
    limit = RateLimit(10, 10 * SECOND)
    while (await hit("token", "acme", limit)).allowed:
        continue
    await asyncio.sleep(1.01)
    assert (await hit("token", "acme", limit)).allowed


async def test_nobody_waits_for_a_time_that_the_clock_of_redis_was_set_back_from(rates: None) -> None:
    limit = RateLimit(10, MINUTE)
    client = redis_client._redis
    assert client is not None
    await client.set(f"{rate_limits.PREFIX}token:acme", now() + HOUR)
    assert (await hit("token", "acme", limit)).remaining == 9


async def test_a_redis_that_dies_is_unavailable_and_comes_back(redis: Killable, rates: None) -> None:
    client = redis_client._redis
    assert client is not None
    state = RedisState(client)
    await asyncio.gather(*(state.put(f"key {number}", "value", MINUTE) for number in range(5)))
    redis.kill()
    with pytest.raises(StateUnavailable):
        await state.get("key 1")
    with pytest.raises(Unavailable):
        await hit("token", "acme", RateLimit(10, MINUTE))
    redis.start()
    assert await state.get("key 1") is None
    assert (await hit("token", "acme", RateLimit(10, MINUTE))).remaining == 9


async def test_connections_that_ended_meanwhile_are_made_anew_before_they_are_used(
    redis: Killable, rates: None
) -> None:
    client = redis_client._redis
    assert client is not None
    state = RedisState(client)
    await asyncio.gather(*(state.put(f"key {number}", "value", MINUTE) for number in range(5)))
    # In a thread: the connections hear of their end meanwhile.
    await asyncio.to_thread(redis.kill)
    await asyncio.to_thread(redis.start)
    assert await asyncio.gather(*(state.get(f"key {number}") for number in range(5))) == [None] * 5


async def test_a_redis_that_is_not_there_is_said_at_once(redis: Killable) -> None:
    redis.kill()
    with pytest.raises(StateUnavailable):
        await redis_client.open_redis(f"redis://{LOOPBACK}:{redis.port}/0")
    await redis_client.close_redis()


async def test_state_must_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_state, "_state", None)
    with pytest.raises(RuntimeError, match="open_shared_state"):
        shared_state.shared_state()
