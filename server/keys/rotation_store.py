"""The statements of rotation. Each step is one conditional UPDATE, so that two processes never take it twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database, digests, encryption, ids
from server.kernel.json import dump_json

from .records import Algorithm, KeyInfo, KeyState
from .store import MAC_PURPOSE, SIGNING_PURPOSE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Instant

    from .records import NewSigningKey

_INSERT_SIGNING = """
INSERT INTO signing_key (id, tenant_id, kid, alg, public_jwk, sealed_private, state, created_at, activates_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_INSERT_MAC = "INSERT INTO mac_key (id, tenant_id, kid, sealed_secret, created_at) VALUES ($1, $2, $3, $4, $5)"
_LIVE = """
SELECT tenant_id, kid, alg, state, activates_at FROM signing_key
WHERE tenant_id = $1 AND state IN ('announced', 'active')
"""
_LIVE_MACS = "SELECT kid FROM mac_key WHERE tenant_id = $1 AND retired_at IS NULL ORDER BY created_at, id"
_ACTIVATE = """
UPDATE signing_key SET state = 'active', activates_at = $3 WHERE tenant_id = $1 AND kid = $2 AND state = 'announced'
"""
_SUPERSEDED = """
SELECT tenant_id, kid, alg, state, activates_at FROM signing_key
WHERE tenant_id = $1 AND alg = $2 AND state = 'active' AND kid <> $3
"""
_SUPERSEDE = """
UPDATE signing_key SET state = 'retiring', retires_at = $3 WHERE tenant_id = $1 AND kid = $2 AND state = 'active'
"""
# The private part is destroyed: a retired key will never sign again.
_RETIRE = """
UPDATE signing_key SET state = 'retired', sealed_private = '' WHERE tenant_id = $1 AND kid = $2 AND state = 'retiring'
"""
_END = """
UPDATE signing_key SET state = 'retired', retires_at = $3, sealed_private = ''
WHERE tenant_id = $1 AND kid = $2 AND state <> 'retired'
"""
_RETIRE_MAC = "UPDATE mac_key SET retired_at = $3 WHERE tenant_id = $1 AND kid = $2 AND retired_at IS NULL"

# Over all tenants: the background task looks for what is due, and then goes tenant by tenant.
_DUE_ACTIVATION = """
SELECT tenant_id, kid, alg, state, activates_at FROM signing_key WHERE state = 'announced' AND activates_at <= $1
"""
_DUE_RETIREMENT = """
SELECT tenant_id, kid, alg, state, activates_at FROM signing_key WHERE state = 'retiring' AND retires_at <= $1
"""
_DUE_ANNOUNCEMENT = """
SELECT tenant_id, kid, alg, state, activates_at FROM signing_key AS old WHERE state = 'active' AND activates_at <= $1
 AND NOT EXISTS (SELECT 1 FROM signing_key AS new WHERE new.tenant_id = old.tenant_id AND new.alg = old.alg
 AND new.state IN ('announced', 'active') AND new.activates_at > old.activates_at)
"""
_DUE_MACS = """
SELECT tenant_id, COUNT(*) AS live FROM mac_key WHERE retired_at IS NULL GROUP BY tenant_id
HAVING (COUNT(*) = 1 AND MAX(created_at) <= $1) OR (COUNT(*) > 1 AND MAX(created_at) <= $2)
"""


async def insert_signing_key(
    tenant_id: UUID, key: NewSigningKey, state: KeyState, *, activates_at: Instant, now: Instant
) -> None:
    """Store a new key pair, its private part sealed."""
    record_id = ids.uuid7()
    sealed = encryption.seal(SIGNING_PURPOSE, tenant_id, record_id, key.private_der)
    await database.execute(
        _INSERT_SIGNING,
        record_id,
        tenant_id,
        key.kid,
        key.algorithm.value,
        dump_json(dict(key.public_jwk)),
        sealed,
        state.value,
        now,
        activates_at,
    )


async def insert_mac_key(tenant_id: UUID, now: Instant) -> str:
    """Store a new random MAC key; its name."""
    record_id, kid, secret = ids.uuid7(), digests.random_token(48), digests.random_token(256).encode()
    await database.execute(
        _INSERT_MAC, record_id, tenant_id, kid, encryption.seal(MAC_PURPOSE, tenant_id, record_id, secret), now
    )
    return kid


async def list_live(tenant_id: UUID) -> list[KeyInfo]:
    """The announced and the active signing keys."""
    return [_info(row) for row in await database.rows(_LIVE, tenant_id)]


async def list_live_macs(tenant_id: UUID) -> list[str]:
    """The names of the MAC keys that are not retired, oldest first."""
    return [str(row["kid"]) for row in await database.rows(_LIVE_MACS, tenant_id)]


async def activate(tenant_id: UUID, kid: str, now: Instant) -> bool:
    """Let an announced key sign; true for the one call that did."""
    return await database.execute(_ACTIVATE, tenant_id, kid, now) == 1


async def supersede(tenant_id: UUID, algorithm: Algorithm, kid: str, *, retires_at: Instant) -> list[KeyInfo]:
    """Let every other active key of an algorithm than `kid` sign no more; which ones those were."""
    others = [_info(row) for row in await database.rows(_SUPERSEDED, tenant_id, algorithm.value, kid)]
    return [other for other in others if await database.execute(_SUPERSEDE, tenant_id, other.kid, retires_at) == 1]


async def retire(tenant_id: UUID, kid: str) -> bool:
    """End a retiring key; true for the one call that did."""
    return await database.execute(_RETIRE, tenant_id, kid) == 1


async def end(tenant_id: UUID, kid: str, now: Instant) -> bool:
    """End a key at once, whatever its state; true for the one call that did."""
    return await database.execute(_END, tenant_id, kid, now) == 1


async def retire_mac(tenant_id: UUID, kid: str, now: Instant) -> bool:
    """Let a MAC key authenticate nothing new; true for the one call that did."""
    return await database.execute(_RETIRE_MAC, tenant_id, kid, now) == 1


async def due_for_activation(now: Instant) -> list[KeyInfo]:
    """Announced keys of every tenant whose time has come."""
    return [_info(row) for row in await database.rows(_DUE_ACTIVATION, now)]


async def due_for_retirement(now: Instant) -> list[KeyInfo]:
    """Retiring keys of every tenant whose last token has expired."""
    return [_info(row) for row in await database.rows(_DUE_RETIREMENT, now)]


async def due_for_announcement(active_since: Instant) -> list[KeyInfo]:
    """Active keys of every tenant that sign since then or longer and have no successor."""
    return [_info(row) for row in await database.rows(_DUE_ANNOUNCEMENT, active_since)]


async def tenants_with_due_macs(in_use_since: Instant, announced_since: Instant) -> list[UUID]:
    """Tenants whose only MAC key is that old, or whose newest one has been known that long."""
    return [database.as_uuid(row["tenant_id"]) for row in await database.rows(_DUE_MACS, in_use_since, announced_since)]


def _info(row: Mapping[str, object]) -> KeyInfo:
    return KeyInfo(
        tenant_id=database.as_uuid(row["tenant_id"]),
        kid=str(row["kid"]),
        algorithm=Algorithm(str(row["alg"])),
        state=KeyState(str(row["state"])),
        activates_at=database.as_int(row["activates_at"]),
    )
