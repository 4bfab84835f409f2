"""SQLite: statements, transactions, and faults in our words.

One connection a process. Every transaction is BEGIN IMMEDIATE, begun with its first statement; while one is
open, statements of other tasks wait.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, TypeVar

from . import sqlite_work as work
from .faults import AlreadyExists, DatabaseUnavailable
from .sqlite_thread import SqliteThread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from .batches import Statement, Unit
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

    async def write(self, units: Sequence[Unit]) -> list[bool]:
        """Write units in one transaction; for each whether it was written."""
        return await self.do(work.write_units, units)

    async def fetch_each(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """The rows of each statement."""
        return await self.do(work.fetch_each, statements)

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
        try:
            ended = self._thread.do(work.end_with, sql) if self._has_begun else None
        finally:
            # Whoever comes next is behind us in the thread's queue.
            self._lock.release()
        if ended is not None:
            with _faults:
                await ended
