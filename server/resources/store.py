"""Queries over resources. A tenant's resources are cached together: there are few, and the matcher needs them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database, invalidation
from server.kernel.cache import TENANTS, TenantCache
from server.kernel.json import dump_json, load_json
from server.tenants import Origin

from .models import ResourceRow
from .policy import choose
from .records import Resource, TokenFormat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Instant

TOPIC = "resources"

_LIST = """
SELECT id, identifier, display_name, scopes, token_format, introspection_clients, origin FROM resource
WHERE tenant_id = $1 ORDER BY created_at, identifier
"""
_DELETE = "DELETE FROM resource WHERE tenant_id = $1 AND id = $2"

_cache: TenantCache[str, tuple[Resource, ...]] = TenantCache(TOPIC, size=TENANTS)


async def list_resources(tenant_id: UUID) -> tuple[Resource, ...]:
    """Every resource of a tenant, in the order in which they were made; cached."""

    async def load() -> tuple[Resource, ...]:
        return tuple(_resource(row) for row in await database.rows(_LIST, tenant_id))

    return await _cache.get(tenant_id, "", load) or ()


async def resolve(tenant_id: UUID, presented: tuple[str, ...]) -> tuple[Resource, ...]:
    """The registered resources that a request names; raises InvalidTarget for an unknown one. RFC 8707 §2."""
    return choose(await list_resources(tenant_id), presented) if presented else ()


async def create(tenant_id: UUID, resource: Resource, now: Instant) -> None:
    """Store a new resource; raises AlreadyExists."""
    async with database.transaction():
        await ResourceRow(
            id=resource.id,
            tenant_id=tenant_id,
            identifier=resource.identifier,
            origin=resource.origin.value,
            created_at=now,
            updated_at=now,
            **_columns(resource),
        ).save(force_create=True)
        await invalidation.changed(tenant_id, TOPIC)


async def update(tenant_id: UUID, before: Resource, after: Resource, now: Instant) -> None:
    """Write what differs between two states of a resource; its identifier stays."""
    changed = dict(_columns(after).items() - _columns(before).items())
    if not changed:
        return
    async with database.transaction():
        await ResourceRow.filter(tenant_id=tenant_id, id=before.id).update(**changed, updated_at=now)
        await invalidation.changed(tenant_id, TOPIC)


async def delete(tenant_id: UUID, resource_id: UUID) -> bool:
    """Remove a resource; false when there was none."""
    async with database.transaction():
        removed = await database.execute(_DELETE, tenant_id, resource_id)
        await invalidation.changed(tenant_id, TOPIC)
    return removed == 1


def _columns(resource: Resource) -> dict[str, str]:
    return {
        "display_name": resource.display_name,
        "scopes": " ".join(resource.scopes),
        "token_format": resource.token_format.value,
        "introspection_clients": dump_json(list(resource.introspection_clients)),
    }


def _resource(row: Mapping[str, object]) -> Resource:
    listed = load_json(str(row["introspection_clients"]))
    return Resource(
        id=database.as_uuid(row["id"]),
        identifier=str(row["identifier"]),
        display_name=str(row["display_name"]),
        scopes=tuple(str(row["scopes"]).split()),
        token_format=TokenFormat(str(row["token_format"])),
        introspection_clients=tuple(str(client_id) for client_id in listed) if isinstance(listed, list) else (),
        origin=Origin(str(row["origin"])),
    )
