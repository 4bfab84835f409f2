"""The list of administrators: people and service accounts of the system tenant, with what they may do and where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from server.kernel import database
from server.roles import AdminRole

from .listing import Key, Listing

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.kernel.database import Row
    from server.kernel.paging import Page, Paging

_PLATFORM = "*"  # as the column has it
_SELECT = """
SELECT m.id, m.user_id, m.role, m.scope_tenant, m.created_at, p.username, p.name, p.enabled AS person_enabled,
 c.client_id, c.enabled AS client_enabled
FROM membership m LEFT JOIN person p ON p.tenant_id = m.tenant_id AND p.id = m.user_id
 LEFT JOIN client c ON c.tenant_id = m.tenant_id AND c.id = m.user_id
"""
_SLUGS = "SELECT id, slug FROM tenant WHERE id IN "
# People only: a program that is lost cannot let anybody in again.
_OTHER_OWNERS = """
SELECT count(*) AS total FROM membership m JOIN person p ON p.tenant_id = m.tenant_id AND p.id = m.user_id
WHERE m.tenant_id = $1 AND m.scope_tenant = $2 AND m.role = $3 AND m.user_id <> $4 AND p.enabled
"""


@dataclass(frozen=True, slots=True)
class MembershipLine:
    """One role of one administrator."""

    user_id: UUID  # of a person of the system tenant, or of a client of it
    username: str | None  # None: a service account
    name: str | None
    client_id: str | None  # of a service account
    enabled: bool
    role: AdminRole
    tenant_id: UUID | None  # None: the platform
    tenant: str | None
    created_at: Instant


async def list_memberships(
    tenant_id: UUID, scope: UUID | None, paging: Paging, user_id: UUID | None = None
) -> Page[MembershipLine]:
    """A page of the administrators of one tenant or, without a scope, of everything; or only of one. Raises BadCursor.

    `tenant_id` is the system tenant.
    """
    listing = Listing(_SELECT)
    listing.where("m.tenant_id = ?", tenant_id)
    if scope is not None:
        listing.where("m.scope_tenant = ?", str(scope))
    if user_id is not None:
        listing.where("m.user_id = ?", user_id)
    page = await listing.page((Key("m.id", "id", UUID),), paging, _line)
    return replace(page, items=await _named(page.items))


async def count_other_owners(tenant_id: UUID, scope: UUID | None, user_id: UUID) -> int:
    """How many enabled people besides one own a tenant or, without a scope, the platform."""
    role = AdminRole.PLATFORM_OWNER if scope is None else AdminRole.TENANT_OWNER
    where = _PLATFORM if scope is None else str(scope)
    row = await database.row(_OTHER_OWNERS, tenant_id, where, role.value, user_id)
    return database.as_int(row["total"]) if row else 0


async def _named(lines: tuple[MembershipLine, ...]) -> tuple[MembershipLine, ...]:
    """The same with the slugs of the tenants. A membership names its tenant by text, which no join would find."""
    wanted = tuple({line.tenant_id for line in lines if line.tenant_id is not None})
    if not wanted:
        return lines
    places = ", ".join(f"${number}" for number in range(1, len(wanted) + 1))
    slugs = {
        database.as_uuid(row["id"]): str(row["slug"]) for row in await database.rows(f"{_SLUGS}({places})", *wanted)
    }
    return tuple(replace(line, tenant=slugs.get(line.tenant_id)) if line.tenant_id else line for line in lines)


def _line(row: Row) -> MembershipLine:
    is_person = row["username"] is not None
    return MembershipLine(
        user_id=database.as_uuid(row["user_id"]),
        username=database.as_optional_text(row["username"]),
        name=database.as_optional_text(row["name"]),
        client_id=database.as_optional_text(row["client_id"]),
        enabled=database.as_bool(row["person_enabled"] if is_person else row["client_enabled"]),
        role=AdminRole(str(row["role"])),
        tenant_id=None if row["scope_tenant"] == _PLATFORM else UUID(str(row["scope_tenant"])),
        tenant=None,
        created_at=database.as_int(row["created_at"]),
    )
