"""What the SQLite thread does."""

import sqlite3
from collections.abc import Iterator
from uuid import UUID

import pytest

from server.kernel import sqlite_work as work
from server.kernel.batches import Statement, Unit

ID = UUID("01a20b9a-bb9a-7624-a186-0eeb560454c7")


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    work.run_script(connection, "CREATE TABLE note (id CHAR(36) PRIMARY KEY, words TEXT, seen INT);")
    yield connection
    connection.close()


def test_placeholders_are_translated_and_literals_are_not() -> None:
    assert work.native("SELECT $1, '$2', $12 WHERE a = $1") == "SELECT ?1, '$2', ?12 WHERE a = ?1"
    assert work.native("SELECT '''$1', $2") == "SELECT '''$1', ?2"


def test_a_placeholder_may_appear_more_than_once(connection: sqlite3.Connection) -> None:
    assert work.fetch(connection, "SELECT $2 AS b, $1 AS a, $2 AS c", ("x", ID)) == [
        {"b": str(ID), "a": "x", "c": str(ID)}
    ]


def test_changed_rows_are_counted_in_every_kind_of_statement(connection: sqlite3.Connection) -> None:
    assert work.run(connection, "INSERT INTO note VALUES ($1, 'a', 0), ('2', 'a', 0)", (ID,)) == 2
    assert work.run(connection, "UPDATE note SET seen = 1 WHERE words = $1", ("a",)) == 2
    assert work.run(connection, "UPDATE note SET seen = 2 WHERE words = $1 RETURNING id", ("a",)) == 2
    assert (
        work.run(
            connection, "WITH one AS (SELECT $1 AS id) UPDATE note SET seen = 3 WHERE id IN (SELECT id FROM one)", (ID,)
        )
        == 1
    )
    assert work.run(connection, "DELETE FROM note WHERE words = 'b'", ()) == 0
    assert work.run(connection, "SELECT * FROM note", ()) == 0
    assert work.fetch_and_count(connection, "SELECT id FROM note WHERE seen = 3", ()) == (1, [{"id": str(ID)}])
    assert work.fetch_and_count(connection, "DELETE FROM note", ()) == (2, [])


def test_a_script_runs_inside_an_open_transaction(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN")
    script = """
    INSERT INTO note VALUES ('1', 'a; b', 0);
    CREATE TRIGGER seen AFTER INSERT ON note BEGIN UPDATE note SET seen = 1; SELECT 1; END;
    INSERT INTO note VALUES ('2', 'c', 0)
    """
    work.run_script(connection, script)
    assert connection.in_transaction
    assert work.fetch(connection, "SELECT words, seen FROM note", ()) == [
        {"words": "a; b", "seen": 1},
        {"words": "c", "seen": 1},
    ]


def test_a_transaction_begins_with_its_first_work_and_ends_once(connection: sqlite3.Connection) -> None:
    assert work.begin_with(connection, work.run, "INSERT INTO note VALUES ('1', 'a', 0)", ()) == 1
    assert connection.in_transaction
    work.end_with(connection, "ROLLBACK")
    work.end_with(connection, "ROLLBACK")
    assert work.fetch(connection, "SELECT * FROM note", ()) == []


def test_a_commit_that_fails_undoes_everything(connection: sqlite3.Connection) -> None:
    work.run_script(
        connection,
        "PRAGMA foreign_keys = ON; CREATE TABLE tag (note REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED)",
    )
    work.begin_with(connection, work.run, "INSERT INTO tag VALUES ('nobody')", ())
    with pytest.raises(sqlite3.IntegrityError):
        work.end_with(connection, "COMMIT")
    assert not connection.in_transaction
    assert work.fetch(connection, "SELECT * FROM tag", ()) == []


def _units(count: int, sql: str) -> list[Unit]:
    return [Unit((Statement(sql, (str(number), number, ID)),)) for number in range(count)]


INSERT = "INSERT INTO note (id, seen, words) VALUES ($1, $2 + 1, coalesce($3, 'a'))"
UPSERT = f"{INSERT} ON CONFLICT (id) DO UPDATE SET seen = excluded.seen"


@pytest.mark.parametrize("sql", [INSERT, UPSERT])
def test_rows_of_many_units_are_written_with_few_statements(connection: sqlite3.Connection, sql: str) -> None:
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    assert work.write_units(connection, _units(41, sql)) == [True] * 41
    assert len([text for text in statements if "INSERT" in text]) == 2 + 2 + 1  # of 16, of 4, and one
    rows = work.fetch(connection, "SELECT id, seen, words FROM note ORDER BY seen", ())
    assert rows == [{"id": str(number), "seen": number + 1, "words": str(ID)} for number in range(41)]


def test_what_follows_the_values_of_one_row_is_not_said_of_others(connection: sqlite3.Connection) -> None:
    sql = "INSERT INTO note (id, seen) VALUES ('one', $2) ON CONFLICT (id) DO UPDATE SET seen = note.seen + $2 + 0 * $1"
    work.write_units(connection, _units(5, sql + " WHERE $3 IS NOT NULL"))
    assert work.fetch(connection, "SELECT seen FROM note", ()) == [{"seen": 0 + 1 + 2 + 3 + 4}]


def test_a_row_that_is_there_already_undoes_the_batch(connection: sqlite3.Connection) -> None:
    units = _units(20, "INSERT INTO note (id, seen, words) VALUES ($1, $2, $3)")
    with pytest.raises(sqlite3.IntegrityError):
        work.write_units(connection, [*units, units[3]])
    assert work.fetch(connection, "SELECT id FROM note", ()) == []
