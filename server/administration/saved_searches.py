"""Searches of the audit log that administrators keep: each their own, and nobody else's business."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from server import audit
from server.audit import ActorKind, SavedSearch
from server.kernel import ids

from .authorise import NotPermitted, Permission, check_permitted
from .finding import Unknown

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.tenants import Tenant

    from .authorise import Operator

MOST_SEARCHES = 30
LONGEST_NAME = 60


class TooManySearches(Exception):
    """An administrator keeps only so many."""


async def list_searches(operator: Operator, system: Tenant, tenant: Tenant) -> list[SavedSearch]:
    """What the operator keeps of a tenant's log, by name; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await audit.list_searches(system.id, _keeper(operator, tenant.id), tenant.id)


async def keep(operator: Operator, system: Tenant, tenant: Tenant, name: str, query: str, *, now: Instant) -> None:
    """Keep a search, in place of one of the same name; raises NotPermitted, TooManySearches."""
    held = await list_searches(operator, system, tenant)
    if len(held) >= MOST_SEARCHES and name not in {search.name for search in held}:
        raise TooManySearches
    search = SavedSearch(ids.uuid7(), name[:LONGEST_NAME], query)
    await audit.save_search(system.id, _keeper(operator, tenant.id), tenant.id, search, now)


async def remove(operator: Operator, system: Tenant, tenant: Tenant, search_id: UUID) -> None:
    """Let go of one; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.READ, tenant.id)
    if not await audit.remove_search(system.id, _keeper(operator, tenant.id), search_id):
        raise Unknown


def _keeper(operator: Operator, tenant_id: UUID) -> UUID:
    """Whose searches they are; raises NotPermitted for what is no person who administers."""
    if operator.actor.kind is not ActorKind.ADMINISTRATOR or operator.actor.id is None:
        raise NotPermitted(operator.actor, Permission.READ, tenant_id)
    return UUID(operator.actor.id)
