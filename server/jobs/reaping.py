"""Removing clients that registered themselves and that nobody uses, never one of which anything is alive.

An interaction or a code that is open keeps its client by itself: /authorize puts off the client's end.
"""

from __future__ import annotations

import asyncio
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from server import audit, clients, grants, trust
from server.audit import Actor
from server.kernel import database
from server.kernel.clock import DAY

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from server.kernel.clock import Instant

BATCH = 500
# In one run. Each batch empties its tenants' caches of clients, which are to be of use in between.
MOST_BATCHES = 200
PAUSE_SECONDS = 0.5
ADOPTED_FOR = 30 * DAY
# Of what is alive though nobody used it for long: a grant that is not refreshed, a consent.
LOOK_AGAIN_AFTER = 7 * DAY


async def reap_clients(now: Instant) -> int:
    """Remove idle clients of every tenant; how many there were. What is left over is left to the next run."""
    await clients.adopt(now + ADOPTED_FOR, BATCH * MOST_BATCHES)
    total = 0
    for _ in range(MOST_BATCHES):
        looked_at, gone = await reap_batch(now)
        total += gone
        if looked_at < BATCH:
            break
        await asyncio.sleep(PAUSE_SECONDS)
    return total


async def reap_batch(now: Instant) -> tuple[int, int]:
    """Look at the longest idle clients, and remove those that are dead; how many of each."""
    idle = sorted(await clients.find_idle(now, BATCH), key=attrgetter("tenant_id"))
    gone = 0
    for tenant_id, of_tenant in groupby(idle, key=attrgetter("tenant_id")):
        gone += await _reap_tenant(tenant_id, {client.id for client in of_tenant}, now)
    return len(idle), gone


async def _reap_tenant(tenant_id: UUID, pks: Collection[UUID], now: Instant) -> int:
    alive = await grants.find_clients_in_use(tenant_id, pks, now)
    async with database.transaction():
        if alive:
            await clients.put_off(tenant_id, alive, now + LOOK_AGAIN_AFTER)
        gone = await clients.delete_idle(tenant_id, frozenset(pks) - alive, now)
        if gone:
            await trust.forget_clients(tenant_id, [pk for pk, _ in gone])
            event = audit.ClientsExpired(tuple(client_id for _, client_id in gone))
            await audit.record(event, tenant_id=tenant_id, now=now, actor=Actor.system())
    return len(gone)
