"""Access tokens found again: genuine, in force, and with everybody still there whom they are about. RFC 7662 §2.2.

The signature of a JWT says who made it, never that it still counts: its `jti`, its grant, its client and its person are
looked at each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import clients, grants, users
from server.kernel import ids
from server.kernel.clock import SECOND
from server.resources import TokenFormat

from . import jws, store
from .access_tokens import OPAQUE_PREFIX, TYPE
from .records import AccessToken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.clients import Client
    from server.kernel.clock import Instant
    from server.tenants import Tenant


@dataclass(frozen=True, slots=True)
class _Found:
    """A genuine token that was not revoked itself; of its grant and its parties nothing is known yet."""

    token_id: str
    client: Client | None
    grant_id: UUID | None
    audience: tuple[str, ...]
    scope: tuple[str, ...]
    issued_at: Instant
    expires_at: Instant
    token_format: TokenFormat


async def find_access_token(tenant: Tenant, text: str, now: Instant) -> AccessToken | None:
    """The access token with this text, when it is in force in every respect; two queries."""
    if text.startswith(OPAQUE_PREFIX):
        found = await _find_opaque(tenant, text)
    else:
        found = await _find_jwt(tenant, text, now)
    if found is None or found.expires_at <= now or found.client is None or not found.client.enabled:
        return None
    return await _with_grant(tenant, found, found.client)


async def _with_grant(tenant: Tenant, found: _Found, client: Client) -> AccessToken | None:
    grant = user = None
    if found.grant_id is not None:
        grant = await grants.find(tenant.id, found.grant_id)
        if grant is None or grant.revoked_at is not None or grant.client_pk != client.id:
            return None
        user = await users.find(tenant.id, grant.user_id)
        if user is None or not user.enabled:
            return None
    return AccessToken(
        token_id=found.token_id,
        client=client,
        subject=user.sub if user else client.client_id,
        audience=found.audience,
        scope=found.scope,
        issued_at=found.issued_at,
        expires_at=found.expires_at,
        grant=grant,
        user=user,
        token_format=found.token_format,
    )


async def _find_opaque(tenant: Tenant, text: str) -> _Found | None:
    stored = await store.find_opaque(tenant.id, text)
    if stored is None or stored.revoked_at is not None:
        return None
    return _Found(
        token_id=str(stored.id),
        client=await clients.find_by_pk(tenant.id, stored.client_pk),
        grant_id=stored.grant_id,
        audience=stored.audience,
        scope=stored.scope,
        issued_at=stored.issued_at,
        expires_at=stored.expires_at,
        token_format=TokenFormat.OPAQUE,
    )


async def _find_jwt(tenant: Tenant, text: str, now: Instant) -> _Found | None:
    signed = await jws.find_signed(tenant.id, text)
    # The issuer changes with the tenant's domain: what was issued under the former one is over.
    if signed is None or signed.header.get("typ") != TYPE or signed.claims.get("iss") != tenant.issuer:
        return None
    # No token outlives the retirement of its key: one that seems to was made by somebody who got hold of the key.
    if signed.key_is_retired:
        return None
    claims = signed.claims
    expires_at, jti = _instant(claims["exp"]), str(claims["jti"])
    if expires_at <= now or await store.is_jti_revoked(tenant.id, jti):
        return None
    return _Found(
        token_id=jti,
        client=await clients.find(tenant.id, str(claims["client_id"])),
        grant_id=_grant_id(claims),
        audience=_texts(claims["aud"]),
        scope=tuple(str(claims["scope"]).split()),
        issued_at=_instant(claims["iat"]),
        expires_at=expires_at,
        token_format=TokenFormat.JWT,
    )


def _grant_id(claims: Mapping[str, object]) -> UUID | None:
    return ids.from_short(str(claims["gid"])) if "gid" in claims else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _instant(seconds: object) -> Instant:
    return int(str(seconds)) * SECOND
