"""What is asked of the database, written down while it is asked; and the plans by which it is answered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from server.kernel import database

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    import pytest

    from server.kernel.database import Row, Statement


class Recorder:
    """Every statement since it began to listen, in order. Those of one `write` are written down one by one."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.statements: list[tuple[str, tuple[object, ...]]] = []
        self._rows, self._find_rows = database.rows, database.find_rows
        patch.setattr(database, "rows", self._noting(database.rows))
        patch.setattr(database, "find_rows", self._noting(database.find_rows))
        patch.setattr(database, "execute", self._noting(database.execute))
        write = database.write

        async def noted_write(*rows: Statement, claim: Statement | None = None) -> bool:
            self.statements += [(row.sql, row.arguments) for row in (*rows, *([claim] if claim else []))]
            return await write(*rows, claim=claim)

        patch.setattr(database, "write", noted_write)

    def _noting(self, run: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
        async def noted(sql: str, *arguments: object) -> object:
            self.statements.append((sql, arguments))
            return await run(sql, *arguments)

        return noted

    def about(self, table: str) -> list[str]:
        """The statements that name a table, or one of those whose names begin so."""
        return [sql for sql, _ in self.statements if re.search(rf"\b{table}", sql)]

    async def plans(self) -> dict[str, str]:
        """How each statement is answered, by its text."""
        asked = tuple(self.statements)
        return {sql: plan_in(await self._rows(explaining(sql), *arguments)) for sql, arguments in asked}


async def settle(*tables: str) -> None:
    """Let the planner see what these tables hold, and nothing of what other tests wrote there and deleted.

    That lengthens tables and indexes, and turns plans. SQLite plans without statistics, as it does in operation.
    """
    if database.is_postgresql():
        for table in tables:
            await database.execute(f"VACUUM (FULL, ANALYZE) {table}")


async def plan_of(sql: str, *arguments: object) -> str:
    """How the database would answer a statement."""
    return plan_in(await database.rows(explaining(sql), *arguments))


def explaining(sql: str) -> str:
    """The statement that asks how a statement would be answered."""
    return f"{'EXPLAIN' if database.is_postgresql() else 'EXPLAIN QUERY PLAN'} {sql}"


def plan_in(rows: Iterable[Row]) -> str:
    """What the database says to that."""
    return "\n".join(str(row["QUERY PLAN" if database.is_postgresql() else "detail"]) for row in rows)


def scans(plan: str, tables: Iterable[str]) -> bool:
    """Whether a plan reads one of these tables from end to end; one without rows worth an index is none."""
    if database.is_postgresql():
        return any(re.search(rf"Seq Scan on {table}\b", plan) for table in tables)
    return any(re.search(rf"SCAN {table}\b(?! USING (COVERING )?INDEX)", plan) for table in tables)
