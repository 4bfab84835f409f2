"""What an operator may do to the groups of a tenant: whoever may manage people manages these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import projections, roles, users
from server.audit import role_events as events

from .act import act, changes, note
from .authorise import Permission, check_permitted
from .finding import check_not_system, check_version, found, turn

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.paging import Page, Paging
    from server.projections import GroupFilter, GroupLine
    from server.roles import Group
    from server.tenants import Tenant

    from .authorise import Operator


async def page(operator: Operator, tenant: Tenant, shown: GroupFilter, paging: Paging) -> Page[GroupLine]:
    """A page of groups, by name; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await projections.list_groups(tenant.id, shown, paging)


async def get(operator: Operator, tenant: Tenant, group_id: UUID) -> Group:
    """One group; raises NotPermitted, Unknown. Who is in it is a list of people (`users.page`)."""
    check_permitted(operator, Permission.READ, tenant.id)
    return found(await roles.find_group(tenant.id, group_id))


async def names(operator: Operator, tenant: Tenant) -> frozenset[str]:
    """What the groups of a tenant are called, every one; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return frozenset(group.name for group in await roles.list_groups(tenant.id))


async def members_among(
    operator: Operator, tenant: Tenant, group: Group, user_ids: Collection[UUID]
) -> frozenset[UUID]:
    """Those of these people who are in a group; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await roles.members_among(tenant.id, group.id, user_ids)


async def define(operator: Operator, tenant: Tenant, group: Group, now: Instant) -> None:
    """Make a group; raises NotPermitted, Reserved, InvalidGroup, AlreadyExists."""
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    check_not_system(tenant)
    async with turn(tenant.id):
        await create(operator, tenant, group, now)


async def change(
    operator: Operator,
    tenant: Tenant,
    group_id: UUID,
    edit: Callable[[Group], Group],
    now: Instant,
    *,
    version: str | None = None,
) -> Group:
    """Let `edit` change a group, unless somebody did since `version`; the group as it is now. Who is in it stays.

    Raises NotPermitted, Unknown, Conflict, InvalidGroup, AlreadyExists.
    """
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        before = await get(operator, tenant, group_id)
        check_version(version, before)
        after = edit(before)
        if after != before:
            await update(operator, tenant, before, after, now)
        return after


async def discard(
    operator: Operator, tenant: Tenant, group_id: UUID, now: Instant, *, version: str | None = None
) -> None:
    """Remove a group; the people who were in it stay. Raises NotPermitted, Unknown, Conflict."""
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        group = await get(operator, tenant, group_id)
        check_version(version, group)
        await remove(operator, tenant, group, now)


async def admit(operator: Operator, tenant: Tenant, group_id: UUID, user_ids: Collection[UUID], now: Instant) -> int:
    """Put people who are there into a group, in one transaction; how many were not in it.

    Raises NotPermitted, Unknown.
    """
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        group = await get(operator, tenant, group_id)
        return sum([await _admit(operator, tenant, group, one, now) for one in user_ids])


async def dismiss(operator: Operator, tenant: Tenant, group_id: UUID, user_ids: Collection[UUID], now: Instant) -> int:
    """Take people out of a group, in one transaction; how many were in it. Raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        group = await get(operator, tenant, group_id)
        return sum([await _dismiss(operator, tenant, group, one, now) for one in user_ids])


async def join(operator: Operator, tenant: Tenant, user_id: UUID, names: Collection[str], now: Instant) -> int:
    """Put a person into groups, besides those that they are in; how many they were not in.

    Raises NotPermitted, Unknown, InvalidGroup.
    """
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        found(await users.find(tenant.id, user_id))
        known = await _known_groups(tenant, names)
        return sum([await _admit(operator, tenant, known[name], user_id, now) for name in names])


async def leave(operator: Operator, tenant: Tenant, user_id: UUID, group_ids: Collection[UUID], now: Instant) -> int:
    """Take a person out of groups; in how many of them they were. Raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        found(await users.find(tenant.id, user_id))
        chosen = [group for group in await roles.groups_of(tenant.id, user_id) if group.id in group_ids]
        return sum([await _dismiss(operator, tenant, group, user_id, now) for group in chosen])


async def create(operator: Operator, tenant: Tenant, group: Group, now: Instant) -> None:
    """Make a group; raises InvalidGroup, AlreadyExists."""
    roles.check_group(group)
    role_ids = await _role_ids(tenant, group)
    event = events.GroupCreated(group.id, group.name, group.roles)
    async with act(operator, Permission.MANAGE_USERS, tenant.id, event, now):
        await roles.create_group(tenant.id, group, role_ids, now)


async def update(operator: Operator, tenant: Tenant, before: Group, after: Group, now: Instant) -> None:
    """Give a group another name, description or roles; raises InvalidGroup, AlreadyExists."""
    roles.check_group(after)
    role_ids = await _role_ids(tenant, after)
    event = events.GroupUpdated(after.id, after.name, changes(before, after))
    async with act(operator, Permission.MANAGE_USERS, tenant.id, event, now):
        await roles.update_group(tenant.id, after, role_ids, now)


async def remove(operator: Operator, tenant: Tenant, group: Group, now: Instant) -> None:
    """Remove a group; the people who were in it stay."""
    event = events.GroupRemoved(group.id, group.name)
    async with act(operator, Permission.MANAGE_USERS, tenant.id, event, now):
        await roles.delete_group(tenant.id, group.id)


async def set_groups(operator: Operator, tenant: Tenant, user_id: UUID, names: Iterable[str], now: Instant) -> None:
    """Put a person into exactly these groups; raises InvalidGroup for one that the tenant does not have."""
    wanted, before = frozenset(names), await roles.groups_of(tenant.id, user_id)
    known = await _known_groups(tenant, wanted)
    for group in before:
        if group.name not in wanted:
            await _dismiss(operator, tenant, group, user_id, now)
    for name in sorted(wanted.difference(group.name for group in before)):
        await _admit(operator, tenant, known[name], user_id, now)


async def _admit(operator: Operator, tenant: Tenant, group: Group, user_id: UUID, now: Instant) -> bool:
    if await users.find(tenant.id, user_id) is None or not await roles.add_member(tenant.id, group.id, user_id, now):
        return False
    await note(operator, tenant.id, events.GroupMemberAdded(user_id, group.id, group.name), now)
    return True


async def _dismiss(operator: Operator, tenant: Tenant, group: Group, user_id: UUID, now: Instant) -> bool:
    if not await roles.remove_member(tenant.id, group.id, user_id):
        return False
    await note(operator, tenant.id, events.GroupMemberRemoved(user_id, group.id, group.name), now)
    return True


async def _known_groups(tenant: Tenant, names: Collection[str]) -> Mapping[str, Group]:
    """The tenant's groups by name; raises InvalidGroup unless these are among them."""
    known = {group.name: group for group in await roles.list_groups(tenant.id)}
    if unknown := sorted(set(names) - known.keys()):
        raise roles.InvalidGroup(f"no such group: {unknown[0]}")
    return known


async def _role_ids(tenant: Tenant, group: Group) -> list[UUID]:
    """The roles that a group gives; raises InvalidGroup for one that the tenant does not define."""
    known = {role.name: role.id for role in await roles.list_roles(tenant.id)}
    if unknown := [name for name in group.roles if name not in known]:
        raise roles.InvalidGroup(f"no such role: {unknown[0]}")
    return [known[name] for name in group.roles]
