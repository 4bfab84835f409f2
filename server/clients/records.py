"""A client and its secrets. RFC 6749 §2, RFC 7591 §2."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from server.protocol.vocabulary import SECRET_METHODS, TokenEndpointAuthMethod

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


class ClientState(StrEnum):
    """Where a client stands with those who administer; clients that an administrator registered are active."""

    ACTIVE = "active"
    QUARANTINED = "quarantined"  # may do nothing until somebody has looked at it; its grants wait
    BLOCKED = "blocked"  # may do nothing, and its grants are revoked
    PROMOTED = "promoted"  # registered itself, and an administrator answers for it: as if they had registered it


@dataclass(frozen=True, slots=True)
class DynamicRegistration:
    """How a client registered itself, and how long it stays when nobody uses it."""

    # Digest of the registration access token (RFC 7592); absent for those who share a row.
    access_token_digest: str | None = field(default=None, repr=False)
    initial_access_token_id: UUID | None = None
    # What the initial access token lets it ask for; None: every scope that the tenant leaves to strangers.
    ceiling: tuple[str, ...] | None = None
    software_statement: str | None = field(default=None, repr=False)
    last_used_at: Instant | None = None  # of the last token, a day behind at most
    kept_until: Instant | None = None  # goes then, unless something of it is alive; None: stays


@dataclass(frozen=True, slots=True)
class IdleClient:
    """A client that nobody used for long; whether anything of it is alive is not known yet."""

    tenant_id: UUID
    id: UUID


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
    state: ClientState = ClientState.ACTIVE
    registration: DynamicRegistration = DynamicRegistration()

    @property
    def is_vouched_for(self) -> bool:
        """Whether an administrator answers for the client: its `scope` is then a ceiling, not a default."""
        return self.source is ClientSource.ADMIN or self.state is ClientState.PROMOTED

    @property
    def has_secret_method(self) -> bool:
        """Whether the client authenticates by a secret; others have a key, or nothing."""
        return self.metadata.token_endpoint_auth_method in SECRET_METHODS

    @property
    def is_confidential(self) -> bool:
        """Whether the client authenticates at the token endpoint. RFC 6749 §2.1."""
        return self.metadata.token_endpoint_auth_method is not TokenEndpointAuthMethod.NONE
