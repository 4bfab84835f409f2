"""A grant, as it was when it was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.protocol.scopes import OFFLINE_ACCESS

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.protocol.claims import ClaimsRequest


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person allowed a client. `resources` are registered identifiers; none: the issuer itself."""

    id: UUID
    client_pk: UUID
    user_id: UUID
    session_id: UUID | None
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    redirect_uri: str
    code_challenge: str | None = field(repr=False)
    nonce: str | None = field(repr=False)
    claims_request: ClaimsRequest
    auth_time: Instant
    acr: str
    amr: tuple[str, ...]
    created_at: Instant
    expires_at: Instant  # of the code, then of the current refresh token
    max_expires_at: Instant
    redeemed_at: Instant | None = None
    generation: int = 0  # of the current refresh token; 0: there is none
    rotated_at: Instant | None = None
    revoked_at: Instant | None = None

    @property
    def offline(self) -> bool:
        """Whether offline_access was granted: the grant outlives the session."""
        return OFFLINE_ACCESS in self.scope
