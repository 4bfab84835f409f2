"""Many statements to PostgreSQL in one round trip for each kind: the same SQL, prepared once, with many arguments."""

from __future__ import annotations

from functools import lru_cache
from itertools import compress
from typing import TYPE_CHECKING

from .batches import by_shape
from .inserts import insert_of, last_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .batches import Shape, Statement, Unit
    from .postgresql_pool import Connection
    from .rows import Row

# Which of the statements a row belongs to: rows of all of them come back together.
_POSITION = "position_in_batch"


async def write_units(connection: Connection, units: Sequence[Unit]) -> list[bool]:
    """Write units, for each whether it was written; in one transaction if `is_one_statement`, else in the caller's."""
    written = [True] * len(units)
    for shape, positions in by_shape(units):
        alike = [units[position] for position in positions]
        for position, won in zip(positions, await _write_alike(connection, shape, alike), strict=True):
            written[position] = won
    return written


def is_one_statement(units: Iterable[Unit]) -> bool:
    """Whether all are written by the same one statement, which is a transaction by itself."""
    shapes = {unit.shape for unit in units}
    return len(shapes) == 1 and all(_is_single(shape) or _as_one(shape) is not None for shape in shapes)


async def _write_alike(connection: Connection, shape: Shape, units: Sequence[Unit]) -> Sequence[bool]:
    """Write units of one shape."""
    if _is_single(shape):
        await _write_rows(connection, units)
        return [True] * len(units)
    if (as_one := _as_one(shape)) is not None:
        arguments = [(*unit.arguments, position) for position, unit in enumerate(units)]
        won = {record[_POSITION] for record in await connection.fetchmany(as_one, arguments)}
        return [position in won for position in range(len(units))]
    written = await _claim(connection, units)
    await _write_rows(connection, compress(units, written))
    return written


async def _claim(connection: Connection, units: Sequence[Unit]) -> list[bool]:
    claims = {position: unit.claim for position, unit in enumerate(units) if unit.claim is not None}
    won = {position for position, _ in await _fetch(connection, claims, _returning)}
    return [unit.claim is None or position in won for position, unit in enumerate(units)]


async def _write_rows(connection: Connection, units: Iterable[Unit]) -> None:
    kinds: dict[str, list[tuple[object, ...]]] = {}
    for unit in units:
        for statement in unit.rows:
            kinds.setdefault(statement.sql, []).append(statement.arguments)
    for sql, arguments in kinds.items():
        await connection.executemany(sql, arguments)


def _is_single(shape: Shape) -> bool:
    """One row and nothing to claim: there is nothing to ask of the answer."""
    return len(shape) == 2 and not shape[0]  # noqa: PLR2004 - a claim that is not there, and a row


@lru_cache(maxsize=100)
def _as_one(shape: Shape) -> str | None:
    """One statement that claims, writes every row if the claim was won, and gives the position back if it was.

    None where a row is not a plain INSERT of values. Each round trip that is saved is one for which all wait.
    """
    claim, *rows = shape
    parts, last, source = [], 0, "SELECT {values}"
    if claim:
        parts.append(f"claim AS ({claim} RETURNING 1)")
        last, source = last_parameter(claim), "SELECT {values} FROM claim WHERE true"
    for number, sql in enumerate(rows):
        found = insert_of(sql)
        if found is None:
            return None
        insert = found.renumbered(last)
        parts.append(f"row_{number} AS ({insert.into} {source.format(values=insert.values)}{insert.then})")
        last += last_parameter(sql)
    won = f"SELECT CAST(${last + 1} AS integer) AS {_POSITION}"
    won += " FROM claim" if claim else ""
    return f"WITH {', '.join(parts)} {won}"


async def fetch_each(connection: Connection, statements: Sequence[Statement]) -> list[list[Row]]:
    """The rows of each statement."""
    if len(statements) == 1:
        return [[dict(record) for record in await connection.fetch(statements[0].sql, *statements[0].arguments)]]
    found: list[list[Row]] = [[] for _ in statements]
    for position, row in await _fetch(connection, dict(enumerate(statements)), _selecting):
        found[position].append(row)
    return found


async def _fetch(
    connection: Connection, statements: dict[int, Statement], numbered: Callable[[str, int], str]
) -> list[tuple[int, Row]]:
    """The rows of the statements, each with the position of its statement."""
    kinds: dict[str, list[tuple[object, ...]]] = {}
    for position, statement in statements.items():
        kinds.setdefault(statement.sql, []).append((*statement.arguments, position))
    rows: list[tuple[int, Row]] = []
    for sql, arguments in kinds.items():
        for record in await connection.fetchmany(numbered(sql, len(arguments[0])), arguments):
            row = dict(record)
            rows.append((row.pop(_POSITION), row))
    return rows


@lru_cache(maxsize=100)
def _returning(sql: str, last: int) -> str:
    return f"{sql} RETURNING CAST(${last} AS integer) AS {_POSITION}"


@lru_cache(maxsize=100)
def _selecting(sql: str, last: int) -> str:
    return f"SELECT found.*, CAST(${last} AS integer) AS {_POSITION} FROM ({sql}) AS found"  # noqa: S608 - constants only
