"""The list of remembered consents: who allowed which client what, at which address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server.kernel import database

from .listing import Key, Listing, as_optional_text

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.kernel.database import Row
    from server.kernel.paging import Page, Paging

_SELECT = """
SELECT k.user_id, p.username, k.client_pk, c.client_id, k.redirect_origin, k.resource, k.scope, k.created_at
FROM consent k LEFT JOIN person p ON p.tenant_id = k.tenant_id AND p.id = k.user_id
 LEFT JOIN client c ON c.tenant_id = k.tenant_id AND c.id = k.client_pk
"""
_KEYS = (
    Key("k.user_id", "user_id", UUID),
    Key("k.client_pk", "client_pk", UUID),
    Key("k.redirect_origin", "redirect_origin", str),
    Key("k.resource", "resource", str),
    Key("k.scope", "scope", str),
)


@dataclass(frozen=True, slots=True)
class ConsentFilter:
    """Whose consents are shown; what is None is not looked at."""

    user_id: UUID | None = None
    client_pk: UUID | None = None


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One permission that a person allowed a client, remembered."""

    user_id: UUID
    username: str | None
    client_pk: UUID
    client_id: str | None
    redirect_origin: str
    resource: str | None  # None: the tenant itself
    scope: str | None  # None: plain access
    created_at: Instant


async def list_consents(tenant_id: UUID, shown: ConsentFilter, paging: Paging) -> Page[ConsentLine]:
    """A page of consents, by person, client and address; raises BadCursor."""
    listing = Listing(_SELECT)
    listing.where("k.tenant_id = ?", tenant_id)
    if shown.user_id is not None:
        listing.where("k.user_id = ?", shown.user_id)
    if shown.client_pk is not None:
        listing.where("k.client_pk = ?", shown.client_pk)
    return await listing.page(_KEYS, paging, _line)


def _line(row: Row) -> ConsentLine:
    return ConsentLine(
        user_id=database.as_uuid(row["user_id"]),
        username=as_optional_text(row["username"]),
        client_pk=database.as_uuid(row["client_pk"]),
        client_id=as_optional_text(row["client_id"]),
        redirect_origin=str(row["redirect_origin"]),
        resource=str(row["resource"]) or None,
        scope=str(row["scope"]) or None,
        created_at=database.as_int(row["created_at"]),
    )
