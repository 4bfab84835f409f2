"""Transactions, on either database."""

import asyncio
from contextlib import suppress

import pytest

from server.kernel import database, ids, tasks
from server.kernel.database import AlreadyExists, TransactionAborted
from server.kernel.models import SharedStateRow

pytestmark = pytest.mark.usefixtures("notes")


class Refused(Exception):
    """What a use case raises."""


async def _write(words: str, seen: int = 0) -> None:
    sql = "INSERT INTO note (id, words, seen) VALUES ($1, $2, $3)"
    await database.execute(sql, ids.uuid7(), words, seen)


async def _words() -> list[object]:
    return [row["words"] for row in await database.rows("SELECT words FROM note ORDER BY id")]


async def test_a_transaction_is_kept_as_a_whole() -> None:
    async with database.transaction():
        await _write("a")
        await _write("b")
        assert await _words() == ["a", "b"]
    assert await _words() == ["a", "b"]


async def test_a_refusal_undoes_all_of_it_models_included() -> None:
    with suppress(Refused):
        async with database.transaction():
            await _write("a")
            await SharedStateRow.create(key="k", expires_at=1)
            raise Refused
    assert await _words() == []
    assert await SharedStateRow.all().count() == 0


async def test_an_inner_transaction_joins_the_outer() -> None:
    with suppress(Refused):
        async with database.transaction():
            async with database.transaction():
                await _write("a")
            assert await _words() == ["a"]
            raise Refused
    assert await _words() == []


async def test_what_failed_inside_cannot_be_committed_outside() -> None:
    async def use_case() -> None:
        async with database.transaction():
            await _write("a")
            with suppress(Refused):
                async with database.transaction():
                    await _write("b")
                    raise Refused

    with pytest.raises(TransactionAborted):
        await use_case()
    assert await _words() == []


async def test_a_statement_that_failed_ends_the_transaction_on_both_databases_alike() -> None:
    async def use_case() -> None:
        async with database.transaction():
            await _write("b")
            with suppress(AlreadyExists):
                await _write("a")
            with pytest.raises(TransactionAborted):
                await _write("c")

    await _write("a")
    with pytest.raises(TransactionAborted):
        await use_case()
    assert await _words() == ["a"]
    await _write("d")
    assert await _words() == ["a", "d"]


async def test_callbacks_wait_for_the_outermost_commit() -> None:
    calls: list[str] = []
    async with database.transaction():
        async with database.transaction():
            database.after_commit(lambda: calls.append("inner"))
        database.after_commit(lambda: calls.append("outer"))
        assert calls == []
    assert calls == ["inner", "outer"]
    database.after_commit(lambda: calls.append("outside"))
    assert calls == ["inner", "outer", "outside"]


async def test_callbacks_of_what_was_undone_are_not_called() -> None:
    calls: list[str] = []
    with suppress(Refused):
        async with database.transaction():
            database.after_commit(lambda: calls.append("never"))
            raise Refused
    assert calls == []


async def test_a_callback_that_fails_stops_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    calls: list[str] = []

    def fail() -> None:
        raise LookupError

    async with database.transaction():
        database.after_commit(fail)
        database.after_commit(lambda: calls.append("called"))
    assert calls == ["called"]
    assert "callback after a commit failed" in capsys.readouterr().err


async def test_other_tasks_are_not_in_the_transaction() -> None:
    inside, proceed = asyncio.Event(), asyncio.Event()

    async def undo() -> None:
        with suppress(Refused):
            async with database.transaction():
                await _write("undone")
                inside.set()
                await proceed.wait()
                raise Refused

    undoing = asyncio.create_task(undo())
    await inside.wait()
    writing = asyncio.create_task(_write("kept"))
    await asyncio.sleep(0.01)
    proceed.set()
    await asyncio.gather(undoing, writing)
    assert await _words() == ["kept"]


async def test_concurrent_transactions_lose_no_update() -> None:
    await _write("count", 0)
    on_sqlite, on_postgresql = "SELECT seen FROM note", "SELECT seen FROM note FOR UPDATE"
    sql = on_postgresql if database.is_postgresql() else on_sqlite

    async def count() -> None:
        async with database.transaction():
            row = await database.row(sql)
            await asyncio.sleep(0.001)
            await database.execute("UPDATE note SET seen = $1", database.as_int(row["seen"] if row else None) + 1)

    await asyncio.gather(*(count() for _ in range(30)))
    assert await database.rows("SELECT seen FROM note") == [{"seen": 30}]


async def test_of_many_conditional_updates_one_wins() -> None:
    await _write("once", 0)
    claims = (database.execute("UPDATE note SET seen = 1 WHERE seen = 0") for _ in range(20))
    assert sorted(await asyncio.gather(*claims)) == [0] * 19 + [1]


async def test_tasks_started_inside_take_turns_in_the_transaction() -> None:
    with suppress(Refused):
        async with database.transaction():
            await asyncio.gather(*(_write(f"note {number}") for number in range(10)))
            assert len(await _words()) == 10
            raise Refused
    assert await _words() == []


async def test_a_task_that_outlives_the_transaction_goes_on_without_it() -> None:
    ended = asyncio.Event()

    async def late() -> None:
        await ended.wait()
        assert not database.in_transaction()
        await _write("late")
        await SharedStateRow.create(key="late", expires_at=1)

    with suppress(Refused):
        async with database.transaction():
            task = asyncio.create_task(late())
            await _write("undone")
            raise Refused
    ended.set()
    await task
    assert await _words() == ["late"]
    assert await SharedStateRow.all().count() == 1


async def test_background_work_shares_nobodys_transaction() -> None:
    seen: list[bool] = []

    async def work() -> None:
        seen.append(database.in_transaction())

    async with database.transaction():
        await tasks.spawn(work(), "background work")
    assert seen == [False]


async def test_a_cancelled_transaction_is_undone_and_blocks_nobody() -> None:
    inside = asyncio.Event()

    async def hang() -> None:
        async with database.transaction():
            await _write("undone")
            inside.set()
            await asyncio.sleep(60)

    hanging = asyncio.create_task(hang())
    await inside.wait()
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    await _write("kept")
    assert await _words() == ["kept"]


async def test_callbacks_are_called_when_the_caller_goes_away_during_the_commit() -> None:
    for steps in range(12):
        calls: list[str] = []

        async def write(words: str, calls: list[str] = calls) -> None:
            async with database.transaction():
                await _write(words)
                database.after_commit(lambda: calls.append("committed"))

        task = asyncio.create_task(write(f"note {steps}"))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        if f"note {steps}" in await _words():
            assert calls == ["committed"]


async def test_an_empty_transaction_is_nothing() -> None:
    with database.query_count() as count:
        async with database.transaction():
            assert database.in_transaction()
        assert not database.in_transaction()
    assert count.total == 0
    await _write("a")
