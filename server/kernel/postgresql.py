"""PostgreSQL: statements and transactions."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import asyncpg

from .faults import DatabaseUnavailable, TransactionAborted
from .postgresql_batches import fetch_each, is_one_statement, write_units
from .postgresql_faults import ConnectionFaults, postgresql_faults
from .postgresql_pool import connection_settings, open_pool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .batches import Statement, Unit
    from .postgresql_pool import Borrowed, Connection, ConnectionPool, OwnConnection
    from .rows import Row


class PostgresqlDatabase:
    """A pool of connections that come back by themselves when the server does."""

    def __init__(self, dsn: str, *, patient: bool = False) -> None:
        self._dsn = dsn
        self._settings = connection_settings(patient=patient)
        self._pool: ConnectionPool | None = None

    async def open(self) -> None:
        """Connect; raises DatabaseUnavailable."""
        self._pool = await open_pool(self._dsn, self._settings)

    async def close(self) -> None:
        """Disconnect, within seconds."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

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

    async def write(self, units: Sequence[Unit]) -> list[bool]:
        """Write units in one transaction; for each whether it was written."""
        if is_one_statement(units):
            async with self.borrow() as connection:
                return await write_units(connection, units)
        session = await self.begin()
        try:
            with ConnectionFaults(session.connection):
                written = await write_units(session.connection, units)
        except BaseException:
            await session.rollback()
            raise
        await session.commit()
        return written

    async def fetch_each(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """The rows of each statement."""
        async with self.borrow() as connection:
            return await fetch_each(connection, statements)

    async def begin(self) -> PostgresqlSession:
        """Begin a transaction on a connection that is kept for it."""
        pool = self.pool
        connection = await pool.take()
        try:
            with ConnectionFaults(connection):
                await connection.execute("BEGIN")
        except BaseException:
            await pool.give_back(connection, is_clean=False)
            raise
        return PostgresqlSession(connection, pool)

    def borrow(self) -> Borrowed:
        """`async with`: a connection of the pool, with fault translation."""
        return self.pool.borrow()

    @property
    def pool(self) -> ConnectionPool:
        """The pool; raises DatabaseUnavailable when it is closed."""
        if self._pool is None:
            raise DatabaseUnavailable("the database is not open")
        return self._pool


class PostgresqlSession:
    """A transaction."""

    __slots__ = ("_pool", "connection")

    def __init__(self, connection: Connection, pool: ConnectionPool) -> None:
        self.connection = connection
        self._pool = pool

    async def fetch(self, sql: str, arguments: Sequence[object]) -> list[Row]:
        """See Statements."""
        with ConnectionFaults(self.connection):
            return [dict(record) for record in await self.connection.fetch(sql, *arguments)]

    async def run(self, sql: str, arguments: Sequence[object]) -> int:
        """See Statements."""
        with ConnectionFaults(self.connection):
            return _changed(await self.connection.execute(sql, *arguments))

    async def commit(self) -> None:
        """See Session."""
        # PostgreSQL answers ROLLBACK, without an error, when a statement had failed.
        if await self._end("COMMIT") != "COMMIT":
            raise TransactionAborted("a statement of this transaction had failed")

    async def rollback(self) -> None:
        """See Session."""
        with suppress(DatabaseUnavailable):
            await self._end("ROLLBACK")

    async def _end(self, sql: str) -> str:
        has_ended = False
        try:
            with ConnectionFaults(self.connection):
                status: str = await self.connection.execute(sql)
            has_ended = True
        finally:
            await self._pool.give_back(self.connection, is_clean=has_ended)
        return status


def _changed(status: str) -> int:
    """The row count of a command tag: `UPDATE 3`, `INSERT 0 1`; other commands change no rows."""
    count = status.rpartition(" ")[2]
    return int(count) if count.isdigit() and not status.startswith("SELECT") else 0
