"""Pure rules of grants: what a new one holds and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from server.kernel.clock import MINUTE

from .records import Grant

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.protocol.authorization_request import AuthorizationRequest
    from server.tenants import Tenant

CODE_LIFETIME = MINUTE
# How often a refresh token may be used after its successor was issued, within the tenant's `refresh_grace`.
GRACE_USES = 10


class Identified(Protocol):
    """Whoever is known by an internal id: a client."""

    @property
    def id(self) -> UUID:
        """The internal id."""


class SignIn(Protocol):
    """How and when a person proved who they are: a session."""

    @property
    def id(self) -> UUID:
        """The session's internal id."""

    @property
    def auth_time(self) -> Instant:
        """When they did."""

    @property
    def acr(self) -> str:
        """The class of it."""

    @property
    def amr(self) -> tuple[str, ...]:
        """The methods of it (RFC 8176)."""


def new_grant(
    tenant: Tenant,
    client: Identified,
    request: AuthorizationRequest,
    user_id: UUID,
    session: SignIn,
    *,
    scope: tuple[str, ...],
    now: Instant,
    grant_id: UUID,
) -> Grant:
    """What a person allows now, with a code that lives for a minute; `scope` is what they left of the request's."""
    return Grant(
        id=grant_id,
        client_pk=client.id,
        user_id=user_id,
        session_id=session.id,
        scope=scope,
        resources=request.resources,
        redirect_uri=request.redirect_uri,
        code_challenge=request.code_challenge,
        nonce=request.nonce,
        claims_request=request.claims,
        auth_time=session.auth_time,
        acr=session.acr,
        amr=session.amr,
        created_at=now,
        expires_at=now + CODE_LIFETIME,
        max_expires_at=now + tenant.settings.refresh_token_max_lifetime,
    )
