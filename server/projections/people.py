"""The list of a tenant's people."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from server.kernel import database
from server.tenants import Origin
from server.users import identifier_key

from .listing import Key, Listing, contains

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.kernel.database import Row
    from server.kernel.paging import Page, Paging

_SELECT = """
SELECT p.id, p.username, p.username_key, p.email, p.email_verified, p.name, p.enabled, p.origin, p.created_at,
 p.updated_at FROM person p
"""
# What a search for people looks at, wherever a list joins `person p`; its values are `patterns_of_person`.
SEARCH_PERSON = r"""
(p.username_key LIKE ? ESCAPE '\' OR p.email_key LIKE ? ESCAPE '\' OR lower(p.name) LIKE ? ESCAPE '\')
"""
_HAS_ROLE = """
EXISTS (SELECT 1 FROM role_assignment a WHERE a.tenant_id = p.tenant_id AND a.user_id = p.id AND a.role_id = ?)
"""
_IS_IN_GROUP = """
EXISTS (SELECT 1 FROM group_member m WHERE m.tenant_id = p.tenant_id AND m.user_id = p.id AND m.group_id = ?)
"""


class PersonOrder(StrEnum):
    """How people are ordered."""

    USERNAME = "username"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class PersonFilter:
    """Which people are shown; what is None is not looked at."""

    search: str | None = None  # in username, address and name
    enabled: bool | None = None
    role_id: UUID | None = None
    group_id: UUID | None = None
    order: PersonOrder = PersonOrder.USERNAME


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person in the list."""

    id: UUID
    username: str
    email: str | None = field(repr=False)
    email_verified: bool
    name: str | None = field(repr=False)
    enabled: bool
    origin: Origin
    created_at: Instant
    updated_at: Instant


async def list_people(tenant_id: UUID, shown: PersonFilter, paging: Paging) -> Page[PersonLine]:
    """A page of people; raises BadCursor."""
    listing = Listing(_SELECT)
    listing.where("p.tenant_id = ?", tenant_id)
    if shown.search:
        listing.where(SEARCH_PERSON, *patterns_of_person(shown.search))
    if shown.enabled is not None:
        listing.where("p.enabled = ?", shown.enabled)
    if shown.role_id is not None:
        listing.where(_HAS_ROLE, shown.role_id)
    if shown.group_id is not None:
        listing.where(_IS_IN_GROUP, shown.group_id)
    if shown.order is PersonOrder.NEWEST:
        return await listing.page((Key("p.id", "id", UUID),), paging, _line, descending=True)
    return await listing.page((Key("p.username_key", "username_key", str),), paging, _line)


def patterns_of_person(text: str) -> tuple[str, str, str]:
    """The values of `SEARCH_PERSON`, for people in whose username, address or name a text is."""
    pattern = contains(identifier_key(text))
    return pattern, pattern, pattern


def _line(row: Row) -> PersonLine:
    return PersonLine(
        id=database.as_uuid(row["id"]),
        username=str(row["username"]),
        email=database.as_optional_text(row["email"]),
        email_verified=database.as_bool(row["email_verified"]),
        name=database.as_optional_text(row["name"]),
        enabled=database.as_bool(row["enabled"]),
        origin=Origin(str(row["origin"])),
        created_at=database.as_int(row["created_at"]),
        updated_at=database.as_int(row["updated_at"]),
    )
