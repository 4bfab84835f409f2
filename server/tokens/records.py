"""What tokens say, before they are written and after they were read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from server.clients import Client
    from server.grants import Grant
    from server.kernel.clock import Instant
    from server.protocol.token_response import TokenResponse
    from server.resources import TokenFormat
    from server.users import User


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What one access token is good for: where, for what, and how it is written."""

    audience: tuple[str, ...]
    scope: tuple[str, ...]
    token_format: TokenFormat


@dataclass(frozen=True, slots=True)
class GrantHolder:
    """A grant with the enabled person behind it and the client that holds it."""

    grant: Grant
    user: User
    client: Client


@dataclass(frozen=True, slots=True)
class OpaqueToken:
    """A stored access token. Without a grant it is the client's own."""

    id: UUID
    client_pk: UUID
    grant_id: UUID | None
    audience: tuple[str, ...]
    scope: tuple[str, ...]
    issued_at: Instant
    expires_at: Instant
    revoked_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class IssuedAccessToken:
    """An access token on its way to the client; `token_id` names it in the audit."""

    text: str = field(repr=False)
    token_id: str
    expires_in: int  # seconds
    row: OpaqueToken | None = None  # to be stored before the client is answered; a JWT needs none


@dataclass(frozen=True, slots=True)
class Order:
    """What a client is to be given from a grant: the scope of this request, and the generation of the refresh token."""

    entitlement: Entitlement
    scope: tuple[str, ...]
    generation: int  # 0: no refresh token
    nonce: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Issued:
    """A token response that is ready; its access token counts once its rows are written."""

    response: TokenResponse
    access_token: IssuedAccessToken


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token of ours that is in force: genuine, not expired, not revoked, its grant and its parties alive."""

    token_id: str
    client: Client
    subject: str
    audience: tuple[str, ...]
    scope: tuple[str, ...]
    issued_at: Instant
    expires_at: Instant
    grant: Grant | None  # absent: the client's own
    user: User | None
    token_format: TokenFormat


@dataclass(frozen=True, slots=True)
class IdTokenHint:
    """An ID token that we once issued: to whom, about whom. It may have expired."""

    subject: str
    client_id: str
