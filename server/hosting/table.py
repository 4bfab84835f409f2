"""The one table of endpoints: what is served below an issuer, with its methods, limits and openness."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from server.endpoints.authorize import authorize
from server.endpoints.client_configuration import configure
from server.endpoints.introspect import introspect
from server.endpoints.jwks import jwks
from server.endpoints.metadata import metadata
from server.endpoints.register import register
from server.endpoints.revoke import revoke
from server.endpoints.token import token
from server.endpoints.userinfo import userinfo
from server.endpoints.wire import ErrorPage, WireRequest, WireResponse
from server.tenants import RATE_LIMITS
from web.account.interaction import step

Action = Callable[[WireRequest], Awaitable[WireResponse | ErrorPage]]

KIB = 1024


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint, under the name that settings and figures know it by.

    A path may end with a segment in braces, which stands for any one segment.
    """

    name: str
    path: str
    methods: tuple[str, ...]
    action: Action
    cross_origin: bool = True  # programs in browsers may call it (CORS)
    page: bool = False  # refusals are read by people
    reads: bool = True  # a GET changes nothing, so that a HEAD may do the same
    max_body: int = 64 * KIB

    @property
    def prefix(self) -> str | None:
        """What comes before the open segment of the path; None where every segment is given."""
        return self.path.partition("{")[0] if self.path.endswith("}") else None

    def segment(self, path: str) -> str:
        """What stands in the open segment of a path of this endpoint; empty where there is none."""
        return path.removeprefix(self.prefix) if self.prefix is not None else ""

    @property
    def per_minute(self) -> int | None:
        """How often one address may ask it at one tenant that says nothing else; None: as often as it likes."""
        return RATE_LIMITS.get(self.name)

    @property
    def allow(self) -> str:
        """The value of the Allow header."""
        head = ("HEAD",) if "GET" in self.methods and self.reads else ()
        options = ("OPTIONS",) if self.cross_origin else ()
        return ", ".join(self.methods + head + options)


ENDPOINTS = (
    Endpoint(
        "authorize",
        "/authorize",
        ("GET", "POST"),
        authorize,
        cross_origin=False,
        page=True,
        max_body=8 * KIB,  # what is posted is kept for a while: no more than a long address would hold
    ),
    Endpoint("token", "/token", ("POST",), token),
    Endpoint("revoke", "/revoke", ("POST",), revoke),
    Endpoint("introspect", "/introspect", ("POST",), introspect),
    Endpoint("register", "/register", ("POST",), register, max_body=16 * KIB),
    Endpoint("register", "/register/{client_id}", ("GET", "PUT", "DELETE"), configure, max_body=16 * KIB),
    Endpoint("jwks", "/jwks", ("GET",), jwks),
    Endpoint("userinfo", "/userinfo", ("GET", "POST"), userinfo),
    Endpoint("metadata", "/.well-known/openid-configuration", ("GET",), metadata),
    Endpoint("metadata", "/.well-known/oauth-authorization-server", ("GET",), metadata),
)

# The pages that a person is led through after /authorize: the one part of a login that is no wire protocol.
STEPS = Endpoint(
    "interaction", "/interaction/{handle}", ("GET", "POST"), step, cross_origin=False, page=True, reads=False
)

_BY_PATH = {endpoint.path: endpoint for endpoint in ENDPOINTS}
_BY_PREFIX = {endpoint.prefix: endpoint for endpoint in (*ENDPOINTS, STEPS) if endpoint.prefix is not None}


def find_endpoint(path: str) -> Endpoint | None:
    """The endpoint at a path below an issuer."""
    before, slash, segment = path.rpartition("/")
    return _BY_PATH.get(path) or (_BY_PREFIX.get(before + slash) if segment else None)
