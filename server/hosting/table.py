"""The one table of endpoints: what is served below an issuer, with its methods, limits and openness."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from server.endpoints.authorize import authorize
from server.endpoints.introspect import introspect
from server.endpoints.jwks import jwks
from server.endpoints.metadata import metadata
from server.endpoints.register import register
from server.endpoints.revoke import revoke
from server.endpoints.token import token
from server.endpoints.userinfo import userinfo
from server.endpoints.wire import ErrorPage, WireRequest, WireResponse
from server.kernel.clock import MINUTE
from server.kernel.rate_limits import RateLimit

Action = Callable[[WireRequest], Awaitable[WireResponse | ErrorPage]]

KIB = 1024


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint; `limit` is the default for one address at one tenant."""

    name: str
    path: str
    methods: tuple[str, ...]
    action: Action
    limit: RateLimit
    cross_origin: bool = True  # programs in browsers may call it (CORS)
    page: bool = False  # refusals are read by people
    max_body: int = 64 * KIB

    @property
    def allow(self) -> str:
        """The value of the Allow header."""
        head = ("HEAD",) if "GET" in self.methods else ()
        options = ("OPTIONS",) if self.cross_origin else ()
        return ", ".join(self.methods + head + options)


# Many people and hosted clients share an address: these limits stop floods, not customers.
ENDPOINTS = (
    Endpoint(
        "authorize", "/authorize", ("GET", "POST"), authorize, RateLimit(600, MINUTE), cross_origin=False, page=True
    ),
    Endpoint("token", "/token", ("POST",), token, RateLimit(6000, MINUTE)),
    Endpoint("revoke", "/revoke", ("POST",), revoke, RateLimit(6000, MINUTE)),
    Endpoint("introspect", "/introspect", ("POST",), introspect, RateLimit(60_000, MINUTE)),
    Endpoint("register", "/register", ("POST",), register, RateLimit(120, MINUTE), max_body=16 * KIB),
    Endpoint("jwks", "/jwks", ("GET",), jwks, RateLimit(6000, MINUTE)),
    Endpoint("userinfo", "/userinfo", ("GET", "POST"), userinfo, RateLimit(6000, MINUTE)),
    Endpoint("metadata", "/.well-known/openid-configuration", ("GET",), metadata, RateLimit(6000, MINUTE)),
    Endpoint("metadata", "/.well-known/oauth-authorization-server", ("GET",), metadata, RateLimit(6000, MINUTE)),
)

BY_PATH = {endpoint.path: endpoint for endpoint in ENDPOINTS}
