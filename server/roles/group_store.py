"""Queries over groups: their roles and their members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database, ids, lists
from server.tenants import Origin

from .affiliation_store import changing
from .records import Group

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.rows import Row

_LIST = """
SELECT p.id, p.name, p.origin, p.description, r.name AS role FROM person_group p
LEFT JOIN group_role g ON g.tenant_id = p.tenant_id AND g.group_id = p.id
LEFT JOIN role r ON r.tenant_id = g.tenant_id AND r.id = g.role_id
WHERE p.tenant_id = $1
"""
_FIND = f"{_LIST} AND p.id = $2"
_ROLES_OF_GROUPS = """
SELECT g.group_id, r.name FROM group_role g JOIN role r ON r.tenant_id = g.tenant_id AND r.id = g.role_id
WHERE g.tenant_id = $1 AND g.group_id {among}
"""
_HAS_MEMBER = "p.id IN (SELECT m.group_id FROM group_member m WHERE m.tenant_id = $1 AND m.user_id = $2)"
_GROUPS_OF = f"{_LIST} AND {_HAS_MEMBER}"
_ALL_MEMBERS = """
SELECT m.user_id, p.name FROM group_member m JOIN person_group p ON p.tenant_id = m.tenant_id AND p.id = m.group_id
WHERE m.tenant_id = $1
"""
_COUNT_GIVING = "SELECT role_id, count(*) AS total FROM group_role WHERE tenant_id = $1 GROUP BY role_id"
_MEMBERS_AMONG = "SELECT user_id FROM group_member WHERE tenant_id = $1 AND group_id = $2 AND user_id {among}"
_INSERT = """
INSERT INTO person_group (id, tenant_id, name, description, origin, created_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
_UPDATE = "UPDATE person_group SET name = $3, description = $4 WHERE tenant_id = $1 AND id = $2"
_DELETE = "DELETE FROM person_group WHERE tenant_id = $1 AND id = $2"
_DELETE_MEMBERS = "DELETE FROM group_member WHERE tenant_id = $1 AND group_id = $2"
_DELETE_ROLES = "DELETE FROM group_role WHERE tenant_id = $1 AND group_id = $2"
_ADD_ROLE = "INSERT INTO group_role (id, tenant_id, group_id, role_id, created_at) VALUES ($1, $2, $3, $4, $5)"
_ADD_MEMBER = """
INSERT INTO group_member (id, tenant_id, group_id, user_id, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, group_id, user_id) DO NOTHING
"""
_REMOVE_MEMBER = "DELETE FROM group_member WHERE tenant_id = $1 AND group_id = $2 AND user_id = $3"
_LEAVE = "DELETE FROM group_member WHERE tenant_id = $1 AND user_id = $2"


async def list_groups(tenant_id: UUID) -> tuple[Group, ...]:
    """Every group of a tenant, by name."""
    return _groups(await database.rows(_LIST, tenant_id))


async def find_group(tenant_id: UUID, group_id: UUID) -> Group | None:
    """The group with this id."""
    return next(iter(_groups(await database.rows(_FIND, tenant_id, group_id))), None)


async def roles_of_groups(tenant_id: UUID, group_ids: Collection[UUID]) -> Mapping[UUID, tuple[str, ...]]:
    """The names of the roles that groups give, sorted; a group that gives none is not in it."""
    sql = _ROLES_OF_GROUPS.format(among=lists.among("$2"))
    rows = await database.rows(sql, tenant_id, lists.as_argument(group_ids))
    return _names_by((database.as_uuid(row["group_id"]), str(row["name"])) for row in rows)


async def count_groups_giving(tenant_id: UUID) -> Mapping[UUID, int]:
    """How many groups give each role; a role that none gives is not in it."""
    rows = await database.rows(_COUNT_GIVING, tenant_id)
    return {database.as_uuid(row["role_id"]): database.as_int(row["total"]) for row in rows}


async def groups_of(tenant_id: UUID, user_id: UUID) -> tuple[Group, ...]:
    """The groups that a person is in, by name."""
    return _groups(await database.rows(_GROUPS_OF, tenant_id, user_id))


async def list_groups_by_person(tenant_id: UUID) -> Mapping[UUID, tuple[str, ...]]:
    """The names of everybody's groups, sorted, by person."""
    rows = await database.rows(_ALL_MEMBERS, tenant_id)
    return _names_by((database.as_uuid(row["user_id"]), str(row["name"])) for row in rows)


async def members_among(tenant_id: UUID, group_id: UUID, user_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of these people who are in a group."""
    sql = _MEMBERS_AMONG.format(among=lists.among("$3"))
    rows = await database.rows(sql, tenant_id, group_id, lists.as_argument(user_ids))
    return frozenset(database.as_uuid(row["user_id"]) for row in rows)


async def create_group(tenant_id: UUID, group: Group, role_ids: Iterable[UUID], now: Instant) -> None:
    """Store a new group that gives these roles; raises AlreadyExists."""
    columns = (group.name, group.description, group.origin.value)
    async with changing(tenant_id):
        await database.execute(_INSERT, group.id, tenant_id, *columns, now)
        await _set_roles(tenant_id, group.id, role_ids, now)


async def update_group(tenant_id: UUID, group: Group, role_ids: Iterable[UUID], now: Instant) -> None:
    """Write name, description and roles of a group; who is in it stays. Raises AlreadyExists."""
    async with changing(tenant_id):
        await database.execute(_UPDATE, tenant_id, group.id, group.name, group.description)
        await _set_roles(tenant_id, group.id, role_ids, now)


async def delete_group(tenant_id: UUID, group_id: UUID) -> bool:
    """Remove a group, with who is in it and what it gives; false when there was none."""
    async with changing(tenant_id):
        await database.execute(_DELETE_MEMBERS, tenant_id, group_id)
        await database.execute(_DELETE_ROLES, tenant_id, group_id)
        return await database.execute(_DELETE, tenant_id, group_id) == 1


async def add_member(tenant_id: UUID, group_id: UUID, user_id: UUID, now: Instant) -> bool:
    """Put a person into a group; idempotent, true for the call that did."""
    async with changing(tenant_id):
        return await database.execute(_ADD_MEMBER, ids.uuid7(), tenant_id, group_id, user_id, now) == 1


async def remove_member(tenant_id: UUID, group_id: UUID, user_id: UUID) -> bool:
    """Take a person out of a group; idempotent, true for the call that did."""
    async with changing(tenant_id):
        return await database.execute(_REMOVE_MEMBER, tenant_id, group_id, user_id) == 1


async def leave_groups(tenant_id: UUID, user_id: UUID) -> None:
    """Take a person out of every group."""
    async with changing(tenant_id):
        await database.execute(_LEAVE, tenant_id, user_id)


async def _set_roles(tenant_id: UUID, group_id: UUID, role_ids: Iterable[UUID], now: Instant) -> None:
    await database.execute(_DELETE_ROLES, tenant_id, group_id)
    for role_id in role_ids:
        await database.execute(_ADD_ROLE, ids.uuid7(), tenant_id, group_id, role_id, now)


def _names_by(pairs: Iterable[tuple[UUID, str]]) -> dict[UUID, tuple[str, ...]]:
    found: dict[UUID, list[str]] = {}
    for key, name in pairs:
        found.setdefault(key, []).append(name)
    return {key: tuple(sorted(names)) for key, names in found.items()}


def _groups(rows: Sequence[Row]) -> tuple[Group, ...]:
    """Groups by name; each has one row for each of its roles, and one where it gives none."""
    given = _names_by((database.as_uuid(row["id"]), str(row["role"])) for row in rows if row["role"] is not None)
    by_id = {database.as_uuid(row["id"]): row for row in rows}
    found = (
        Group(
            id=group_id,
            name=str(row["name"]),
            origin=Origin(str(row["origin"])),
            description=str(row["description"]),
            roles=given.get(group_id, ()),
        )
        for group_id, row in by_id.items()
    )
    return tuple(sorted(found, key=lambda group: group.name))
