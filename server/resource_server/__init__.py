"""Protect an API or an MCP server with access tokens: pure ASGI, for Starlette, FastAPI, Quart and whatever else.

    app = ResourceServer(app, resource="https://notes.test/mcp", issuer="https://auth.test", scopes=("notes:read",))

RFC 6750, RFC 9068, RFC 9728 and the resource server's part of the MCP authorization specification. This package and
`protocol` import each other relatively and nothing else of Latchkey: together they are shipped as a wheel of their own.
"""

from __future__ import annotations

from ..protocol.errors import InsufficientScope
from ..protocol.jwt import AccessTokenClaims
from .cors import Cors
from .fetching import Fetched, Fetcher, HttpFetcher
from .introspection import Introspection
from .middleware import ResourceServer
from .options import Options
from .remembering import SourceUnavailable
from .routes import PUBLIC
from .visit import access_token, find_access_token, require_scopes

__all__ = [
    "PUBLIC",
    "AccessTokenClaims",
    "Cors",
    "Fetched",
    "Fetcher",
    "HttpFetcher",
    "InsufficientScope",
    "Introspection",
    "Options",
    "ResourceServer",
    "SourceUnavailable",
    "access_token",
    "find_access_token",
    "require_scopes",
]
