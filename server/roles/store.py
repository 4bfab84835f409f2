"""Queries over roles, their assignments, and administrators' memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from server.kernel import database, ids, lists
from server.tenants import Origin

from .affiliation_store import changing
from .models import RoleRow
from .records import AdminRole, Membership, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from server.kernel.clock import Instant

PLATFORM_SCOPE = "*"

_ROLES_OF = """
SELECT r.name FROM role r JOIN role_assignment a ON a.tenant_id = r.tenant_id AND a.role_id = r.id
WHERE a.tenant_id = $1 AND a.user_id = $2 ORDER BY r.name
"""
_ALL_ASSIGNMENTS = """
SELECT a.user_id, r.name FROM role_assignment a JOIN role r ON a.tenant_id = r.tenant_id AND a.role_id = r.id
WHERE a.tenant_id = $1 ORDER BY r.name
"""
_LIST = "SELECT id, name, origin, description FROM role WHERE tenant_id = $1 ORDER BY name"
_DELETE = "DELETE FROM role WHERE tenant_id = $1 AND id = $2"
_DELETE_ASSIGNMENTS_OF_ROLE = "DELETE FROM role_assignment WHERE tenant_id = $1 AND role_id = $2"
_DELETE_FROM_GROUPS = "DELETE FROM group_role WHERE tenant_id = $1 AND role_id = $2"
_DELETE_ASSIGNMENTS_OF_USER = "DELETE FROM role_assignment WHERE tenant_id = $1 AND user_id = $2"
_HOLDERS = "SELECT user_id FROM role_assignment WHERE tenant_id = $1 AND role_id = $2 AND user_id "
_COUNT_HOLDERS = "SELECT role_id, count(*) AS total FROM role_assignment WHERE tenant_id = $1 GROUP BY role_id"
_UNASSIGN = "DELETE FROM role_assignment WHERE tenant_id = $1 AND user_id = $2 AND role_id = $3"
_ASSIGN = """
INSERT INTO role_assignment (id, tenant_id, user_id, role_id, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, user_id, role_id) DO NOTHING
"""
_MEMBERSHIPS_OF = """
SELECT user_id, role, scope_tenant FROM membership WHERE tenant_id = $1 AND user_id = $2 ORDER BY scope_tenant, role
"""
_ADD_MEMBERSHIP = """
INSERT INTO membership (id, tenant_id, user_id, role, scope_tenant, created_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant_id, user_id, scope_tenant, role) DO NOTHING
"""
_REMOVE_MEMBERSHIP = """
DELETE FROM membership WHERE tenant_id = $1 AND user_id = $2 AND scope_tenant = $3 AND role = $4
"""
_REMOVE_MEMBERSHIPS_OF = "DELETE FROM membership WHERE tenant_id = $1 AND user_id = $2"
_REMOVE_MEMBERSHIPS_IN = "DELETE FROM membership WHERE tenant_id = $1 AND scope_tenant = $2"


async def roles_of(tenant_id: UUID, user_id: UUID) -> tuple[str, ...]:
    """The names of a person's roles, sorted."""
    return tuple(str(row["name"]) for row in await database.rows(_ROLES_OF, tenant_id, user_id))


async def list_assignments(tenant_id: UUID) -> Mapping[UUID, tuple[str, ...]]:
    """The names of everybody's roles, sorted, by person."""
    found: dict[UUID, tuple[str, ...]] = {}
    for row in await database.rows(_ALL_ASSIGNMENTS, tenant_id):
        user_id = database.as_uuid(row["user_id"])
        found[user_id] = (*found.get(user_id, ()), str(row["name"]))
    return found


async def list_roles(tenant_id: UUID) -> tuple[Role, ...]:
    """Every role that a tenant defines, by name."""
    return tuple(
        Role(database.as_uuid(row["id"]), str(row["name"]), Origin(str(row["origin"])), str(row["description"]))
        for row in await database.rows(_LIST, tenant_id)
    )


async def create(tenant_id: UUID, role: Role, now: Instant) -> None:
    """Store a new role; raises AlreadyExists."""
    columns = {"name": role.name, "description": role.description, "origin": role.origin.value}
    await RoleRow(id=role.id, tenant_id=tenant_id, created_at=now, **columns).save(force_create=True)


async def update(tenant_id: UUID, role: Role) -> None:
    """Give a role another name or description; who has it keeps it. Raises AlreadyExists."""
    async with changing(tenant_id):
        await RoleRow.filter(tenant_id=tenant_id, id=role.id).update(name=role.name, description=role.description)


async def delete(tenant_id: UUID, role_id: UUID) -> bool:
    """Remove a role, from everybody who has it and every group that gives it; false when there was none."""
    async with changing(tenant_id):
        await database.execute(_DELETE_ASSIGNMENTS_OF_ROLE, tenant_id, role_id)
        await database.execute(_DELETE_FROM_GROUPS, tenant_id, role_id)
        return await database.execute(_DELETE, tenant_id, role_id) == 1


async def holders_among(tenant_id: UUID, role_id: UUID, user_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of these people who have a role."""
    sql = _HOLDERS + lists.among("$3")
    rows = await database.rows(sql, tenant_id, role_id, lists.as_argument(user_ids))
    return frozenset(database.as_uuid(row["user_id"]) for row in rows)


async def count_holders(tenant_id: UUID) -> Mapping[UUID, int]:
    """How many people have each role of their own; a role that nobody has so is not in it."""
    rows = await database.rows(_COUNT_HOLDERS, tenant_id)
    return {database.as_uuid(row["role_id"]): database.as_int(row["total"]) for row in rows}


async def assign(tenant_id: UUID, user_id: UUID, role_id: UUID, now: Instant) -> bool:
    """Give a person a role; idempotent, true for the call that gave it."""
    async with changing(tenant_id):
        return await database.execute(_ASSIGN, ids.uuid7(), tenant_id, user_id, role_id, now) == 1


async def unassign(tenant_id: UUID, user_id: UUID, role_id: UUID) -> bool:
    """Take a role from a person; idempotent, true for the call that took it."""
    async with changing(tenant_id):
        return await database.execute(_UNASSIGN, tenant_id, user_id, role_id) == 1


async def unassign_all(tenant_id: UUID, user_id: UUID) -> None:
    """Take every role from a person."""
    async with changing(tenant_id):
        await database.execute(_DELETE_ASSIGNMENTS_OF_USER, tenant_id, user_id)


async def set_roles(tenant_id: UUID, user_id: UUID, role_ids: Iterable[UUID], now: Instant) -> None:
    """Give a person exactly these roles."""
    async with database.transaction():
        await unassign_all(tenant_id, user_id)
        for role_id in role_ids:
            await assign(tenant_id, user_id, role_id, now)


async def memberships_of(tenant_id: UUID, user_id: UUID) -> tuple[Membership, ...]:
    """What an administrator may do, and where. The tenant is the administrator's own: the system tenant."""
    return tuple(_membership(row) for row in await database.rows(_MEMBERSHIPS_OF, tenant_id, user_id))


async def add_membership(tenant_id: UUID, membership: Membership, now: Instant) -> bool:
    """Make somebody an administrator; idempotent, true for the call that did."""
    scope = _scope(membership.scope_tenant)
    row_id, role = ids.uuid7(), membership.role.value
    return await database.execute(_ADD_MEMBERSHIP, row_id, tenant_id, membership.user_id, role, scope, now) == 1


async def remove_membership(tenant_id: UUID, membership: Membership) -> bool:
    """Take a role from an administrator; idempotent, true for the call that took it."""
    scope, role = _scope(membership.scope_tenant), membership.role.value
    return await database.execute(_REMOVE_MEMBERSHIP, tenant_id, membership.user_id, scope, role) == 1


async def remove_memberships_of(tenant_id: UUID, user_id: UUID) -> int:
    """Take every right from somebody who administers; how many there were."""
    return await database.execute(_REMOVE_MEMBERSHIPS_OF, tenant_id, user_id)


async def remove_memberships_in(tenant_id: UUID, administered: UUID) -> int:
    """Let nobody administer a tenant any more; how many memberships there were."""
    return await database.execute(_REMOVE_MEMBERSHIPS_IN, tenant_id, str(administered))


def _scope(tenant_id: UUID | None) -> str:
    return PLATFORM_SCOPE if tenant_id is None else str(tenant_id)


def _membership(row: Mapping[str, object]) -> Membership:
    scope = str(row["scope_tenant"])
    return Membership(
        user_id=database.as_uuid(row["user_id"]),
        role=AdminRole(str(row["role"])),
        scope_tenant=None if scope == PLATFORM_SCOPE else UUID(scope),
    )
