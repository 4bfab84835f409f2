"""A SQLite connection and the one thread that touches it.

Work runs in the order in which it was handed over, one turn of the thread each. aiosqlite needs several turns
where one will do (cursor, row count, BEGIN), and its thread keeps a program that failed from ending.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .faults import DatabaseUnavailable
from .sqlite_work import set_pragmas
from .watching import watcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from .watching import Watcher

T = TypeVar("T")
BUSY_TIMEOUT_SECONDS = 5
CACHED_STATEMENTS = 512


class Work(Generic[T]):
    """A function to be called with the connection, and the future of its result."""

    __slots__ = ("arguments", "function", "future")

    def __init__(self, function: Callable[..., T], arguments: tuple[object, ...], future: asyncio.Future[T]) -> None:
        self.function = function
        self.arguments = arguments
        self.future = future


class SqliteThread:
    """An open connection; `do` calls a function with it."""

    def __init__(self, path: str, pragmas: dict[str, str]) -> None:
        self._path = path
        self._pragmas = pragmas
        self._loop = asyncio.get_running_loop()
        # Any: each work has a result of its own type.
        self._queue: SimpleQueue[Work[Any] | None] = SimpleQueue()
        self._is_closed = False
        self._watcher = watcher()
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self._thread = Thread(target=self._serve, name="sqlite", daemon=True)

    async def open(self) -> None:
        """Connect; raises sqlite3.Error."""
        self._thread.start()
        try:
            await self.do(set_pragmas, self._pragmas)
        except BaseException:
            await self.close()
            raise

    def do(self, function: Callable[..., T], *arguments: object) -> asyncio.Future[T]:
        """Hand over `function(connection, *arguments)`; it runs even when nobody waits for the result any more.

        Raises DatabaseUnavailable once the connection is closed.
        """
        if self._is_closed:
            raise DatabaseUnavailable("the database is not open")
        future: asyncio.Future[T] = self._loop.create_future()
        if self._watcher is not None:
            _watch(self._watcher, future, arguments)
        self._queue.put(Work(function, arguments, future))
        return future

    async def close(self) -> None:
        """Finish what was handed over, then disconnect."""
        self._is_closed = True
        self._queue.put(None)
        await self._closed

    def _serve(self) -> None:
        connection: sqlite3.Connection | None = None
        while (work := self._queue.get()) is not None:
            try:
                if connection is None:
                    connection = _connect(self._path)
                result = work.function(connection, *work.arguments)
            except BaseException as error:  # noqa: BLE001  whatever it is, whoever waits for the work gets it
                self._answer(_fail, work.future, error)
            else:
                self._answer(_succeed, work.future, result)
        if connection is not None:
            connection.close()
        self._answer(_succeed, self._closed, None)

    def _answer(
        self, settle: Callable[[asyncio.Future[Any], Any], None], future: asyncio.Future[Any], value: object
    ) -> None:
        try:
            self._loop.call_soon_threadsafe(settle, future, value)
        except RuntimeError:  # the loop is closed: nobody waits
            return


def _connect(path: str) -> sqlite3.Connection:
    return sqlite3.connect(
        path,
        timeout=BUSY_TIMEOUT_SECONDS,
        isolation_level=None,  # BEGIN is ours to say
        cached_statements=CACHED_STATEMENTS,
    )


def _watch(watcher: Watcher, future: asyncio.Future[Any], arguments: tuple[object, ...]) -> None:
    """Tell of a statement when it has run; the time in which it waited for others counts."""
    sql = next((argument for argument in arguments if isinstance(argument, str)), None)
    began_at = time.perf_counter()
    if sql is not None:
        future.add_done_callback(
            lambda done: watcher(sql, time.perf_counter() - began_at, None if done.cancelled() else done.exception())
        )


def _succeed(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[T], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
