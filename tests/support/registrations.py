"""Many registrations at once, by SQL: what years of open registration leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from server.kernel import database
from server.kernel.clock import DAY
from server.kernel.json import dump_json
from server.protocol.client_digests import metadata_digest
from server.protocol.client_metadata import parse_client_metadata

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.protocol.client_metadata import ClientMetadata

LIFETIME = 30 * DAY
CHUNK = 50_000  # no statement may take long
# What there is besides: tables, columns and values, a row for each client in use.
_BESIDE = (
    ("client_secret", "client_pk, digest, created_at", "{pk}, 'd' || n, n"),
    (
        "consent",
        "user_id, client_pk, redirect_origin, resource, scope, metadata_digest, created_at",
        "{pk}, {pk}, 'o', 'r' || n, 's', 'd', n",
    ),
    (
        "interaction",
        "handle, browser_digest, client_pk, request, created_at, expires_at",
        f"'h' || n, 'b' || n, {{pk}}, '', n, {1 << 52} + n",
    ),
    (
        "initial_access_token",
        "digest, name, template, max_uses, uses, created_at, valid_until",
        f"'d' || n, 'n', '', 9, 0, n, {1 << 52}",
    ),
)
TABLES = ("client", "client_secret", "access_grant", "consent", "opaque_token", "interaction", "initial_access_token")


def metadata_of(number: int) -> ClientMetadata:
    """What the client of this number registered."""
    return parse_client_metadata(
        {"client_name": f"Client {number}", "redirect_uris": ["http://127.0.0.1/callback"], "scope": "notes:read"},
        drop_private_use=False,
    )


async def fill(tenant_id: UUID, user_id: UUID, *, clients: int, in_use: int, now: Instant) -> None:
    """So many public clients `client-1`, `client-2` and so on, the first of them with a live grant each, and more.

    Half of those that nobody uses are past their end. Statistics are fresh afterwards.
    """
    for first in range(1, clients + 1, CHUNK):
        await _fill_clients(tenant_id, first, min(first + CHUNK - 1, clients), in_use=in_use, now=now)
    pk = pk_expression("n")
    await database.execute(
        f"""
        INSERT INTO access_grant (id, tenant_id, client_pk, user_id, scope, resources, redirect_uri, auth_time, acr,
         amr, offline, created_at, expires_at, max_expires_at, generation, grace_uses)
        SELECT {pk}, $1, {pk}, $2, 'notes:read', '[]', 'http://127.0.0.1/callback', $3, 'x', 'pwd', FALSE, $3,
         $3 + {LIFETIME}, $3 + {LIFETIME}, 1, 0
        FROM ({NUMBERS.format(first=1, last="$4")}) AS numbered
        """,  # noqa: S608 - constants only
        tenant_id,
        user_id,
        now,
        in_use,
    )
    for table, columns, values in _BESIDE:
        sql = f"INSERT INTO {table} (id, tenant_id, {columns}) SELECT {pk}, $1, {values.format(pk=pk)}"
        await database.execute(f"{sql} FROM ({NUMBERS.format(first=1, last='$2')}) AS numbered", tenant_id, in_use)
    await analyze()


async def _fill_clients(tenant_id: UUID, first: int, last: int, *, in_use: int, now: Instant) -> None:
    model = metadata_of(0)
    await database.execute(
        f"""
        INSERT INTO client (id, tenant_id, client_id, source, origin, enabled, metadata, metadata_digest, scope,
         first_party, require_pkce, fingerprint, created_at, updated_at, kept_until)
        SELECT {pk_expression("n")}, $1, 'client-' || n, 'dynamic', 'registration', TRUE, $2, $3, 'notes:read', FALSE,
         TRUE, 'fingerprint-' || n, $4, $4,
         CASE WHEN n <= $6 OR n % 2 = 0 THEN $5 + {DAY} + n ELSE $5 - 1 - n END
        FROM ({NUMBERS.format(first="$8", last="$7")}) AS numbered
        """,  # noqa: S608 - constants only
        tenant_id,
        dump_json(model.to_json()),
        metadata_digest(model),
        now - LIFETIME,
        now,
        in_use,
        last,
        first,
    )


async def analyze() -> None:
    """Let the planner know what the tables hold, as PostgreSQL does by itself in time; SQLite never does."""
    if database.is_postgresql():
        for table in TABLES:
            await database.execute(f"VACUUM (ANALYZE) {table}")


def pk_of(number: int) -> UUID:
    """The internal key of the client of this number."""
    return UUID(f"00000000-0000-7000-8000-{number:012x}")


def pk_expression(number: str) -> str:
    """The same in SQL."""
    if database.is_postgresql():
        return f"('00000000-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"
    return f"printf('00000000-0000-7000-8000-%012x', {number})"


NUMBERS = """
WITH RECURSIVE counted(n) AS (
 SELECT CAST({first} AS BIGINT) UNION ALL SELECT n + 1 FROM counted WHERE n < {last}) SELECT n FROM counted
"""
