"""A person signed in in a browser, and what that browser's cookies say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant

# What a password alone proves. RFC 8176 names the method, OpenID Connect Core §2 leaves the class to us.
ACR_PASSWORD = "urn:latchkey:acr:password"  # noqa: S105 - a class reference, not a password
AMR_PASSWORD = "pwd"  # noqa: S105 - the method's registered name


@dataclass(frozen=True, slots=True)
class Session:
    """One person signed in at one tenant in one browser."""

    id: UUID
    tenant_id: UUID
    user_id: UUID
    auth_time: Instant
    acr: str
    amr: tuple[str, ...]
    last_seen_at: Instant
    expires_at: Instant
    max_expires_at: Instant


@dataclass(frozen=True, slots=True)
class Browser:
    """What one tenant's cookies in one browser held. Nothing in it has been checked."""

    binding: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    device: str | None = field(default=None, repr=False)
    console: str | None = field(default=None, repr=False)
    sign_in: str | None = field(default=None, repr=False)
    notice: str | None = None
    page_size: str | None = None
