"""What somebody is here, as tokens tell it; cached, and dropped with every change of roles and groups."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from server.kernel import database, invalidation
from server.kernel.cache import TenantCache

from .records import Affiliations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

TOPIC = "roles"

# UNION leaves one of what a person has in several ways.
_AFFILIATIONS = """
SELECT 'role' AS kind, r.name FROM role r
JOIN role_assignment a ON a.tenant_id = r.tenant_id AND a.role_id = r.id
WHERE a.tenant_id = $1 AND a.user_id = $2
UNION
SELECT 'role' AS kind, r.name FROM role r
JOIN group_role g ON g.tenant_id = r.tenant_id AND g.role_id = r.id
JOIN group_member m ON m.tenant_id = g.tenant_id AND m.group_id = g.group_id
WHERE m.tenant_id = $1 AND m.user_id = $2
UNION
SELECT 'group' AS kind, p.name FROM person_group p
JOIN group_member m ON m.tenant_id = p.tenant_id AND m.group_id = p.id
WHERE m.tenant_id = $1 AND m.user_id = $2
"""

# By names: how many somebody has, a tenant decides.
_cache: TenantCache[UUID, Affiliations] = TenantCache(
    TOPIC, size=200_000, weigh=lambda held: 1 + len(held.roles) + len(held.groups)
)


async def affiliations_of(tenant_id: UUID, user_id: UUID) -> Affiliations:
    """The groups of a person, and the roles that are theirs or one of their groups'; cached."""

    async def load() -> Affiliations:
        rows = await database.find_rows(_AFFILIATIONS, tenant_id, user_id)
        named = sorted((str(row["kind"]), str(row["name"])) for row in rows)
        return Affiliations(
            roles=tuple(name for kind, name in named if kind == "role"),
            groups=tuple(name for kind, name in named if kind == "group"),
        )

    return await _cache.get(tenant_id, user_id, load) or Affiliations()


@asynccontextmanager
async def changing(tenant_id: UUID) -> AsyncIterator[None]:
    """Surround what changes who is what, in one transaction: what is remembered of it is dropped with it."""
    async with database.transaction():
        yield
        await invalidation.changed(tenant_id, TOPIC)
