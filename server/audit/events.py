"""Every event of the protocol and of people's flows. Administration's own stand in administration_events.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .records import Outcome
from .registry import event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.json import JsonValue


@event("login.succeeded")
@dataclass(frozen=True, slots=True)
class LoginSucceeded:
    """A person signed in."""

    subject_id: UUID
    session_id: UUID


@event("login.failed", outcome=Outcome.FAILURE)
@dataclass(frozen=True, slots=True)
class LoginFailed:
    """Credentials were wrong; without a person when the name is nobody's."""

    subject_id: UUID | None


@event("login.slowed_down", outcome=Outcome.FAILURE)
@dataclass(frozen=True, slots=True)
class LoginSlowedDown:
    """Too many tries at one name or from one address (`by`): none counts for so many seconds, and it is told once."""

    subject_id: UUID | None
    by: str
    seconds: int


@event("session.ended")
@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A person signed out, or somebody else signed in in the same browser."""

    subject_id: UUID
    session_id: UUID


@event("consent.declined", outcome=Outcome.FAILURE)
@dataclass(frozen=True, slots=True)
class ConsentDeclined:
    """A person did not allow a client what it asked for; its name and wishes as shown, the place as trust judged it."""

    client_pk: UUID
    subject_id: UUID
    client_name: str | None
    scope: str
    resources: tuple[str, ...]
    redirect_origin: str
    decision: Mapping[str, JsonValue]


@event("grant.created")
@dataclass(frozen=True, slots=True)
class GrantCreated:
    """A client was given a code; its name and origin as the person was shown them, and as trust judged the place."""

    grant_id: UUID
    client_pk: UUID
    subject_id: UUID
    client_name: str | None
    scope: str
    resources: tuple[str, ...]
    consent_shown: bool
    redirect_origin: str
    decision: Mapping[str, JsonValue]


@event("grant.revoked")
@dataclass(frozen=True, slots=True)
class GrantRevoked:
    """A grant ended before its time, with everything issued from it."""

    grant_id: UUID
    client_pk: UUID
    subject_id: UUID
    reason: str


@event("token.issued")
@dataclass(frozen=True, slots=True)
class TokenIssued:
    """A client was given its first tokens from a grant, or a token of its own."""

    grant_type: str
    client_pk: UUID
    scope: str
    audience: tuple[str, ...]
    token_id: str
    grant_id: UUID | None = None
    subject_id: UUID | None = None


@event("token.refreshed")
@dataclass(frozen=True, slots=True)
class TokenRefreshed:
    """A client was given new tokens; `grace` when it used the refresh token before the current one."""

    grant_id: UUID
    client_pk: UUID
    subject_id: UUID
    scope: str
    audience: tuple[str, ...]
    token_id: str
    generation: int
    grace: bool


@event("token.revoked")
@dataclass(frozen=True, slots=True)
class TokenRevoked:
    """A client gave one access token back."""

    client_pk: UUID
    token_id: str
    grant_id: UUID | None = None


@event("code.replayed", outcome=Outcome.FAILURE)
@dataclass(frozen=True, slots=True)
class CodeReplayed:
    """An authorization code was presented again after it had been redeemed."""

    grant_id: UUID
    client_pk: UUID
    subject_id: UUID


@event("refresh_token.replayed", outcome=Outcome.FAILURE)
@dataclass(frozen=True, slots=True)
class RefreshReplayed:
    """A refresh token was presented after its successor, outside the window of grace."""

    grant_id: UUID
    client_pk: UUID
    subject_id: UUID
    generation: int
    current_generation: int


@event("client_authentication.failed", outcome=Outcome.FAILURE)
@dataclass(frozen=True, slots=True)
class ClientAuthenticationFailed:
    """Credentials were wrong, expired or missing, or no client has this client_id; `method` is the one used."""

    client_pk: UUID | None
    method: str
    expired: bool


@event("client.registered")
@dataclass(frozen=True, slots=True)
class ClientRegistered:
    """A client registered itself (RFC 7591)."""

    client_pk: UUID
    client_name: str | None
    redirect_origins: tuple[str, ...]
    token_endpoint_auth_method: str
    initial_access_token_id: UUID | None = None
    software_statement_issuer: str | None = None


@event("client_metadata.replaced")
@dataclass(frozen=True, slots=True)
class ClientMetadataReplaced:
    """A client described itself anew (RFC 7592 §2.2); `changes` are the names of what differs."""

    client_pk: UUID
    client_id: str
    changes: tuple[str, ...]
    redirect_origins: tuple[str, ...]


@event("client.deregistered")
@dataclass(frozen=True, slots=True)
class ClientDeregistered:
    """A client removed itself (RFC 7592 §2.3), and its grants are revoked."""

    client_pk: UUID
    client_id: str


@event("clients.expired")
@dataclass(frozen=True, slots=True)
class ClientsExpired:
    """Clients that registered themselves were removed, since nobody had used them for long."""

    client_ids: tuple[str, ...]


@event("client.described")
@dataclass(frozen=True, slots=True)
class ClientDescribed:
    """A client that describes itself in a document (CIMD) was allowed something here for the first time."""

    client_pk: UUID
    client_id: str
    client_name: str | None
    redirect_origins: tuple[str, ...]


@event("client_metadata.changed")
@dataclass(frozen=True, slots=True)
class ClientMetadataChanged:
    """A client describes itself in other words than before; each change with what was and what is."""

    client_pk: UUID
    client_id: str
    changes: tuple[str, ...]


@event("client_document.refused", outcome=Outcome.FAILURE)
@dataclass(frozen=True, slots=True)
class ClientDocumentRefused:
    """The document behind a client_id could not be fetched, or is not acceptable; `reason` is a stable name."""

    client_id: str
    reason: str


@event("key.rotated")
@dataclass(frozen=True, slots=True)
class KeyRotated:
    """A signing or MAC key of a tenant came to its next state."""

    kid: str
    alg: str
    state: str
