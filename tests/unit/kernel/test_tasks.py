"""Work in the background."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from server.kernel import tasks
from server.kernel.clock import SECOND


@pytest.fixture(autouse=True)
async def _apart(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(tasks, "_tasks", set())
    yield
    await tasks.stop_all()


async def test_what_fails_is_logged_and_ends_alone(capsys: pytest.CaptureFixture[str]) -> None:
    async def fail() -> None:
        raise LookupError("of no consequence")

    await tasks.spawn(fail(), "failing work")
    assert "failing work" in capsys.readouterr().err


async def test_what_is_repeated_goes_on_after_a_failure() -> None:
    calls = 0
    done = asyncio.Event()

    async def fail_at_first() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise LookupError
        done.set()

    tasks.every(SECOND // 1000, fail_at_first, "stumbling work")
    await asyncio.wait_for(done.wait(), 60)


async def test_stopping_waits_for_the_end() -> None:
    ended = False

    async def work() -> None:
        nonlocal ended
        try:
            await asyncio.sleep(60)
        finally:
            ended = True

    tasks.spawn(work(), "work")
    await asyncio.sleep(0)
    await tasks.stop_all()
    assert ended
    assert tasks._tasks == set()
