"""Searches that administrators keep, each their own: rows of the system tenant, for one tenant's log each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database

from .records import SavedSearch

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant

_LIST = """
SELECT id, name, query FROM audit_saved_search WHERE tenant_id = $1 AND user_id = $2 AND scope_tenant = $3 ORDER BY name
"""
_SAVE = """
INSERT INTO audit_saved_search (id, tenant_id, user_id, scope_tenant, name, query, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_id, user_id, scope_tenant, name) DO UPDATE SET query = excluded.query
"""
_REMOVE = "DELETE FROM audit_saved_search WHERE tenant_id = $1 AND user_id = $2 AND id = $3"
_REMOVE_OF = "DELETE FROM audit_saved_search WHERE tenant_id = $1 AND user_id = $2"
_REMOVE_IN = "DELETE FROM audit_saved_search WHERE tenant_id = $1 AND scope_tenant = $2"


async def list_searches(tenant_id: UUID, user_id: UUID, scope_tenant: UUID) -> list[SavedSearch]:
    """What an administrator keeps of one tenant's log, by name; never many."""
    rows = await database.rows(_LIST, tenant_id, user_id, scope_tenant)
    return [SavedSearch(database.as_uuid(row["id"]), str(row["name"]), str(row["query"])) for row in rows]


async def save_search(tenant_id: UUID, user_id: UUID, scope_tenant: UUID, search: SavedSearch, now: Instant) -> None:
    """Keep a search, in place of one of the same name."""
    await database.execute(_SAVE, search.id, tenant_id, user_id, scope_tenant, search.name, search.query, now)


async def remove_search(tenant_id: UUID, user_id: UUID, search_id: UUID) -> bool:
    """Let go of one of their own; false where there is none."""
    return await database.execute(_REMOVE, tenant_id, user_id, search_id) == 1


async def remove_searches_of(tenant_id: UUID, user_id: UUID) -> None:
    """Let go of all that an administrator keeps."""
    await database.execute(_REMOVE_OF, tenant_id, user_id)


async def remove_searches_in(tenant_id: UUID, scope_tenant: UUID) -> None:
    """Let go of all that anybody keeps of one tenant's log."""
    await database.execute(_REMOVE_IN, tenant_id, scope_tenant)
