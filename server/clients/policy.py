"""Pure rules of clients: their ids, their secrets, and who may do without PKCE."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from server.kernel import digests, encryption, ids
from server.protocol.client_digests import metadata_digest
from server.protocol.scopes import OPENID
from server.protocol.vocabulary import GrantType

from .records import Client, ClientSecret, ClientSource

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.protocol.client_metadata import ClientMetadata
    from server.tenants import Origin

MAX_LIVE_SECRETS = 2
MAX_CLIENT_ID = 500
_SECRET_PURPOSE = "client-secret"  # noqa: S105 - names a key, is none
_TOKEN_PREFIX = "lk_registration_"  # noqa: S105 - how a token begins, so that scanners for leaked secrets know it
_SHORTEST_SECRET = 8
_LONGEST_SECRET = 512


class InvalidClientDefinition(ValueError):
    """A client cannot be defined like this; the message says why, in one line."""


def random_client_id() -> str:
    """A new client_id, of characters that survive every way in which clients send it."""
    return digests.random_token(128)


def is_client_id(text: str) -> bool:
    """Whether a text can be a client_id at all. RFC 6749 appendix A.1."""
    return 0 < len(text) <= MAX_CLIENT_ID and text.isascii() and text.isprintable()


def new_client(
    tenant_id: UUID,
    client_id: str,
    metadata: ClientMetadata,
    *,
    source: ClientSource,
    origin: Origin,
    scope: tuple[str, ...],
    now: Instant,
) -> Client:
    """An enabled client without secrets, not yet stored; consent is asked and PKCE required."""
    return Client(
        id=ids.uuid7(),
        tenant_id=tenant_id,
        client_id=client_id,
        source=source,
        origin=origin,
        metadata=metadata,
        metadata_digest=metadata_digest(metadata),
        scope=scope,
        created_at=now,
    )


def new_registration_token() -> tuple[str, str]:
    """A registration access token (RFC 7592), and the digest that is stored of it."""
    text = f"{_TOKEN_PREFIX}{digests.random_token()}"
    return text, digests.sha256(text).hex()


def has_registration_token(client: Client, text: str) -> bool:
    """Whether this is the registration access token of this client."""
    digest = client.registration.access_token_digest
    return digest is not None and digests.equal(digest, digests.sha256(text).hex())


def with_metadata(client: Client, metadata: ClientMetadata, scope: tuple[str, ...]) -> Client:
    """The client as it describes itself now; what people consented to may no longer hold (its digest changes)."""
    return replace(client, metadata=metadata, metadata_digest=metadata_digest(metadata), scope=scope)


def check_definition(client: Client) -> None:
    """Raise InvalidClientDefinition for what no administrator may ask of a client."""
    if not is_client_id(client.client_id):
        raise InvalidClientDefinition(f"client_id must be 1 to {MAX_CLIENT_ID} printable ASCII characters")
    if not client.require_pkce and not may_skip_pkce(client):
        raise InvalidClientDefinition("require_pkce may be false only for a confidential OpenID client")
    if GrantType.CLIENT_CREDENTIALS in client.metadata.grant_types and not client.is_confidential:
        raise InvalidClientDefinition("the client_credentials grant needs a client that authenticates")


def may_skip_pkce(client: Client) -> bool:
    """Whether PKCE may be relaxed: `nonce` then guards the code. OAuth 2.1 §7.5.1."""
    return client.source is ClientSource.ADMIN and client.is_confidential and OPENID in client.scope


def check_secret_strength(secret: str) -> None:
    """Raise InvalidClientDefinition for a secret that cannot be sent, or that could be guessed in an afternoon."""
    if not _SHORTEST_SECRET <= len(secret) <= _LONGEST_SECRET or not secret.isascii() or not secret.isprintable():
        raise InvalidClientDefinition(
            f"client_secret must be {_SHORTEST_SECRET} to {_LONGEST_SECRET} printable ASCII characters"
        )


def live_secrets(client: Client, now: Instant) -> tuple[ClientSecret, ...]:
    """The secrets of a client that have not expired."""
    return tuple(secret for secret in client.secrets if secret.expires_at is None or secret.expires_at > now)


def has_secret(client: Client, candidates: Iterable[str], now: Instant) -> bool:
    """Whether one of the presented secrets is a live one of this client; every pair is compared, in constant time."""
    live = live_secrets(client, now)
    matches = False
    for candidate in candidates:
        made = digest_each(client.tenant_id, candidate)
        for secret in live:
            for digest in made:
                matches |= digests.equal(secret.digest, digest)
    return matches


def digest_secret(tenant_id: UUID, secret: str) -> str:
    """What is stored of a secret: an HMAC under the current master secret, after that key's own fingerprint."""
    return _digest(encryption.derive(_SECRET_PURPOSE), tenant_id, secret)


def digest_each(tenant_id: UUID, secret: str) -> tuple[str, ...]:
    """What would be stored of a secret under the current and the previous master secret."""
    return tuple(_digest(key, tenant_id, secret) for key in encryption.derive_each(_SECRET_PURPOSE))


def is_under_current_key(secret: ClientSecret) -> bool:
    """Whether a stored digest was made under the current master secret."""
    return secret.digest.startswith(current_fingerprint() + ".")


def current_fingerprint() -> str:
    """How digests under the current master secret begin: eight characters that tell nothing of the key."""
    return _fingerprint(encryption.derive(_SECRET_PURPOSE))


def _digest(key: bytes, tenant_id: UUID, secret: str) -> str:
    mac = digests.hmac_sha256(key, tenant_id.bytes, secret)
    return f"{_fingerprint(key)}.{digests.b64url(mac)}"


@lru_cache(maxsize=8)
def _fingerprint(key: bytes) -> str:
    return digests.b64url(digests.sha256(key))[:8]
