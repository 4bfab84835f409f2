"""The client through which Tortoise's models and migrations reach PostgreSQL: our statements, transactions and faults.

Tortoise looks for `client_class`, and for "asyncpg" in the name of the module.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar, cast

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from .postgresql import PostgresqlDatabase
from .postgresql_faults import postgresql_faults
from .transactions import ModelTransaction, count_statement, current_transaction

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from .postgresql import PostgresqlSession
    from .postgresql_pool import Connection

T = TypeVar("T")


class PostgresqlModelClient(AsyncpgDBClient):
    """What Tortoise's models and migrations talk to. Any: as in Tortoise's own signatures."""

    def __init__(self, dsn: str, connection_name: str, *, patient: bool = False) -> None:
        super().__init__(connection_name=connection_name)
        self.engine = PostgresqlDatabase(dsn, patient=patient)

    async def create_connection(self, with_db: bool) -> None:  # noqa: FBT001, ARG002  Tortoise's signature
        """Connect."""
        await self.engine.open()
        await self._post_connect()

    async def close(self) -> None:
        """Disconnect."""
        await self.engine.close()

    @asynccontextmanager
    async def acquire_connection(self) -> AsyncIterator[Connection]:  # type: ignore[override]  # any context manager will do
        """The connection of this task's transaction, or one of the pool."""
        transaction = current_transaction()
        if transaction is None:
            async with self.engine.borrow() as connection:
                yield connection
        else:
            async with transaction.turn() as session:
                with postgresql_faults:
                    yield cast("PostgresqlSession", session).connection

    def _in_transaction(self) -> ModelTransaction:
        return ModelTransaction(self.engine.begin, self)

    async def _translate_exceptions(self, func: Callable[..., Awaitable[T]], *args: object, **kwargs: object) -> T:
        count_statement()
        return await func(self, *args, **kwargs)


client_class = PostgresqlModelClient
