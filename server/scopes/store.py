"""Queries over scopes. A tenant's scopes are cached together: there are few, and most requests need several."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from server.kernel import database, ids, invalidation
from server.kernel.cache import TENANTS, TenantCache
from server.tenants import Origin

from .models import ScopeRow
from .policy import is_public
from .records import IDENTITY, Scope, Scopes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Instant

TOPIC = "scopes"

_LIST = """
SELECT name, description, optional, sensitive, dynamic, origin FROM scope WHERE tenant_id = $1 ORDER BY created_at, name
"""
_DELETE = "DELETE FROM scope WHERE tenant_id = $1 AND name = $2"

_cache: TenantCache[str, Scopes] = TenantCache(TOPIC, size=TENANTS)


async def list_scopes(tenant_id: UUID) -> Mapping[str, Scope]:
    """Every scope of a tenant by name, those of OpenID Connect first; cached."""
    return (await _known(tenant_id)).by_name


async def list_public(tenant_id: UUID) -> tuple[str, ...]:
    """The names of the scopes that anybody may read of, in the same order; cached."""
    return (await _known(tenant_id)).public


async def _known(tenant_id: UUID) -> Scopes:
    async def load() -> Scopes:
        defined = [_scope(row) for row in await database.rows(_LIST, tenant_id)]
        known = {scope.name: scope for scope in (*IDENTITY, *defined)}
        return Scopes(MappingProxyType(known), _same(tuple(name for name in known if is_public(known[name]))))

    return await _cache.get(tenant_id, "", load) or Scopes({}, ())


@lru_cache(maxsize=1000)
def _same(names: tuple[str, ...]) -> tuple[str, ...]:
    """One object for all tenants that have the same: with thousands of them in turn, memory is what takes time."""
    return names


async def create(tenant_id: UUID, scope: Scope, now: Instant) -> None:
    """Store a new scope; raises AlreadyExists."""
    async with database.transaction():
        await ScopeRow(
            id=ids.uuid7(),
            tenant_id=tenant_id,
            name=scope.name,
            origin=scope.origin.value,
            created_at=now,
            updated_at=now,
            **_columns(scope),
        ).save(force_create=True)
        await invalidation.changed(tenant_id, TOPIC)


async def update(tenant_id: UUID, before: Scope, after: Scope, now: Instant) -> None:
    """Write what differs between two states of a scope; its name stays."""
    changed = dict(_columns(after).items() - _columns(before).items())
    if not changed:
        return
    async with database.transaction():
        await ScopeRow.filter(tenant_id=tenant_id, name=before.name).update(**changed, updated_at=now)
        await invalidation.changed(tenant_id, TOPIC)


async def delete(tenant_id: UUID, name: str) -> bool:
    """Remove a scope; false when there was none. What was granted stays granted until it expires."""
    async with database.transaction():
        removed = await database.execute(_DELETE, tenant_id, name)
        await invalidation.changed(tenant_id, TOPIC)
    return removed == 1


def _columns(scope: Scope) -> dict[str, str | bool]:
    return {
        "description": scope.description,
        "optional": scope.optional,
        "sensitive": scope.sensitive,
        "dynamic": scope.dynamic,
    }


def _scope(row: Mapping[str, object]) -> Scope:
    return Scope(
        name=str(row["name"]),
        description=str(row["description"]),
        optional=database.as_bool(row["optional"]),
        sensitive=database.as_bool(row["sensitive"]),
        dynamic=database.as_bool(row["dynamic"]),
        origin=Origin(str(row["origin"])),
    )
