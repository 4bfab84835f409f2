"""What one process of an installation does at a time."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from server.kernel import database
from server.kernel.alone import _LOCK, LOCK_SPACE, _number, run_alone
from server.kernel.database import DatabaseUnavailable
from server.kernel.postgresql import PostgresqlDatabase

pytestmark = pytest.mark.usefixtures("nobody_works")

HOLDERS = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = $1
 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@pytest.fixture
async def nobody_works(storage: object) -> None:
    """PostgreSQL gives a lock back in its own time when the connection of the test before has ended."""
    if database.is_postgresql():
        await _until_nobody_holds()


async def _nothing() -> None:
    return


async def test_work_that_is_under_way_is_not_begun_again() -> None:
    begun, proceed = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await proceed.wait()

    first = asyncio.create_task(run_alone("sweep", work))
    await begun.wait()
    assert not await run_alone("sweep", _nothing)
    assert await run_alone("other", _nothing)
    proceed.set()
    assert await first
    assert await run_alone("sweep", _nothing)


async def test_work_that_failed_may_be_begun_again() -> None:
    async def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await run_alone("sweep", fail)
    assert await run_alone("sweep", _nothing)


async def test_work_ends_with_whoever_asked_for_it() -> None:
    begun, undone = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            undone.set()

    task = asyncio.create_task(run_alone("sweep", work))
    await begun.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert undone.is_set()
    assert await run_alone("sweep", _nothing)


def _postgresql() -> PostgresqlDatabase:
    opened = database.database()
    if not isinstance(opened, PostgresqlDatabase):
        pytest.skip("SQLite is served by one process")
    return opened


async def test_work_of_another_process_is_not_begun_here_until_that_process_is_gone() -> None:
    elsewhere = await _postgresql().connect()
    assert await elsewhere.fetchval(_LOCK, LOCK_SPACE, _number("sweep"))
    assert not await run_alone("sweep", _nothing)
    elsewhere.terminate()
    await _until_it_runs()


async def test_work_that_lost_its_lock_is_cancelled() -> None:
    _postgresql()
    ended: list[str] = []

    async def work() -> None:
        holders = await database.rows(HOLDERS, LOCK_SPACE)
        assert len(holders) == 1
        await database.execute("SELECT pg_terminate_backend($1)", holders[0]["pid"])
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    with pytest.raises(DatabaseUnavailable, match="lost"):
        await run_alone("sweep", work)
    assert ended == ["cancelled"]
    await _until_it_runs()


async def test_nothing_is_held_on_a_connection_of_the_pool() -> None:
    _postgresql()
    await run_alone("sweep", _nothing)
    await _until_nobody_holds()


async def _until_it_runs() -> None:
    """PostgreSQL gives a lock back in its own time when the connection has ended."""
    async with asyncio.timeout(60):
        while not await run_alone("sweep", _nothing):  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.02)


async def _until_nobody_holds() -> None:
    async with asyncio.timeout(60):
        while await database.rows(HOLDERS, LOCK_SPACE):  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.02)
