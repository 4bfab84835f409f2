"""What an operator may do to the roles of a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import roles
from server.audit import administration_events as events
from server.kernel.paging import page_of

from .act import act
from .authorise import Permission, check_permitted
from .finding import check_not_system, found, turn

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.kernel.paging import Page, Paging
    from server.roles import Role
    from server.tenants import Tenant

    from .authorise import Operator


async def page(operator: Operator, tenant: Tenant, paging: Paging) -> Page[Role]:
    """A page of the roles that the tenant defines; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, tenant.id)
    return page_of(await roles.list_roles(tenant.id), lambda role: role.name, paging)


async def get(operator: Operator, tenant: Tenant, name: str) -> Role:
    """One role; raises NotPermitted, Unknown. Who has it is a list of people (`users.page`)."""
    check_permitted(operator, Permission.READ, tenant.id)
    return found(next((role for role in await roles.list_roles(tenant.id) if role.name == name), None))


async def define(operator: Operator, tenant: Tenant, role: Role, now: Instant) -> None:
    """Define a role; raises NotPermitted, Reserved, InvalidRole, AlreadyExists."""
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    check_not_system(tenant)
    async with turn(tenant.id):
        await create(operator, tenant, role, now)


async def discard(operator: Operator, tenant: Tenant, name: str, now: Instant) -> None:
    """Remove a role, from everybody who has it too; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        await remove(operator, tenant, await get(operator, tenant, name), now)


async def create(operator: Operator, tenant: Tenant, role: Role, now: Instant) -> None:
    """Define a role; raises InvalidRole, AlreadyExists."""
    roles.check_role_name(role.name)
    async with act(operator, Permission.MANAGE_USERS, tenant.id, events.RoleCreated(role.name), now):
        await roles.create(tenant.id, role, now)


async def remove(operator: Operator, tenant: Tenant, role: Role, now: Instant) -> None:
    """Remove a role, from everybody who has it too."""
    async with act(operator, Permission.MANAGE_USERS, tenant.id, events.RoleRemoved(role.name), now):
        await roles.delete(tenant.id, role.id)
