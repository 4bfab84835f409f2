"""What other processes commit is found, in whatever order, with whatever was missed. PostgreSQL only."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from server.kernel import cache, cache_versions, database, ids, invalidation
from server.kernel.cache import TenantCache
from server.kernel.cache_versions import Change, Watch
from server.kernel.postgresql import PostgresqlDatabase
from server.settings import Settings
from tests.support.postgresql_wire import Wire, wire_to

if TYPE_CHECKING:
    from server.kernel.postgresql_pool import OwnConnection

ACME, GLOBEX = uuid4(), uuid4()
PATIENCE = 60  # seconds


@pytest.fixture(autouse=True)
def _postgresql(storage: None) -> None:
    if not database.is_postgresql():
        pytest.skip("SQLite counts its commits by itself")


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    """Another process, which has looked once."""
    async with _connected() as connection:
        watch = Watch(connection, "watching")
        assert await watch.look() == frozenset()
        yield watch


@asynccontextmanager
async def _connected() -> AsyncIterator[OwnConnection]:
    opened = database.database()
    assert isinstance(opened, PostgresqlDatabase)
    connection = await opened.connect()
    yield connection
    connection.terminate()


async def _note(connection: OwnConnection, tenant_id: UUID) -> None:
    await connection.execute(
        cache_versions._NOTE,
        ids.uuid7(),
        "writing",
        tenant_id,
        "notes",
        invalidation.CHANNEL,
        f"x:{tenant_id.hex}:notes",
    )


def _tenants(changes: frozenset[Change]) -> set[UUID]:
    return {change.tenant_id for change in changes}


async def test_what_was_committed_is_told_once(watch: Watch) -> None:
    async with database.transaction():
        await invalidation.changed(ACME, "notes")
        await invalidation.changed(ACME, "others")
        assert await watch.look() == frozenset()
    assert {change.topic for change in await watch.look()} == {"notes", "others"}
    assert await watch.look() == frozenset()


async def test_what_was_undone_is_not_told(watch: Watch) -> None:
    with suppress(LookupError):
        async with database.transaction():
            await invalidation.changed(ACME, "notes")
            raise LookupError
    assert await watch.look() == frozenset()


async def test_what_one_wrote_oneself_is_not_told(watch: Watch) -> None:
    async with database.transaction():
        await cache_versions.note("watching", ACME, "notes", channel="nowhere", word="")
    assert await watch.look() == frozenset()


async def test_a_transaction_that_began_first_and_ended_last_is_not_missed(watch: Watch) -> None:
    async with _connected() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await _note(slow, ACME)
        async with database.transaction():
            await invalidation.changed(GLOBEX, "notes")
        assert _tenants(await watch.look()) == {GLOBEX}
        assert _tenants(await watch.look()) == set()  # though its number lies above the horizon
        await transaction.commit()
        assert _tenants(await watch.look()) == {ACME}
        assert _tenants(await watch.look()) == set()


async def test_who_changes_the_same_thing_at_the_same_time_waits_for_nobody() -> None:
    async with _connected() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await _note(slow, ACME)
        async with database.transaction():
            await database.execute("SET LOCAL lock_timeout = '100ms'")
            await invalidation.changed(ACME, "notes")
        await transaction.rollback()


async def test_sweeping_removes_what_everybody_saw(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_versions, "LOOKS_BETWEEN_SWEEPS", 1)
    async with _connected() as asleep:
        sleeper = Watch(asleep, "asleep")
        await sleeper.look()
        for _ in range(5):
            async with database.transaction():
                await invalidation.changed(ACME, "notes")
        assert len(await watch.look()) == 5
        # What somebody else had begun on the cluster keeps rows for as long as it lasts.
        async with asyncio.timeout(PATIENCE):
            while len(rows := await database.rows("SELECT topic FROM cache_version")) > 1:
                assert await watch.look() == frozenset()
        (left,) = rows
        assert left["topic"] == cache_versions.EVERYTHING
        # Who slept through all of it is told that something is missing.
        assert {change.topic for change in await sleeper.look()} == {cache_versions.EVERYTHING}
        assert await sleeper.look() == frozenset()


async def test_numbers_of_another_server_mean_nothing(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_versions, "LOOKS_BETWEEN_SWEEPS", 1)
    await database.execute(
        "INSERT INTO cache_version (id, version, process, tenant_id, topic) VALUES ($1, $2, 'restored', $3, 'notes')",
        ids.uuid7(),
        1 << 60,
        ACME,
    )
    assert await watch.look() == frozenset()
    assert await database.rows("SELECT id FROM cache_version") == []


async def test_looking_reads_no_more_than_what_is_new(watch: Watch) -> None:
    async with database.transaction():
        await database.execute("SELECT set_config('enable_seqscan', 'off', true)")
        plan = await database.rows(
            "EXPLAIN "
            + cache_versions._LOOK.replace("$1", "pg_snapshot_xmin(pg_current_snapshot())::text::bigint").replace(
                "$2", "'watching'"
            )
        )
    assert any("Index Scan" in str(line["QUERY PLAN"]) for line in plan)


async def test_looking_goes_on_after_whatever_went_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    said = ""
    await database.execute("ALTER TABLE cache_version RENAME TO elsewhere")
    try:
        deadline = time.monotonic() + PATIENCE
        while "cache invalidation failed" not in said and time.monotonic() < deadline:
            said += capsys.readouterr().err
            await asyncio.sleep(0.05)
    finally:
        await database.execute("ALTER TABLE elsewhere RENAME TO cache_version")
    assert "cache invalidation failed" in said
    await _is_seen_further()


async def _is_seen_further() -> None:
    seen, deadline = cache._seen_until, time.monotonic() + PATIENCE
    while cache._seen_until == seen and time.monotonic() < deadline:  # noqa: ASYNC110  nobody says when
        await asyncio.sleep(0.05)
    assert cache._seen_until > seen


# ------------------------------------------------------------------------------------------- with something in between


@pytest.fixture
def words() -> TenantCache[str, str]:
    return TenantCache("notes", size=10)


@asynccontextmanager
async def _watching_by(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, *, look_every: float = invalidation.LOOK_EVERY_SECONDS
) -> AsyncIterator[None]:
    """This process watches through a wire; its statements go straight to PostgreSQL."""
    await invalidation.stop()
    try:
        with monkeypatch.context() as patch:
            patch.setattr(database.database(), "_dsn", wire.url)
            patch.setattr(invalidation, "LOOK_EVERY_SECONDS", look_every)
            await invalidation.start()
            yield
            await invalidation.stop()
    finally:
        # As before: whoever watches for the tests that follow must not sleep for as long as this one let it.
        await invalidation.start()


async def _change_elsewhere() -> None:
    async with _connected() as connection:
        await _note(connection, ACME)


async def _is_read_again(words: TenantCache[str, str], loads: list[int]) -> None:
    deadline = time.monotonic() + PATIENCE
    before = len(loads)
    while len(loads) == before and time.monotonic() < deadline:
        await _get(words, loads)
        await asyncio.sleep(0.02)
    assert len(loads) > before


async def _get(words: TenantCache[str, str], loads: list[int]) -> None:
    async def load() -> str:
        loads.append(1)
        return "words"

    await words.get(ACME, "words", load)


async def test_without_notifications_changes_are_found(
    words: TenantCache[str, str], opened: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cache, "MAX_AGE_SECONDS", PATIENCE * 2)  # so that it is the look which finds it
    async with wire_to(opened.database_url, loses_notifications=True) as wire, _watching_by(wire, monkeypatch):
        loads: list[int] = []
        await _get(words, loads)
        await _change_elsewhere()
        await _is_read_again(words, loads)
        deadline = time.monotonic() + PATIENCE
        said = ""
        while "pooler" not in said and time.monotonic() < deadline:
            said += capsys.readouterr().err
            await asyncio.sleep(0.05)
        assert "pooler" in said


async def test_notifications_are_heard_before_the_next_look(
    words: TenantCache[str, str], opened: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cache, "MAX_AGE_SECONDS", PATIENCE * 2)
    async with (
        wire_to(opened.database_url) as wire,
        _watching_by(wire, monkeypatch, look_every=PATIENCE * 2),
    ):
        loads: list[int] = []
        await _get(words, loads)
        await _change_elsewhere()
        await _is_read_again(words, loads)
    assert "pooler" not in capsys.readouterr().err


async def test_behind_a_network_that_fell_silent_nothing_old_is_served(
    words: TenantCache[str, str], opened: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wire_to(opened.database_url) as wire, _watching_by(wire, monkeypatch):
        wire.fall_silent()
        loads: list[int] = []
        await _get(words, loads)
        for _ in range(2):
            await _is_read_again(words, loads)
        wire.flows.set()
        await _is_seen_further()
