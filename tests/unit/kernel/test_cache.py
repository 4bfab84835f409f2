"""What a process remembers."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest

from server.kernel import cache
from server.kernel.cache import TenantCache

ACME, OTHER = uuid4(), uuid4()


class Source:
    """Where values are loaded from; counts, and waits when told to."""

    def __init__(self) -> None:
        self.value: str | None = "first"
        self.loads = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self) -> str | None:
        self.loads += 1
        value = self.value
        await self.gate.wait()
        return value


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def things() -> TenantCache[str, str]:
    return TenantCache("things", size=3)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock, which stands still; everything until now was seen."""
    moments = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: moments[0])
    monkeypatch.setattr(cache, "_seen_until", 100.0)
    return moments


async def test_a_value_is_loaded_once(things: TenantCache[str, str], source: Source) -> None:
    assert [await things.get(ACME, "a", source.load) for _ in range(3)] == ["first"] * 3
    assert source.loads == 1


async def test_absence_is_not_remembered(things: TenantCache[str, str], source: Source) -> None:
    source.value = None
    assert await things.get(ACME, "a", source.load) is None
    source.value = "made"
    assert await things.get(ACME, "a", source.load) == "made"


async def test_tenants_do_not_share(things: TenantCache[str, str], source: Source) -> None:
    await things.get(ACME, "a", source.load)
    source.value = "of the other"
    assert await things.get(OTHER, "a", source.load) == "of the other"
    assert await things.get(ACME, "a", source.load) == "first"


async def test_the_least_recently_used_goes_first(things: TenantCache[str, str], source: Source) -> None:
    for key in ("a", "b", "c", "a", "d"):
        await things.get(ACME, key, source.load)
    assert source.loads == 4
    await things.get(ACME, "a", source.load)
    assert source.loads == 4
    await things.get(ACME, "b", source.load)
    assert source.loads == 5


async def test_what_is_heavy_takes_the_room_of_many(source: Source) -> None:
    letters: TenantCache[str, str] = TenantCache("letters", size=10, weigh=len)
    for key, value, weight in (("a", "12345", 5), ("b", "12345", 10), ("a", "123", 8), ("c", "1234567", 10)):
        source.value = value
        letters.drop(ACME)
        await letters.get(ACME, key, source.load)
        assert letters._weight == weight
    source.value = "x" * 11
    await letters.get(ACME, "d", source.load)
    assert (len(letters._entries), letters._weight) == (0, 0)


async def test_many_who_ask_at_once_cause_one_load(things: TenantCache[str, str], source: Source) -> None:
    source.gate.clear()
    asking = [asyncio.ensure_future(things.get(ACME, "a", source.load)) for _ in range(10)]
    await asyncio.sleep(0)
    asking[0].cancel()  # who asked first may go away
    source.gate.set()
    assert await asyncio.gather(*asking[1:]) == ["first"] * 9
    assert source.loads == 1


async def test_a_failure_reaches_all_who_wait_and_is_not_remembered(
    things: TenantCache[str, str], source: Source
) -> None:
    async def fail() -> str:
        raise LookupError

    results = await asyncio.gather(*(things.get(ACME, "a", fail) for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [LookupError] * 3
    assert await things.get(ACME, "a", source.load) == "first"


@pytest.mark.parametrize("drop", [lambda: cache.drop_topic(ACME, "things"), cache.drop_everything])
async def test_what_is_dropped_is_loaded_again(
    drop: Callable[[], None], things: TenantCache[str, str], source: Source
) -> None:
    await things.get(ACME, "a", source.load)
    source.value = "second"
    drop()
    assert await things.get(ACME, "a", source.load) == "second"
    assert await things.get(ACME, "a", source.load) == "second"


async def test_dropping_is_for_one_topic_of_one_tenant(things: TenantCache[str, str], source: Source) -> None:
    await things.get(ACME, "a", source.load)
    cache.drop_topic(ACME, "others")
    cache.drop_topic(OTHER, "things")
    await things.get(ACME, "a", source.load)
    assert source.loads == 1


@pytest.mark.parametrize("drop", [lambda: cache.drop_topic(ACME, "things"), cache.drop_everything])
async def test_what_was_read_before_a_change_is_not_served_after_it(
    drop: Callable[[], None], things: TenantCache[str, str], source: Source
) -> None:
    source.gate.clear()
    early = asyncio.ensure_future(things.get(ACME, "a", source.load))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    source.value = "second"
    drop()
    late = asyncio.ensure_future(things.get(ACME, "a", source.load))
    await asyncio.sleep(0)
    source.gate.set()
    assert await late == "second"
    assert await early == "first"
    assert await things.get(ACME, "a", source.load) == "second"


async def test_nothing_older_than_a_second_is_served_while_nobody_looks(
    things: TenantCache[str, str], source: Source, clock: list[float]
) -> None:
    await things.get(ACME, "a", source.load)
    for moment, loads in ((100.9, 1), (101.0, 2), (101.9, 2), (102.0, 3)):
        clock[0] = moment
        await things.get(ACME, "a", source.load)
        assert source.loads == loads
    clock[0] = 1000.0
    cache.seen_until(999.5)  # and nothing had changed
    await things.get(ACME, "a", source.load)
    assert source.loads == 3


async def test_who_comes_later_does_not_wait_for_what_was_read_long_ago(
    things: TenantCache[str, str], source: Source, clock: list[float]
) -> None:
    source.gate.clear()
    early = asyncio.ensure_future(things.get(ACME, "a", source.load))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    source.value = "second"
    clock[0] = 101.0
    late = asyncio.ensure_future(things.get(ACME, "a", source.load))
    await asyncio.sleep(0)
    source.gate.set()
    assert (await early, await late) == ("first", "second")
