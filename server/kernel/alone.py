"""Work that one process of an installation does at a time.

PostgreSQL: an advisory lock on a connection that is opened for it and closed after it, so that a process that dies
holds nothing. SQLite is served by one process, where it is enough to remember.
"""

from __future__ import annotations

import asyncio
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

from . import database
from .faults import DatabaseUnavailable
from .postgresql import PostgresqlDatabase
from .postgresql_faults import postgresql_faults

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .postgresql_pool import OwnConnection

LOCK_SPACE = 0x4C61_7463  # any number, but always this one; migrations lock by a single number of 64 bits
_LOCK = "SELECT pg_try_advisory_lock($1::int, $2::int)"
_UNLOCK = "SELECT pg_advisory_unlock($1::int, $2::int)"
_UNLOCK_SECONDS = 1

_here: set[str] = set()  # what this process is doing


async def run_alone(name: str, work: Callable[[], Awaitable[object]]) -> bool:
    """Do the work unless it is being done already, in this process or in another; whether it was done.

    When this returns or raises, anybody may begin it again.
    Raises DatabaseUnavailable, also when the lock was lost on the way: the work is cancelled then.
    """
    if name in _here:
        return False
    _here.add(name)
    try:
        opened = database.database()
        if isinstance(opened, PostgresqlDatabase):
            return await _run_locked(opened, name, work)
        await work()
        return True
    finally:
        _here.discard(name)


async def _run_locked(opened: PostgresqlDatabase, name: str, work: Callable[[], Awaitable[object]]) -> bool:
    connection = await opened.connect()
    try:
        with postgresql_faults:
            is_ours = await connection.fetchval(_LOCK, LOCK_SPACE, _number(name))
        if is_ours:
            try:
                await _run_while_connected(connection, work)
            finally:
                await _unlock(connection, name)
        return bool(is_ours)
    finally:
        connection.terminate()


async def _unlock(connection: OwnConnection, name: str) -> None:
    # With the connection it would end as well, but when PostgreSQL gets to it. One that was lost has lost the lock.
    with suppress(DatabaseUnavailable), postgresql_faults:
        await connection.fetchval(_UNLOCK, LOCK_SPACE, _number(name), timeout=_UNLOCK_SECONDS)


async def _run_while_connected(connection: OwnConnection, work: Callable[[], Awaitable[object]]) -> None:
    task = asyncio.ensure_future(work())
    connection.add_termination_listener(lambda _: task.cancel())
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait([task])
        raise
    if task.cancelled():
        raise DatabaseUnavailable("the connection that held the lock was lost")
    task.result()


def _number(name: str) -> int:
    """A signed 32-bit number for a name. Two names that share one merely take turns."""
    return zlib.crc32(name.encode()) - 2**31
