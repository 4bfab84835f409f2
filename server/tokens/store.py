"""Queries over opaque access tokens and over JWTs that were revoked. Neither is ever cached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database, digests, expiry, ids
from server.kernel.database import Statement
from server.kernel.json import dump_json, load_json

from .records import OpaqueToken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Instant

_INSERT = """
INSERT INTO opaque_token (id, tenant_id, digest, client_pk, grant_id, audience, scope, issued_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_FIND = """
SELECT id, client_pk, grant_id, audience, scope, issued_at, expires_at, revoked_at FROM opaque_token
WHERE tenant_id = $1 AND digest = $2
"""
_REVOKE = "UPDATE opaque_token SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL"
_REVOKE_JTI = """
INSERT INTO revoked_token (tenant_id, jti, id, expires_at, revoked_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, jti) DO NOTHING
"""
_IS_JTI_REVOKED = "SELECT 1 AS found FROM revoked_token WHERE tenant_id = $1 AND jti = $2"


def row_of(tenant_id: UUID, text: str, token: OpaqueToken) -> Statement:
    """The row of a new opaque token, by its digest."""
    arguments = (
        token.id,
        tenant_id,
        _digest(text),
        token.client_pk,
        token.grant_id,
        dump_json(list(token.audience)),
        " ".join(token.scope),
        token.issued_at,
        token.expires_at,
    )
    return Statement(_INSERT, arguments)


async def find_opaque(tenant_id: UUID, text: str) -> OpaqueToken | None:
    """The stored token with this text, in whatever state it is."""
    row = await database.find_row(_FIND, tenant_id, _digest(text))
    return _opaque(row) if row else None


async def revoke_opaque(tenant_id: UUID, token_id: UUID, now: Instant, *rows: Statement) -> bool:
    """End an opaque token, and write the rows; true for the one call that did."""
    return await database.write(*rows, claim=Statement(_REVOKE, (tenant_id, token_id, now)))


async def revoke_jti(tenant_id: UUID, jti: str, expires_at: Instant, now: Instant, *rows: Statement) -> bool:
    """End a JWT, by a row that is kept until it would have expired, and write the rows; true for the one that did."""
    claim = Statement(_REVOKE_JTI, (tenant_id, jti, ids.uuid7(), expires_at, now))
    return await database.write(*rows, claim=claim)


async def is_jti_revoked(tenant_id: UUID, jti: str) -> bool:
    """Whether a JWT was ended before it expired."""
    return await database.find_row(_IS_JTI_REVOKED, tenant_id, jti) is not None


async def sweep(before: Instant, limit: int) -> int:
    """Delete a batch of either table, over all tenants, of what expired before an instant; how many there were."""
    swept = await expiry.delete_expired("opaque_token", before, limit)
    return swept + await expiry.delete_expired("revoked_token", before, limit)


def _digest(text: str) -> str:
    return digests.sha256(text).hex()


def _opaque(row: Mapping[str, object]) -> OpaqueToken:
    audience = load_json(str(row["audience"]))
    return OpaqueToken(
        id=database.as_uuid(row["id"]),
        client_pk=database.as_uuid(row["client_pk"]),
        grant_id=database.as_optional_uuid(row["grant_id"]),
        audience=tuple(str(name) for name in audience) if isinstance(audience, list) else (),
        scope=tuple(str(row["scope"]).split()),
        issued_at=database.as_int(row["issued_at"]),
        expires_at=database.as_int(row["expires_at"]),
        revoked_at=database.as_optional_int(row["revoked_at"]),
    )
