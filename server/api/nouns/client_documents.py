"""The documents of clients. Members use the names of RFC 7591."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from server.api.documents import ABSENT, Absent, Name, Time, document
from server.api.shapes import Text
from server.clients import ClientSource, ClientState
from server.protocol.vocabulary import (
    ApplicationType,
    AssertionAlgorithm,
    GrantType,
    ResponseType,
    SigningAlgorithm,
    SubjectType,
    TokenEndpointAuthMethod,
)
from server.tenants import Origin

ClientId = Annotated[str, Text(1, 500, "notes-cli")]
Uri = Annotated[str, Text(1, 2000, "https://app.acme.test/callback")]
ScopeText = Annotated[str, Text(0, 2000, "openid profile")]


@document
@dataclass(frozen=True, slots=True)
class ClientItem:
    """A client in a list."""

    id: UUID
    client_id: ClientId
    client_name: Name | None
    source: ClientSource
    origin: Origin
    enabled: bool
    first_party: bool
    state: ClientState
    application_type: ApplicationType
    token_endpoint_auth_method: TokenEndpointAuthMethod
    created_at: Time
    last_granted_at: Time | None
    last_used_at: Time | None


@document
@dataclass(frozen=True, slots=True)
class SecretItem:
    """A secret of a client; its text is known to the client alone."""

    id: UUID
    created_at: Time
    expires_at: Time | None


@document
@dataclass(frozen=True, slots=True)
class ClientDocument:
    """A client."""

    id: UUID
    client_id: ClientId
    source: ClientSource
    origin: Origin
    enabled: bool
    state: ClientState
    first_party: bool
    require_pkce: bool
    scope: ScopeText
    created_at: Time
    last_used_at: Time | None
    kept_until: Time | None
    secrets: tuple[SecretItem, ...]
    redirect_uris: tuple[Uri, ...]
    post_logout_redirect_uris: tuple[Uri, ...]
    token_endpoint_auth_method: TokenEndpointAuthMethod
    grant_types: tuple[GrantType, ...]
    response_types: tuple[ResponseType, ...]
    application_type: ApplicationType
    client_name: Name | None
    client_uri: Uri | None
    logo_uri: Uri | None
    tos_uri: Uri | None
    policy_uri: Uri | None
    contacts: tuple[Uri, ...]
    software_id: Name | None
    software_version: Name | None
    id_token_signed_response_alg: SigningAlgorithm
    subject_type: SubjectType
    require_auth_time: bool
    default_max_age: int | None
    default_acr_values: tuple[Uri, ...]
    token_endpoint_auth_signing_alg: AssertionAlgorithm | None
    jwks_uri: Uri | None
    jwks: Mapping[str, object] | None


@document
@dataclass(frozen=True, slots=True)
class ClientChange:
    """What changes of a client; what is left out stays. A client that is disabled loses its grants."""

    enabled: bool | Absent = ABSENT
    first_party: bool | Absent = ABSENT
    require_pkce: bool | Absent = ABSENT
    scope: ScopeText | Absent = ABSENT
    redirect_uris: tuple[Uri, ...] | Absent = ABSENT
    post_logout_redirect_uris: tuple[Uri, ...] | Absent = ABSENT
    token_endpoint_auth_method: TokenEndpointAuthMethod | Absent = ABSENT
    grant_types: tuple[GrantType, ...] | Absent = ABSENT
    application_type: ApplicationType | Absent = ABSENT
    client_name: Name | Absent | None = ABSENT
    client_uri: Uri | Absent | None = ABSENT
    logo_uri: Uri | Absent | None = ABSENT
    tos_uri: Uri | Absent | None = ABSENT
    policy_uri: Uri | Absent | None = ABSENT
    contacts: tuple[Uri, ...] | Absent = ABSENT
    software_id: Name | Absent | None = ABSENT
    software_version: Name | Absent | None = ABSENT
    id_token_signed_response_alg: SigningAlgorithm | Absent = ABSENT
    require_auth_time: bool | Absent = ABSENT
    default_max_age: int | Absent | None = ABSENT
    default_acr_values: tuple[Uri, ...] | Absent = ABSENT


@document
@dataclass(frozen=True, slots=True)
class NewClient(ClientChange):
    """A client to be registered; without a client_id it is given a random one."""

    client_id: ClientId | Absent = ABSENT


@document
@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A client that was just registered, with the only copy of its secret."""

    client: ClientDocument
    client_secret: Annotated[str, Text(1, 512)] | None


@document
@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret that was just made: the only copy of its text."""

    client_secret: Annotated[str, Text(1, 512)]


@document
@dataclass(frozen=True, slots=True)
class NewState:
    """Where a client that registered itself is to stand. For a promoted one `scope` is a ceiling from now on."""

    state: ClientState
    scope: ScopeText | None = None
    reason: Annotated[str, Text(0, 200)] = ""


@document
@dataclass(frozen=True, slots=True)
class ClientQuery:
    """Which clients."""

    search: Annotated[str, Text(1, 200)] | None = None
    source: ClientSource | None = None
    enabled: bool | None = None
    state: ClientState | None = None
    client_id: ClientId | None = None
