"""What an operator may do to the resources of a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import resources
from server.audit import administration_events as events

from .act import act, changes
from .authorise import Permission

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.resources import Resource
    from server.tenants import Tenant

    from .authorise import Operator


async def create(operator: Operator, tenant: Tenant, resource: Resource, now: Instant) -> None:
    """Define a resource; raises InvalidResource, AlreadyExists."""
    resources.check_definition(resource, await resources.list_resources(tenant.id), tenant.issuer)
    event = events.ResourceCreated(resource.identifier)
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, event, now):
        await resources.create(tenant.id, resource, now)


async def update(operator: Operator, tenant: Tenant, before: Resource, after: Resource, now: Instant) -> None:
    """Change a resource's definition; raises InvalidResource."""
    resources.check_definition(after, await resources.list_resources(tenant.id), tenant.issuer)
    event = events.ResourceUpdated(before.identifier, changes(before, after))
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, event, now):
        await resources.update(tenant.id, before, after, now)


async def remove(operator: Operator, tenant: Tenant, resource: Resource, now: Instant) -> None:
    """Remove a resource; tokens for it live until they expire."""
    event = events.ResourceRemoved(resource.identifier)
    async with act(operator, Permission.MANAGE_CLIENTS, tenant.id, event, now):
        await resources.delete(tenant.id, resource.id)
