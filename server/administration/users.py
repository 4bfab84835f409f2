"""What an operator may do to the people of a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import credentials, grants, projections, roles, sessions, trust, users
from server.audit import administration_events as events
from server.audit import people_events, role_events

from . import groups
from .act import act, changed_fields, note
from .authorise import Permission, check_permitted
from .finding import check_version, found, turn
from .owners import check_not_last_owner

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.paging import Page, Paging
    from server.projections import PersonFilter, PersonLine
    from server.roles import Affiliations
    from server.tenants import Tenant
    from server.users import User

    from .authorise import Operator


async def page(operator: Operator, tenant: Tenant, shown: PersonFilter, paging: Paging) -> Page[PersonLine]:
    """A page of people; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await projections.list_people(tenant.id, shown, paging)


async def get(operator: Operator, tenant: Tenant, user_id: UUID) -> User:
    """One person; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.READ, tenant.id)
    return found(await users.find(tenant.id, user_id))


async def roles_of(operator: Operator, tenant: Tenant, user_id: UUID) -> tuple[str, ...]:
    """The names of a person's roles, sorted; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await roles.roles_of(tenant.id, user_id)


async def affiliations_of(operator: Operator, tenant: Tenant, user_id: UUID) -> Affiliations:
    """A person's groups, and the roles that are their own or of one of their groups; raises NotPermitted."""
    check_permitted(operator, Permission.READ, tenant.id)
    return await roles.affiliations_of(tenant.id, user_id)


async def add(
    operator: Operator,
    tenant: Tenant,
    user: User,
    now: Instant,
    *,
    password_hash: str | None,
    role_names: tuple[str, ...] = (),
    group_names: tuple[str, ...] = (),
) -> User:
    """Make a person with roles, in groups.

    Raises NotPermitted, InvalidUser, InvalidRole, InvalidGroup, AlreadyExists.
    """
    async with turn(tenant.id):
        await create(operator, tenant, user, password_hash, now)
        if role_names:
            await give_roles(operator, tenant, user.id, role_names, now)
        if group_names:
            await groups.join(operator, tenant, user.id, group_names, now)
        return await get(operator, tenant, user.id)


async def change(
    operator: Operator,
    tenant: Tenant,
    user_id: UUID,
    edit: Callable[[User], User],
    now: Instant,
    *,
    version: str | None = None,
) -> User:
    """Let `edit` change a person, unless somebody did since `version`; the person as they are now.

    Raises NotPermitted, Unknown, Conflict, InvalidUser, AlreadyExists, LastOwner.
    """
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        before = await get(operator, tenant, user_id)
        check_version(version, before)
        after = edit(before)
        if after != before:
            if before.enabled and not after.enabled:
                await check_not_last_owner(tenant, user_id)
            await update(operator, tenant, before, after, now)
        return await get(operator, tenant, user_id)


async def discard(
    operator: Operator, tenant: Tenant, user_id: UUID, now: Instant, *, version: str | None = None
) -> None:
    """Remove a person; raises NotPermitted, Unknown, Conflict, LastOwner."""
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        user = await get(operator, tenant, user_id)
        check_version(version, user)
        await check_not_last_owner(tenant, user_id)
        await remove(operator, tenant, user, now)


async def set_password(operator: Operator, tenant: Tenant, user_id: UUID, password_hash: str, now: Instant) -> None:
    """Give a person another password, and end what they are signed in to; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        user = await get(operator, tenant, user_id)
        async with act(operator, Permission.MANAGE_USERS, tenant.id, people_events.UserPasswordSet(user_id), now):
            await credentials.set_password(tenant.id, user_id, password_hash, now)
            await _end_everything(tenant, user, now)


async def give_roles(
    operator: Operator, tenant: Tenant, user_id: UUID, names: tuple[str, ...], now: Instant
) -> tuple[str, ...]:
    """Give a person exactly these roles; what they had before. Raises NotPermitted, Unknown, InvalidRole."""
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    after = tuple(sorted(set(names)))
    async with turn(tenant.id):
        await get(operator, tenant, user_id)
        before = await roles.roles_of(tenant.id, user_id)
        if before != after:
            await set_roles(operator, tenant, user_id, before=before, after=after, now=now)
    return before


async def sign_out(operator: Operator, tenant: Tenant, user_id: UUID, now: Instant) -> tuple[int, int]:
    """End every session and every grant of a person; how many of each. Raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.MANAGE_USERS, tenant.id)
    async with turn(tenant.id):
        await get(operator, tenant, user_id)
        ended = await sessions.end_for_user(tenant.id, user_id, now)
        revoked = await grants.revoke_for_user(tenant.id, user_id, now)
        event = people_events.UserSignedOut(user_id, ended, revoked)
        await note(operator, tenant.id, event, now)
    return ended, revoked


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
    users.check_user(after, before)
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
        await roles.leave_groups(tenant.id, user.id)
        await roles.remove_memberships_of(tenant.id, user.id)
        await grants.forget_for_user(tenant.id, user.id)
        await trust.forget_person(tenant.id, user.id)
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
    event = role_events.UserRolesChanged(user_id, before, after)
    async with act(operator, Permission.MANAGE_USERS, tenant.id, event, now):
        await roles.set_roles(tenant.id, user_id, [known[name] for name in after], now)


async def _end_everything(tenant: Tenant, user: User, now: Instant) -> None:
    await sessions.end_for_user(tenant.id, user.id, now)
    await grants.revoke_for_user(tenant.id, user.id, now)
