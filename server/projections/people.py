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
_HOLDERS = "FROM role_assignment WHERE tenant_id = {tenant} AND role_id = {circle}"
_MEMBERS = "FROM group_member WHERE tenant_id = {tenant} AND group_id = {circle}"
# So many who have a role, or are in a group, are looked up and sorted. Where they are more, people are gone through in
# the order of the list until a page is full: of 100,000 that would take half a second for a group of five, and sorting
# as long for a group of all.
MOST_SORTED = 20_000


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
    circles = ((_HOLDERS, shown.role_id), (_MEMBERS, shown.group_id))
    are_few = [await _narrow(listing, circle, tenant_id, its_id) for circle, its_id in circles if its_id is not None]
    if shown.order is PersonOrder.NEWEST:
        return await listing.page((Key("p.id", "id", UUID),), paging, _line, descending=True)
    # No index has the order of an expression, so that no planner hopes to fill the page soon by one.
    column = "p.username_key || ''" if any(are_few) else "p.username_key"
    return await listing.page((Key(column, "username_key", str),), paging, _line)


async def _narrow(listing: Listing, circle: str, tenant_id: UUID, circle_id: UUID) -> bool:
    """Show only who has a role, or is in a group; whether these are few."""
    one_too_many = f"SELECT 1 AS found {circle.format(tenant='$1', circle='$2')} LIMIT 1 OFFSET $3"
    are_few = await database.row(one_too_many, tenant_id, circle_id, MOST_SORTED) is None
    of_it = circle.format(tenant="?", circle="?")
    condition = f"p.id IN (SELECT user_id {of_it})" if are_few else f"EXISTS (SELECT 1 {of_it} AND user_id = p.id)"
    listing.where(condition, tenant_id, circle_id)
    return are_few


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
