"""The list of a tenant's clients, however they came to be known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server.clients import ClientSource, ClientState
from server.kernel import database
from server.kernel.json import dump_json, load_json
from server.protocol.client_metadata import ClientMetadata
from server.protocol.vocabulary import GrantType
from server.tenants import Origin

from .listing import Key, Listing, contains

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.kernel.database import Row
    from server.kernel.paging import Page, Paging
    from server.protocol.vocabulary import ApplicationType, TokenEndpointAuthMethod

# The last grant is the first entry of an index, however many there are.
_SELECT = """
SELECT c.id, c.client_id, c.source, c.origin, c.enabled, c.metadata, c.first_party,
 COALESCE(c.state, 'active') AS state, c.created_at, c.updated_at, c.last_used_at,
 (SELECT g.created_at FROM access_grant g WHERE g.tenant_id = c.tenant_id AND g.client_pk = c.id
  ORDER BY g.created_at DESC LIMIT 1) AS last_granted_at FROM client c
"""
# What a search for clients looks at, wherever a list joins `client c`; its values are `patterns_of_client`.
SEARCH_CLIENT = r"(lower(c.client_id) LIKE ? ESCAPE '\' OR lower(c.metadata) LIKE ? ESCAPE '\')"


@dataclass(frozen=True, slots=True)
class ClientFilter:
    """Which clients are shown; what is None is not looked at."""

    search: str | None = None  # in the client_id and everything that the client says of itself
    source: ClientSource | None = None
    enabled: bool | None = None
    state: ClientState | None = None
    client_id: str | None = None  # exactly this
    scope: str | None = None  # one of those that it may ask for, or asks for by default


@dataclass(frozen=True, slots=True)
class ClientLine:
    """One client in the list."""

    id: UUID
    client_id: str
    client_name: str | None
    source: ClientSource
    origin: Origin
    enabled: bool
    first_party: bool
    state: ClientState
    application_type: ApplicationType
    token_endpoint_auth_method: TokenEndpointAuthMethod
    signs_people_in: bool
    created_at: Instant
    updated_at: Instant
    last_granted_at: Instant | None
    last_used_at: Instant | None  # noted for clients that registered themselves, a day behind at most


async def list_registrations(tenant_id: UUID, shown: ClientFilter, paging: Paging) -> Page[ClientLine]:
    """A page of clients, the newest first; raises BadCursor."""
    listing = Listing(_SELECT)
    listing.where("c.tenant_id = ?", tenant_id)
    if shown.client_id is not None:
        listing.where("c.client_id = ?", shown.client_id)
    if shown.source is not None:
        listing.where("c.source = ?", shown.source.value)
    if shown.enabled is not None:
        listing.where("c.enabled = ?", shown.enabled)
    if shown.state is not None:
        listing.where("COALESCE(c.state, 'active') = ?", shown.state.value)
    if shown.scope is not None:
        listing.where(r"' ' || c.scope || ' ' LIKE ? ESCAPE '\'", contains(f" {shown.scope} "))
    if shown.search:
        listing.where(SEARCH_CLIENT, *patterns_of_client(shown.search))
    return await listing.page((Key("c.id", "id", UUID),), paging, _line, descending=True)


def patterns_of_client(text: str) -> tuple[str, str]:
    """The values of `SEARCH_CLIENT`, for clients in whose client_id or metadata a text is."""
    needle = text.lower()
    # Metadata is stored as JSON, where quotes and backslashes are escaped.
    return contains(needle), contains(dump_json(needle)[1:-1])


def _line(row: Row) -> ClientLine:
    metadata = ClientMetadata.from_json(load_json(str(row["metadata"])))
    return ClientLine(
        id=database.as_uuid(row["id"]),
        client_id=str(row["client_id"]),
        client_name=metadata.client_name,
        source=ClientSource(str(row["source"])),
        origin=Origin(str(row["origin"])),
        enabled=database.as_bool(row["enabled"]),
        first_party=database.as_bool(row["first_party"]),
        state=ClientState(str(row["state"])),
        application_type=metadata.application_type,
        token_endpoint_auth_method=metadata.token_endpoint_auth_method,
        signs_people_in=GrantType.AUTHORIZATION_CODE in metadata.grant_types and bool(metadata.redirect_uris),
        created_at=database.as_int(row["created_at"]),
        updated_at=database.as_int(row["updated_at"]),
        last_granted_at=database.as_optional_int(row["last_granted_at"]),
        last_used_at=database.as_optional_int(row["last_used_at"]),
    )
