"""Queries over keys. What is read on every request is cached; private parts are unsealed once a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database, encryption, invalidation
from server.kernel.cache import TENANTS, TenantCache
from server.kernel.json import load_json
from server.kernel.resealing import reseal

from . import generation
from .records import Algorithm, KeyState, KeyTimes, MacKey, NoSuchKey, Sealed, SigningKey, VerificationKey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

TOPIC = "keys"
SIGNING_PURPOSE = "signing-key"
MAC_PURPOSE = "mac-key"

_ACTIVE = """
SELECT id, kid, sealed_private FROM signing_key WHERE tenant_id = $1 AND alg = $2 AND state = 'active'
ORDER BY activates_at DESC, id DESC LIMIT 1
"""
_PUBLISHED = """
SELECT public_jwk FROM signing_key WHERE tenant_id = $1 AND state IN ('announced', 'active', 'retiring')
ORDER BY alg, activates_at DESC, id
"""
_PUBLIC = "SELECT alg, public_jwk, state FROM signing_key WHERE tenant_id = $1 AND kid = $2 AND state <> 'announced'"
_TIMELINE = """
SELECT kid, alg, state, created_at, activates_at, retires_at FROM signing_key WHERE tenant_id = $1
ORDER BY activates_at DESC, id DESC
"""
_MAC_KEYS = """
SELECT id, kid, sealed_secret FROM mac_key WHERE tenant_id = $1
ORDER BY CASE WHEN retired_at IS NULL THEN 0 ELSE 1 END, created_at, id
"""
_SEALED_SIGNING = "SELECT tenant_id, id, sealed_private AS sealed FROM signing_key WHERE sealed_private <> ''"
_SEALED_MAC = "SELECT tenant_id, id, sealed_secret AS sealed FROM mac_key"
_RESEAL_SIGNING = """
UPDATE signing_key SET sealed_private = $4 WHERE tenant_id = $1 AND id = $2 AND sealed_private = $3
"""
_RESEAL_MAC = "UPDATE mac_key SET sealed_secret = $4 WHERE tenant_id = $1 AND id = $2 AND sealed_secret = $3"

_signing: TenantCache[Algorithm, SigningKey] = TenantCache(TOPIC, size=TENANTS)
# An RSA key that has signed weighs 9 kB, four times as much as another, and reading it again costs a fraction of what
# signing with it does: only those in use are kept.
_signing_rsa: TenantCache[Algorithm, SigningKey] = TenantCache(TOPIC, size=3_000)
_verification: TenantCache[str, VerificationKey] = TenantCache(TOPIC, size=TENANTS)
_published: TenantCache[str, tuple[Mapping[str, str], ...]] = TenantCache(TOPIC, size=TENANTS)
_macs: TenantCache[str, Mapping[str, MacKey]] = TenantCache(TOPIC, size=TENANTS)


async def signing_key(tenant_id: UUID, alg: str) -> SigningKey:
    """The key that signs with a JWS algorithm now; cached. Raises NoSuchKey, and ValueError for an unknown `alg`."""
    algorithm = Algorithm.named(alg)

    async def load() -> SigningKey | None:
        row = await database.row(_ACTIVE, tenant_id, algorithm.value)
        if row is None:
            return None
        record_id = database.as_uuid(row["id"])
        der = encryption.unseal(SIGNING_PURPOSE, tenant_id, record_id, str(row["sealed_private"]))
        return SigningKey(str(row["kid"]), algorithm, generation.read_private(der))

    cache = _signing_rsa if algorithm is Algorithm.RS256 else _signing
    key = await cache.get(tenant_id, algorithm, load)
    if key is None:
        raise NoSuchKey(f"tenant {tenant_id} has no active {algorithm.value} key")
    return key


async def find_verification_key(tenant_id: UUID, kid: str) -> VerificationKey | None:
    """The public key of this name, active or past; cached."""

    async def load() -> VerificationKey | None:
        row = await database.row(_PUBLIC, tenant_id, kid)
        if row is None:
            return None
        public = generation.read_public(_jwk(row["public_jwk"]))
        return VerificationKey(kid, Algorithm(str(row["alg"])), public, is_retired=row["state"] == KeyState.RETIRED)

    if not kid.isascii() or not kid.isprintable():
        return None
    return await _verification.get(tenant_id, kid, load)


async def public_keys(tenant_id: UUID) -> tuple[Mapping[str, str], ...]:
    """The JWKs that the tenant publishes: announced, active and retiring; cached. RFC 7517 §5."""

    async def load() -> tuple[Mapping[str, str], ...] | None:
        return tuple(_jwk(row["public_jwk"]) for row in await database.rows(_PUBLISHED, tenant_id)) or None

    return await _published.get(tenant_id, "", load) or ()


async def list_timeline(tenant_id: UUID) -> tuple[KeyTimes, ...]:
    """Every signing key that the tenant ever had, the newest first."""
    return tuple(
        KeyTimes(
            kid=str(row["kid"]),
            algorithm=Algorithm(str(row["alg"])),
            state=KeyState(str(row["state"])),
            created_at=database.as_int(row["created_at"]),
            activates_at=database.as_int(row["activates_at"]),
            retires_at=database.as_optional_int(row["retires_at"]),
        )
        for row in await database.rows(_TIMELINE, tenant_id)
    )


async def mac_key(tenant_id: UUID) -> MacKey:
    """The key that authenticates new references: the oldest one that is not retired. Raises NoSuchKey."""
    for key in (await mac_keys(tenant_id)).values():
        return key
    raise NoSuchKey(f"tenant {tenant_id} has no MAC key")


async def mac_keys(tenant_id: UUID) -> Mapping[str, MacKey]:
    """Every key that references may be under, by name, the one in use first; cached.

    Retired ones are kept for good: whether a reference still counts is for its grant to say.
    """

    async def load() -> Mapping[str, MacKey] | None:
        rows = await database.rows(_MAC_KEYS, tenant_id)
        return {str(row["kid"]): MacKey(str(row["kid"]), _unseal_mac(tenant_id, row)) for row in rows} or None

    return await _macs.get(tenant_id, "", load) or {}


async def count_former() -> Sealed:
    """How many keys of all tenants a new master secret still has before it, or has lost."""
    rows = [*await database.rows(_SEALED_SIGNING), *await database.rows(_SEALED_MAC)]
    former = [str(row["sealed"]) for row in rows if not encryption.is_current(str(row["sealed"]))]
    known = sum(map(encryption.is_known, former))
    return Sealed(known, len(former) - known)


async def rewrap() -> int:
    """Seal again what is sealed under the former master secret, in every tenant; how many keys that was."""
    return sum(
        [
            await reseal(SIGNING_PURPOSE, _SEALED_SIGNING, _RESEAL_SIGNING),
            await reseal(MAC_PURPOSE, _SEALED_MAC, _RESEAL_MAC),
        ]
    )


async def changed(tenant_id: UUID) -> None:
    """Let every process read the tenant's keys again; called in the transaction that changes them."""
    await invalidation.changed(tenant_id, TOPIC)


def _unseal_mac(tenant_id: UUID, row: Mapping[str, object]) -> bytes:
    return encryption.unseal(MAC_PURPOSE, tenant_id, database.as_uuid(row["id"]), str(row["sealed_secret"]))


def _jwk(text: object) -> Mapping[str, str]:
    document = load_json(str(text))
    if not isinstance(document, dict):
        raise TypeError("a stored JWK is an object")
    return {name: str(value) for name, value in document.items()}
