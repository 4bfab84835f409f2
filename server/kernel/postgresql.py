"""PostgreSQL: a pool, statements, transactions, and faults in our words.

Nothing here or above may change the state of a pooled connection (SET, LISTEN, advisory locks): it is not reset
between its users. What needs such state opens a connection of its own with `connect`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from .faults import AlreadyExists, DatabaseUnavailable, TransactionAborted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from .rows import Row

    OwnConnection: TypeAlias = asyncpg.Connection[asyncpg.Record]
    Connection: TypeAlias = OwnConnection | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]

POOL_SIZE = (2, 10)
CONNECT_SECONDS = 5
ACQUIRE_SECONDS = 5
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
# Classes of SQLSTATE that mean: not now, or not here. https://www.postgresql.org/docs/current/errcodes-appendix.html
_UNAVAILABLE = (
    "08",  # connection exception
    "25006",  # read-only: a standby that was promoted elsewhere
    "25P03",  # idle-in-transaction timeout
    "28",  # refused at connect
    "3D",  # the database does not exist
    "40",  # serialization failure, deadlock
    "53",  # insufficient resources
    "55P03",  # lock timeout
    "57",  # statement timeout, shutdown, starting up
    "58",  # system error
)


class PostgresqlFaults:
    """`with`: translates what asyncpg raises."""

    __slots__ = ()

    def __enter__(self) -> None:
        return

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if error is None:
            return
        if isinstance(error, asyncpg.UniqueViolationError):
            # Not str(error): its detail quotes the values.
            raise AlreadyExists(error.constraint_name) from error
        if _is_unavailable(error):
            raise DatabaseUnavailable(f"{type(error).__name__}: {error}") from error


postgresql_faults = PostgresqlFaults()


class PostgresqlDatabase:
    """A pool of connections that come back by themselves when the server does."""

    def __init__(self, dsn: str, *, patient: bool = False) -> None:
        self._dsn = dsn
        self._settings = _connection_settings(patient=patient)
        self._pool: Pool | None = None

    async def open(self) -> None:
        """Connect; raises DatabaseUnavailable."""
        with postgresql_faults:
            self._pool = await asyncpg.create_pool(
                self._dsn,
                min_size=POOL_SIZE[0],
                max_size=POOL_SIZE[1],
                reset=_leave_session,
                **self._settings,
            )

    async def close(self) -> None:
        """Disconnect, within seconds."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            await asyncio.wait_for(pool.close(), COMMAND_SECONDS)
        except TimeoutError:
            pool.terminate()

    async def connect(self) -> OwnConnection:
        """A connection of its own, whose state may be changed; the caller closes it. Raises DatabaseUnavailable."""
        with postgresql_faults:
            return await asyncpg.connect(self._dsn, **self._settings)

    async def fetch(self, sql: str, arguments: Sequence[object]) -> list[Row]:
        """See Statements."""
        async with self.borrow() as connection:
            return [dict(record) for record in await connection.fetch(sql, *arguments)]

    async def run(self, sql: str, arguments: Sequence[object]) -> int:
        """See Statements."""
        async with self.borrow() as connection:
            return _changed(await connection.execute(sql, *arguments))

    async def begin(self) -> PostgresqlSession:
        """Begin a transaction on a connection that is kept for it."""
        borrowed = self.borrow()
        connection = await borrowed.__aenter__()
        try:
            await connection.execute("BEGIN")
        except BaseException as error:
            await borrowed.__aexit__(type(error), error, error.__traceback__)
            raise
        return PostgresqlSession(connection, borrowed)

    def borrow(self) -> Borrowed:
        """`async with`: a connection of the pool."""
        if self._pool is None:
            raise DatabaseUnavailable("the database is not open")
        return Borrowed(self._pool)


class Borrowed:
    """A connection of the pool, and the translation of what goes wrong on it."""

    __slots__ = ("_connection", "_pool")

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __aenter__(self) -> Connection:
        with postgresql_faults:
            async with asyncio.timeout(ACQUIRE_SECONDS):
                self._connection = await self._pool.acquire()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with postgresql_faults:
            await self._pool.release(self._connection)
        postgresql_faults.__exit__(kind, error, traceback)


class PostgresqlSession:
    """A transaction."""

    __slots__ = ("_borrowed", "connection")

    def __init__(self, connection: Connection, borrowed: Borrowed) -> None:
        self.connection = connection
        self._borrowed = borrowed

    async def fetch(self, sql: str, arguments: Sequence[object]) -> list[Row]:
        """See Statements."""
        with postgresql_faults:
            return [dict(record) for record in await self.connection.fetch(sql, *arguments)]

    async def run(self, sql: str, arguments: Sequence[object]) -> int:
        """See Statements."""
        with postgresql_faults:
            return _changed(await self.connection.execute(sql, *arguments))

    async def commit(self) -> None:
        """See Session."""
        try:
            with postgresql_faults:
                status = await self.connection.execute("COMMIT")
        finally:
            await self._borrowed.__aexit__(None, None, None)
        if status != "COMMIT":  # PostgreSQL answers ROLLBACK, without an error, when a statement had failed
            raise TransactionAborted("a statement of this transaction had failed")

    async def rollback(self) -> None:
        """See Session."""
        with suppress(DatabaseUnavailable):
            try:
                with postgresql_faults:
                    await self.connection.execute("ROLLBACK")
            finally:
                await self._borrowed.__aexit__(None, None, None)


def _connection_settings(*, patient: bool) -> dict[str, Any]:
    if patient:
        return {"timeout": CONNECT_SECONDS, "server_settings": PATIENT_SERVER_SETTINGS}
    return {"timeout": CONNECT_SECONDS, "command_timeout": COMMAND_SECONDS, "server_settings": SERVER_SETTINGS}


async def _leave_session(_: Connection) -> None:
    """Instead of asyncpg's reset query: one round trip less for each statement. Open transactions still end."""


def _changed(status: str) -> int:
    """The row count of a command tag: `UPDATE 3`, `INSERT 0 1`; other commands change no rows."""
    count = status.rpartition(" ")[2]
    return int(count) if count.isdigit() and not status.startswith("SELECT") else 0


def _is_unavailable(error: BaseException) -> bool:
    if isinstance(error, OSError):  # TimeoutError is one
        return True
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(_UNAVAILABLE)
    # An InterfaceError is our mistake, unless it says that the pool closed, or took back a connection that was lost.
    return isinstance(error, asyncpg.InterfaceError) and any(word in str(error) for word in ("clos", "released"))
