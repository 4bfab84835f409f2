"""Queries over remembered consent: the permissions that a person allowed a client at one redirect origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database, ids
from server.kernel.database import Statement

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from uuid import UUID

    from server.kernel.clock import Instant

# (resource identifier, scope name); an empty identifier is the tenant itself, an empty scope plain access.
Permission = tuple[str, str]

_FIND = """
SELECT resource, scope FROM consent
WHERE tenant_id = $1 AND user_id = $2 AND client_pk = $3 AND redirect_origin = $4 AND metadata_digest = $5
"""
# What was allowed to an earlier state of the client is taken over by its present one.
_REMEMBER = """
INSERT INTO consent (id, tenant_id, user_id, client_pk, redirect_origin, resource, scope, metadata_digest, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (tenant_id, user_id, client_pk, redirect_origin, resource, scope)
DO UPDATE SET metadata_digest = excluded.metadata_digest, created_at = excluded.created_at
"""
_FORGET = "DELETE FROM consent WHERE tenant_id = $1 AND user_id = $2 AND client_pk = $3"
_FORGET_FOR_USER = "DELETE FROM consent WHERE tenant_id = $1 AND user_id = $2"
_FORGET_SCOPE = "DELETE FROM consent WHERE tenant_id = $1 AND scope = $2"
_FORGET_FOR_CLIENT = "DELETE FROM consent WHERE tenant_id = $1 AND client_pk = $2"


async def remembered(
    tenant_id: UUID, user_id: UUID, client_pk: UUID, *, redirect_origin: str, metadata_digest: str
) -> frozenset[Permission]:
    """What a person allowed this client before, as it is now, at this origin."""
    rows = await database.find_rows(_FIND, tenant_id, user_id, client_pk, redirect_origin, metadata_digest)
    return frozenset((str(row["resource"]), str(row["scope"])) for row in rows)


def rows_of_consent(
    tenant_id: UUID,
    user_id: UUID,
    client_pk: UUID,
    *,
    redirect_origin: str,
    metadata_digest: str,
    permissions: AbstractSet[Permission],
    now: Instant,
) -> tuple[Statement, ...]:
    """The rows that remember what a person allowed; in one order, so that two writers never wait for each other."""
    key = (tenant_id, user_id, client_pk, redirect_origin)
    return tuple(
        Statement(_REMEMBER, (ids.uuid7(), *key, resource, scope, metadata_digest, now))
        for resource, scope in sorted(permissions)
    )


async def forget(tenant_id: UUID, user_id: UUID, client_pk: UUID) -> int:
    """Forget what a person allowed a client; how many permissions that were."""
    return await database.execute(_FORGET, tenant_id, user_id, client_pk)


async def forget_for_user(tenant_id: UUID, user_id: UUID) -> None:
    """Forget all that a person allowed."""
    await database.execute(_FORGET_FOR_USER, tenant_id, user_id)


async def forget_for_client(tenant_id: UUID, client_pk: UUID) -> None:
    """Forget all that anybody allowed a client."""
    await database.execute(_FORGET_FOR_CLIENT, tenant_id, client_pk)


async def forget_scope(tenant_id: UUID, scope: str) -> None:
    """Forget that anybody allowed anything by this name."""
    await database.execute(_FORGET_SCOPE, tenant_id, scope)
