"""Noting that clients are used: once a day for each, many at once, beside the requests that use them.

What a process had not written when it died is noted at the next use.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from server.kernel import database, tasks
from server.kernel.clock import DAY

from .life_store import row_of_use
from .records import ClientSource

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Duration, Instant
    from server.kernel.database import Statement

    from .records import Client

EVERY = DAY
WRITE_AFTER_SECONDS = 5.0
BATCH = 100
_MOST_REMEMBERED = 100_000

_noted: dict[UUID, Instant] = {}
_waiting: dict[UUID, Statement] = {}
_writing: asyncio.Task[None] | None = None


def note_use(client: Client, unused_lifetime: Duration, now: Instant) -> None:
    """Note that a client was given a token: unused, it now stays for as long again."""
    global _writing  # noqa: PLW0603  one task a process
    if client.source is ClientSource.ADMIN:
        return
    last = max(client.registration.last_used_at or 0, _noted.get(client.id, 0))
    if now - last < EVERY:
        return
    if len(_noted) >= _MOST_REMEMBERED:
        _noted.clear()  # each may be noted once more today
    _noted[client.id] = now
    if _writing is None or _writing.done():
        _writing = tasks.spawn(_write_soon(), "uses of clients")
    _waiting[client.id] = row_of_use(client.tenant_id, client.id, now + unused_lifetime, now)


async def write_uses() -> None:
    """Write what was noted until now."""
    rows = [_waiting.pop(pk) for pk in sorted(_waiting)]
    for start in range(0, len(rows), BATCH):
        await database.write(*rows[start : start + BATCH])


async def _write_soon() -> None:
    await asyncio.sleep(WRITE_AFTER_SECONDS)
    await write_uses()
