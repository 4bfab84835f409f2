"""Many statements to PostgreSQL in one round trip for each kind: the same SQL, prepared once, with many arguments."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .batches import Statement, Unit
    from .postgresql_pool import Connection
    from .rows import Row

# Which of the statements a row belongs to: rows of all of them come back together.
_POSITION = "position_in_batch"


async def claim_units(connection: Connection, units: Sequence[Unit]) -> list[bool]:
    """Run the claims of units; for each whether it may be written."""
    claims = {position: unit.claim for position, unit in enumerate(units) if unit.claim is not None}
    won = {position for position, _ in await _fetch(connection, claims, _returning)}
    return [unit.claim is None or position in won for position, unit in enumerate(units)]


async def write_rows(connection: Connection, units: Iterable[Unit]) -> None:
    """Insert the rows of units."""
    kinds: dict[str, list[tuple[object, ...]]] = {}
    for unit in units:
        for statement in unit.rows:
            kinds.setdefault(statement.sql, []).append(statement.arguments)
    for sql, arguments in kinds.items():
        await connection.executemany(sql, arguments)


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
