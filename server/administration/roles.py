"""What an operator may do to the roles of a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import roles, users
from server.audit import role_events as events
from server.kernel.paging import page_of

from .act import act, changes, note
from .authorise import Permission, check_permitted
from .finding import check_not_system, check_version, found, turn

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.paging import Page, Paging
    from server.roles import Role
    from server.tenants import Tenant

    from .authorise import Operator


async def page(operator: Operator, tenant: Tenant, paging: Paging, search: str = "") -> Page[Role]:
    """A page of the roles that the tenant defines, by name or description; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, tenant.id)
    defined = await roles.list_roles(tenant.id)
    shown = (role for role in defined if search.lower() in f"{role.name}\n{role.description}".lower())
    return page_of(shown, lambda role: role.name, paging)


async def get(operator: Operator, tenant: Tenant, name: str) -> Role:
    """One role; raises NotPermitted, Unknown. Who has it is a list of people (`users.page`)."""
    check_permitted(operator, Permission.READ, tenant.id)
    return found(next((role for role in await roles.list_roles(tenant.id) if role.name == name), None))


async def get_by_id(operator: Operator, tenant: Tenant, role_id: UUID) -> Role:
    """The same, for whom it has another name by now; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.READ, tenant.id)
    return found(next((role for role in await roles.list_roles(tenant.id) if role.id == role_id), None))


async def names(operator: Operator, tenant: Tenant) -> frozenset[str]:
    """What the roles of a tenant are called, every one; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return frozenset(role.name for role in await roles.list_roles(tenant.id))


async def count_holders(operator: Operator, tenant: Tenant) -> Mapping[UUID, int]:
    """How many people have each role of their own; a role that nobody has so is not in it. Raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await roles.count_holders(tenant.id)


async def count_groups(operator: Operator, tenant: Tenant) -> Mapping[UUID, int]:
    """How many groups give each role; a role that none gives is not in it. Raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await roles.count_groups_giving(tenant.id)


async def holders_among(operator: Operator, tenant: Tenant, role: Role, user_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of these people who have a role; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await roles.holders_among(tenant.id, role.id, user_ids)


async def define(operator: Operator, tenant: Tenant, role: Role, now: Instant) -> None:
    """Define a role; raises NotPermitted, Reserved, InvalidRole, AlreadyExists."""
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    check_not_system(tenant)
    async with turn(tenant.id):
        await create(operator, tenant, role, now)


async def change(
    operator: Operator,
    tenant: Tenant,
    name: str,
    edit: Callable[[Role], Role],
    now: Instant,
    *,
    version: str | None = None,
) -> Role:
    """Let `edit` change a role, unless somebody did since `version`; the role as it is now. Who has it keeps it.

    Raises NotPermitted, Unknown, Conflict, InvalidRole, AlreadyExists.
    """
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        before = await get(operator, tenant, name)
        check_version(version, before)
        after = edit(before)
        if after != before:
            await update(operator, tenant, before, after, now)
        return after


async def discard(operator: Operator, tenant: Tenant, name: str, now: Instant, *, version: str | None = None) -> None:
    """Remove a role, from everybody who has it and every group that gives it.

    Raises NotPermitted, Unknown, Conflict.
    """
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        role = await get(operator, tenant, name)
        check_version(version, role)
        await remove(operator, tenant, role, now)


async def give(operator: Operator, tenant: Tenant, name: str, user_ids: Collection[UUID], now: Instant) -> int:
    """Give a role to people who are there, in one transaction; how many had it not. Raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        role = await get(operator, tenant, name)
        return sum([await _give(operator, tenant, role, user_id, now) for user_id in user_ids])


async def take(operator: Operator, tenant: Tenant, name: str, user_ids: Collection[UUID], now: Instant) -> int:
    """Take a role from people, in one transaction; how many had it. Raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        role = await get(operator, tenant, name)
        return sum([await _take(operator, tenant, role, user_id, now) for user_id in user_ids])


async def create(operator: Operator, tenant: Tenant, role: Role, now: Instant) -> None:
    """Define a role; raises InvalidRole, AlreadyExists."""
    roles.check_definition(role)
    async with act(operator, Permission.MANAGE_USERS, tenant.id, events.RoleCreated(role.name), now):
        await roles.create(tenant.id, role, now)


async def update(operator: Operator, tenant: Tenant, before: Role, after: Role, now: Instant) -> None:
    """Give a role another name or description; raises InvalidRole, AlreadyExists."""
    roles.check_definition(after)
    event = events.RoleUpdated(after.name, changes(before, after))
    async with act(operator, Permission.MANAGE_USERS, tenant.id, event, now):
        await roles.update(tenant.id, after)


async def remove(operator: Operator, tenant: Tenant, role: Role, now: Instant) -> None:
    """Remove a role, from everybody who has it and every group that gives it."""
    async with act(operator, Permission.MANAGE_USERS, tenant.id, events.RoleRemoved(role.name), now):
        await roles.delete(tenant.id, role.id)


async def _give(operator: Operator, tenant: Tenant, role: Role, user_id: UUID, now: Instant) -> bool:
    before = await roles.roles_of(tenant.id, user_id)
    if await users.find(tenant.id, user_id) is None or not await roles.assign(tenant.id, user_id, role.id, now):
        return False
    event = events.UserRolesChanged(user_id, before, tuple(sorted((*before, role.name))))
    await note(operator, tenant.id, event, now)
    return True


async def _take(operator: Operator, tenant: Tenant, role: Role, user_id: UUID, now: Instant) -> bool:
    before = await roles.roles_of(tenant.id, user_id)
    if not await roles.unassign(tenant.id, user_id, role.id):
        return False
    event = events.UserRolesChanged(user_id, before, tuple(name for name in before if name != role.name))
    await note(operator, tenant.id, event, now)
    return True
