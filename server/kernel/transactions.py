"""The transaction that a task is in, and how many statements it ran. Private to the kernel."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from tortoise.backends.base.client import TransactionContext as TortoiseTransactionContext

from .faults import TransactionAborted
from .logs import get_logger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
    from contextvars import Token
    from types import TracebackType

    from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient

    from .rows import Row

log = get_logger(__name__)


class Statements(Protocol):
    """Somewhere that statements run: a database, or a transaction that is open in it."""

    async def fetch(self, sql: str, arguments: Sequence[object]) -> list[Row]:
        """Run a statement; the rows that it returns."""

    async def run(self, sql: str, arguments: Sequence[object]) -> int:
        """Run a statement; the number of rows that it changed."""


class Session(Statements, Protocol):
    """An open transaction, as its database knows it."""

    async def commit(self) -> None:
        """Make it durable and visible."""

    async def rollback(self) -> None:
        """Undo it; a database that is gone has done so itself."""


class Transaction:
    """An open transaction, as its tasks know it. Once something in it failed it can only be rolled back."""

    __slots__ = ("_turn", "callbacks", "is_broken", "is_open", "marks", "session")

    def __init__(self, session: Session) -> None:
        self.session = session
        self.is_open = True
        self.is_broken = False
        self.callbacks: list[Callable[[], None]] = []
        self.marks: set[Hashable] = set()
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Session]:
        """The session, for one statement at a time: tasks that were started inside a transaction share it."""
        async with self._turn:
            if self.is_broken:
                raise TransactionAborted("something in this transaction failed before")
            try:
                yield self.session
            except BaseException:
                self.is_broken = True
                raise

    async def commit(self) -> None:
        """Commit and run the callbacks; raises TransactionAborted when something in it failed."""
        if self.is_broken:
            await self.session.rollback()
            raise TransactionAborted("something in this transaction failed and was not passed on")
        try:
            await self.session.commit()
        except asyncio.CancelledError:
            # Whether it was still committed is unknown: what hangs on it must believe that it was.
            self._run_callbacks()
            raise
        self._run_callbacks()

    def _run_callbacks(self) -> None:
        for callback in self.callbacks:
            try:
                callback()
            except Exception:
                log.exception("callback after a commit failed")


_transaction: ContextVar[Transaction | None] = ContextVar("transaction", default=None)


def current_transaction() -> Transaction | None:
    """The open transaction of this task; one that it merely inherited and that has ended does not count."""
    transaction = _transaction.get()
    return transaction if transaction is not None and transaction.is_open else None


class TransactionContext:
    """`async with`: begins a transaction, or joins the one that is open."""

    __slots__ = ("_begin", "_token", "_transaction")

    def __init__(self, begin: Callable[[], Awaitable[Session]]) -> None:
        self._begin = begin
        self._transaction: Transaction | None = None
        self._token: Token[Transaction | None] | None = None

    async def __aenter__(self) -> None:
        self._transaction = current_transaction()
        if self._transaction is None:
            self._transaction = Transaction(await self._begin())
            self._token = _transaction.set(self._transaction)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        transaction = self._transaction
        if transaction is None:  # pragma: no cover  __aenter__ has set it
            return
        if self._token is None:
            transaction.is_broken = transaction.is_broken or error is not None
            return
        _transaction.reset(self._token)
        transaction.is_open = False
        if error is None:
            await transaction.commit()
        else:
            await transaction.session.rollback()


class ModelTransaction(TortoiseTransactionContext):
    """`async with` for Tortoise's own code: the same transactions, and the client goes on being the client."""

    def __init__(self, begin: Callable[[], Awaitable[Session]], client: BaseDBAsyncClient) -> None:
        self._context = TransactionContext(begin)
        self.client = cast("TransactionalDBClient", client)

    async def __aenter__(self) -> TransactionalDBClient:
        await self._context.__aenter__()
        return self.client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._context.__aexit__(kind, error, traceback)


@dataclass(slots=True)
class QueryCount:
    """How many statements ran; BEGIN and COMMIT aside."""

    total: int = 0


_query_count: ContextVar[QueryCount | None] = ContextVar("query_count", default=None)


class QueryCounting:
    """`with`: counts the statements of this task and of those that it starts."""

    __slots__ = ("_token",)

    def __enter__(self) -> QueryCount:
        count = QueryCount()
        self._token = _query_count.set(count)
        return count

    def __exit__(self, *_: object) -> None:
        _query_count.reset(self._token)


def count_statement() -> None:
    """Count one statement, if anybody is counting."""
    count = _query_count.get()
    if count is not None:
        count.total += 1
