"""Programs in browsers may call every protocol endpoint that is not a page, never with cookies.

Fetch standard, CORS protocol.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from server.endpoints.wire import WireResponse

if TYPE_CHECKING:
    from server.endpoints.wire import Headers

    from .table import Endpoint

OPEN: Headers = (
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"WWW-Authenticate, X-Correlation-Id, Retry-After, RateLimit, RateLimit-Policy",
    ),
)


def preflight(endpoint: Endpoint) -> WireResponse:
    """The answer to OPTIONS. `*` does not cover Authorization, so that is named."""
    return WireResponse(
        204,
        (
            (b"access-control-allow-origin", b"*"),
            (b"access-control-allow-methods", endpoint.allow.encode("ascii")),
            (b"access-control-allow-headers", b"Authorization, *"),
            (b"access-control-max-age", b"7200"),
        ),
    )


def open_to_browsers(endpoint: Endpoint, response: WireResponse) -> WireResponse:
    """The response with what lets programs in browsers read it, refusals included."""
    if not endpoint.cross_origin or response.status == HTTPStatus.NO_CONTENT:
        return response
    return WireResponse(response.status, response.headers + OPEN, response.body)
