"""Shared state: three implementations, one behaviour."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from redis.asyncio import Redis

from server.kernel import database_state, memory_state, redis_client
from server.kernel.clock import MINUTE, SECOND, now, steady
from server.kernel.database_state import DatabaseState
from server.kernel.memory_state import MemoryState
from server.kernel.models import SharedStateRow
from server.kernel.redis_state import RedisState
from server.kernel.shared_state import SharedState

BRIEF = 30 * SECOND  # long enough that nothing expires while a busy machine takes its time

Wait = Callable[[], Awaitable[None]]


@pytest.fixture(params=["memory", "database", "redis"])
async def state(request: pytest.FixtureRequest, storage: None, redis_url: str) -> AsyncIterator[SharedState]:
    if request.param == "memory":
        yield MemoryState()
    elif request.param == "database":
        yield DatabaseState()
    else:
        redis = await redis_client.open_redis(redis_url)
        await redis.flushall()
        yield RedisState(redis)
        await redis_client.close_redis()


@pytest.fixture
def brief_is_over(state: SharedState, monkeypatch: pytest.MonkeyPatch) -> Wait:
    """Call it and what was to last for BRIEF has expired: by a clock that is set, or by what Redis says is left."""

    async def wait() -> None:
        if isinstance(state, RedisState):
            await _pass_in_redis(state._redis)
        for module, name, clock in ((memory_state, "steady", steady), (database_state, "now", now)):
            monkeypatch.setattr(module, name, lambda clock=clock: clock() + BRIEF)

    return wait


async def _pass_in_redis(redis: Redis) -> None:
    """Let no key live longer than it would after BRIEF; Redis has a clock of its own."""
    for key in await redis.keys():
        left = await redis.pttl(key)
        assert left > 0, "a key without an end"
        await redis.pexpire(key, left - BRIEF // 1000)  # none or less: it is gone


async def test_a_value_is_kept_for_its_lifetime(state: SharedState, brief_is_over: Wait) -> None:
    await state.put("a", "ä", MINUTE)
    await state.put("b", "brief", BRIEF)
    assert (await state.get("a"), await state.get("b"), await state.get("c")) == ("ä", "brief", None)
    await state.put("a", "second", MINUTE)
    await brief_is_over()
    assert (await state.get("a"), await state.get("b")) == ("second", None)
    await state.forget("a")
    assert await state.get("a") is None


async def test_a_value_is_taken_once(state: SharedState) -> None:
    await state.put("a", "value", MINUTE)
    taken = await asyncio.gather(*(state.take("a") for _ in range(10)))
    assert sorted(value or "" for value in taken) == [""] * 9 + ["value"]
    assert await state.get("a") is None


async def test_what_has_expired_cannot_be_taken(state: SharedState, brief_is_over: Wait) -> None:
    await state.put("a", "value", BRIEF)
    await brief_is_over()
    assert await state.take("a") is None


async def test_a_claim_has_one_winner_within_its_lifetime(state: SharedState, brief_is_over: Wait) -> None:
    claims = await asyncio.gather(*(state.claim("a", BRIEF) for _ in range(10)))
    assert sorted(claims) == [False] * 9 + [True]
    assert await state.claim("b", BRIEF)
    await brief_is_over()
    claims = await asyncio.gather(*(state.claim("a", MINUTE) for _ in range(10)))
    assert sorted(claims) == [False] * 9 + [True]
    await state.forget("a")
    assert await state.claim("a", MINUTE)


async def test_additions_count_from_the_first_one_on(state: SharedState, brief_is_over: Wait) -> None:
    assert sorted(await asyncio.gather(*(state.add("a", 1, BRIEF) for _ in range(10)))) == list(range(1, 11))
    assert await state.add("a", -1, MINUTE) == 9  # does not prolong the window
    await brief_is_over()
    assert await state.add("a", 5, MINUTE) == 5
    await state.forget("a")
    assert await state.add("a", 1, MINUTE) == 1


async def test_several_additions_at_once_are_told_in_their_order(state: SharedState) -> None:
    await state.add("b", 5, MINUTE)
    assert await state.adjust_each(("b", 1, MINUTE), ("c", 2, MINUTE), ("a", 3, MINUTE)) == [6, 2, 3]
    assert await state.adjust_each(("a", -1, MINUTE), ("c", 1, MINUTE)) == [2, 3]


async def test_a_count_whose_lifetime_is_made_nothing_is_over(state: SharedState) -> None:
    await state.add("a", 3, MINUTE)
    await state.adjust_each(("a", 0, 0), ("b", 0, 0))
    await asyncio.sleep(0.01)  # Redis knows no lifetime under a millisecond
    assert await state.adjust_each(("a", 1, MINUTE), ("b", 1, MINUTE)) == [1, 1]


async def test_a_count_that_would_last_longer_than_its_lifetime_is_cut_short(
    state: SharedState, brief_is_over: Wait
) -> None:
    """As one does that began before the clock was set back."""
    await state.add("a", 3, MINUTE)
    assert await state.add("a", 1, BRIEF) == 4
    await brief_is_over()
    assert await state.add("a", 1, BRIEF) == 1


@pytest.mark.usefixtures("storage")
async def test_expired_rows_are_swept() -> None:
    state = DatabaseState()
    await SharedStateRow.create(key="old", value="", expires_at=now() - 1)
    await state.put("new", "value", MINUTE)
    await state.sweep()
    assert await SharedStateRow.all().values("key") == [{"key": "new"}]
