"""What goes wrong with PostgreSQL, in our words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg

from .faults import AlreadyExists, DatabaseConflict, DatabaseUnavailable

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
        if isinstance(error, asyncpg.exceptions.TransactionRollbackError):  # SQLSTATE 40: serialization, deadlock
            raise DatabaseConflict(f"{type(error).__name__}: {error}") from error
        if _is_unavailable(error):
            raise DatabaseUnavailable(f"{type(error).__name__}: {error}") from error


postgresql_faults = PostgresqlFaults()


def _is_unavailable(error: BaseException) -> bool:
    if isinstance(error, OSError):  # TimeoutError is one
        return True
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(_UNAVAILABLE)
    # An InterfaceError is our mistake, unless it says that the pool closed, or took back a connection that was lost.
    return isinstance(error, asyncpg.InterfaceError) and any(word in str(error) for word in ("clos", "released"))
