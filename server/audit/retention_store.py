"""Queries of retention: partitions on PostgreSQL, small batches everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database
from server.kernel.database import Statement

from .chain import trimmed_mac_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from server.kernel.clock import Instant

    from .chain import Head

_CHAINS_BEHIND = """
SELECT tenant_id FROM audit_chain WHERE (trimmed_before IS NULL OR trimmed_before < $1) AND tenant_id > $2
ORDER BY tenant_id LIMIT $3
"""
_MARK = "UPDATE audit_chain SET trimmed_before = $3, trimmed_mac = $4 WHERE tenant_id = $1 AND id = $2"
# What waits to be sealed is sealed before it goes.
_OLD_OF_TENANT = """
SELECT e.id FROM audit_event e WHERE e.tenant_id = $1 AND e.id < $2
 AND NOT EXISTS (SELECT 1 FROM audit_unsealed u WHERE u.id = e.id) ORDER BY e.id LIMIT $3
"""
_DELETE_OF_TENANT = f"DELETE FROM audit_event WHERE tenant_id = $1 AND id IN ({_OLD_OF_TENANT})"  # noqa: S608 - constants
_HAS_OLD = "SELECT 1 AS found FROM audit_event WHERE tenant_id = $1 AND id < $2 LIMIT 1"
_DELETE_SEALS = """
DELETE FROM audit_seal WHERE id IN (
 SELECT id FROM audit_seal WHERE tenant_id = $1 AND number <= (
  SELECT MAX(number) FROM audit_checkpoint WHERE tenant_id = $1 AND sealed_at < $2) ORDER BY number LIMIT $3)
"""
_DELETE_DAYS = "DELETE FROM audit_day WHERE tenant_id = $1 AND day < $2"
_HAS_UNSEALED = "SELECT tenant_id FROM audit_unsealed WHERE id < $1 LIMIT 1"


async def has_unsealed(before: UUID) -> bool:
    """Whether anything waits to be sealed below an id, of any tenant."""
    return await database.row(_HAS_UNSEALED, before) is not None


async def chains_behind(before: UUID, after: UUID, limit: int) -> list[UUID]:
    """Tenants, by id and above one, from which retention has taken less than what is below an id."""
    return [database.as_uuid(row["tenant_id"]) for row in await database.rows(_CHAINS_BEHIND, before, after, limit)]


async def mark_trimmed(heads: Iterable[Head], before: UUID) -> None:
    """Remember, so that nobody can make it up, that what has a lower id may be gone."""
    marks = [(head.tenant_id, head.id, before, trimmed_mac_of(head.key, before)) for head in heads]
    await database.write(*(Statement(_MARK, mark) for mark in marks))


async def has_old(tenant_id: UUID, before: UUID) -> bool:
    """Whether a tenant has events below an id."""
    return await database.row(_HAS_OLD, tenant_id, before) is not None


async def delete_old(tenant_id: UUID, before: UUID, limit: int) -> int:
    """Delete at most so many of a tenant's events below an id, the oldest first; how many there were."""
    return await database.execute(_DELETE_OF_TENANT, tenant_id, before, limit)


async def delete_seals(tenant_id: UUID, before: int, limit: int) -> int:
    """Delete at most so many of a tenant's seals, up to its last checkpoint before an instant, which stays."""
    return await database.execute(_DELETE_SEALS, tenant_id, before, limit)


async def delete_days(tenant_id: UUID, before: Instant) -> None:
    """Delete what was counted of a tenant's days before an instant."""
    await database.execute(_DELETE_DAYS, tenant_id, before)
