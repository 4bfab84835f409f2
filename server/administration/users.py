"""What an operator may do to the people of a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import credentials, grants, roles, sessions, users
from server.audit import administration_events as events

from .act import act, changed_fields
from .authorise import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.tenants import Tenant
    from server.users import User

    from .authorise import Operator


async def create(operator: Operator, tenant: Tenant, user: User, password_hash: str | None, now: Instant) -> None:
    """Make a person; raises InvalidUser, and AlreadyExists when username or address are taken."""
    users.check_user(user)
    event = events.UserCreated(user.id, has_password=password_hash is not None)
    async with act(operator, Permission.MANAGE_USERS, tenant.id, event, now):
        await users.create(tenant.id, user)
        if password_hash is not None:
            await credentials.set_password(tenant.id, user.id, password_hash, now)


async def update(operator: Operator, tenant: Tenant, before: User, after: User, now: Instant) -> None:
    """Change what is known of a person; raises InvalidUser, AlreadyExists. A person who is disabled is signed out."""
    users.check_user(after)
    event = events.UserUpdated(before.id, changed_fields(before, after))
    async with act(operator, Permission.MANAGE_USERS, tenant.id, event, now):
        await users.update(tenant.id, before, after, now)
        if before.enabled and not after.enabled:
            await _end_everything(tenant, before, now)


async def remove(operator: Operator, tenant: Tenant, user: User, now: Instant) -> None:
    """Remove a person with everything that hangs on them; the audit log keeps their id."""
    async with act(operator, Permission.MANAGE_USERS, tenant.id, events.UserRemoved(user.id), now):
        await _end_everything(tenant, user, now)
        await credentials.remove_password(tenant.id, user.id)
        await roles.unassign_all(tenant.id, user.id)
        await grants.forget_for_user(tenant.id, user.id)
        await users.delete(tenant.id, user.id)


async def set_roles(
    operator: Operator,
    tenant: Tenant,
    user_id: UUID,
    *,
    before: tuple[str, ...],
    after: tuple[str, ...],
    now: Instant,
) -> None:
    """Give a person exactly these roles; raises InvalidRole for one that the tenant does not define."""
    known = {role.name: role.id for role in await roles.list_roles(tenant.id)}
    unknown = [name for name in after if name not in known]
    if unknown:
        raise roles.InvalidRole(f"no such role: {unknown[0]}")
    event = events.UserRolesChanged(user_id, before, after)
    async with act(operator, Permission.MANAGE_USERS, tenant.id, event, now):
        await roles.set_roles(tenant.id, user_id, [known[name] for name in after], now)


async def _end_everything(tenant: Tenant, user: User, now: Instant) -> None:
    await sessions.end_for_user(tenant.id, user.id, now)
    await grants.revoke_for_user(tenant.id, user.id, now)
