"""Work of many done at once: everybody gets an answer of their own, and a bad one harms nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from server.kernel import database, ids
from server.kernel.batches import LARGEST, Batcher, Statement
from server.kernel.database import AlreadyExists
from server.kernel.faults import DatabaseConflict, DatabaseUnavailable
from server.kernel.postgresql import PostgresqlDatabase

pytestmark = pytest.mark.usefixtures("notes")

CLAIM = "UPDATE note SET pinned = $3 WHERE id = $1 AND words = $2 AND pinned = $4"
FIND = "SELECT words, seen FROM note WHERE id = $1"
BY_SEEN = "SELECT words FROM note WHERE seen = $1 ORDER BY words"


def note(words: str, seen: int = 0, identifier: UUID | None = None) -> Statement:
    sql = "INSERT INTO note (id, words, seen, pinned) VALUES ($1, $2, $3, $4)"
    return Statement(sql, (identifier or ids.uuid7(), words, seen, False))


def claim(identifier: UUID, words: str) -> Statement:
    return Statement(CLAIM, (identifier, words, True, False))


async def words() -> list[str]:
    return [str(row["words"]) for row in await database.rows("SELECT words FROM note ORDER BY words")]


async def test_what_many_write_at_once_is_all_there() -> None:
    written = await asyncio.gather(*(database.write(note(f"{number:03}")) for number in range(LARGEST + 50)))
    assert all(written)
    assert len(await words()) == LARGEST + 50


async def test_a_claim_has_one_winner_and_the_losers_rows_are_not_written() -> None:
    target = ids.uuid7()
    await database.write(note("prize", identifier=target))
    claims = (database.write(note(f"row {number}"), claim=claim(target, "prize")) for number in range(20))
    written = await asyncio.gather(*claims)
    assert written.count(True) == 1
    assert await words() == ["prize", f"row {written.index(True)}"]


async def test_claims_of_many_are_told_apart() -> None:
    targets = [ids.uuid7() for _ in range(10)]
    await database.write(*(note(f"t{number}", identifier=target) for number, target in enumerate(targets)))
    wanted = [f"t{number}" if number % 2 else "wrong" for number in range(10)]
    claims = (database.write(claim=claim(target, text)) for target, text in zip(targets, wanted, strict=True))
    assert await asyncio.gather(*claims) == [bool(number % 2) for number in range(10)]


async def test_one_bad_row_does_not_fail_the_others() -> None:
    texts = ["a", "b", "a", "c"]
    outcomes = await asyncio.gather(*(database.write(note(text)) for text in texts), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [bool, bool, AlreadyExists, bool]
    assert await words() == ["a", "b", "c"]


async def test_a_unit_is_written_whole_or_not_at_all() -> None:
    await database.write(note("taken"))
    with pytest.raises(AlreadyExists):
        await database.write(note("new"), note("taken"))
    assert await words() == ["taken"]


async def test_units_of_every_shape_are_written_side_by_side() -> None:
    """Plain rows, rows that give way, rows with expressions, changes of other rows: one statement or several."""
    target = ids.uuid7()
    await database.write(note("old", identifier=target))
    giving_way = Statement(f"{note('x').sql} ON CONFLICT (words) DO NOTHING", note("old").arguments)
    spelled = "INSERT INTO note (id, words, seen, pinned) VALUES ($1, CAST($2 AS text), $3 + 1, (NOT $4))"
    changing = Statement("UPDATE note SET seen = $2 WHERE id = $1", (target, 7))
    written = await asyncio.gather(
        database.write(giving_way, note("first")),
        database.write(Statement(spelled, note("spelled", 3).arguments), note("second"), claim=claim(target, "old")),
        database.write(changing, note("third")),
        database.write(note("lost"), note("lost too"), claim=claim(target, "new")),
        database.write(note("alone")),
    )
    assert list(written) == [True, True, True, False, True]
    assert await words() == ["alone", "first", "old", "second", "spelled", "third"]
    rows = await database.rows("SELECT words, seen FROM note WHERE seen > 0 ORDER BY seen")
    assert [(row["words"], row["seen"]) for row in rows] == [("spelled", 4), ("old", 7)]


async def test_what_is_of_one_shape_needs_no_transaction_on_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    if not database.is_postgresql():
        pytest.skip("SQLite has no round trips")
    targets = [ids.uuid7() for _ in range(3)]
    await database.write(*(note(f"t{number}", identifier=target) for number, target in enumerate(targets)))
    begun: list[None] = []
    monkeypatch.setattr(PostgresqlDatabase, "begin", lambda _: begun.append(None))
    claims = (database.write(note(f"r{at}"), claim=claim(of, f"t{at}")) for at, of in enumerate(targets))
    assert (await asyncio.gather(*claims), begun) == ([True] * 3, [])


async def test_in_a_transaction_it_joins() -> None:
    target = ids.uuid7()

    async def write_and_fail() -> None:
        async with database.transaction():
            assert await database.write(note("inside", identifier=target))
            assert await database.find_row(FIND, target) == {"words": "inside", "seen": 0}
            assert await database.write(note("more"), claim=claim(target, "inside"))
            assert not await database.write(note("none"), claim=claim(target, "inside"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await write_and_fail()
    assert await words() == []


async def test_everybody_finds_their_own_rows() -> None:
    identifiers = [ids.uuid7() for _ in range(30)]
    await database.write(*(note(f"n{n:02}", n % 3, identifier) for n, identifier in enumerate(identifiers)))
    one = [database.find_row(FIND, identifier) for identifier in (*identifiers, ids.uuid7())]
    many = [database.find_rows(BY_SEEN, seen) for seen in range(4)]
    found, groups = await asyncio.gather(asyncio.gather(*one), asyncio.gather(*many))
    assert found == [*({"words": f"n{number:02}", "seen": number % 3} for number in range(30)), None]
    assert [len(group) for group in groups] == [10, 10, 10, 0]
    assert groups[1][0] == {"words": "n01"}


async def test_whoever_gives_up_waiting_does_not_stop_the_others() -> None:
    impatient = asyncio.create_task(database.write(note("impatient")))
    patient = asyncio.create_task(database.write(note("patient")))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert await words() == ["impatient", "patient"]


@pytest.mark.parametrize(("fault", "attempts"), [(DatabaseUnavailable, 1), (DatabaseConflict, 4), (ValueError, 4)])
async def test_only_what_was_surely_undone_is_tried_again(fault: type[Exception], attempts: int) -> None:
    tried: list[int] = []

    async def do(items: object) -> list[int]:
        tried.append(len(items))  # type: ignore[arg-type]  # whatever was submitted
        raise fault

    batcher: Batcher[int, int] = Batcher(do, "test")
    outcomes = await asyncio.gather(*(batcher.submit(number) for number in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [fault] * 3
    assert len(tried) == attempts


async def test_nobody_waits_for_a_process_that_ends() -> None:
    started = asyncio.Event()

    async def do(items: object) -> list[int]:
        started.set()
        raise asyncio.CancelledError

    batcher: Batcher[int, int] = Batcher(do, "test")
    outcomes = await asyncio.gather(*(batcher.submit(number) for number in range(3)), return_exceptions=True)
    assert started.is_set()
    assert [type(outcome) for outcome in outcomes] == [DatabaseUnavailable] * 3


async def test_who_waits_too_long_for_a_turn_is_told_and_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.kernel.batches.WAIT_SECONDS", 0.02)
    done: list[int] = []
    answers = asyncio.Event()

    async def do(items: Sequence[int]) -> list[int]:
        await answers.wait()
        done.extend(items)
        return list(items)

    batcher: Batcher[int, int] = Batcher(do, "test")
    first = asyncio.create_task(batcher.submit(1))
    await asyncio.sleep(0)
    waiting = await asyncio.gather(batcher.submit(2), batcher.submit(3), return_exceptions=True)
    assert [type(one) for one in waiting] == [DatabaseUnavailable] * 2
    answers.set()
    assert await first == 1
    assert await batcher.submit(4) == 4
    assert done == [1, 4]


async def test_a_turn_that_was_cancelled_before_it_began_leaves_room_for_the_next() -> None:
    async def do(items: object) -> list[int]:
        return [1]

    batcher: Batcher[int, int] = Batcher(do, "test")
    waiting = asyncio.create_task(batcher.submit(1))
    await asyncio.sleep(0)
    next(task for task in asyncio.all_tasks() if task.get_name() == "test").cancel()
    with pytest.raises(DatabaseUnavailable):
        await waiting
    assert await batcher.submit(1) == 1
