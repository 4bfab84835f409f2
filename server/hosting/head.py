"""The head of an HTTP request, and the header fields that every response to it carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.endpoints.wire import WireResponse
from server.kernel import hosts, ids
from server.protocol.errors import InvalidRequest, NotFound, RequestTooLarge

from .arrival import peer_of, read_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.endpoints.wire import Headers
    from server.settings import Settings

    from .asgi import Scope

# What is asked in a query is kept for a while (an interaction): no more than a long address would hold.
MAX_QUERY = 8192
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})

HSTS: Headers = ((b"strict-transport-security", b"max-age=31536000"),)
# The ASGI server would put its own name here.
NO_BANNER: Headers = ((b"server", b""),)
NOSNIFF: Headers = ((b"x-content-type-options", b"nosniff"),)


@dataclass(frozen=True, slots=True)
class Head:
    """A request before its body. Header names are lower-case, the path is percent-decoded."""

    method: str
    path: str
    query: bytes
    headers: Mapping[str, str] = field(repr=False)
    host: str
    remote_address: str
    correlation_id: str
    secure: bool

    @property
    def has_body(self) -> bool:
        """Whether there may be a body: what asks for something has one only where it says so. RFC 9112 §6.3."""
        says_so = "content-length" in self.headers or "transfer-encoding" in self.headers
        return says_so or self.method not in _BODILESS

    @property
    def common_headers(self) -> Headers:
        """What every response carries, pages and files too."""
        always = ((b"x-correlation-id", self.correlation_id.encode("ascii")), *NO_BANNER, *NOSNIFF)
        return always + HSTS if self.secure else always

    def again(self) -> Head:
        """The head of another request that says the same."""
        return Head(
            method=self.method,
            path=self.path,
            query=self.query,
            headers=self.headers,
            host=self.host,
            remote_address=self.remote_address,
            correlation_id=ids.correlation_id(),
            secure=self.secure,
        )

    def complete(self, response: WireResponse) -> WireResponse:
        """The response with what every one carries."""
        return WireResponse(response.status, response.headers + self.common_headers, response.body)


def read_head(settings: Settings, scope: Scope) -> Head:
    """The head of an ASGI HTTP scope; host and peer are looked for behind trusted proxies only."""
    headers = read_headers(scope)
    peer = peer_of(scope)
    query = scope["query_string"]
    return Head(
        method=str(scope["method"]),
        path=str(scope["path"]),
        query=query if isinstance(query, bytes) else b"",
        headers=headers,
        host=hosts.forwarded_host(peer, headers, settings.trusted_proxies),
        remote_address=hosts.client_address(peer, headers, settings.trusted_proxies),
        correlation_id=ids.correlation_id(),
        secure=settings.is_secure,
    )


def check_target(head: Head) -> None:
    """Raise NotFound and InvalidRequest for a path and a query that no URL has, RequestTooLarge for an endless one.

    RFC 9112 §3.2, RFC 3986 §2.
    """
    if not head.path.startswith("/") or not head.path.isprintable():
        raise NotFound("a path of characters that are in none of ours")
    if not head.query.isascii():
        raise InvalidRequest("a query that is not ASCII")
    if len(head.query) > MAX_QUERY:
        raise RequestTooLarge(f"a query of {len(head.query)} bytes where {MAX_QUERY} are allowed")
