"""The live tail: what is recorded from now on, as it comes.

An event may become visible after one with a higher id, since transactions commit when they like: each look goes back a
little, and passes over what was told already.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from server.kernel import clock, ids
from server.kernel.clock import SECOND

from . import search_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    from server.kernel.clock import Instant

    from .records import AuditEntry, Filters

LOOK_EVERY_SECONDS = 1.0
OVERLAP = 15 * SECOND  # no transaction is idle for longer
MOST_AT_ONCE = 200


async def tail(
    tenant_id: UUID, filters: Filters, until: Instant, after: UUID | None = None
) -> AsyncIterator[Sequence[AuditEntry]]:
    """New events that fit, each once: a few every second, or none, so that the listener can be seen to be there.

    Ends at an instant: whoever wants more asks again, for what came after the last event that was told, if that is
    only seconds ago. When more come than can be told at once, the oldest go first.
    """
    begun = after or ids.uuid7()
    told: set[UUID] = set()
    while (now := clock.now()) < until:
        start = max(begun, ids.first_at(now - OVERLAP))
        found = await _fresh(tenant_id, filters, start, told)
        told = {event_id for event_id in told if event_id >= start} | {entry.id for entry in found}
        yield found
        if len(found) < MOST_AT_ONCE:
            await asyncio.sleep(LOOK_EVERY_SECONDS)


async def _fresh(tenant_id: UUID, filters: Filters, start: UUID, told: set[UUID]) -> list[AuditEntry]:
    """What was not told yet since some id; at most so many."""
    fresh: list[AuditEntry] = []
    while len(fresh) < MOST_AT_ONCE:
        found = await search_store.list_after(tenant_id, filters, start, MOST_AT_ONCE)
        fresh += [entry for entry in found if entry.id not in told]
        if len(found) < MOST_AT_ONCE:
            break
        start = found[-1].id
    return fresh[:MOST_AT_ONCE]
