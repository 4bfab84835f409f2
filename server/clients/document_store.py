"""Queries over client documents and key sets. They are the installation's: what a host says, it says to all tenants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database, digests, invalidation
from server.kernel.cache import TenantCache
from server.protocol.client_documents import parse_client_document
from server.protocol.errors import OAuthError
from server.tenants import PLATFORM

from .documents import ClientDocument
from .records import ClientSource

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant

TOPIC = "client_documents"

_FIND = "SELECT body, etag, fetched_at, fresh_until FROM client_document WHERE url = $1"
# Of two that were fetched at the same time, the one that was asked for last stays.
_KEEP = """
INSERT INTO client_document (url, body, etag, fetched_at, fresh_until) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (url) DO UPDATE SET body = excluded.body, etag = excluded.etag, fetched_at = excluded.fetched_at,
fresh_until = excluded.fresh_until WHERE client_document.fetched_at <= excluded.fetched_at
"""
_DESCRIBED = "SELECT tenant_id, client_id FROM client WHERE source = $1 ORDER BY tenant_id, client_id"
_SWEEP = "DELETE FROM client_document WHERE fetched_at < $1"
_FIND_KEYS = "SELECT keys, fetched_at FROM client_key_set WHERE uri_digest = $1"
_KEEP_KEYS = """
INSERT INTO client_key_set (uri_digest, keys, fetched_at) VALUES ($1, $2, $3)
ON CONFLICT (uri_digest) DO UPDATE SET keys = excluded.keys, fetched_at = excluded.fetched_at
WHERE client_key_set.fetched_at <= excluded.fetched_at
"""
_SWEEP_KEYS = "DELETE FROM client_key_set WHERE fetched_at < $1"
_FIND_LOGO = "SELECT image, fetched_at FROM client_logo WHERE name = $1"
_KEEP_LOGO = """
INSERT INTO client_logo (name, image, fetched_at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET image = excluded.image, fetched_at = excluded.fetched_at
"""
_SWEEP_LOGOS = "DELETE FROM client_logo WHERE fetched_at < $1"


def _weigh(document: ClientDocument) -> int:
    """Kilobytes, begun ones included."""
    return 1 + len(document.body) // 1024


_documents: TenantCache[str, ClientDocument] = TenantCache(TOPIC, size=20_000, weigh=_weigh)
_key_sets: TenantCache[str, tuple[str, Instant]] = TenantCache(
    TOPIC, size=20_000, weigh=lambda kept: 1 + len(kept[0]) // 1024
)


_logos: TenantCache[str, tuple[bytes, Instant]] = TenantCache(
    TOPIC, size=20_000, weigh=lambda kept: 1 + len(kept[0]) // 1024
)


async def find_document(client_id: str) -> ClientDocument | None:
    """The last good copy of the document at this address, however old; cached."""
    return await _documents.get(PLATFORM, client_id, lambda: _load(client_id))


async def keep_document(document: ClientDocument) -> None:
    """Store a good copy in place of an older one."""
    async with database.transaction():
        await database.execute(
            _KEEP,
            document.client_id,
            document.body,
            document.etag,
            document.fetched_at,
            document.fresh_until,
        )
        await invalidation.changed(PLATFORM, TOPIC)


async def list_described() -> list[tuple[UUID, str]]:
    """Every stored client that is known by its document: whose it is, and the document's address."""
    rows = await database.rows(_DESCRIBED, ClientSource.METADATA_DOCUMENT.value)
    return [(database.as_uuid(row["tenant_id"]), str(row["client_id"])) for row in rows]


async def find_key_set(uri: str) -> tuple[str, Instant] | None:
    """The last key set from this address, as JSON, and when it was fetched; cached."""
    digest = digests.sha256(uri).hex()

    async def load() -> tuple[str, Instant] | None:
        row = await database.row(_FIND_KEYS, digest)
        return None if row is None else (str(row["keys"]), database.as_int(row["fetched_at"]))

    return await _key_sets.get(PLATFORM, digest, load)


async def keep_key_set(uri: str, keys: str, now: Instant) -> None:
    """Store a key set in place of an older one."""
    async with database.transaction():
        await database.execute(_KEEP_KEYS, digests.sha256(uri).hex(), keys, now)
        await invalidation.changed(PLATFORM, TOPIC)


async def find_logo(name: str) -> tuple[bytes, Instant] | None:
    """A logo and when it was fetched; cached."""

    async def load() -> tuple[bytes, Instant] | None:
        row = await database.row(_FIND_LOGO, name)
        return None if row is None else (_as_bytes(row["image"]), database.as_int(row["fetched_at"]))

    return await _logos.get(PLATFORM, name, load)


async def keep_logo(name: str, image: bytes, now: Instant) -> None:
    """Store a logo in place of an older one."""
    async with database.transaction():
        await database.execute(_KEEP_LOGO, name, image, now)
        await invalidation.changed(PLATFORM, TOPIC)


async def sweep_documents(before: Instant) -> int:
    """Delete documents, key sets and logos that were last current before an instant; how many that was."""
    return sum([await database.execute(statement, before) for statement in (_SWEEP, _SWEEP_KEYS, _SWEEP_LOGOS)])


def _as_bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("not a binary column")
    return value


async def _load(client_id: str) -> ClientDocument | None:
    row = await database.row(_FIND, client_id)
    if row is None:
        return None
    body = str(row["body"])
    try:
        metadata = parse_client_document(body.encode(), client_id)
    except OAuthError:
        # What another release found good.
        return None
    return ClientDocument(
        client_id=client_id,
        body=body,
        metadata=metadata,
        etag=database.as_optional_text(row["etag"]),
        fetched_at=database.as_int(row["fetched_at"]),
        fresh_until=database.as_int(row["fresh_until"]),
    )
