"""Queries over passwords, which are stored as argon2id hashes only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant

_FIND = "SELECT password_hash FROM password WHERE tenant_id = $1 AND user_id = $2"
_SET = """
INSERT INTO password (tenant_id, user_id, password_hash, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash, updated_at = excluded.updated_at
WHERE password.tenant_id = excluded.tenant_id
"""
_REPLACE = """
UPDATE password SET password_hash = $4, updated_at = $5
WHERE tenant_id = $1 AND user_id = $2 AND password_hash = $3
"""
_DELETE = "DELETE FROM password WHERE tenant_id = $1 AND user_id = $2"


async def password_of(tenant_id: UUID, user_id: UUID) -> str | None:
    """The hash of a person's password; None for a person without one, and for nobody."""
    row = await database.row(_FIND, tenant_id, user_id)
    return str(row["password_hash"]) if row else None


async def set_password(tenant_id: UUID, user_id: UUID, password_hash: str, now: Instant) -> None:
    """Give a person a password, instead of the one they had."""
    await database.execute(_SET, tenant_id, user_id, password_hash, now)


async def replace_password_hash(tenant_id: UUID, user_id: UUID, old: str, new: str, now: Instant) -> bool:
    """Store the same password under newer parameters; false when it was changed meanwhile, which then stands."""
    return await database.execute(_REPLACE, tenant_id, user_id, old, new, now) == 1


async def remove_password(tenant_id: UUID, user_id: UUID) -> None:
    """Take a person's password away."""
    await database.execute(_DELETE, tenant_id, user_id)
