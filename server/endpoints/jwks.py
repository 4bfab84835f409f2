"""The JWK set of an issuer. RFC 7517 §5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import keys

from .wire import json_response

if TYPE_CHECKING:
    from .wire import Headers, WireRequest, WireResponse

# Short, since an operator may rotate keys without announcing them.
CACHED: Headers = ((b"cache-control", b"public, max-age=60"),)


async def jwks(request: WireRequest) -> WireResponse:
    """The public keys that sign now, will sign soon, or signed what has not expired."""
    published = await keys.public_keys(request.tenant.id)
    return json_response({"keys": published}, headers=CACHED)
