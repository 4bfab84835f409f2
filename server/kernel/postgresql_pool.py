"""Connections to PostgreSQL: lent, taken back, replaced when they are lost.

Nothing here or above may change the state of a pooled connection (SET, LISTEN, advisory locks): it is not reset
between its users. What needs such state opens a connection of its own with `connect`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from .faults import DatabaseUnavailable
from .postgresql_faults import ConnectionFaults, postgresql_faults
from .watching import watcher

if TYPE_CHECKING:
    from types import TracebackType

    OwnConnection: TypeAlias = asyncpg.Connection[asyncpg.Record]
    Connection: TypeAlias = OwnConnection | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]

POOL_SIZE = (2, 10)
CONNECT_SECONDS = 5
ACQUIRE_SECONDS = 5
MAX_WAITING = 512  # for a connection: more than are served in that time, when statements take long
COMMAND_SECONDS = 10
SERVER_SETTINGS = {
    "application_name": "latchkey",
    "idle_in_transaction_session_timeout": "15s",
    "jit": "off",  # compiling takes longer than any statement here runs
    "lock_timeout": "4s",
    "statement_timeout": "8s",
}
# For migrations: they take as long as they take, but must not hold up everybody while they wait for a lock.
PATIENT_SERVER_SETTINGS = {"application_name": "latchkey migrate", "lock_timeout": "60s"}


@dataclass(frozen=True, slots=True)
class PoolLoad:
    """How many connections are lent and may be at most, and how many users wait for one."""

    in_use: int
    waiting: int
    most: int


class ConnectionPool:
    """Connections that are lent, and handed from one user straight to the next.

    asyncpg's pool makes them and replaces those that are lost. It is not asked for each statement: taking a
    connection from it and giving it back, for which it starts a task, costs half as much as a short statement.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._free: list[Connection] = []
        self._vacant = pool.get_max_size()  # how many more asyncpg will make
        self._waiters: deque[asyncio.Future[Connection | None]] = deque()
        self._is_open = True

    async def take(self) -> Connection:
        """A connection for one user, who gives it back; raises DatabaseUnavailable."""
        while True:
            connection = self._free.pop() if self._free else None
            if connection is None:
                connection = await (self._make() if self._vacant else self._wait())
            if connection is not None:
                if _is_alive(connection):
                    return connection
                self._vacate()

    async def give_back(self, connection: Connection, *, is_clean: bool) -> None:
        """Let others have a connection; one that is not clean is waited for, and rolled back or replaced."""
        if is_clean and self._is_open:
            self._pass_on(connection)
            return
        try:
            with postgresql_faults:
                await self._pool.release(connection)
        finally:
            self._vacate()

    def borrow(self) -> Borrowed:
        """`async with`: a connection."""
        return Borrowed(self)

    @property
    def load(self) -> PoolLoad:
        """How busy it is at the moment."""
        most = self._pool.get_max_size()
        waiting = sum(not waiter.done() for waiter in self._waiters)
        return PoolLoad(most - self._vacant - len(self._free), waiting, most)

    async def close(self) -> None:
        """Disconnect, within seconds."""
        self._is_open = False
        while self._free:
            await self.give_back(self._free.pop(), is_clean=False)
        try:
            await asyncio.wait_for(self._pool.close(), COMMAND_SECONDS)
        except TimeoutError:
            self._pool.terminate()

    async def _make(self) -> Connection:
        self._vacant -= 1
        try:
            with postgresql_faults:
                async with asyncio.timeout(ACQUIRE_SECONDS):
                    return await self._pool.acquire()
        except BaseException:
            self._vacate()
            raise

    async def _wait(self) -> Connection | None:
        """The connection of somebody who is done with it; None: look again, there is room for a new one."""
        if len(self._waiters) >= MAX_WAITING:
            raise DatabaseUnavailable("too many wait for a connection")
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Connection | None] = loop.create_future()
        self._waiters.append(waiter)
        timer = loop.call_later(ACQUIRE_SECONDS, _expire, waiter)
        try:
            return await waiter
        except (asyncio.CancelledError, DatabaseUnavailable):
            with suppress(ValueError):  # it may have had its turn
                self._waiters.remove(waiter)
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._pass_on(waiter.result())  # it came in the same moment, and is for somebody else now
            raise
        finally:
            timer.cancel()

    def _pass_on(self, connection: Connection | None) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        if connection is not None:
            self._free.append(connection)

    def _vacate(self) -> None:
        self._vacant += 1
        self._pass_on(None)


class Borrowed:
    """A connection of the pool, and the translation of what goes wrong on it."""

    __slots__ = ("_connection", "_pool")

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool

    async def __aenter__(self) -> Connection:
        self._connection = await self._pool.take()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            ConnectionFaults(self._connection).__exit__(kind, error, traceback)
        finally:
            await self._pool.give_back(self._connection, is_clean=error is None)


async def open_pool(dsn: str, settings: dict[str, Any]) -> ConnectionPool:
    """Connect; raises DatabaseUnavailable."""
    low, high = POOL_SIZE
    with postgresql_faults:
        pool = await asyncpg.create_pool(
            dsn, min_size=low, max_size=high, init=_watch, reset=_leave_session, **settings
        )
    return ConnectionPool(pool)


def connection_settings(*, patient: bool) -> dict[str, Any]:
    """What asyncpg is told beside the address; patient connections have no time limits. Any: asyncpg's own."""
    if patient:
        return {"timeout": CONNECT_SECONDS, "server_settings": PATIENT_SERVER_SETTINGS}
    return {"timeout": CONNECT_SECONDS, "command_timeout": COMMAND_SECONDS, "server_settings": SERVER_SETTINGS}


async def _watch(connection: Connection) -> None:
    watching = watcher()
    if watching is not None:
        connection.add_query_logger(lambda record: watching(record.query, record.elapsed, record.exception))


async def _leave_session(_: Connection) -> None:
    """Instead of asyncpg's reset query: one round trip less for each statement. Open transactions still end."""


def _expire(waiter: asyncio.Future[Connection | None]) -> None:
    if not waiter.done():
        waiter.set_exception(DatabaseUnavailable("TimeoutError: no connection became free"))


def _is_alive(connection: Connection) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # lost, and taken back by the pool
        return False
