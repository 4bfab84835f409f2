"""Logos of clients and of the tenant itself, as images of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import clients
from server.endpoints.wire import WireResponse
from server.kernel import images
from server.protocol.errors import NotFound
from web.brand import own_logo_name
from web.requests import current_visit, respond

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
    branding = current_visit().tenant.branding
    if branding.logo and name == own_logo_name(branding):
        return respond(WireResponse(200, _HEADERS, images.bytes_of(branding.logo)))
    logo = await clients.find_logo(name)
    if logo is None:
        raise NotFound("a logo that is not there")
    return respond(WireResponse(200, _HEADERS, logo.image))
