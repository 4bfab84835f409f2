"""The list of remembered consents: who allowed which client what, at which address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server.kernel import database
from server.kernel.json import load_json
from server.protocol.client_metadata import ClientMetadata

from .listing import Key, Listing
from .people import SEARCH_PERSON, patterns_of_person
from .registrations import SEARCH_CLIENT, patterns_of_client

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from server.kernel.clock import Instant
    from server.kernel.database import Row
    from server.kernel.paging import Page, Paging

# A person and a client, by their ids: what is withdrawn at once.
Bond = tuple[UUID, UUID]

_SELECT = """
SELECT k.id, k.user_id, p.username, k.client_pk, c.client_id, c.metadata, k.redirect_origin, k.resource, k.scope,
 k.created_at
FROM consent k LEFT JOIN person p ON p.tenant_id = k.tenant_id AND p.id = k.user_id
 LEFT JOIN client c ON c.tenant_id = k.tenant_id AND c.id = k.client_pk
"""
_SEARCH = f"({SEARCH_PERSON} OR {SEARCH_CLIENT})"
_KEYS = (Key("k.created_at", "created_at", int), Key("k.id", "id", UUID))
_SUMS = """
SELECT k.user_id, p.username, k.client_pk, c.client_id, count(*) AS permissions,
 (SELECT count(*) FROM access_grant g WHERE g.tenant_id = k.tenant_id AND g.user_id = k.user_id
  AND g.client_pk = k.client_pk AND g.revoked_at IS NULL AND g.expires_at > $2) AS grants
FROM consent k LEFT JOIN person p ON p.tenant_id = k.tenant_id AND p.id = k.user_id
 LEFT JOIN client c ON c.tenant_id = k.tenant_id AND c.id = k.client_pk
WHERE k.tenant_id = $1 AND ({are_among})
GROUP BY k.tenant_id, k.user_id, p.username, k.client_pk, c.client_id
"""


@dataclass(frozen=True, slots=True)
class ConsentFilter:
    """Whose consents are shown; what is None is not looked at."""

    user_id: UUID | None = None
    client_pk: UUID | None = None
    resource: str | None = None  # its identifier; empty: the tenant itself
    since: Instant | None = None  # given then or later
    search: str | None = None  # in the person and in the client


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One permission that a person allowed a client, remembered."""

    user_id: UUID
    username: str | None
    client_pk: UUID
    client_id: str | None
    client_name: str | None
    redirect_origin: str
    resource: str | None  # None: the tenant itself
    scope: str | None  # None: plain access
    created_at: Instant


@dataclass(frozen=True, slots=True)
class ConsentSum:
    """All that a person allowed a client: how many permissions are remembered, and how many grants are in force."""

    username: str | None
    client_id: str | None
    permissions: int
    grants: int


async def list_consents(tenant_id: UUID, shown: ConsentFilter, paging: Paging) -> Page[ConsentLine]:
    """A page of consents, the newest first; raises BadCursor."""
    listing = Listing(_SELECT)
    listing.where("k.tenant_id = ?", tenant_id)
    if shown.user_id is not None:
        listing.where("k.user_id = ?", shown.user_id)
    if shown.client_pk is not None:
        listing.where("k.client_pk = ?", shown.client_pk)
    if shown.resource is not None:
        listing.where("k.resource = ?", shown.resource)
    if shown.since is not None:
        listing.where("k.created_at >= ?", shown.since)
    if shown.search:
        listing.where(_SEARCH, *patterns_of_person(shown.search), *patterns_of_client(shown.search))
    return await listing.page(_KEYS, paging, _line, descending=True)


async def sum_consents(tenant_id: UUID, bonds: Collection[Bond], now: Instant) -> Mapping[Bond, ConsentSum]:
    """What each of these people allowed each of these clients; nothing for those who allowed nothing."""
    if not bonds:
        return {}
    # The first two placeholders are the tenant and the time.
    pairs = [f"(k.user_id = ${place} AND k.client_pk = ${place + 1})" for place in range(3, 3 + 2 * len(bonds), 2)]
    sql = _SUMS.format(are_among=" OR ".join(pairs))
    rows = await database.rows(sql, tenant_id, now, *(part for bond in bonds for part in bond))
    return {(database.as_uuid(row["user_id"]), database.as_uuid(row["client_pk"])): _sum(row) for row in rows}


def _sum(row: Row) -> ConsentSum:
    return ConsentSum(
        username=database.as_optional_text(row["username"]),
        client_id=database.as_optional_text(row["client_id"]),
        permissions=database.as_int(row["permissions"]),
        grants=database.as_int(row["grants"]),
    )


def _line(row: Row) -> ConsentLine:
    return ConsentLine(
        user_id=database.as_uuid(row["user_id"]),
        username=database.as_optional_text(row["username"]),
        client_pk=database.as_uuid(row["client_pk"]),
        client_id=database.as_optional_text(row["client_id"]),
        client_name=_client_name(row["metadata"]),
        redirect_origin=str(row["redirect_origin"]),
        resource=str(row["resource"]) or None,
        scope=str(row["scope"]) or None,
        created_at=database.as_int(row["created_at"]),
    )


def _client_name(metadata: object) -> str | None:
    return None if metadata is None else ClientMetadata.from_json(load_json(str(metadata))).client_name
