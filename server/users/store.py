"""Queries over people. Usernames and addresses are unique per tenant, by their keys."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from server.kernel import database, invalidation
from server.kernel.cache import TenantCache
from server.kernel.json import dump_json, load_json
from server.tenants import Origin

from .models import UserRow
from .policy import identifier_key, is_identifier
from .records import User

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Instant

TOPIC = "users"

_COLUMNS = """
id, sub, username, email, email_verified, name, claims, enabled, origin, created_at, updated_at
"""
_FIND = f"SELECT {_COLUMNS} FROM person WHERE tenant_id = $1 AND id = $2"  # noqa: S608 - constants only
_FIND_BY_USERNAME = f"SELECT {_COLUMNS} FROM person WHERE tenant_id = $1 AND username_key = $2"  # noqa: S608 - same
_FIND_BY_EMAIL = f"SELECT {_COLUMNS} FROM person WHERE tenant_id = $1 AND email_key = $2"  # noqa: S608 - same
_LIST = f"SELECT {_COLUMNS} FROM person WHERE tenant_id = $1 ORDER BY created_at, username_key"  # noqa: S608 - same
_DELETE = "DELETE FROM person WHERE tenant_id = $1 AND id = $2"

_cache: TenantCache[UUID, User] = TenantCache(TOPIC, size=50_000)


async def find(tenant_id: UUID, user_id: UUID) -> User | None:
    """The person with this id, enabled or not; cached."""

    async def load() -> User | None:
        row = await database.row(_FIND, tenant_id, user_id)
        return user_of(tenant_id, row) if row else None

    return await _cache.get(tenant_id, user_id, load)


async def find_by_identifier(tenant_id: UUID, name: str) -> User | None:
    """The person with this username or address, whatever its case; enabled or not.

    A username with an "@" is the person's address (`check_user`), so one query knows which column to ask.
    """
    if not is_identifier(name):
        return None
    key = identifier_key(name)
    row = await database.row(_FIND_BY_EMAIL if "@" in key else _FIND_BY_USERNAME, tenant_id, key)
    return user_of(tenant_id, row) if row else None


async def list_users(tenant_id: UUID) -> tuple[User, ...]:
    """Every person of a tenant, in the order in which they were made."""
    return tuple(user_of(tenant_id, row) for row in await database.rows(_LIST, tenant_id))


async def create(tenant_id: UUID, user: User) -> None:
    """Store a new person; raises AlreadyExists when username or address are taken."""
    await UserRow(
        id=user.id,
        tenant_id=tenant_id,
        sub=user.sub,
        origin=user.origin.value,
        created_at=user.created_at,
        updated_at=user.updated_at,
        **_columns(user),
    ).save(force_create=True)


async def update(tenant_id: UUID, before: User, after: User, now: Instant) -> None:
    """Write what differs between two states of a person, never `sub`; raises AlreadyExists."""
    changed = dict(_columns(after).items() - _columns(before).items())
    if not changed:
        return
    async with database.transaction():
        await UserRow.filter(tenant_id=tenant_id, id=before.id).update(**changed, updated_at=now)
        await invalidation.changed(tenant_id, TOPIC)


async def delete(tenant_id: UUID, user_id: UUID) -> bool:
    """Remove a person; false when there was none. What hangs on them is removed by whoever calls."""
    async with database.transaction():
        removed = await database.execute(_DELETE, tenant_id, user_id)
        await invalidation.changed(tenant_id, TOPIC)
    return removed == 1


def _columns(user: User) -> dict[str, str | bool | None]:
    return {
        "username": user.username,
        "username_key": identifier_key(user.username),
        "email": user.email,
        "email_key": None if user.email is None else identifier_key(user.email),
        "email_verified": user.email_verified,
        "name": user.name,
        "claims": dump_json(dict(user.claims)),
        "enabled": user.enabled,
    }


def user_of(tenant_id: UUID, row: Mapping[str, object]) -> User:
    """The person whose row this is; it may have other columns beside its own."""
    claims = load_json(str(row["claims"]))
    return User(
        id=database.as_uuid(row["id"]),
        tenant_id=tenant_id,
        sub=str(row["sub"]),
        username=str(row["username"]),
        origin=Origin(str(row["origin"])),
        created_at=database.as_int(row["created_at"]),
        updated_at=database.as_int(row["updated_at"]),
        email=database.as_optional_text(row["email"]),
        email_verified=database.as_bool(row["email_verified"]),
        name=database.as_optional_text(row["name"]),
        claims=MappingProxyType(claims if isinstance(claims, dict) else {}),
        enabled=database.as_bool(row["enabled"]),
    )
