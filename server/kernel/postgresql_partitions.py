"""Partitions of a table on PostgreSQL: made and dropped beside those who write to others of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import database

if TYPE_CHECKING:
    from collections.abc import Sequence

_LIST = """
SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds FROM pg_inherits i
JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = CAST(CAST($1 AS text) AS regclass)
"""
_UPPER_BOUND = re.compile(r"TO \('([^']+)'\)")
# Who waits for a lock holds up everybody behind: rather try again another time.
_IMPATIENT = "SET LOCAL lock_timeout = '200ms'"


async def upper_bounds(table: str) -> dict[str, str | None]:
    """Each partition of a table with the lowest value above it; None for one that takes what fits nowhere."""
    found = {str(row["name"]): _UPPER_BOUND.search(str(row["bounds"])) for row in await database.rows(_LIST, table)}
    return {name: match[1] if match else None for name, match in found.items()}


async def add(statements: Sequence[str]) -> None:
    """Make a partition; raises DatabaseUnavailable when somebody holds the table for too long."""
    await _run(statements)


async def drop(name: str) -> None:
    """Drop a partition, whose name is one of ours; raises DatabaseUnavailable like `add`."""
    await _run([f"DROP TABLE {name}"])


async def _run(statements: Sequence[str]) -> None:
    async with database.transaction():
        await database.execute(_IMPATIENT)
        for statement in statements:
            await database.execute(statement)
