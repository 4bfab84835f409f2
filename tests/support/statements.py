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
        way, name = ("EXPLAIN", "QUERY PLAN") if database.is_postgresql() else ("EXPLAIN QUERY PLAN", "detail")
        found: dict[str, str] = {}
        for sql, arguments in tuple(self.statements):
            rows: list[Row] = await self._rows(f"{way} {sql}", *arguments)
            found[sql] = "\n".join(str(row[name]) for row in rows)
        return found


def scans(plan: str, tables: Iterable[str]) -> bool:
    """Whether a plan reads one of these tables from end to end; one without rows worth an index is none."""
    if database.is_postgresql():
        return any(re.search(rf"Seq Scan on {table}\b", plan) for table in tables)
    return any(re.search(rf"SCAN {table}\b(?! USING (COVERING )?INDEX)", plan) for table in tables)
