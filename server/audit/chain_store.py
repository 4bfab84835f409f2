"""Queries over seals, checkpoints and what is not sealed yet."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from server.kernel import database, encryption, ids, lists
from server.kernel.database import Statement
from server.kernel.resealing import reseal

from .chain import START, Head, Seal, ids_in, selected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.rows import Row

    Counts = Mapping[tuple[Instant, str], int]  # by the first instant of a day, and the event

PURPOSE = "audit-chain"
KEY_BYTES = 32

_UNSEALED = f"""
SELECT u.id AS unsealed_id, u.tenant_id AS of_tenant, {selected("e.")} FROM audit_unsealed u
LEFT JOIN audit_event e ON e.tenant_id = u.tenant_id AND e.id = u.id{{settled}} ORDER BY u.id LIMIT $1
"""  # noqa: S608 - constants only
_WAITING = """
SELECT DISTINCT tenant_id FROM (SELECT u.tenant_id FROM audit_unsealed u{settled} ORDER BY u.id LIMIT $1) AS waiting
"""
# Below the oldest running transaction nothing comes any more; but nothing waits for one that hangs.
_SETTLED = " WHERE u.transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint OR u.id < $2"
_HEAD = """
SELECT id, tenant_id, sealed_seed, number, position, digest, checkpoint_position, checkpoint_at, trimmed_before,
 trimmed_mac FROM audit_chain WHERE tenant_id
"""
_BEGIN = """
INSERT INTO audit_chain (id, tenant_id, sealed_seed, number, position, digest, checkpoint_position, checkpoint_at)
VALUES ($1, $2, $3, 0, 0, $4, 0, 0) ON CONFLICT (tenant_id) DO NOTHING
"""
_ADVANCE = """
UPDATE audit_chain SET number = $4, position = $5, digest = $6, checkpoint_position = $7, checkpoint_at = $8
WHERE tenant_id = $1 AND id = $2 AND number = $3
"""
_INSERT_SEAL = """
INSERT INTO audit_seal (id, tenant_id, number, position, sealed_at, members, digest, mac)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_INSERT_CHECKPOINT = """
INSERT INTO audit_checkpoint (id, tenant_id, number, sealed_at, signed) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, number) DO NOTHING
"""
_COUNT = """
INSERT INTO audit_day (id, tenant_id, day, event, events) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, day, event) DO UPDATE SET events = audit_day.events + excluded.events
"""
_FORGET_UNSEALED = "DELETE FROM audit_unsealed WHERE tenant_id = $1 AND id "
_SEALS = """
SELECT number, position, sealed_at, members, digest, mac FROM audit_seal
WHERE tenant_id = $1 AND number > $2 ORDER BY number LIMIT $3
"""
_CHECKPOINTS = """
SELECT number, signed FROM audit_checkpoint WHERE tenant_id = $1 AND number >= $2 AND number <= $3 ORDER BY number
"""
_CHECKPOINT_BEFORE = """
SELECT signed FROM audit_checkpoint WHERE tenant_id = $1 AND number < $2 ORDER BY number DESC LIMIT 1
"""
_LAST_CHECKPOINT = "SELECT number, sealed_at FROM audit_checkpoint WHERE tenant_id = $1 ORDER BY number DESC LIMIT 1"
_COUNT_UNSEALED = "SELECT count(*) AS total FROM audit_unsealed WHERE tenant_id = $1"
_STILL_UNSEALED = "SELECT id FROM audit_unsealed WHERE tenant_id = $1"
_SEALED_SEEDS = "SELECT tenant_id, id, sealed_seed AS sealed FROM audit_chain"
_RESEAL = "UPDATE audit_chain SET sealed_seed = $4 WHERE tenant_id = $1 AND id = $2 AND sealed_seed = $3"


async def tenants_waiting(limit: int, settled_before: Instant) -> list[UUID]:
    """The tenants of the first events that `list_unsealed` would find."""
    rows = await database.rows(*_settled(_WAITING, limit, settled_before))
    return [database.as_uuid(row["tenant_id"]) for row in rows]


async def list_unsealed(limit: int, settled_before: Instant) -> list[Row]:
    """Events of every tenant that are to be sealed, by id: `unsealed_id`, `of_tenant`, and its columns if it is there.

    What was written before an instant is taken even if a transaction runs since before it.
    """
    return await database.rows(*_settled(_UNSEALED, limit, settled_before))


async def heads_of(tenant_ids: Iterable[UUID]) -> dict[UUID, Head]:
    """The heads of those tenants that have a chain."""
    rows = await database.rows(_HEAD + lists.among("$1"), lists.as_argument(tenant_ids))
    return {head.tenant_id: head for head in map(_head, rows)}


async def find_head(tenant_id: UUID) -> Head | None:
    """The head of a tenant's chain, if it has one."""
    return (await heads_of([tenant_id])).get(tenant_id)


async def begin(tenant_ids: Iterable[UUID]) -> None:
    """Give tenants a chain that have none."""
    rows = []
    for tenant_id in tenant_ids:
        chain_id = ids.uuid7()
        sealed = encryption.seal(PURPOSE, tenant_id, chain_id, os.urandom(KEY_BYTES))
        rows.append(Statement(_BEGIN, (chain_id, tenant_id, sealed, START)))
    await database.write(*rows)


async def append(tenant_id: UUID, head: Head, seal: Seal, counts: Counts, signed: str | None) -> bool:
    """Put a seal, and a checkpoint if there is one, behind a head; false when somebody else has put one there.

    `counts` are added to those of the days.
    """
    event_ids = ids_in(seal.members)
    point = (head.checkpoint_position, head.checkpoint_at) if signed is None else (seal.position, seal.sealed_at)
    claim = Statement(_ADVANCE, (tenant_id, head.id, head.number, seal.number, seal.position, seal.digest, *point))
    link = (ids.uuid7(), tenant_id, seal.number, seal.position, seal.sealed_at, seal.members, seal.digest, seal.mac)
    rows = [
        Statement(_INSERT_SEAL, link),
        Statement(_FORGET_UNSEALED + lists.among("$2"), (tenant_id, lists.as_argument(event_ids))),
        *(Statement(_COUNT, (ids.uuid7(), tenant_id, *key, amount)) for key, amount in sorted(counts.items())),
    ]
    if signed is not None:
        rows.append(checkpoint_row(tenant_id, seal.number, seal.sealed_at, signed))
    return await database.write(*rows, claim=claim)


def checkpoint_row(tenant_id: UUID, number: int, sealed_at: Instant, signed: str) -> Statement:
    """What keeps a checkpoint; one that is there already stays."""
    return Statement(_INSERT_CHECKPOINT, (ids.uuid7(), tenant_id, number, sealed_at, signed))


async def list_seals(tenant_id: UUID, after: int, limit: int) -> list[Seal]:
    """Seals that follow a number."""
    return [_seal(row) for row in await database.rows(_SEALS, tenant_id, after, limit)]


async def list_sealed(tenant_id: UUID, after: int, most: int) -> tuple[int, list[UUID]]:
    """What was sealed after a seal: the number of the last of the seals, and the ids of their events in order.

    So many events, and the rest of a seal; or what there is.
    """
    number = after
    event_ids: list[UUID] = []
    while len(event_ids) < most and (seals := await list_seals(tenant_id, number, 10)):
        for seal in seals:
            if len(event_ids) < most:
                number = seal.number
                event_ids += ids_in(seal.members)
    return number, event_ids


async def last_seal(tenant_id: UUID) -> int:
    """The number of a tenant's last seal, 0 for none."""
    head = await find_head(tenant_id)
    return head.number if head else 0


async def list_checkpoints(tenant_id: UUID, first: int, last: int) -> dict[int, str]:
    """The checkpoints of these seals, by number."""
    rows = await database.rows(_CHECKPOINTS, tenant_id, first, last)
    return {database.as_int(row["number"]): str(row["signed"]) for row in rows}


async def find_checkpoint_before(tenant_id: UUID, number: int) -> str | None:
    """The last checkpoint before a seal; many tenants end a segment at once, and are asked about together."""
    row = await database.find_row(_CHECKPOINT_BEFORE, tenant_id, number)
    return None if row is None else str(row["signed"])


async def find_last_checkpoint(tenant_id: UUID) -> tuple[int, Instant] | None:
    """The number of the seal that the last checkpoint follows, and when it was signed."""
    row = await database.row(_LAST_CHECKPOINT, tenant_id)
    return None if row is None else (database.as_int(row["number"]), database.as_int(row["sealed_at"]))


async def count_unsealed(tenant_id: UUID) -> int:
    """How many events wait to be sealed."""
    row = await database.row(_COUNT_UNSEALED, tenant_id)
    return 0 if row is None else database.as_int(row["total"])


async def unsealed_ids(tenant_id: UUID) -> set[UUID]:
    """What waits to be sealed."""
    return {database.as_uuid(row["id"]) for row in await database.rows(_STILL_UNSEALED, tenant_id)}


async def rewrap() -> int:
    """Bring the secrets of chains under the current master secret, in every tenant; how many that was."""
    return await reseal(PURPOSE, _SEALED_SEEDS, _RESEAL)


def _settled(sql: str, limit: int, before: Instant) -> tuple[str, *tuple[object, ...]]:
    if database.is_postgresql():
        return sql.format(settled=_SETTLED), limit, ids.first_at(before)
    return sql.format(settled=""), limit


@lru_cache(maxsize=4_000)
def _unseal(tenant_id: UUID, chain_id: UUID, sealed: str) -> bytes:
    return encryption.unseal(PURPOSE, tenant_id, chain_id, sealed)


def _head(row: Row) -> Head:
    chain_id, tenant_id = database.as_uuid(row["id"]), database.as_uuid(row["tenant_id"])
    return Head(
        id=chain_id,
        tenant_id=tenant_id,
        key=_unseal(tenant_id, chain_id, str(row["sealed_seed"])),
        number=database.as_int(row["number"]),
        position=database.as_int(row["position"]),
        digest=_bytes(row["digest"]),
        checkpoint_position=database.as_int(row["checkpoint_position"]),
        checkpoint_at=database.as_int(row["checkpoint_at"]),
        trimmed_before=database.as_optional_uuid(row["trimmed_before"]),
        trimmed_mac=None if row["trimmed_mac"] is None else _bytes(row["trimmed_mac"]),
    )


def _seal(row: Row) -> Seal:
    return Seal(
        number=database.as_int(row["number"]),
        position=database.as_int(row["position"]),
        sealed_at=database.as_int(row["sealed_at"]),
        members=_bytes(row["members"]),
        digest=_bytes(row["digest"]),
        mac=_bytes(row["mac"]),
    )


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("not a column of bytes")
    return value
