"""Access tokens, made and ended. RFC 9068 §2, RFC 7009 §2.

A JWT stands for itself and is ended by its `jti`; an opaque token is one row. Both end with their grant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from server import keys
from server.kernel import digests, ids
from server.kernel.clock import SECOND, to_seconds
from server.protocol.errors import InvalidScope
from server.protocol.scopes import format_scope
from server.resources import TokenFormat

from . import jws, store
from .affiliations import fitting
from .records import IssuedAccessToken, OpaqueToken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.clients import Client
    from server.kernel.clock import Instant
    from server.kernel.database import Statement
    from server.tenants import Tenant

    from .affiliations import Claims
    from .records import AccessToken, Entitlement, GrantHolder

ALG = "ES256"
TYPE = "at+jwt"
OPAQUE_PREFIX = "lk_access_"


async def issue_for_grant(
    tenant: Tenant, holder: GrantHolder, entitlement: Entitlement, affiliations: Claims, now: Instant
) -> IssuedAccessToken:
    """An access token about a person; of their affiliations it tells what its scope asks for. Raises InvalidScope."""
    grant = holder.grant
    if entitlement.token_format is TokenFormat.OPAQUE:
        return _issue_opaque(tenant, holder.client, entitlement, now, grant_id=grant.id)
    about = {
        "sub": holder.user.sub,
        "gid": ids.to_short(grant.id),
        "auth_time": to_seconds(grant.auth_time),
        "acr": grant.acr,
        "amr": list(grant.amr),
    }
    return await _issue_jwt(tenant, holder.client, entitlement, now, about, affiliations=affiliations)


async def issue_for_client(tenant: Tenant, client: Client, entitlement: Entitlement, now: Instant) -> IssuedAccessToken:
    """An access token of the client's own; its subject is the client (RFC 9068 §2.2). Raises InvalidScope."""
    if entitlement.token_format is TokenFormat.OPAQUE:
        return _issue_opaque(tenant, client, entitlement, now, grant_id=None)
    return await _issue_jwt(tenant, client, entitlement, now, {"sub": client.client_id}, affiliations={})


def rows_of(tenant_id: UUID, token: IssuedAccessToken) -> tuple[Statement, ...]:
    """What has to be stored of an access token, to be written with what decides whether it was issued."""
    return () if token.row is None else (store.row_of(tenant_id, token.text, token.row),)


async def revoke(tenant: Tenant, token: AccessToken, now: Instant, *rows: Statement) -> bool:
    """End one access token, and write the rows; true for the one call that did."""
    if token.token_format is TokenFormat.OPAQUE:
        return await store.revoke_opaque(tenant.id, UUID(token.token_id), now, *rows)
    return await store.revoke_jti(tenant.id, token.token_id, token.expires_at, now, *rows)


async def _issue_jwt(
    tenant: Tenant,
    client: Client,
    entitlement: Entitlement,
    now: Instant,
    about: Mapping[str, object],
    *,
    affiliations: Claims,
) -> IssuedAccessToken:
    lifetime, jti = tenant.settings.access_token_lifetime, digests.random_token(128)
    audience = entitlement.audience
    claims: dict[str, object] = {
        "iss": tenant.issuer,
        **about,
        "aud": audience[0] if len(audience) == 1 else list(audience),
        "client_id": client.client_id,
        "scope": format_scope(entitlement.scope),
        "jti": jti,
        "iat": to_seconds(now),
        "exp": to_seconds(now + lifetime),
    }
    claims |= fitting(affiliations, entitlement.scope, claims)
    text = jws.sign(await keys.signing_key(tenant.id, ALG), ALG, TYPE, claims)
    if len(text) > jws.MAX_LENGTH:
        raise InvalidScope(f"a scope that makes a token of {len(text)} characters, which nobody would read")
    return IssuedAccessToken(text, jti, lifetime // SECOND)


def _issue_opaque(
    tenant: Tenant, client: Client, entitlement: Entitlement, now: Instant, *, grant_id: UUID | None
) -> IssuedAccessToken:
    lifetime, text = tenant.settings.access_token_lifetime, OPAQUE_PREFIX + digests.random_token()
    token = OpaqueToken(
        id=ids.uuid7(),
        client_pk=client.id,
        grant_id=grant_id,
        audience=entitlement.audience,
        scope=entitlement.scope,
        issued_at=now,
        expires_at=now + lifetime,
    )
    return IssuedAccessToken(text, str(token.id), lifetime // SECOND, token)
