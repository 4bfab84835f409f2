"""Retention: events are kept so long, and then go without holding anybody up; checkpoints stay.

PostgreSQL: whole months that no tenant keeps any longer are dropped. What a tenant keeps for a shorter time than
others, and on SQLite everything, is deleted in small batches. In both cases it is noted first, under the MAC of the
chain, how far that goes.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

from server.kernel import clock, database, ids, postgresql_partitions
from server.kernel.clock import DAY
from server.kernel.faults import Unavailable
from server.kernel.logs import get_logger

from . import chain_store
from . import retention_store as store
from .partitions import TABLE, month_after, month_of, statements_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.clock import Duration, Instant

log = get_logger(__name__)

BATCH = 500
PAUSE_SECONDS = 0.05  # between batches: whoever waits for SQLite's only connection comes first
MONTHS_AHEAD = 3


async def add_partitions(_: Instant) -> int:
    """On PostgreSQL, make the partitions of the months to come; how many there were to be made."""
    if not database.is_postgresql():
        return 0
    there = await postgresql_partitions.upper_bounds(TABLE)
    bounds = [bound for bound in there.values() if bound is not None]
    # The first partition goes up to some month; what begins where the last one ends leaves no gap.
    month = month_of(ids.made_at(UUID(max(bounds))))
    last = month_of(clock.now() + MONTHS_AHEAD * 31 * DAY)
    made = 0
    while month <= last:
        await postgresql_partitions.add(statements_for(month))
        month, made = month_after(month), made + 1
    return made


async def trim(keep: Mapping[UUID, Duration], now: Instant) -> None:
    """Let go what tenants need not keep any longer, by how long each keeps its events."""
    if not keep:
        return
    longest = max(keep.values())
    if database.is_postgresql():
        await _drop_months(now - longest)
    for tenant_id, duration in keep.items():
        if duration < longest or not database.is_postgresql():
            await _trim_tenant(tenant_id, _day(now - duration))


async def _drop_months(before: Instant) -> None:
    for name, text in sorted((await postgresql_partitions.upper_bounds(TABLE)).items()):
        bound = UUID(text) if text else None
        if bound is None or bound > ids.first_at(before) or await store.has_unsealed(bound):
            continue
        trimmed = await _mark_everybody(bound)
        try:
            await postgresql_partitions.drop(name)
        except Unavailable as fault:
            log.warning("a month of audit events could not be dropped yet", partition=name, why=str(fault))
            return
        log.info("a month of audit events was dropped", partition=name)
        for tenant_id in trimmed:
            await _delete_seals(tenant_id, ids.made_at(bound))


async def _mark_everybody(before: UUID) -> list[UUID]:
    """Note it in every chain; the tenants whose it is."""
    marked: list[UUID] = []
    last = UUID(int=0)
    while behind := await store.chains_behind(before, last, BATCH):
        await store.mark_trimmed((await chain_store.heads_of(behind)).values(), before)
        marked += behind
        last = behind[-1]
    return marked


async def _trim_tenant(tenant_id: UUID, before: Instant) -> None:
    bound = ids.first_at(before)
    head = await chain_store.find_head(tenant_id) if await store.has_old(tenant_id, bound) else None
    if head is None:
        return
    if head.trimmed_before is None or head.trimmed_before < bound:
        await store.mark_trimmed([head], bound)
    total = 0
    while deleted := await store.delete_old(tenant_id, bound, BATCH):
        total += deleted
        await asyncio.sleep(PAUSE_SECONDS)
    seals = await _delete_seals(tenant_id, before)
    log.info("old audit events were deleted", tenant=str(tenant_id), events=total, seals=seals)


async def _delete_seals(tenant_id: UUID, before: Instant) -> int:
    await store.delete_days(tenant_id, before)
    total = 0
    while deleted := await store.delete_seals(tenant_id, before, BATCH):
        total += deleted
        await asyncio.sleep(PAUSE_SECONDS)
    return total


def _day(instant: Instant) -> Instant:
    """The start of its day: so retention has something to do once a day, and not all the time."""
    return instant - instant % DAY
