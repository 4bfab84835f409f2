"""The JWK set of an issuer. RFC 7517 §5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import keys

from .wire import json_response

if TYPE_CHECKING:
    from .wire import Headers, WireRequest, WireResponse

# A key is announced a day before it signs, so this may be longer than other documents may be kept.
CACHED: Headers = ((b"cache-control", b"public, max-age=300"),)


async def jwks(request: WireRequest) -> WireResponse:
    """The public keys that sign now, will sign soon, or signed what has not expired."""
    published = await keys.public_keys(request.tenant.id)
    return json_response({"keys": published}, headers=CACHED)
