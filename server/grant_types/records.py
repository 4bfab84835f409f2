"""What every grant type is asked with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server.clients import Client
    from server.kernel.clock import Instant
    from server.protocol.parameters import Parameters
    from server.protocol.vocabulary import TokenEndpointAuthMethod
    from server.tenants import Tenant


@dataclass(frozen=True, slots=True)
class AuthenticatedClient:
    """An enabled client that proved who it is, or a public one that has nothing to prove it with."""

    client: Client
    method: TokenEndpointAuthMethod


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """One request to the token endpoint, its client authenticated and its grant type one that the client may use."""

    tenant: Tenant
    client: Client
    parameters: Parameters = field(repr=False)
    now: Instant
