"""Compact JWS under a tenant's keys, without more work than the signature itself. RFC 7515 §7.1."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from server import keys
from server.kernel import digests
from server.kernel.cache import TenantCache

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.keys import SigningKey

MAX_LENGTH = 8192


@dataclass(frozen=True, slots=True)
class Signed:
    """The header and the claims of a JWS whose signature is one of the tenant's."""

    header: Mapping[str, object]
    claims: Mapping[str, object] = field(repr=False)
    key_is_retired: bool


# What was verified once is not verified again: the same access token is introspected many times. By digest, and dropped
# whenever the tenant's keys change.
_verified: TenantCache[bytes, Signed] = TenantCache("keys", size=5_000)


def sign(key: SigningKey, alg: str, typ: str, claims: Mapping[str, object]) -> str:
    """A signed JWT; `alg` is the name that the reader knows the key's algorithm by."""
    signing_input = b".".join((_header(key.kid, alg, typ), _encode(orjson.dumps(claims))))
    return b".".join((signing_input, _encode(key.sign(signing_input)))).decode("ascii")


async def find_signed(tenant_id: UUID, text: str) -> Signed | None:
    """The content of a JWS that this tenant signed at some time, with any of its keys; None for every other text."""
    if len(text) > MAX_LENGTH or not text.isascii():
        return None
    return await _verified.get(tenant_id, digests.sha256(text), lambda: _verify(tenant_id, text))


async def _verify(tenant_id: UUID, text: str) -> Signed | None:
    signing_input, _, encoded_signature = text.rpartition(".")
    encoded_header, separator, encoded_claims = signing_input.partition(".")
    header = _object(encoded_header)
    signature = digests.from_b64url(encoded_signature)
    if not separator or header is None or signature is None:
        return None
    kid, alg = header.get("kid"), header.get("alg")
    key = await keys.find_verification_key(tenant_id, kid) if isinstance(kid, str) else None
    if key is None or not isinstance(alg, str) or not key.is_for(alg):
        return None
    claims = _object(encoded_claims) if key.is_signature(signature, signing_input.encode("ascii")) else None
    return None if claims is None else Signed(header, claims, key.is_retired)


@lru_cache(maxsize=10_000)
def _header(kid: str, alg: str, typ: str) -> bytes:
    return _encode(orjson.dumps({"alg": alg, "typ": typ, "kid": kid}))


def _encode(value: bytes) -> bytes:
    return digests.b64url(value).encode("ascii")


def _object(encoded: str) -> Mapping[str, object] | None:
    raw = digests.from_b64url(encoded)
    try:
        document = None if raw is None else orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None
