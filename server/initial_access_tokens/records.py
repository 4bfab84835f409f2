"""An initial access token and what it lets its holder register."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.protocol.vocabulary import GrantType, TokenEndpointAuthMethod

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant


@dataclass(frozen=True, slots=True)
class Template:
    """What may be registered. What is None is as for everybody who registers."""

    scope: tuple[str, ...] | None = None  # also what the client may ask for ever after
    grant_types: tuple[GrantType, ...] = (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)
    auth_methods: tuple[TokenEndpointAuthMethod, ...] = tuple(TokenEndpointAuthMethod)
    redirect_hosts: tuple[str, ...] | None = None  # exact, lower case


@dataclass(frozen=True, slots=True)
class InitialAccessToken:
    """A token without its text, which is shown once."""

    id: UUID
    tenant_id: UUID
    name: str  # what operators call it
    template: Template
    created_at: Instant
    valid_until: Instant
    max_uses: int
    uses: int = 0
    revoked_at: Instant | None = None
    digest: str = field(default="", repr=False)

    def is_valid(self, now: Instant) -> bool:
        """Whether another client may be registered with it; only `spend` decides."""
        return self.revoked_at is None and now < self.valid_until and self.uses < self.max_uses
