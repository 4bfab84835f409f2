"""What an operator may do to the resources of a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import resources
from server.audit import administration_events as events
from server.kernel.paging import page_of

from .act import act, changes
from .authorise import Permission, check_permitted
from .finding import check_not_built_in, check_not_system, check_version, found, turn

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.paging import Page, Paging
    from server.resources import Resource
    from server.tenants import Tenant

    from .authorise import Operator


async def page(operator: Operator, tenant: Tenant, paging: Paging, search: str = "") -> Page[Resource]:
    """A page of the resources that the tenant defines, by identifier or name; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, tenant.id)
    defined = await resources.list_resources(tenant.id)
    shown = (one for one in defined if search.lower() in f"{one.identifier}\n{one.display_name}".lower())
    return page_of(shown, lambda resource: resource.identifier, paging)


async def get(operator: Operator, tenant: Tenant, resource_id: UUID) -> Resource:
    """One resource; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.READ, tenant.id)
    return found(next((one for one in await resources.list_resources(tenant.id) if one.id == resource_id), None))


async def define(operator: Operator, tenant: Tenant, resource: Resource, now: Instant) -> None:
    """Define a resource; raises NotPermitted, Reserved, InvalidResource, AlreadyExists."""
    check_permitted(operator, Permission.MANAGE_CLIENTS, tenant.id)
    check_not_system(tenant)
    async with turn(tenant.id):
        await create(operator, tenant, resource, now)


async def change(
    operator: Operator,
    tenant: Tenant,
    resource_id: UUID,
    edit: Callable[[Resource], Resource],
    now: Instant,
    *,
    version: str | None = None,
) -> Resource:
    """Let `edit` change a resource, unless somebody did since `version`; the resource as it is now.

    Raises NotPermitted, Unknown, Conflict, Reserved, InvalidResource.
    """
    check_permitted(operator, Permission.MANAGE_CLIENTS, tenant.id)
    async with turn(tenant.id):
        before = await _get_changeable(operator, tenant, resource_id)
        check_version(version, before)
        after = edit(before)
        if after != before:
            await update(operator, tenant, before, after, now)
        return await get(operator, tenant, resource_id)


async def discard(
    operator: Operator, tenant: Tenant, resource_id: UUID, now: Instant, *, version: str | None = None
) -> None:
    """Remove a resource; raises NotPermitted, Unknown, Conflict, Reserved."""
    check_permitted(operator, Permission.MANAGE_CLIENTS, tenant.id)
    async with turn(tenant.id):
        resource = await _get_changeable(operator, tenant, resource_id)
        check_version(version, resource)
        await remove(operator, tenant, resource, now)


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


async def _get_changeable(operator: Operator, tenant: Tenant, resource_id: UUID) -> Resource:
    resource = await get(operator, tenant, resource_id)
    check_not_built_in(resource.origin)
    return resource
