"""Transactions that take turns: what one of them read is still so when it writes."""

from __future__ import annotations

import zlib

from . import database

LOCK_SPACE = 0x4C61_7475  # any number, but always this one, and not that of `alone`
_LOCK = "SELECT pg_advisory_xact_lock($1::int, $2::int)"


async def take_turn(name: str) -> None:
    """Let nobody else have the turn of this name until the transaction that is open ends.

    SQLite lets one transaction write at a time anyway. Raises DatabaseUnavailable when waiting took too long.
    """
    if database.is_postgresql() and database.is_first_in_transaction(("turn", name)):
        await database.rows(_LOCK, LOCK_SPACE, zlib.crc32(name.encode()) - 2**31)
