"""The metadata document of an issuer. RFC 8414 §2, OpenID Connect Discovery §3, RFC 9207 §3."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from server import scopes, sessions
from server.protocol.metadata import MetadataFacts, server_metadata
from server.tenants import Registration

from .wire import JSON, WireResponse

if TYPE_CHECKING:
    from .wire import Headers, WireRequest

# Short, so that a setting that was changed is known to clients soon.
CACHED: Headers = ((b"cache-control", b"public, max-age=60"),)

# Stands for the issuer, by which alone the documents of most tenants differ. Nobody can put it into a name of theirs.
_ISSUER = f"https://{secrets.token_hex(16)}.invalid"

# The languages of the pages; a test holds them to the catalogues that there are.
UI_LOCALES = ("en", "de")


async def metadata(request: WireRequest) -> WireResponse:
    """What this issuer offers, in the one document that serves all well-known forms."""
    tenant = request.tenant
    facts = MetadataFacts(
        issuer=_ISSUER,
        scopes=await scopes.list_public(tenant.id),
        registration=tenant.settings.registration is not Registration.OFF,
        client_id_metadata_documents=tenant.settings.client_id_metadata_documents,
        acr_values=(sessions.ACR_PASSWORD,),
        ui_locales=UI_LOCALES,
    )
    document = _document(facts).replace(_ISSUER.encode(), orjson.dumps(tenant.issuer)[1:-1])
    return WireResponse(200, JSON + CACHED, document)


@lru_cache(maxsize=1000)
def _document(facts: MetadataFacts) -> bytes:
    return orjson.dumps(server_metadata(facts))
