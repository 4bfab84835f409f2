"""Digests of client metadata: what people consented to, and what makes two registrations one. RFC 7591 §2."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from .redirect_uris import without_loopback_port
from .scopes import format_scope

if TYPE_CHECKING:
    from .client_metadata import ClientMetadata
    from .json_documents import JsonValue


def metadata_digest(metadata: ClientMetadata) -> str:
    """A digest of what people go by when they consent: name, site, redirect URIs, scope, and keys where there are some.

    64 hexadecimal digits.
    """
    keys: dict[str, JsonValue] = {"jwks": metadata.jwks, "jwks_uri": metadata.jwks_uri}
    return _digest(
        {
            "client_name": metadata.client_name,
            "client_uri": metadata.client_uri,
            "redirect_uris": list(_portless(metadata.redirect_uris)),
            "scope": format_scope(sorted(metadata.scope)),
            **{name: value for name, value in keys.items() if value is not None},
        }
    )


def fingerprint(metadata: ClientMetadata) -> str:
    """A digest of everything, with loopback ports removed: alike for two installations of one program."""
    portless = replace(
        metadata,
        redirect_uris=_portless(metadata.redirect_uris),
        post_logout_redirect_uris=_portless(metadata.post_logout_redirect_uris),
        scope=tuple(sorted(metadata.scope)),
    )
    return _digest(portless.to_json())


def _portless(uris: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(map(without_loopback_port, uris))))


def _digest(document: dict[str, JsonValue]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
