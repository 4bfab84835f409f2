"""A client and its secrets. RFC 6749 §2, RFC 7591 §2."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from server.protocol.vocabulary import TokenEndpointAuthMethod

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.protocol.client_metadata import ClientMetadata
    from server.tenants import Origin


class ClientSource(StrEnum):
    """How a client came to be known."""

    ADMIN = "admin"
    DYNAMIC = "dynamic"
    METADATA_DOCUMENT = "metadata_document"


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """One secret of a client, as an HMAC under a key that derives from the master secret."""

    id: UUID
    digest: str = field(repr=False)
    created_at: Instant
    expires_at: Instant | None  # None: until it is removed


@dataclass(frozen=True, slots=True)
class Client:
    """A client with everything that a token request asks of it, so that its cached record answers alone."""

    id: UUID  # the internal key; `client_id` is what the wire says
    tenant_id: UUID
    client_id: str
    source: ClientSource
    origin: Origin
    metadata: ClientMetadata
    metadata_digest: str
    scope: tuple[str, ...]  # a ceiling for clients that an administrator registered, a default for the others
    created_at: Instant
    enabled: bool = True
    first_party: bool = False  # consent is implied
    require_pkce: bool = True
    secrets: tuple[ClientSecret, ...] = ()

    @property
    def is_confidential(self) -> bool:
        """Whether the client authenticates at the token endpoint. RFC 6749 §2.1."""
        return self.metadata.token_endpoint_auth_method is not TokenEndpointAuthMethod.NONE
