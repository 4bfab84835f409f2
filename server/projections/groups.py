"""The list of a tenant's groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import roles
from server.kernel import database
from server.kernel.paging import Page
from server.tenants import Origin

from .listing import Key, Listing, contains

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.database import Row
    from server.kernel.paging import Paging

_SELECT = """
SELECT g.id, g.name, g.description, g.origin,
 (SELECT count(*) FROM group_member m WHERE m.tenant_id = g.tenant_id AND m.group_id = g.id) AS members
FROM person_group g
"""
_MATCHES = r"(lower(g.name) LIKE ? ESCAPE '\' OR lower(g.description) LIKE ? ESCAPE '\')"
_HAS_MEMBER = """
EXISTS (SELECT 1 FROM group_member m WHERE m.tenant_id = g.tenant_id AND m.group_id = g.id AND m.user_id = ?)
"""
_GIVES_ROLE = """
EXISTS (SELECT 1 FROM group_role r WHERE r.tenant_id = g.tenant_id AND r.group_id = g.id AND r.role_id = ?)
"""


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """Which groups are shown; what is None is not looked at."""

    search: str | None = None  # in name and description
    user_id: UUID | None = None  # who is in them
    role_id: UUID | None = None  # what they give


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One group in the list."""

    id: UUID
    name: str
    description: str
    origin: Origin
    roles: tuple[str, ...]
    members: int


async def list_groups(tenant_id: UUID, shown: GroupFilter, paging: Paging) -> Page[GroupLine]:
    """A page of groups, by name; raises BadCursor. Two queries."""
    listing = Listing(_SELECT)
    listing.where("g.tenant_id = ?", tenant_id)
    if shown.search:
        pattern = contains(shown.search.lower())
        listing.where(_MATCHES, pattern, pattern)
    if shown.user_id is not None:
        listing.where(_HAS_MEMBER, shown.user_id)
    if shown.role_id is not None:
        listing.where(_GIVES_ROLE, shown.role_id)
    found = await listing.page((Key("g.name", "name", str),), paging, lambda row: row)
    given = await roles.roles_of_groups(tenant_id, [database.as_uuid(row["id"]) for row in found.items])
    return Page(tuple(_line(row, given.get(database.as_uuid(row["id"]), ())) for row in found.items), found.next_cursor)


def _line(row: Row, given: tuple[str, ...]) -> GroupLine:
    return GroupLine(
        id=database.as_uuid(row["id"]),
        name=str(row["name"]),
        description=str(row["description"]),
        origin=Origin(str(row["origin"])),
        roles=given,
        members=database.as_int(row["members"]),
    )
