"""The word of a change goes by Redis too; a change never fails or waits for want of it."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from server.kernel import cache, database, invalidation, redis_client, redis_news
from server.kernel.cache import TenantCache
from server.kernel.faults import StateUnavailable
from tests.support.killable import Killable
from tests.support.ports import LOOPBACK

ACME = uuid4()
PATIENCE = 60  # seconds


@pytest.fixture(autouse=True)
async def _nothing_is_found_by_looking(
    redis: Killable, storage: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    await invalidation.stop()
    with monkeypatch.context() as patch:
        patch.setattr(cache, "MAX_AGE_SECONDS", PATIENCE * 2)
        patch.setattr(invalidation, "LOOK_EVERY_SECONDS", PATIENCE * 2)
        patch.setattr(invalidation, "REDIS_RETRY_SECONDS", 0.1)
        await redis_client.open_redis(f"redis://{LOOPBACK}:{redis.port}/0")
        await invalidation.start()
        yield
        await invalidation.stop()
        await redis_client.close_redis()
    await invalidation.start()


@pytest.fixture
def words() -> TenantCache[str, str]:
    return TenantCache("notes", size=10)


async def _is_dropped_by(words: TenantCache[str, str], word: str) -> bool:
    """Whether saying this, as another process would, lets a value be read again; said until it was heard."""
    loads: list[int] = []

    async def load() -> str:
        loads.append(1)
        return "words"

    deadline = time.monotonic() + PATIENCE
    while len(loads) < 2 and time.monotonic() < deadline:
        await words.get(ACME, "words", load)
        with suppress(StateUnavailable):
            await redis_news.publish(_client(), word)
        await asyncio.sleep(0.05)
    return len(loads) == 2


def _client() -> Redis:
    client = redis_client.find_redis()
    assert client is not None
    return client


@asynccontextmanager
async def _hearing() -> AsyncIterator[list[str]]:
    """What another process hears; it hears already."""
    heard: list[str] = []
    task = asyncio.ensure_future(redis_news.listen(_client(), heard.append))
    while not heard:
        await redis_news.publish(_client(), "hello")
        await asyncio.sleep(0.02)
    yield heard
    task.cancel()


async def _change() -> None:
    async with database.transaction():
        await invalidation.changed(ACME, "notes")


async def test_a_word_drops_what_it_names(words: TenantCache[str, str]) -> None:
    assert await _is_dropped_by(words, f"somebody:{ACME.hex}:notes")


async def test_a_change_is_passed_on_when_it_is_committed_before_the_process_ends() -> None:
    async with _hearing() as heard:
        with suppress(LookupError):
            async with database.transaction():
                await invalidation.changed(ACME, "undone")
                raise LookupError
        await _change()
        await invalidation.stop()
        await redis_news.publish(_client(), "end")
        while "end" not in heard:  # noqa: ASYNC110  nobody says when
            await asyncio.sleep(0.02)
    assert [word.split(":", 1)[1] for word in heard if ":" in word] == [f"{ACME.hex}:notes"]


async def test_without_redis_changes_are_made_and_with_it_again_they_are_heard(
    redis: Killable, words: TenantCache[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    redis.kill()
    await _change()
    await invalidation.stop()
    assert "was not passed on by Redis" in capsys.readouterr().err
    await invalidation.start()
    await asyncio.sleep(0.1)
    redis.start()
    assert await _is_dropped_by(words, f"somebody:{ACME.hex}:notes")
    assert "lost Redis" in capsys.readouterr().err


async def test_a_redis_that_hangs_is_noticed(redis: Killable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_news, "SILENCE_SECONDS", 0.3)  # a busy machine answers within it
    assert redis.process is not None
    listening = asyncio.ensure_future(redis_news.listen(_client(), lambda _: None))
    await asyncio.sleep(1.2)  # silent, but it answers
    assert not listening.done()
    redis.process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(StateUnavailable):
            await asyncio.wait_for(listening, PATIENCE)
    finally:
        redis.process.send_signal(signal.SIGCONT)
