"""The client through which Tortoise's models and migrations reach SQLite: our statements, transactions and faults.

Tortoise looks for `client_class`, and for "sqlite" in the name of the module.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from tortoise.backends.sqlite.client import SqliteClient

from . import sqlite_work as work
from .sqlite import SqliteDatabase
from .transactions import ModelTransaction, count_statement, current_transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .sqlite import SqliteSession

T = TypeVar("T")


class SqliteModelClient(SqliteClient):
    """What Tortoise's models and migrations talk to. Any: as in Tortoise's own signatures."""

    def __init__(self, file_path: str, **settings: str) -> None:
        super().__init__(file_path, **settings)
        self.engine = SqliteDatabase(file_path, {name: str(value) for name, value in self.pragmas.items()})

    async def create_connection(self, with_db: bool) -> None:  # noqa: FBT001, ARG002  Tortoise's signature
        """Connect."""
        if self.filename != ":memory:":
            await asyncio.to_thread(_make_private, Path(self.filename))
        await self.engine.open()
        await self._post_connect()

    async def close(self) -> None:
        """Disconnect."""
        await self.engine.close()

    async def execute_insert(self, query: str, values: list[Any]) -> int:
        """The row id of the inserted row."""
        return await self._do(work.insert, query, values)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """Run one statement for each list of values, all or nothing."""
        async with self._in_transaction():
            await self._do(work.run_many, query, values)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[dict[str, Any]]]:
        """The number of rows changed or returned, and the rows."""
        return cast("tuple[int, list[dict[str, Any]]]", await self._do(work.fetch_and_count, query, values or ()))

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """The rows."""
        return cast("list[dict[str, Any]]", await self._do(work.fetch, query, values or ()))

    async def execute_script(self, query: str) -> None:
        """Run statements that are separated by semicolons."""
        await self._do(work.run_script, query)

    def _in_transaction(self) -> ModelTransaction:
        return ModelTransaction(self.engine.begin, self)

    async def _do(self, task: Callable[..., T], *arguments: object) -> T:
        count_statement()
        transaction = current_transaction()
        if transaction is None:
            return await self.engine.do(task, *arguments)
        async with transaction.turn() as session:
            return await cast("SqliteSession", session).do(task, *arguments)


def _make_private(path: Path) -> None:
    """Make the file before SQLite does, for its owner alone; SQLite gives the files beside it the same rights."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # What cannot be made SQLite will not open either, and say so.
    with suppress(OSError):
        path.touch(mode=0o600, exist_ok=False)


client_class = SqliteModelClient
