"""What an operator may do to the scopes of a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import scopes
from server.audit import administration_events as events

from .act import act, changes
from .authorise import Permission

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.scopes import Scope
    from server.tenants import Tenant

    from .authorise import Operator


async def create(operator: Operator, tenant: Tenant, scope: Scope, now: Instant) -> None:
    """Define a scope; raises InvalidScope, AlreadyExists."""
    scopes.check_definition(scope)
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, events.ScopeCreated(scope.name), now):
        await scopes.create(tenant.id, scope, now)


async def update(operator: Operator, tenant: Tenant, before: Scope, after: Scope, now: Instant) -> None:
    """Change a scope's definition; raises InvalidScope."""
    scopes.check_definition(after)
    event = events.ScopeUpdated(before.name, changes(before, after))
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, event, now):
        await scopes.update(tenant.id, before, after, now)


async def remove(operator: Operator, tenant: Tenant, scope: Scope, now: Instant) -> None:
    """Remove a scope; clients that were given it keep it until their tokens expire."""
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, events.ScopeRemoved(scope.name), now):
        await scopes.delete(tenant.id, scope.name)
