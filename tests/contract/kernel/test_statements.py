"""Statements and models, on either database."""

import pytest

from server.kernel import database, ids
from server.kernel.database import AlreadyExists
from server.kernel.models import SharedStateRow

pytestmark = pytest.mark.usefixtures("notes")

INSERT = "INSERT INTO note (id, words, seen, pinned) VALUES ($1, $2, $3, $4)"


async def test_a_row_comes_back_as_it_was_written() -> None:
    identifier = ids.uuid7()
    assert await database.execute(INSERT, identifier, "ä\n'$1'?", 2**62, True) == 1
    row = await database.row("SELECT * FROM note WHERE id = $1", identifier)
    assert row is not None
    assert set(row) == {"id", "words", "seen", "pinned"}
    assert database.as_uuid(row["id"]) == identifier
    assert row["words"] == "ä\n'$1'?"
    assert database.as_int(row["seen"]) == 2**62
    assert database.as_bool(row["pinned"]) is True


async def test_null_is_none() -> None:
    await database.execute(INSERT, ids.uuid7(), None, None, None)
    row = await database.row("SELECT words, seen FROM note")
    assert row == {"words": None, "seen": None}
    assert database.as_optional_int(row["seen"]) is None
    with pytest.raises(TypeError):
        database.as_int(row["seen"])


async def test_a_placeholder_may_appear_more_than_once_and_in_any_order() -> None:
    first, second = ids.uuid7(), ids.uuid7()
    await database.execute(INSERT, first, "a", 1, False)
    await database.execute(INSERT, second, "b", 2, False)
    sql = "SELECT id FROM note WHERE seen = $2 AND words = $1 OR seen = $2 AND id = $3 ORDER BY id"
    assert [database.as_uuid(row["id"]) for row in await database.rows(sql, "a", 1, first)] == [first]
    assert [database.as_uuid(row["id"]) for row in await database.rows(sql, "a", 2, second)] == [second]


async def test_changed_rows_are_counted() -> None:
    for number in range(3):
        await database.execute(INSERT, ids.uuid7(), f"note {number}", number, False)
    assert await database.execute("UPDATE note SET pinned = $1 WHERE seen > $2", True, 0) == 2
    assert await database.execute("UPDATE note SET pinned = $1 WHERE seen > $2", True, 9) == 0
    assert len(await database.rows("UPDATE note SET seen = seen + 1 WHERE pinned = $1 RETURNING id, seen", True)) == 2
    assert await database.execute("DELETE FROM note WHERE seen = 3") == 1
    assert await database.row("SELECT 1 AS one FROM note WHERE seen = 99") is None


async def test_a_second_row_with_the_same_key_already_exists() -> None:
    identifier = ids.uuid7()
    await database.execute(INSERT, identifier, "a", 0, False)
    with pytest.raises(AlreadyExists):
        await database.execute(INSERT, identifier, "b", 0, False)
    with pytest.raises(AlreadyExists) as fault:
        await database.execute(INSERT, ids.uuid7(), "a", 0, False)
    assert "'a'" not in str(fault.value)


async def test_models_raise_the_same_faults() -> None:
    await SharedStateRow.create(key="k", value="", expires_at=1)
    with pytest.raises(AlreadyExists):
        await SharedStateRow.create(key="k", value="", expires_at=1)
    with pytest.raises(AlreadyExists):
        await SharedStateRow.bulk_create([SharedStateRow(key=key, expires_at=1) for key in ("l", "k")])
    assert await SharedStateRow.all().count() == 1


async def test_models_and_statements_see_the_same_rows() -> None:
    await SharedStateRow.bulk_create([SharedStateRow(key=str(number), expires_at=number) for number in range(5)])
    assert await database.execute("DELETE FROM shared_state WHERE expires_at < $1", 2) == 2
    assert await SharedStateRow.filter(key="3").update(count=7) == 1
    assert await database.rows("SELECT count FROM shared_state WHERE key = $1", "3") == [{"count": 7}]
    assert await SharedStateRow.filter(expires_at__gt=3).delete() == 1
    assert await SharedStateRow.filter(count=7).values("key", "value") == [{"key": "3", "value": None}]


async def test_every_statement_is_counted() -> None:
    with database.query_count() as outer:
        with database.query_count() as inner:
            async with database.transaction():
                await database.execute(INSERT, ids.uuid7(), "a", 0, False)
                await database.rows("SELECT * FROM note")
            await SharedStateRow.create(key="k", expires_at=1)
            await SharedStateRow.filter(key="k").first()
        await database.row("SELECT * FROM note")
    assert inner.total == 4
    assert outer.total == 1
