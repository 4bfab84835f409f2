"""Caches hear of what other processes change."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from uuid import uuid4

import pytest

from server.kernel import cache, database, invalidation, tasks
from server.kernel.cache import TenantCache
from server.kernel.postgresql import PostgresqlDatabase
from server.kernel.postgresql_faults import PostgresqlFaults
from server.settings import Settings

ACME = uuid4()
PATIENCE = 60  # seconds; what is promised are two at most, but test machines are shared
ANOTHER_PROCESS = """
import asyncio, sys
from uuid import UUID
from server.kernel import database, invalidation

async def main(url: str, tenant_id: UUID) -> None:
    await database.open_database(url)
    async with database.transaction():
        await database.execute("UPDATE note SET words = 'second'")
        await invalidation.changed(tenant_id, "notes")
    await database.close_database()

asyncio.run(main(sys.argv[1], UUID(sys.argv[2])))
"""


@pytest.fixture(autouse=True)
async def _listening(notes: None) -> AsyncIterator[None]:
    await invalidation.stop()
    await invalidation.start()
    await database.execute("INSERT INTO note (id, words) VALUES ($1, 'first')", ACME)
    yield
    await invalidation.stop()
    await invalidation.start()


@pytest.fixture
def words() -> TenantCache[str, str]:
    return TenantCache("notes", size=10)


async def _get(words: TenantCache[str, str]) -> str | None:
    async def load() -> str | None:
        row = await database.row("SELECT words FROM note WHERE id = $1", ACME)
        return str(row["words"]) if row else None

    return await words.get(ACME, "words", load)


async def _becomes(words: TenantCache[str, str], expected: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while (found := await _get(words)) != expected and time.monotonic() < deadline:  # noqa: ASYNC110  nobody says when
        await asyncio.sleep(0.02)
    assert found == expected


async def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so() and time.monotonic() < deadline:  # noqa: ASYNC110  nobody says when
        await asyncio.sleep(0.02)
    assert is_so()


async def _looked(times: int) -> None:
    """Whoever watches has looked so often, from the beginning to the end."""
    # The first one may have begun before now.
    for _ in range(times + 1):
        await _until(partial(_is_seen_after, cache._seen_until))


def _is_seen_after(moment: float) -> bool:
    return cache._seen_until > moment


async def _is_said(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    said, deadline = "", time.monotonic() + PATIENCE
    while words not in said and time.monotonic() < deadline:
        said += capsys.readouterr().err
        await asyncio.sleep(0.02)
    assert words in said


async def test_ones_own_change_is_seen_after_the_commit(words: TenantCache[str, str]) -> None:
    assert await _get(words) == "first"
    async with database.transaction():
        await database.execute("UPDATE note SET words = 'second'")
        await invalidation.changed(ACME, "notes")
        assert await _get(words) == "second"  # what the transaction itself sees
    assert await _get(words) == "second"


async def test_a_change_that_is_undone_was_none(words: TenantCache[str, str]) -> None:
    assert await _get(words) == "first"
    with suppress(LookupError):
        async with database.transaction():
            await database.execute("UPDATE note SET words = 'second'")
            await invalidation.changed(ACME, "notes")
            assert await _get(words) == "second"
            raise LookupError
    assert await _get(words) == "first"


async def test_a_change_by_another_process_is_seen(words: TenantCache[str, str], opened: Settings) -> None:
    assert await _get(words) == "first"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ANOTHER_PROCESS, opened.database_url, str(ACME)
    )
    assert await process.wait() == 0
    await _becomes(words, "second")


async def test_ones_own_writes_drop_nothing_but_what_they_name(
    words: TenantCache[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MAX_AGE_SECONDS", PATIENCE * 2)  # so that nothing but a drop lets it be read again
    await _looked(1)  # a watch that begins drops everything
    await _get(words)
    await database.execute("UPDATE note SET words = 'second'")
    await _looked(2)
    assert await _get(words) == "first"


async def test_what_changes_thousands_of_rows_says_so_once() -> None:
    async with database.transaction():
        await invalidation.changed(ACME, "notes")
        with database.query_count() as count:
            for _ in range(1000):
                await invalidation.changed(ACME, "notes")
    assert count.total == 0


async def test_a_listener_that_was_cut_off_serves_nothing_old_and_comes_back(
    words: TenantCache[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    if not database.is_postgresql():
        pytest.skip("SQLite has nobody to listen to")
    assert await _get(words) == "first"
    # As another process would have changed it, without a word that could be heard.
    await database.execute("UPDATE note SET words = 'second'")
    await database.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND (query LIKE '%cache_version changed%' OR query LIKE 'LISTEN%') AND pid <> pg_backend_pid()"
    )
    await _becomes(words, "second")
    # Later than the cache became careful, where it takes the watch more than a second to notice.
    await _is_said("lost the database", capsys)
    await _looked(1)


async def test_a_database_that_cannot_be_watched_makes_caches_careful(
    words: TenantCache[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.is_postgresql():
        pytest.skip("see test_cache_versions")
    opened = database.database()

    async def data_version() -> int:
        raise database.DatabaseUnavailable("disk I/O error")

    assert await _get(words) == "first"
    with monkeypatch.context() as patch:
        patch.setattr(opened, "data_version", data_version)
        await database.execute("UPDATE note SET words = 'second'")  # one's own writes do not count
        await _becomes(words, "second")
    await _looked(1)


async def test_stopping_twice_is_nothing() -> None:
    await invalidation.stop()
    await invalidation.stop()


async def test_no_listener_begins_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    await invalidation.stop()
    nowhere = PostgresqlDatabase("postgres://nobody@127.0.0.1:1/nothing")
    monkeypatch.setattr(database, "_database", nowhere)
    with pytest.raises(database.DatabaseUnavailable):
        await invalidation.start()
    assert not [task for task in tasks._tasks if task.get_name() == "cache invalidation"]


def test_translating_no_fault_is_nothing() -> None:
    with PostgresqlFaults():
        pass
