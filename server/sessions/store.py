"""Queries over browser sessions. The cookie's value is stored as a SHA-256 digest only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database, digests, expiry, lists, logs
from server.kernel.clock import MINUTE
from server.kernel.database import Statement

from .records import Session

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from server.kernel.clock import Duration, Instant

# A session's last use is written at most this often: reading a page is not worth a write.
TOUCH_EVERY = 5 * MINUTE

_INSERT = """
INSERT INTO browser_session (id, tenant_id, token_digest, user_id, auth_time, acr, amr, created_at, last_seen_at,
 expires_at, max_expires_at, remote_address, user_agent)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12)
"""
_FIND = """
SELECT id, tenant_id, user_id, auth_time, acr, amr, last_seen_at, expires_at, max_expires_at FROM browser_session
WHERE tenant_id = $1 AND token_digest = $2 AND ended_at IS NULL AND expires_at > $3
"""
_RENEW = """
UPDATE browser_session SET token_digest = $3, auth_time = $4, acr = $5, amr = $6, last_seen_at = $4, expires_at = $7,
 max_expires_at = $8, remote_address = $9, user_agent = $10
WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL
"""
_TOUCH = """
UPDATE browser_session SET last_seen_at = $3, expires_at = $4
WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL AND last_seen_at < $5
"""
_END = "UPDATE browser_session SET ended_at = $3 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL"
_END_AMONG = "UPDATE browser_session SET ended_at = $3 WHERE tenant_id = $1 AND id {among} AND ended_at IS NULL"
_END_FOR_USER = "UPDATE browser_session SET ended_at = $3 WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL"


def new_row(tenant_id: UUID, session: Session) -> tuple[Statement, str]:
    """The row of a new session, and the secret for its cookie."""
    token = digests.random_token()
    arguments = (
        session.id,
        tenant_id,
        _digest(token),
        session.user_id,
        session.auth_time,
        session.acr,
        " ".join(session.amr),
        session.last_seen_at,
        session.expires_at,
        session.max_expires_at,
        *_origin(),
    )
    return Statement(_INSERT, arguments), token


async def renew(tenant_id: UUID, session: Session) -> str | None:
    """Give a session that goes on a new secret and sign-in time; None when it has ended meanwhile."""
    token = digests.random_token()
    changed = await database.execute(
        _RENEW,
        tenant_id,
        session.id,
        _digest(token),
        session.auth_time,
        session.acr,
        " ".join(session.amr),
        session.expires_at,
        session.max_expires_at,
        *_origin(),
    )
    return token if changed else None


async def find(tenant_id: UUID, token: str | None, now: Instant) -> Session | None:
    """The live session with this secret, in one indexed query; no query without a secret."""
    if not token or "\x00" in token:
        return None
    row = await database.find_row(_FIND, tenant_id, _digest(token), now)
    return _session(row) if row else None


async def touch(tenant_id: UUID, session: Session, idle: Duration, now: Instant) -> None:
    """Note that a session was used: it stays alive for `idle` microseconds more, within its absolute end.

    One that is kept until its absolute end, used or not, stays so.
    """
    if now - session.last_seen_at < TOUCH_EVERY:
        return
    is_kept = session.expires_at == session.max_expires_at
    expires_at = session.max_expires_at if is_kept else min(now + idle, session.max_expires_at)
    await database.execute(_TOUCH, tenant_id, session.id, now, expires_at, now - TOUCH_EVERY)


async def end(tenant_id: UUID, session_id: UUID, now: Instant) -> bool:
    """End a session; idempotent, true for the call that ended it."""
    return await database.execute(_END, tenant_id, session_id, now) == 1


async def end_among(tenant_id: UUID, session_ids: Collection[UUID], now: Instant) -> int:
    """End those of these sessions that last; how many there were."""
    sql = _END_AMONG.format(among=lists.among("$2"))
    return await database.execute(sql, tenant_id, lists.as_argument(session_ids), now)


async def end_for_user(tenant_id: UUID, user_id: UUID, now: Instant) -> int:
    """End every session of a person; how many there were."""
    return await database.execute(_END_FOR_USER, tenant_id, user_id, now)


async def sweep(before: Instant, limit: int) -> int:
    """Delete a batch, over all tenants, of what expired before an instant; how many there were."""
    return await expiry.delete_expired("browser_session", before, limit)


def _origin() -> tuple[str | None, str | None]:
    """The address and the user agent of whoever signs in."""
    mark = logs.current_request()
    return (mark.remote_address, mark.storable_user_agent) if mark else (None, None)


def _digest(token: str) -> str:
    return digests.sha256(token).hex()


def _session(row: Mapping[str, object]) -> Session:
    return Session(
        id=database.as_uuid(row["id"]),
        tenant_id=database.as_uuid(row["tenant_id"]),
        user_id=database.as_uuid(row["user_id"]),
        auth_time=database.as_int(row["auth_time"]),
        acr=str(row["acr"]),
        amr=tuple(str(row["amr"]).split()),
        last_seen_at=database.as_int(row["last_seen_at"]),
        expires_at=database.as_int(row["expires_at"]),
        max_expires_at=database.as_int(row["max_expires_at"]),
    )
