"""What the SQLite thread is asked to do: plain functions of the connection."""

from __future__ import annotations

import re
import sqlite3
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from . import inserts
from .batches import by_shape

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
        written = [_is_claimed(connection, unit.claim) for unit in units]
        for _, positions in by_shape(units):
            _write_rows(connection, [units[position] for position in positions if written[position]])
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


def _is_claimed(connection: sqlite3.Connection, claim: Statement | None) -> bool:
    return claim is None or run(connection, claim.sql, claim.arguments) == 1


def _write_rows(connection: sqlite3.Connection, units: Sequence[Unit]) -> None:
    """Write the rows of units of one shape."""
    for statements in zip(*(unit.rows for unit in units), strict=True):
        sql, lists, start = statements[0].sql, [_values(statement.arguments) for statement in statements], 0
        while start < len(lists):
            several, together = _together(sql, len(lists) - start)
            connection.execute(several, [*chain.from_iterable(lists[start : start + together])])
            start += together


def _together(sql: str, most: int) -> tuple[str, int]:
    """The statement for the next rows, and of how many it is.

    Each that is saved is a turn at the interpreter, for which threads compete.
    """
    for number in (16, 4):
        if number <= most and (several := inserts.repeated(sql, number)) is not None:
            return native(several), number
    return native(sql), 1


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
