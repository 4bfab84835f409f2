"""What the SQLite thread is asked to do: plain functions of the connection."""

from __future__ import annotations

import re
import sqlite3
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .batches import Statement, Unit
    from .rows import Row

T = TypeVar("T")
_LITERAL_OR_PLACEHOLDER = re.compile(r"'[^']*'|\$([0-9]+)")


def fetch(connection: sqlite3.Connection, sql: str, arguments: Sequence[object]) -> list[Row]:
    """The rows of a statement."""
    return _rows(connection.execute(native(sql), _values(arguments)))


def run(connection: sqlite3.Connection, sql: str, arguments: Sequence[object]) -> int:
    """The number of rows that a statement changed."""
    before = connection.total_changes
    cursor = connection.execute(native(sql), _values(arguments))
    # RETURNING counts row by row, and WITH … UPDATE does not count at all.
    cursor.fetchall()
    return cursor.rowcount if cursor.rowcount >= 0 else connection.total_changes - before


def fetch_and_count(connection: sqlite3.Connection, sql: str, arguments: Sequence[object]) -> tuple[int, list[Row]]:
    """The number of rows that a statement changed or returned, and the rows."""
    before = connection.total_changes
    rows = fetch(connection, sql, arguments)
    return connection.total_changes - before or len(rows), rows


def insert(connection: sqlite3.Connection, sql: str, arguments: Sequence[object]) -> int:
    """The row id of the row that was inserted."""
    return connection.execute(native(sql), _values(arguments)).lastrowid or 0


def run_many(connection: sqlite3.Connection, sql: str, lists: Sequence[Sequence[object]]) -> None:
    """Run a statement once for each list of arguments."""
    connection.executemany(native(sql), map(_values, lists))


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run several statements; unlike executescript() this leaves an open transaction open."""
    for statement in _statements(script):
        connection.execute(statement).close()


def begin_with(connection: sqlite3.Connection, work: Callable[..., T], *arguments: object) -> T:
    """Begin a transaction with its first piece of work: one turn of the thread instead of two."""
    connection.execute("BEGIN IMMEDIATE")
    return work(connection, *arguments)


def write_units(connection: sqlite3.Connection, units: Sequence[Unit]) -> list[bool]:
    """Write units in one transaction; for each whether it was written."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        written = [_write_unit(connection, unit) for unit in units]
        connection.execute("COMMIT")
    except BaseException:
        end_with(connection, "ROLLBACK")
        raise
    return written


def fetch_each(connection: sqlite3.Connection, statements: Sequence[Statement]) -> list[list[Row]]:
    """The rows of each statement."""
    return [fetch(connection, statement.sql, statement.arguments) for statement in statements]


def end_with(connection: sqlite3.Connection, sql: str) -> None:
    """COMMIT or ROLLBACK, if a transaction is open: SQLite itself ends those in which the disk failed."""
    if connection.in_transaction:
        try:
            connection.execute(sql)
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def data_version(connection: sqlite3.Connection) -> int:
    """A number that changes with the commits of other connections (https://www.sqlite.org/pragma.html)."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def set_pragmas(connection: sqlite3.Connection, pragmas: dict[str, str]) -> None:
    """Set options of the connection."""
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name}={value}").close()


@lru_cache(maxsize=2048)
def native(sql: str) -> str:
    """The statement with `?1` for `$1`; string literals are left alone."""
    return _LITERAL_OR_PLACEHOLDER.sub(lambda match: f"?{match[1]}" if match[1] else match[0], sql)


def _write_unit(connection: sqlite3.Connection, unit: Unit) -> bool:
    if unit.claim is not None and run(connection, unit.claim.sql, unit.claim.arguments) != 1:
        return False
    for statement in unit.rows:
        connection.execute(native(statement.sql), _values(statement.arguments))
    return True


def _values(arguments: Sequence[object]) -> list[object]:
    return [str(value) if isinstance(value, UUID) else value for value in arguments]


def _rows(cursor: sqlite3.Cursor) -> list[Row]:
    if cursor.description is None:
        return []
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for part in script.split(";"):
        statement += part + ";"
        # A semicolon may stand in a literal or in the body of a trigger.
        if sqlite3.complete_statement(statement):
            if statement.strip(" \n\t;"):
                yield statement
            statement = ""
    if statement.strip(" \n\t;"):
        yield statement
