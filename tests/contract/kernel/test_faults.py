"""What goes wrong with a database, in our words, and what comes back by itself."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from server.kernel import database, ids
from server.kernel.database import DatabaseUnavailable, TransactionAborted
from server.kernel.models import SharedStateRow
from server.kernel.postgresql import PostgresqlDatabase
from server.kernel.sqlite import SqliteDatabase
from server.kernel.transactions import TransactionContext, current_transaction
from tests.support.killable import Killable
from tests.support.ports import LOOPBACK

SELECT = "SELECT 1 AS one"


@pytest.fixture
async def server(postgresql: Killable) -> AsyncIterator[PostgresqlDatabase]:
    opened = PostgresqlDatabase(f"postgres://latchkey@{LOOPBACK}:{postgresql.port}/postgres")
    await opened.open()
    await opened.run("DROP TABLE IF EXISTS note", ())
    await opened.run("CREATE TABLE note (words TEXT UNIQUE)", ())
    yield opened
    await opened.close()


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    opened = SqliteDatabase(str(tmp_path / "a.sqlite3"), {"journal_mode": "WAL", "busy_timeout": "100"})
    await opened.open()
    await opened.run("CREATE TABLE note (words TEXT UNIQUE)", ())
    yield opened
    await opened.close()


async def _answers(server: PostgresqlDatabase) -> None:
    """It answers again, by itself."""
    async with asyncio.timeout(60):
        while True:
            with suppress(DatabaseUnavailable):
                assert await server.fetch(SELECT, ()) == [{"one": 1}]
                return
            await asyncio.sleep(0.05)


async def test_a_server_that_dies_is_unavailable_and_comes_back(
    server: PostgresqlDatabase, postgresql: Killable
) -> None:
    await asyncio.gather(*(server.fetch(SELECT, ()) for _ in range(20)))
    postgresql.kill()
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable):
            await server.fetch(SELECT, ())
        with pytest.raises(DatabaseUnavailable):
            await server.begin()
    postgresql.start()
    results = await asyncio.gather(*(server.fetch(SELECT, ()) for _ in range(20)))
    assert results == [[{"one": 1}]] * 20


async def test_a_transaction_on_a_server_that_dies_is_undone(server: PostgresqlDatabase, postgresql: Killable) -> None:
    async def use_case() -> None:
        async with TransactionContext(server.begin):
            transaction = current_transaction()
            assert transaction is not None
            await transaction.session.run("INSERT INTO note VALUES ('a')", ())
            postgresql.kill()
            await transaction.session.run("INSERT INTO note VALUES ('b')", ())

    with pytest.raises(DatabaseUnavailable):
        await use_case()
    assert current_transaction() is None


async def test_a_commit_on_a_server_that_died_is_unavailable(server: PostgresqlDatabase, postgresql: Killable) -> None:
    session = await server.begin()
    await session.run("INSERT INTO note VALUES ('a')", ())
    postgresql.kill()
    with pytest.raises(DatabaseUnavailable):
        await session.commit()
    refused = await asyncio.gather(server.fetch(SELECT, ()), return_exceptions=True)
    assert isinstance(refused[0], DatabaseUnavailable)


async def test_a_refusal_while_the_server_dies_stays_the_refusal(
    server: PostgresqlDatabase, postgresql: Killable
) -> None:
    async def use_case() -> None:
        async with TransactionContext(server.begin):
            postgresql.kill()
            raise LookupError

    with pytest.raises(LookupError):
        await use_case()


async def test_postgresql_does_not_commit_what_failed(server: PostgresqlDatabase) -> None:
    session = await server.begin()
    await session.run("INSERT INTO note VALUES ('a')", ())
    with pytest.raises(database.AlreadyExists):
        await session.run("INSERT INTO note VALUES ('a')", ())
    with pytest.raises(TransactionAborted):
        await session.commit()
    assert await server.fetch("SELECT * FROM note", ()) == []


async def test_waiting_too_long_for_a_lock_is_unavailable(server: PostgresqlDatabase) -> None:
    first, second = await server.begin(), await server.begin()
    await first.run("LOCK TABLE note", ())
    await second.run("SET LOCAL lock_timeout = '20ms'", ())
    with pytest.raises(DatabaseUnavailable, match="LockNotAvailable"):
        await second.run("INSERT INTO note VALUES ('a')", ())
    await second.rollback()
    await first.rollback()


async def test_a_statement_that_takes_too_long_is_unavailable(server: PostgresqlDatabase) -> None:
    session = await server.begin()
    await session.run("SET LOCAL statement_timeout = '20ms'", ())
    with pytest.raises(DatabaseUnavailable, match="QueryCanceled"):
        await session.fetch("SELECT pg_sleep(5)", ())
    await session.rollback()


async def test_waiting_too_long_for_a_connection_is_unavailable(
    server: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = [await server.begin() for _ in range(10)]
    monkeypatch.setattr("server.kernel.postgresql_pool.ACQUIRE_SECONDS", 0.05)
    with pytest.raises(DatabaseUnavailable, match="TimeoutError"):
        await server.fetch(SELECT, ())
    for session in sessions:
        await session.rollback()
    assert await server.fetch(SELECT, ()) == [{"one": 1}]


async def test_only_so_many_wait_for_a_connection(server: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.kernel.postgresql_pool.MAX_WAITING", 2)
    sessions = [await server.begin() for _ in range(10)]
    waiting = [asyncio.ensure_future(server.fetch(SELECT, ())) for _ in range(2)]
    await asyncio.sleep(0.01)
    with pytest.raises(DatabaseUnavailable, match="too many wait"):
        await server.fetch(SELECT, ())
    # Who goes away makes room.
    waiting.pop().cancel()
    await asyncio.sleep(0.01)
    waiting.append(asyncio.ensure_future(server.fetch(SELECT, ())))
    for session in sessions:
        await session.rollback()
    assert await asyncio.gather(*waiting) == [[{"one": 1}]] * 2


async def test_no_connection_is_lost_however_many_go_away(server: PostgresqlDatabase) -> None:
    for moment in range(30):
        tasks = [asyncio.ensure_future(server.fetch("SELECT pg_sleep(0.001)", ())) for _ in range(40)]
        await asyncio.sleep(moment / 5000)
        for task in tasks[::2]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert not [result for result in results[1::2] if isinstance(result, BaseException)]
    pool = server.pool
    assert len(pool._free) + pool._vacant == 10
    sessions = await asyncio.gather(*(server.begin() for _ in range(10)))
    await asyncio.gather(*(session.rollback() for session in sessions))


async def test_a_released_connection_is_in_no_transaction(server: PostgresqlDatabase) -> None:
    async def hang() -> None:
        session = await server.begin()
        try:
            await session.fetch("SELECT pg_sleep(5)", ())
        finally:
            await session.rollback()

    for _ in range(12):
        hanging = asyncio.create_task(hang())
        await asyncio.sleep(0.02)
        hanging.cancel()
        with suppress(asyncio.CancelledError):
            await hanging
    idle = "SELECT count(*) AS open FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
    # A backend whose connection is gone hears of it in its own time, long before it would be ended for idling.
    async with asyncio.timeout(10):
        while await server.fetch(idle, ()) != [{"open": 0}]:  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.05)


async def test_a_server_that_does_not_answer_is_hung_up_on_and_not_asked_to_cancel(
    postgresql: Killable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kernel.postgresql_pool.COMMAND_SECONDS", 1)
    opened = PostgresqlDatabase(f"postgres://latchkey@{LOOPBACK}:{postgresql.port}/postgres")
    await opened.open()
    session = await opened.begin()
    with postgresql.stalled():
        with pytest.raises(DatabaseUnavailable, match="TimeoutError"):
            await session.run(SELECT, ())
        with pytest.raises(asyncpg.InterfaceError, match="released"):
            session.connection.is_closed()
        await session.rollback()
    await _answers(opened)
    await opened.close()


async def test_connections_that_an_administrator_ends_are_unavailable_at_worst(server: PostgresqlDatabase) -> None:
    end_others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'latchkey'"
    for _ in range(10):
        other = await asyncpg.connect(server._dsn)
        # PostgreSQL ends them in its own time: those of the round before, too.
        await asyncio.gather(*(server.fetch(SELECT, ()) for _ in range(10)), return_exceptions=True)
        await other.execute(end_others)
        results = await asyncio.gather(*(server.fetch(SELECT, ()) for _ in range(40)), return_exceptions=True)
        assert [kind for kind in map(type, results) if kind not in {list, DatabaseUnavailable}] == []
        await other.close()
    await _answers(server)


async def test_our_own_mistakes_are_not_called_unavailable(server: PostgresqlDatabase, file: SqliteDatabase) -> None:
    for sql, arguments in (("SELEKT", ()), ("SELECT $1::int", ()), ("SELECT * FROM nowhere", ())):
        for opened in (server, file):
            with pytest.raises(Exception, match=r"\w") as mistake:
                await opened.fetch(sql, arguments)
            assert not isinstance(mistake.value, DatabaseUnavailable)


@pytest.mark.parametrize("url", ["postgres://nobody@127.0.0.1:1/nothing", "postgres://nobody@/nothing?host=/nowhere"])
async def test_a_server_that_is_not_there_is_unavailable(url: str) -> None:
    opened = PostgresqlDatabase(url)
    with pytest.raises(DatabaseUnavailable):
        await opened.open()
    with pytest.raises(DatabaseUnavailable):
        await opened.fetch(SELECT, ())
    await opened.close()


async def test_a_unix_socket_is_as_good_as_a_port(postgresql: Killable) -> None:
    folder = postgresql.folder / "data"
    opened = PostgresqlDatabase(f"postgres://latchkey@/postgres?host={folder}&port={postgresql.port}")
    await opened.open()
    assert await opened.fetch(SELECT, ()) == [{"one": 1}]
    await opened.close()


async def test_a_busy_file_is_unavailable_and_then_available(file: SqliteDatabase, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "a.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable, match="locked"):
        await file.run("INSERT INTO note VALUES ('a')", ())
    session = await file.begin()
    with pytest.raises(DatabaseUnavailable, match="locked"):
        await session.run("INSERT INTO note VALUES ('a')", ())
    await session.rollback()
    other.execute("ROLLBACK")
    other.close()
    assert await file.run("INSERT INTO note VALUES ('a')", ()) == 1


@pytest.mark.parametrize("content", [b"this is no database, and never was one" * 100, None])
async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.sqlite3"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(DatabaseUnavailable):
        await SqliteDatabase(str(path), {"journal_mode": "WAL"}).open()


async def test_a_closed_file_is_unavailable(tmp_path: Path) -> None:
    opened = SqliteDatabase(str(tmp_path / "a.sqlite3"), {})
    await opened.open()
    session = await opened.begin()
    await session.run("CREATE TABLE note (words TEXT)", ())
    waiting = asyncio.ensure_future(opened.fetch(SELECT, ()))
    await asyncio.sleep(0)
    await opened.close()
    with pytest.raises(DatabaseUnavailable):
        await session.commit()
    with pytest.raises(DatabaseUnavailable):
        await waiting
    with pytest.raises(DatabaseUnavailable):
        await opened.fetch(SELECT, ())
    await opened.close()


@pytest.mark.usefixtures("storage")
async def test_nothing_works_before_the_database_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_database", None)
    with pytest.raises(DatabaseUnavailable):
        await database.row(SELECT)
    with pytest.raises(DatabaseUnavailable):
        database.transaction()
    await database.close_database()


@pytest.mark.usefixtures("storage")
async def test_models_on_a_database_that_is_busy_or_gone_are_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = database.database()
    if isinstance(opened, PostgresqlDatabase):
        monkeypatch.setattr(opened, "_pool", None)
    else:
        monkeypatch.setattr(opened, "_thread", None)
    with pytest.raises(DatabaseUnavailable):
        await SharedStateRow.create(key=str(ids.uuid7()), expires_at=1)
    with pytest.raises(DatabaseUnavailable):
        await SharedStateRow.all().count()
