"""Which webhooks have something to be told: for the job that tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database

if TYPE_CHECKING:
    from uuid import UUID

# Over all tenants, in one query: those whose chain has gone on.
_BEHIND = """
SELECT w.tenant_id, w.id FROM webhook w JOIN audit_chain c ON c.tenant_id = w.tenant_id
WHERE w.state = 'active' AND c.number > w.seal_number ORDER BY w.id LIMIT $1
"""


async def webhooks_behind(limit: int) -> list[tuple[UUID, UUID]]:
    """Tenant and id of active webhooks that have not been told of all that is sealed."""
    rows = await database.rows(_BEHIND, limit)
    return [(database.as_uuid(row["tenant_id"]), database.as_uuid(row["id"])) for row in rows]
