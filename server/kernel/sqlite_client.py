"""SQLite: statements, transactions, faults, and the client through which Tortoise's models reach them.

One connection a process. Every transaction is BEGIN IMMEDIATE, begun with its first statement; while one is
open, statements of other tasks wait.
"""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from tortoise.backends.sqlite.client import SqliteClient

from . import sqlite_work as work
from .faults import AlreadyExists, DatabaseUnavailable
from .sqlite_thread import SqliteThread
from .transactions import ModelTransaction, count_statement, current_transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from .rows import Row

T = TypeVar("T")
# Primary result codes (the low byte) that mean: not now, or not here. https://www.sqlite.org/rescode.html
_UNAVAILABLE = frozenset({
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
})  # fmt: skip
_EXISTS = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})


class SqliteFaults:
    """`with`: translates what sqlite3 raises."""

    __slots__ = ()

    def __enter__(self) -> None:
        return

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if not isinstance(error, sqlite3.Error):
            return
        code = getattr(error, "sqlite_errorcode", 0)
        if code in _EXISTS:
            raise AlreadyExists(str(error)) from error
        if code & 0xFF in _UNAVAILABLE:
            raise DatabaseUnavailable(str(error)) from error


_faults = SqliteFaults()


class SqliteDatabase:
    """A database file, open."""

    def __init__(self, path: str, pragmas: dict[str, str]) -> None:
        self._path = path
        self._pragmas = pragmas
        self._thread: SqliteThread | None = None
        self._transaction_lock = asyncio.Lock()

    async def open(self) -> None:
        """Create the file if need be, and connect; raises DatabaseUnavailable."""
        with _faults:
            thread = SqliteThread(self._path, self._pragmas)
            await thread.open()
        self._thread = thread

    async def close(self) -> None:
        """Disconnect after what has been handed over."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await thread.close()

    async def fetch(self, sql: str, arguments: Sequence[object]) -> list[Row]:
        """See Statements."""
        return await self.do(work.fetch, sql, arguments)

    async def run(self, sql: str, arguments: Sequence[object]) -> int:
        """See Statements."""
        return await self.do(work.run, sql, arguments)

    async def do(self, task: Callable[..., T], *arguments: object) -> T:
        """Run work on the connection, but never between the statements of somebody's transaction."""
        with _faults:
            if not self._transaction_lock.locked():
                return await self.thread.do(task, *arguments)
            async with self._transaction_lock:
                result = self.thread.do(task, *arguments)
            return await result

    async def begin(self) -> SqliteSession:
        """Keep everybody else out, until the session is committed or rolled back."""
        await self._transaction_lock.acquire()
        return SqliteSession(self.thread, self._transaction_lock)

    async def data_version(self) -> int:
        """A number that changes when another connection commits, never by this one."""
        with _faults:
            return await self.thread.do(work.data_version)

    @property
    def thread(self) -> SqliteThread:
        """The connection; raises DatabaseUnavailable when it is closed."""
        if self._thread is None:
            raise DatabaseUnavailable("the database is not open")
        return self._thread


class SqliteSession:
    """A transaction."""

    def __init__(self, thread: SqliteThread, lock: asyncio.Lock) -> None:
        self._thread = thread
        self._lock = lock
        self._has_begun = False

    async def fetch(self, sql: str, arguments: Sequence[object]) -> list[Row]:
        """See Statements."""
        return await self.do(work.fetch, sql, arguments)

    async def run(self, sql: str, arguments: Sequence[object]) -> int:
        """See Statements."""
        return await self.do(work.run, sql, arguments)

    async def do(self, task: Callable[..., T], *arguments: object) -> T:
        """Run work inside the transaction."""
        with _faults:
            if self._has_begun:
                return await self._thread.do(task, *arguments)
            self._has_begun = True
            return await self._thread.do(work.begin_with, task, *arguments)

    async def commit(self) -> None:
        """See Session."""
        await self._end("COMMIT")

    async def rollback(self) -> None:
        """See Session."""
        await self._end("ROLLBACK")

    async def _end(self, sql: str) -> None:
        if not self._has_begun:
            self._lock.release()
            return
        ended = self._thread.do(work.end_with, sql)
        # Whoever comes next is behind us in the thread's queue.
        self._lock.release()
        with _faults:
            await ended


class SqliteModelClient(SqliteClient):
    """What Tortoise's models and migrations talk to. Any: as in Tortoise's own signatures."""

    def __init__(self, file_path: str, **settings: str) -> None:
        super().__init__(file_path, **settings)
        self.engine = SqliteDatabase(file_path, {name: str(value) for name, value in self.pragmas.items()})

    async def create_connection(self, with_db: bool) -> None:  # noqa: FBT001, ARG002  Tortoise's signature
        """Connect."""
        if self.filename != ":memory:":
            await asyncio.to_thread(Path(self.filename).parent.mkdir, parents=True, exist_ok=True)
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


client_class = SqliteModelClient
