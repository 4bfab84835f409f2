"""Queries over clients. A client is cached with its parsed metadata and its secrets: /token asks no other table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database, digests, ids, invalidation
from server.kernel.cache import TenantCache
from server.kernel.json import dump_json, load_json
from server.protocol.client_metadata import ClientMetadata
from server.tenants import Origin

from .models import ClientRow
from .policy import (
    MAX_LIVE_SECRETS,
    digest_secret,
    is_client_id,
)
from .records import Client, ClientSecret, ClientSource, ClientState, DynamicRegistration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Instant

TOPIC = "clients"

_COLUMNS = """
id, client_id, source, origin, enabled, metadata, metadata_digest, scope, first_party, require_pkce, created_at, state,
 access_token_digest, initial_access_token_id, ceiling, software_statement, last_used_at, kept_until
"""
_FIND = f"SELECT {_COLUMNS} FROM client WHERE tenant_id = $1 AND client_id = $2"  # noqa: S608 - constants only
_FIND_BY_PK = f"SELECT {_COLUMNS} FROM client WHERE tenant_id = $1 AND id = $2"  # noqa: S608 - constants only
FIND_BY_FINGERPRINT = f"SELECT {_COLUMNS} FROM client WHERE tenant_id = $1 AND fingerprint = $2"  # noqa: S608 - same
_LIST = f"""
SELECT {_COLUMNS} FROM client WHERE tenant_id = $1 AND source = $2 ORDER BY created_at, client_id
"""  # noqa: S608 - constants only
_DELETE = "DELETE FROM client WHERE tenant_id = $1 AND id = $2"
_LOCK = "UPDATE client SET updated_at = $3 WHERE tenant_id = $1 AND id = $2"
_SECRETS = """
SELECT id, digest, created_at, expires_at FROM client_secret WHERE tenant_id = $1 AND client_pk = $2
ORDER BY created_at, id
"""
_SECRETS_OF_SOURCE = """
SELECT s.client_pk, s.id, s.digest, s.created_at, s.expires_at FROM client_secret s
JOIN client c ON c.tenant_id = s.tenant_id AND c.id = s.client_pk
WHERE s.tenant_id = $1 AND c.source = $2 ORDER BY s.created_at, s.id
"""
_ADD = """
INSERT INTO client_secret (id, tenant_id, client_pk, digest, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
_REMOVE_ALL = "DELETE FROM client_secret WHERE tenant_id = $1 AND client_pk = $2"
_REMOVE_EXPIRED = "DELETE FROM client_secret WHERE tenant_id = $1 AND client_pk = $2 AND expires_at <= $3"


def _weigh(client: Client) -> int:
    """Kilobytes, begun ones included: whoever may register decides how large a client is."""
    return 1 + len(dump_json(client.metadata.to_json())) // 1024


_cache: TenantCache[str | UUID, Client] = TenantCache(TOPIC, size=50_000, weigh=_weigh)


class TooManySecrets(Exception):
    """The client has two live secrets already: one must be removed before another is added."""


async def find(tenant_id: UUID, client_id: str) -> Client | None:
    """The client with this client_id, enabled or not; cached."""
    if not is_client_id(client_id):
        return None
    return await _cache.get(tenant_id, client_id, lambda: load(tenant_id, _FIND, client_id))


async def find_by_pk(tenant_id: UUID, pk: UUID) -> Client | None:
    """The client with this internal key, enabled or not; cached."""
    return await _cache.get(tenant_id, pk, lambda: load(tenant_id, _FIND_BY_PK, pk))


async def list_clients(tenant_id: UUID, source: ClientSource) -> tuple[Client, ...]:
    """Every client of one source, in the order in which they were made."""
    secrets: dict[UUID, list[ClientSecret]] = {}
    for row in await database.rows(_SECRETS_OF_SOURCE, tenant_id, source.value):
        secrets.setdefault(database.as_uuid(row["client_pk"]), []).append(_secret(row))
    found = await database.rows(_LIST, tenant_id, source.value)
    return tuple(_client(tenant_id, row, tuple(secrets.get(database.as_uuid(row["id"]), ()))) for row in found)


async def create(tenant_id: UUID, client: Client, *, fingerprint: str | None = None, now: Instant) -> None:
    """Store a new client, without secrets; raises AlreadyExists for a taken client_id or fingerprint.

    Only anonymous dynamic public clients have a fingerprint: equal ones share a row.
    """
    async with database.transaction():
        await ClientRow(
            id=client.id,
            tenant_id=tenant_id,
            client_id=client.client_id,
            source=client.source.value,
            origin=client.origin.value,
            fingerprint=fingerprint,
            initial_access_token_id=client.registration.initial_access_token_id,
            kept_until=client.registration.kept_until,
            created_at=client.created_at,
            updated_at=now,
            **_columns(client),
        ).save(force_create=True)
        if client.source is ClientSource.ADMIN:  # their domains are remembered together: projections.known_domains
            await invalidation.changed(tenant_id, TOPIC)


async def update(tenant_id: UUID, before: Client, after: Client, now: Instant) -> None:
    """Write what differs between two states of a client; secrets are added and removed apart."""
    changed = dict(_columns(after).items() - _columns(before).items())
    if not changed:
        return
    async with database.transaction():
        await ClientRow.filter(tenant_id=tenant_id, id=before.id).update(**changed, updated_at=now)
        await invalidation.changed(tenant_id, TOPIC)


async def delete(tenant_id: UUID, pk: UUID) -> bool:
    """Remove a client and its secrets; false when there was none. Its grants are revoked by whoever calls."""
    async with database.transaction():
        await database.execute(_REMOVE_ALL, tenant_id, pk)
        removed = await database.execute(_DELETE, tenant_id, pk)
        await invalidation.changed(tenant_id, TOPIC)
    return removed == 1


async def add_secret(
    tenant_id: UUID, pk: UUID, *, now: Instant, expires_at: Instant | None = None, secret: str | None = None
) -> str:
    """Give a client a secret, a random one unless it is named, and return its text, which is kept nowhere.

    Raises TooManySecrets when two are live. The client's row is locked first, so two callers cannot both be second.
    """
    text = digests.random_token() if secret is None else secret
    async with database.transaction():
        await database.execute(_LOCK, tenant_id, pk, now)
        await database.execute(_REMOVE_EXPIRED, tenant_id, pk, now)
        if len(await database.rows(_SECRETS, tenant_id, pk)) >= MAX_LIVE_SECRETS:
            raise TooManySecrets
        digest = digest_secret(tenant_id, text)
        await database.execute(_ADD, ids.uuid7(), tenant_id, pk, digest, now, expires_at)
        await invalidation.changed(tenant_id, TOPIC)
    return text


async def remove_secrets(tenant_id: UUID, pk: UUID) -> None:
    """Remove every secret of a client."""
    async with database.transaction():
        await database.execute(_REMOVE_ALL, tenant_id, pk)
        await invalidation.changed(tenant_id, TOPIC)


async def load(tenant_id: UUID, sql: str, key: str | UUID) -> Client | None:
    """The one client that a statement finds by this key; never cached."""
    row = await database.row(sql, tenant_id, key)
    if row is None:
        return None
    secrets = await database.rows(_SECRETS, tenant_id, database.as_uuid(row["id"]))
    return _client(tenant_id, row, tuple(_secret(secret) for secret in secrets))


def _client(tenant_id: UUID, row: Mapping[str, object], secrets: tuple[ClientSecret, ...]) -> Client:
    return Client(
        id=database.as_uuid(row["id"]),
        tenant_id=tenant_id,
        client_id=str(row["client_id"]),
        source=ClientSource(str(row["source"])),
        origin=Origin(str(row["origin"])),
        metadata=ClientMetadata.from_json(load_json(str(row["metadata"]))),
        metadata_digest=str(row["metadata_digest"]),
        scope=tuple(str(row["scope"]).split()),
        created_at=database.as_int(row["created_at"]),
        enabled=database.as_bool(row["enabled"]),
        first_party=database.as_bool(row["first_party"]),
        require_pkce=database.as_bool(row["require_pkce"]),
        secrets=secrets,
        state=ClientState(str(row["state"] or ClientState.ACTIVE)),
        registration=_registration(row),
    )


def _registration(row: Mapping[str, object]) -> DynamicRegistration:
    ceiling = row["ceiling"]
    return DynamicRegistration(
        access_token_digest=database.as_optional_text(row["access_token_digest"]),
        initial_access_token_id=database.as_optional_uuid(row["initial_access_token_id"]),
        ceiling=None if ceiling is None else tuple(str(ceiling).split()),
        software_statement=database.as_optional_text(row["software_statement"]),
        last_used_at=database.as_optional_int(row["last_used_at"]),
        kept_until=database.as_optional_int(row["kept_until"]),
    )


def _secret(row: Mapping[str, object]) -> ClientSecret:
    return ClientSecret(
        id=database.as_uuid(row["id"]),
        digest=str(row["digest"]),
        created_at=database.as_int(row["created_at"]),
        expires_at=database.as_optional_int(row["expires_at"]),
    )


def _columns(client: Client) -> dict[str, str | bool | None]:
    """What may change in a client's life; its use and its end are noted apart, many at once."""
    registration = client.registration
    return {
        "enabled": client.enabled,
        "metadata": dump_json(client.metadata.to_json()),
        "metadata_digest": client.metadata_digest,
        "scope": " ".join(client.scope),
        "first_party": client.first_party,
        "require_pkce": client.require_pkce,
        "state": None if client.state is ClientState.ACTIVE else client.state.value,
        "access_token_digest": registration.access_token_digest,
        "ceiling": None if registration.ceiling is None else " ".join(registration.ceiling),
        "software_statement": registration.software_statement,
    }
