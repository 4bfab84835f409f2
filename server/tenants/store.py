"""Queries over tenants. Finders are cached under PLATFORM, since a tenant that is looked for is not known yet."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

from server.kernel import database, invalidation
from server.kernel.cache import TENANTS, TenantCache
from server.kernel.json import dump_json, load_json

from .models import TenantRow
from .policy import issuer_of
from .records import (
    Branding,
    KeepSignedIn,
    Mode,
    PrivateUseSchemes,
    Registration,
    RememberConsent,
    Tenant,
    TenantSettings,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from enum import StrEnum

    from server.kernel.clock import Duration, Instant
    from server.kernel.json import JsonValue

# What belongs to no tenant is cached under this id.
PLATFORM = UUID(int=0)
TOPIC = "tenants"

_COLUMNS = "id, slug, display_name, mode, domain, enabled, settings, branding, created_at"
_BY = {
    "id": f"SELECT {_COLUMNS} FROM tenant WHERE id = $1",  # noqa: S608 - constants only
    "slug": f"SELECT {_COLUMNS} FROM tenant WHERE slug = $1",  # noqa: S608 - constants only
    "domain": f"SELECT {_COLUMNS} FROM tenant WHERE domain = $1",  # noqa: S608 - constants only
}
_DELETE = "DELETE FROM tenant WHERE id = $1"
_LIST = f"SELECT {_COLUMNS} FROM tenant ORDER BY slug"  # noqa: S608 - constants only

_SETTINGS_OF_ALL = "SELECT id, settings FROM tenant"


def _weigh(tenant: Tenant) -> int:
    """One, and one more for every four kilobytes of logo."""
    return 1 + len(tenant.branding.logo or "") // 4096


# Each is found by its slug or domain, and by its id.
_cache: TenantCache[tuple[str, str, str], Tenant] = TenantCache(TOPIC, size=2 * TENANTS, weigh=_weigh)


async def find(tenant_id: UUID, public_url: str) -> Tenant | None:
    """The tenant with this id, disabled or not; cached."""
    return await _find("id", str(tenant_id), public_url)


async def find_by_slug(slug: str, public_url: str) -> Tenant | None:
    """The tenant with this slug, disabled or not; cached."""
    return await _find("slug", slug, public_url)


async def find_by_domain(domain: str, public_url: str) -> Tenant | None:
    """The tenant that this host name belongs to, disabled or not; cached."""
    return await _find("domain", domain, public_url)


async def list_tenants(public_url: str) -> tuple[Tenant, ...]:
    """Every tenant, the system tenant included, by slug."""
    return tuple(_tenant(row, public_url) for row in await database.rows(_LIST))


async def list_audit_retentions() -> dict[UUID, Duration]:
    """How long each tenant keeps its audit events."""
    rows = await database.rows(_SETTINGS_OF_ALL)
    return {database.as_uuid(row["id"]): _settings(str(row["settings"])).audit_retention for row in rows}


async def create(tenant: Tenant, now: Instant) -> None:
    """Store a new tenant; raises AlreadyExists when slug or domain are taken."""
    await TenantRow(
        id=tenant.id, slug=tenant.slug, created_at=tenant.created_at, updated_at=now, **_columns(tenant)
    ).save(force_create=True)


async def update(tenant_id: UUID, before: Tenant, after: Tenant, now: Instant) -> None:
    """Write what differs between two states of a tenant, and nothing else; raises AlreadyExists for a taken domain."""
    changed = dict(_columns(after).items() - _columns(before).items())
    if not changed:
        return
    async with database.transaction():
        await TenantRow.filter(id=tenant_id).update(**changed, updated_at=now)
        await invalidation.changed(PLATFORM, TOPIC)


async def delete(tenant_id: UUID) -> bool:
    """Remove a tenant, whose slug and domain are free then; false when there was none. Its rows go apart."""
    async with database.transaction():
        removed = await database.execute(_DELETE, tenant_id)
        await invalidation.changed(PLATFORM, TOPIC)
    return removed == 1


async def _find(by: str, value: str, public_url: str) -> Tenant | None:
    if not value.isascii() or not value.isprintable():
        return None

    async def load() -> Tenant | None:
        row = await database.row(_BY[by], UUID(value) if by == "id" else value)
        return _tenant(row, public_url) if row else None

    return await _cache.get(PLATFORM, (by, value, public_url), load)


def _columns(tenant: Tenant) -> dict[str, str | bool | None]:
    return {
        "display_name": tenant.display_name,
        "mode": tenant.mode,
        "domain": tenant.domain,
        "enabled": tenant.enabled,
        "settings": dump_json(asdict(tenant.settings)),
        "branding": dump_json(asdict(tenant.branding)),
    }


def _tenant(row: Mapping[str, object], public_url: str) -> Tenant:
    slug, domain = str(row["slug"]), database.as_optional_text(row["domain"])
    return Tenant(
        id=database.as_uuid(row["id"]),
        slug=slug,
        display_name=str(row["display_name"]),
        issuer=issuer_of(slug, domain, public_url),
        created_at=database.as_int(row["created_at"]),
        mode=Mode(str(row["mode"])),
        domain=domain,
        enabled=database.as_bool(row["enabled"]),
        settings=_settings(str(row["settings"])),
        branding=_branding(str(row["branding"])),
    )


# What one release stores its neighbours must be able to read: unknown members are ignored, missing ones are defaults.
_CHOICES: Mapping[str, type[StrEnum]] = {
    "registration": Registration,
    "remember_consent": RememberConsent,
    "private_use_schemes": PrivateUseSchemes,
    "keep_signed_in": KeepSignedIn,
}


def _settings(text: str) -> TenantSettings:
    # Any: whatever is no choice is a number or a boolean, and JSON gives it back as it was.
    members: dict[str, Any] = _members(text, TenantSettings.__slots__)
    members.update({name: kind(members[name]) for name, kind in _CHOICES.items() if name in members})
    return TenantSettings(**members)


def _branding(text: str) -> Branding:
    members: dict[str, Any] = _members(text, Branding.__slots__)
    return Branding(**members)


def _members(text: str, names: Iterable[str]) -> dict[str, JsonValue]:
    stored = load_json(text)
    return {name: stored[name] for name in names if name in stored} if isinstance(stored, dict) else {}
