"""Transactions that take turns: what one of them read is still so when it writes."""

from __future__ import annotations

import zlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from . import database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LOCK_SPACE = 0x4C61_7475  # any number, but always this one, and not that of `alone`
_LOCK = "SELECT pg_advisory_xact_lock($1::int, $2::int)"


@asynccontextmanager
async def turn(name: str) -> AsyncIterator[None]:
    """A transaction, or the one that is open, in which nobody else has the turn of this name until it ends.

    SQLite lets one transaction write at a time anyway. Raises DatabaseUnavailable when waiting took too long.
    """
    async with database.transaction():
        if database.is_postgresql() and database.is_first_in_transaction(("turn", name)):
            await database.rows(_LOCK, LOCK_SPACE, zlib.crc32(name.encode()) - 2**31)
        yield
