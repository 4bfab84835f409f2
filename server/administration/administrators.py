"""Administrators: people of the system tenant with memberships."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from server import audit, credentials, projections, roles, users
from server.audit import people_events
from server.kernel.paging import MAX_LIMIT, Paging
from server.roles import AdminRole, InvalidRole, Membership
from server.tenants import SYSTEM_SLUG

from . import users as user_acts
from .act import act, note
from .authorise import Permission, check_permitted
from .finding import Unknown, found, turn
from .owners import check_not_last_owner, check_other_owner

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.kernel.paging import Page
    from server.projections import MembershipLine
    from server.tenants import Tenant
    from server.users import User

    from .authorise import Operator

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class NewAdministrator:
    """Somebody to be made an administrator: of one tenant, or of the platform."""

    username: str
    password_hash: str = field(repr=False)
    role: AdminRole
    tenant: Tenant | None


@dataclass(frozen=True, slots=True)
class Administrator:
    """Somebody with a role: a person or a service account. `guarded` are the roles that nobody can take from them."""

    held: tuple[MembershipLine, ...]  # at least one
    guarded: tuple[MembershipLine, ...]


async def page(operator: Operator, system: Tenant, tenant: Tenant | None, paging: Paging) -> Page[MembershipLine]:
    """A page of who administers a tenant or, without one, anything; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, _where(system, tenant))
    return await projections.list_memberships(system.id, tenant.id if tenant else None, paging)


async def get(operator: Operator, system: Tenant, tenant: Tenant | None, user_id: UUID) -> Administrator:
    """One administrator as a tenant, or without one the platform, knows them; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.MANAGE_ADMINISTRATORS, _where(system, tenant))
    scope = tenant.id if tenant else None
    held = (await projections.list_memberships(system.id, scope, Paging(MAX_LIMIT), user_id)).items
    if not held:
        raise Unknown
    return Administrator(held, tuple([line for line in held if await _is_last(operator, system, line)]))


async def count_owners(operator: Operator, system: Tenant) -> int:
    """How many people own the platform and can sign in; raises NotPermitted."""
    check_permitted(operator, Permission.MANAGE_ADMINISTRATORS, system.id)
    return await projections.count_other_owners(system.id, None, NOBODY)


async def create(operator: Operator, system: Tenant, new: NewAdministrator, now: Instant) -> User:
    """Make an administrator; raises InvalidUser, InvalidRole, NotPermitted, and AlreadyExists for a taken name."""
    user = users.new_user(system.id, new.username, origin=operator.origin, now=now)
    users.check_user(user)
    membership = _membership(user.id, new.role, new.tenant)
    # Where a person would administer, the operator must be allowed to make administrators.
    check_permitted(operator, Permission.MANAGE_ADMINISTRATORS, _where(system, new.tenant))
    async with turn(system.id):
        await users.create(system.id, user)
        await credentials.set_password(system.id, user.id, new.password_hash, now)
        await roles.add_membership(system.id, membership, now)
        await note(operator, system.id, _added(membership, new.tenant), now)
    return user


async def add(
    operator: Operator, system: Tenant, username: str, role: AdminRole, *, tenant: Tenant | None, now: Instant
) -> User:
    """Let somebody who administers already do one thing more; idempotent.

    Raises InvalidRole, NotPermitted, and Unknown where there is no administrator of this name.
    """
    check_permitted(operator, Permission.MANAGE_ADMINISTRATORS, _where(system, tenant))
    user = found(await find(system, username))
    await give(operator, system, user.id, role, tenant=tenant, now=now)
    return user


async def give(
    operator: Operator, system: Tenant, user_id: UUID, role: AdminRole, *, tenant: Tenant | None, now: Instant
) -> None:
    """Give a role to an administrator or a service account; idempotent. Raises InvalidRole, NotPermitted, Unknown."""
    check_permitted(operator, Permission.MANAGE_ADMINISTRATORS, _where(system, tenant))
    membership = _membership(user_id, role, tenant)
    async with turn(system.id):
        if not await _administers(system, user_id):
            raise Unknown
        if await roles.add_membership(system.id, membership, now):
            await note(operator, system.id, _added(membership, tenant), now)


async def change_role(
    operator: Operator,
    system: Tenant,
    user_id: UUID,
    pair: tuple[AdminRole, AdminRole],
    *,
    tenant: Tenant,
    now: Instant,
) -> None:
    """Let somebody have another role in a tenant than before, given as (before, after).

    Raises InvalidRole, NotPermitted, Unknown, LastOwner.
    """
    before, after = pair
    if before is after:
        return
    async with turn(system.id):
        await give(operator, system, user_id, after, tenant=tenant, now=now)
        await take(operator, system, user_id, before, tenant=tenant, now=now)


async def take(
    operator: Operator, system: Tenant, user_id: UUID, role: AdminRole, *, tenant: Tenant | None, now: Instant
) -> None:
    """Take a role from an administrator or a service account.

    Raises NotPermitted, Unknown, and LastOwner: the platform keeps an owner, and only those who own the platform may
    leave a tenant without one.
    """
    check_permitted(operator, Permission.MANAGE_ADMINISTRATORS, _where(system, tenant))
    membership = _membership(user_id, role, tenant)
    async with turn(system.id):
        held = await roles.memberships_of(system.id, user_id)
        found(membership if membership in held else None)
        if _is_guarded(operator, role, membership.scope_tenant):
            await check_other_owner(system, membership.scope_tenant, user_id)
        await roles.remove_membership(system.id, membership)
        event = people_events.MembershipRemoved(user_id, role.value, tenant.slug if tenant else None)
        await note(operator, system.id, event, now)


async def discard(operator: Operator, system: Tenant, user_id: UUID, now: Instant) -> None:
    """Remove a person who administers from the platform; raises NotPermitted, Unknown, LastOwner."""
    event = people_events.AdministratorRemoved(user_id)
    async with turn(system.id), act(operator, Permission.MANAGE_ADMINISTRATORS, system.id, event, now):
        user = found(await users.find(system.id, user_id))
        await check_not_last_owner(system, user_id)
        await user_acts.remove(operator, system, user, now)
        await audit.remove_searches_of(system.id, user_id)


async def find(system: Tenant, username: str) -> User | None:
    """The administrator of this name, enabled or not."""
    return await users.find_by_identifier(system.id, username)


async def _administers(system: Tenant, user_id: UUID) -> bool:
    """Whether this is a person of the system tenant, or a program that has a role already."""
    return await users.find(system.id, user_id) is not None or bool(await roles.memberships_of(system.id, user_id))


async def _is_last(operator: Operator, system: Tenant, line: MembershipLine) -> bool:
    """Whether taking this role would leave nobody who owns the platform, or the tenant."""
    if not _is_guarded(operator, line.role, line.tenant_id):
        return False
    return not await projections.count_other_owners(system.id, line.tenant_id, line.user_id)


def _is_guarded(operator: Operator, role: AdminRole, scope: UUID | None) -> bool:
    """Whether somebody else has to own what this role owns, before it is taken by this operator."""
    is_owner = role in {AdminRole.PLATFORM_OWNER, AdminRole.TENANT_OWNER}
    return is_owner and not (operator.owns_platform and scope is not None)


def _where(system: Tenant, tenant: Tenant | None) -> UUID:
    """Where somebody must be allowed to manage administrators of a tenant or of the platform."""
    return tenant.id if tenant else system.id


def _membership(user_id: UUID, role: AdminRole, tenant: Tenant | None) -> Membership:
    if tenant is not None and tenant.slug == SYSTEM_SLUG:
        # Whoever managed the people of the system tenant could make themselves its owner.
        raise InvalidRole("the system tenant is administered by those who own the platform")
    membership = Membership(user_id, role, tenant.id if tenant else None)
    roles.check_membership(membership)
    return membership


def _added(membership: Membership, tenant: Tenant | None) -> people_events.MembershipAdded:
    return people_events.MembershipAdded(membership.user_id, membership.role.value, tenant.slug if tenant else None)
