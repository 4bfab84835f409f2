"""What an operator may do to the roles of a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import roles
from server.audit import administration_events as events

from .act import act
from .authorise import Permission

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.roles import Role
    from server.tenants import Tenant

    from .authorise import Operator


async def create(operator: Operator, tenant: Tenant, role: Role, now: Instant) -> None:
    """Define a role; raises InvalidRole, AlreadyExists."""
    roles.check_role_name(role.name)
    async with act(operator, Permission.MANAGE_USERS, tenant.id, events.RoleCreated(role.name), now):
        await roles.create(tenant.id, role, now)


async def remove(operator: Operator, tenant: Tenant, role: Role, now: Instant) -> None:
    """Remove a role, from everybody who has it too."""
    async with act(operator, Permission.MANAGE_USERS, tenant.id, events.RoleRemoved(role.name), now):
        await roles.delete(tenant.id, role.id)
