"""What goes wrong with PostgreSQL, in our words."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import asyncpg

from .faults import AlreadyExists, DatabaseConflict, DatabaseLocked, DatabaseUnavailable

if TYPE_CHECKING:
    from types import TracebackType

# Classes of SQLSTATE that mean: not now, or not here. https://www.postgresql.org/docs/current/errcodes-appendix.html
_UNAVAILABLE = (
    "08",  # connection exception
    "25006",  # read-only: a standby that was promoted elsewhere
    "25P03",  # idle-in-transaction timeout
    "28",  # refused at connect
    "3D",  # the database does not exist
    "53",  # insufficient resources
    "54000",  # the queue of notifications is full, as when somebody who listens stays in a transaction for days
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
        if isinstance(error, asyncpg.exceptions.TransactionRollbackError):  # SQLSTATE 40: serialization, deadlock
            raise DatabaseConflict(f"{type(error).__name__}: {error}") from error
        if isinstance(error, asyncpg.LockNotAvailableError):
            raise DatabaseLocked(f"{type(error).__name__}: {error}") from error
        if _is_unavailable(error):
            raise DatabaseUnavailable(f"{type(error).__name__}: {error}") from error


postgresql_faults = PostgresqlFaults()


class Terminable(Protocol):
    """A connection, as far as it matters here."""

    def terminate(self) -> None:
        """Hang up, without a word to the server."""


class ConnectionFaults:
    """`with`: the same for one connection, which is hung up when it is lost.

    A server that did not answer in time is not asked to cancel, as asyncpg would: that is waiting as long again.
    """

    __slots__ = ("_connection",)

    def __init__(self, connection: Terminable) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, TimeoutError | asyncpg.InternalClientError):
            with suppress(asyncpg.InterfaceError):  # the pool took it back already
                self._connection.terminate()
        postgresql_faults.__exit__(kind, error, traceback)


def _is_unavailable(error: BaseException) -> bool:
    # The last: asyncpg lost track, since the server ended the connection while nothing was asked of it.
    if isinstance(error, OSError | asyncpg.InternalClientError):  # TimeoutError is an OSError
        return True
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(_UNAVAILABLE)
    # An InterfaceError is our mistake, unless it says that the pool closed, or took back a connection that was lost.
    return isinstance(error, asyncpg.InterfaceError) and any(word in str(error) for word in ("clos", "released"))
