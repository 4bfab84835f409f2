"""A person who signs in at one tenant."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.json import JsonValue
    from server.tenants import Origin


@dataclass(frozen=True, slots=True)
class User:
    """One person. `sub` is random and never changes: it is all that a client may take for the person's name."""

    id: UUID
    tenant_id: UUID
    sub: str
    username: str
    origin: Origin
    created_at: Instant
    updated_at: Instant
    email: str | None = field(default=None, repr=False)
    email_verified: bool = False
    name: str | None = field(default=None, repr=False)
    # Further claims of OpenID Connect Core §5.1, such as given_name, by their names.
    claims: Mapping[str, JsonValue] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    enabled: bool = True
