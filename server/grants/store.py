"""Queries over grants. Every step begins with tenant and id and ends with "not revoked, not expired"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database, expiry, lists
from server.kernel.clock import DAY
from server.kernel.database import Statement
from server.kernel.json import dump_json, load_json
from server.protocol.claims import ClaimsRequest

from .policy import GRACE_USES
from .records import Grant

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from server.kernel.clock import Instant

_INSERT = """
INSERT INTO access_grant (id, tenant_id, client_pk, user_id, session_id, scope, resources, redirect_uri, code_challenge,
 nonce, claims_request, auth_time, acr, amr, offline, created_at, expires_at, max_expires_at, generation, grace_uses)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0, 0)
"""
_FIND = """
SELECT id, client_pk, user_id, session_id, scope, resources, redirect_uri, code_challenge, nonce,
 claims_request, auth_time, acr, amr, created_at, expires_at, max_expires_at, redeemed_at, generation,
 rotated_at, revoked_at FROM access_grant WHERE tenant_id = $1 AND id = $2
"""
_CLAIM = """
UPDATE access_grant SET redeemed_at = $5, rotated_at = $5, generation = $3, expires_at = $4
WHERE tenant_id = $1 AND id = $2 AND redeemed_at IS NULL AND revoked_at IS NULL AND expires_at > $5
"""
_ROTATE = """
UPDATE access_grant SET generation = generation + 1, rotated_at = $5, grace_uses = 0, expires_at = $4
WHERE tenant_id = $1 AND id = $2 AND generation = $3 AND generation > 0 AND revoked_at IS NULL AND expires_at > $5
"""
_USE_GRACE = """
UPDATE access_grant SET grace_uses = grace_uses + 1
WHERE tenant_id = $1 AND id = $2 AND generation = $3 AND rotated_at BETWEEN $4 AND $5 + ($5 - $4) AND grace_uses < $6
 AND revoked_at IS NULL AND expires_at > $5
"""
_REVOKE = "UPDATE access_grant SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL"
_REVOKE_FOR_SESSION = """
UPDATE access_grant SET revoked_at = $3 WHERE tenant_id = $1 AND session_id = $2 AND NOT offline AND revoked_at IS NULL
"""
_REVOKE_FOR_SESSIONS = """
UPDATE access_grant SET revoked_at = $3
WHERE tenant_id = $1 AND session_id {among} AND NOT offline AND revoked_at IS NULL
"""
_REVOKE_FOR_USER = """
UPDATE access_grant SET revoked_at = $3 WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL
"""
# An access token may outlive the last refresh token by no more than a day.
_CLIENTS_IN_USE = """
SELECT client_pk FROM access_grant WHERE tenant_id = $1 AND revoked_at IS NULL AND expires_at > $3 AND client_pk {among}
UNION SELECT client_pk FROM consent WHERE tenant_id = $1 AND client_pk {among}
"""
_REVOKE_FOR_USER_AND_CLIENT = """
UPDATE access_grant SET revoked_at = $4
WHERE tenant_id = $1 AND user_id = $2 AND client_pk = $3 AND revoked_at IS NULL
"""
_REVOKE_FOR_CLIENT = """
UPDATE access_grant SET revoked_at = $3 WHERE tenant_id = $1 AND client_pk = $2 AND revoked_at IS NULL
"""

_REVOKE_WITH_SCOPE = """
UPDATE access_grant SET revoked_at = $3
WHERE tenant_id = $1 AND ' ' || scope || ' ' LIKE '% ' || $2 || ' %' AND revoked_at IS NULL
"""


def row_of(tenant_id: UUID, grant: Grant) -> Statement:
    """The row of a new grant, whose code has not been redeemed."""
    arguments = (
        grant.id,
        tenant_id,
        grant.client_pk,
        grant.user_id,
        grant.session_id,
        " ".join(grant.scope),
        dump_json(list(grant.resources)),
        grant.redirect_uri,
        grant.code_challenge,
        grant.nonce,
        dump_json(grant.claims_request.to_json()),
        grant.auth_time,
        grant.acr,
        " ".join(grant.amr),
        grant.offline,
        grant.created_at,
        grant.expires_at,
        grant.max_expires_at,
    )
    return Statement(_INSERT, arguments)


async def create(tenant_id: UUID, grant: Grant) -> None:
    """Store a new grant."""
    await database.write(row_of(tenant_id, grant))


async def find(tenant_id: UUID, grant_id: UUID) -> Grant | None:
    """A grant in whatever state it is; never cached."""
    row = await database.find_row(_FIND, tenant_id, grant_id)
    return _grant(row) if row else None


async def claim_code(
    tenant_id: UUID, grant_id: UUID, *rows: Statement, generation: int, expires_at: Instant, now: Instant
) -> bool:
    """Spend the code and write the rows with it; true for the one call that did.

    `generation` is 1 when a first refresh token is issued, else 0; `expires_at` is the end of that token, or of
    the access token when there is no other.
    """
    return await database.write(*rows, claim=Statement(_CLAIM, (tenant_id, grant_id, generation, expires_at, now)))


async def rotate(
    tenant_id: UUID, grant_id: UUID, generation: int, *rows: Statement, expires_at: Instant, now: Instant
) -> bool:
    """Replace the refresh token of this generation by the next one, write the rows; true for the one call that did."""
    return await database.write(*rows, claim=Statement(_ROTATE, (tenant_id, grant_id, generation, expires_at, now)))


async def use_grace(
    tenant_id: UUID, grant_id: UUID, generation: int, *rows: Statement, rotated_after: Instant, now: Instant
) -> bool:
    """Let the refresh token of this generation be used once more, though the next one is out, and write the rows.

    True while that one is the current one, came no earlier than `rotated_after`, and grace was not used up. One that
    seems to come from the future has as much grace on that side: clocks differ, and one that was set back stretches
    nothing.
    """
    arguments = (tenant_id, grant_id, generation + 1, rotated_after, now, GRACE_USES)
    return await database.write(*rows, claim=Statement(_USE_GRACE, arguments))


async def revoke(tenant_id: UUID, grant_id: UUID, now: Instant, *rows: Statement) -> bool:
    """End a grant with everything issued from it, and write the rows; true for the one call that did."""
    return await database.write(*rows, claim=Statement(_REVOKE, (tenant_id, grant_id, now)))


async def revoke_for_session(tenant_id: UUID, session_id: UUID, now: Instant) -> int:
    """End the grants that were to last as long as a session; how many there were."""
    return await database.execute(_REVOKE_FOR_SESSION, tenant_id, session_id, now)


async def revoke_for_sessions(tenant_id: UUID, session_ids: Collection[UUID], now: Instant) -> int:
    """End the grants that were to last as long as one of these sessions; how many there were."""
    sql = _REVOKE_FOR_SESSIONS.format(among=lists.among("$2"))
    return await database.execute(sql, tenant_id, lists.as_argument(session_ids), now)


async def revoke_for_user(tenant_id: UUID, user_id: UUID, now: Instant) -> int:
    """End every grant of a person; how many there were."""
    return await database.execute(_REVOKE_FOR_USER, tenant_id, user_id, now)


async def find_clients_in_use(tenant_id: UUID, client_pks: Collection[UUID], now: Instant) -> frozenset[UUID]:
    """Those of these clients that hold a grant, or that somebody's consent is remembered for."""
    sql = _CLIENTS_IN_USE.format(among=lists.among("$2"))
    found = await database.rows(sql, tenant_id, lists.as_argument(client_pks), now - DAY)
    return frozenset(database.as_uuid(row["client_pk"]) for row in found)


async def revoke_for_user_and_client(tenant_id: UUID, user_id: UUID, client_pk: UUID, now: Instant) -> int:
    """End every grant that a person gave a client; how many there were."""
    return await database.execute(_REVOKE_FOR_USER_AND_CLIENT, tenant_id, user_id, client_pk, now)


async def revoke_for_client(tenant_id: UUID, client_pk: UUID, now: Instant) -> int:
    """End every grant of a client; how many there were."""
    return await database.execute(_REVOKE_FOR_CLIENT, tenant_id, client_pk, now)


async def revoke_with_scope(tenant_id: UUID, scope: str, now: Instant) -> int:
    """End every grant whose scope has this name, of letters only; how many there were."""
    return await database.execute(_REVOKE_WITH_SCOPE, tenant_id, scope, now)


async def sweep(before: Instant, limit: int) -> int:
    """Delete a batch, over all tenants, of what expired before an instant, at least a day ago; how many there were.

    Access tokens may outlive the last refresh token.
    """
    return await expiry.delete_expired("access_grant", before, limit)


def _grant(row: Mapping[str, object]) -> Grant:
    resources = load_json(str(row["resources"]))
    return Grant(
        id=database.as_uuid(row["id"]),
        client_pk=database.as_uuid(row["client_pk"]),
        user_id=database.as_uuid(row["user_id"]),
        session_id=database.as_optional_uuid(row["session_id"]),
        scope=tuple(str(row["scope"]).split()),
        resources=tuple(str(name) for name in resources) if isinstance(resources, list) else (),
        redirect_uri=str(row["redirect_uri"]),
        code_challenge=database.as_optional_text(row["code_challenge"]),
        nonce=database.as_optional_text(row["nonce"]),
        claims_request=ClaimsRequest.from_json(load_json(str(row["claims_request"] or "{}"))),
        auth_time=database.as_int(row["auth_time"]),
        acr=str(row["acr"]),
        amr=tuple(str(row["amr"]).split()),
        created_at=database.as_int(row["created_at"]),
        expires_at=database.as_int(row["expires_at"]),
        max_expires_at=database.as_int(row["max_expires_at"]),
        redeemed_at=database.as_optional_int(row["redeemed_at"]),
        generation=database.as_int(row["generation"]),
        rotated_at=database.as_optional_int(row["rotated_at"]),
        revoked_at=database.as_optional_int(row["revoked_at"]),
    )
