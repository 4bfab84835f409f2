"""What may be set beside resource, issuer and scopes; every default is a good one."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .cors import Cors
from .fetching import HttpFetcher
from .remembering import Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .fetching import Fetcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Settings of a resource server."""

    # Scopes that include others: {"notes:admin": ("notes:read", "notes:write")}.
    implied_scopes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # In the metadata document: its name for people, and the scopes worth asking for (by default the required ones).
    name: str | None = None
    scopes_supported: Sequence[str] | None = None
    # None: another layer answers browsers.
    cors: Cors | None = field(default_factory=Cors)
    # Whether the application sees the Authorization field. It should not: a token passed on to another service is a
    # token that this service can use. Only what exchanges tokens needs it.
    forward_token: bool = False
    # Processes that share MCP sessions must share this secret.
    session_key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    # Plain http to hosts that are not this machine: for laboratories.
    allow_http: bool = False
    clock_skew_seconds: float = 10
    key_patience: Patience = field(default_factory=Patience)
    fetcher: Fetcher = field(default_factory=HttpFetcher)
    clock: Callable[[], float] = time.time
