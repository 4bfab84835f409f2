"""Logos of clients, as images of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import clients
from server.endpoints.wire import WireResponse
from server.protocol.errors import NotFound
from web.requests import respond

if TYPE_CHECKING:
    from quart import Response

    from server.endpoints.wire import Headers

_HEADERS: Headers = (
    (b"content-type", b"image/png"),
    (b"cache-control", b"public, max-age=3600"),
    (b"cross-origin-resource-policy", b"same-origin"),
    # An image that is opened by itself is a document: it may do nothing.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
)


async def show(slug: str, name: str) -> Response:  # noqa: ARG001 - hosting resolved the tenant already
    """One logo; whether a page shows it is for the page to decide."""
    logo = await clients.find_logo(name)
    if logo is None:
        raise NotFound("a logo that is not there")
    return respond(WireResponse(200, _HEADERS, logo.image))
