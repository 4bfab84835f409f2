"""Sealing: what has been committed is chained, a few seconds later, for every tenant at once.

Each tenant's seal is one unit of a group commit whose claim is the head of its chain: of two processes that seal at
once, one writes nothing. An event that is committed late, with an id below what is sealed already, is sealed late.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from server.kernel import clock, database, tasks
from server.kernel.clock import DAY, SECOND
from server.kernel.digests import b64url

from . import chain_store as store
from . import checkpoints
from .chain import ABSENT, digest_of, ids_in, next_seal, pack
from .checkpoints import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.rows import Row

    from .chain import Head, Seal

# Events that are looked at together, and at most so many in one seal: requests wait while they are digested, and have
# their turn before the next.
BATCH = 500
TENANTS_AT_ONCE = 50
# So long a transaction that runs is waited for, for the sake of order.
PATIENCE = 2 * SECOND
# After so many events, or so long, a segment ends with a checkpoint.
SEGMENT_EVENTS = 10_000
SEGMENT_TIME = DAY


class NoChain(Exception):
    """Nothing of this tenant has been sealed yet."""


async def seal_new(_: Instant) -> int:
    """Seal whatever is not sealed, of every tenant; how many events that was. Raises DatabaseUnavailable."""
    total = 0
    while True:
        before = clock.now() - PATIENCE
        waiting = await store.tenants_waiting(BATCH, before)
        if not waiting:
            return total
        heads = await _heads(waiting)
        # Read with the heads known: what others sealed meanwhile is gone now, and what they seal from here on changes
        # a head, so that nothing of that tenant is sealed here.
        found = await store.list_unsealed(BATCH, before)
        sealed = await _seal_each(heads, found)
        total += sealed
        # Fewer than were found: somebody else is at it.
        if len(found) < BATCH or sealed < len(found):
            return total


async def checkpoint_now(tenant_id: UUID, now: Instant) -> str:
    """A signed checkpoint of all that is sealed at this moment, kept like any other; raises NoChain."""
    head = await store.find_head(tenant_id)
    if head is None or head.number == 0:
        raise NoChain("nothing of this tenant has been sealed yet")
    kept = await store.list_checkpoints(tenant_id, head.number, head.number)
    if not kept:
        (last,) = await store.list_seals(tenant_id, head.number - 1, 1)
        signed = await _sign(head, last, now)
        await database.write(store.checkpoint_row(tenant_id, head.number, now, signed))
        kept = await store.list_checkpoints(tenant_id, head.number, head.number)
    return kept[head.number]


async def _seal_each(heads: Mapping[UUID, Head], found: Sequence[Row]) -> int:
    by_tenant: dict[object, list[Row]] = {}
    for row in found:
        by_tenant.setdefault(row["of_tenant"], []).append(row)
    known = [(heads[of], rows) for key, rows in by_tenant.items() if (of := database.as_uuid(key)) in heads]
    return sum(await tasks.for_each(lambda one: _seal(*one), known, TENANTS_AT_ONCE))


async def _heads(wanted: Sequence[UUID]) -> Mapping[UUID, Head]:
    heads = await store.heads_of(wanted)
    missing = set(wanted) - heads.keys()
    if missing:
        await store.begin(missing)
        heads.update(await store.heads_of(missing))
    return heads


async def _seal(head: Head, rows: Sequence[Row]) -> int:
    """Seal events of one tenant; how many that was: none when somebody else has sealed meanwhile."""
    now = clock.now()
    members = ((database.as_uuid(row["unsealed_id"]).bytes, _digest(row)) for row in rows)
    seal = next_seal(head, pack(members), now)
    signed = await _sign(head, seal, now) if _ends_segment(head, seal) else None
    is_sealed = await store.append(head.tenant_id, head, seal, _by_day(rows), signed)
    return len(rows) if is_sealed else 0


def _by_day(rows: Sequence[Row]) -> Counter[tuple[Instant, str]]:
    there = (row for row in rows if row["event"] is not None)
    return Counter((_day_of(database.as_int(row["occurred_at"])), str(row["event"])) for row in there)


def _day_of(instant: Instant) -> Instant:
    return instant - instant % DAY


def _digest(row: Row) -> bytes:
    return ABSENT if row["event"] is None else digest_of(row)


def _ends_segment(head: Head, seal: Seal) -> bool:
    is_full = seal.position - head.checkpoint_position >= SEGMENT_EVENTS
    return is_full or seal.sealed_at - head.checkpoint_at >= SEGMENT_TIME


async def _sign(head: Head, seal: Seal, now: Instant) -> str:
    before = await store.find_checkpoint_before(head.tenant_id, seal.number)
    last_event = ids_in(seal.members)[-1]
    stated = Checkpoint(
        tenant=str(head.tenant_id),
        number=seal.number,
        events=seal.position,
        last_event=str(last_event),
        digest=b64url(seal.digest),
        time=now,
        previous=None if before is None else checkpoints.fingerprint(before),
    )
    return checkpoints.sign(head.key, stated)
