"""Who signs in by a name, and what their password is compared with: found together, before anything is compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.kernel import database
from server.users import identifier_key, is_identifier, user_of

if TYPE_CHECKING:
    from uuid import UUID

    from server.users import User

_FIND = """
SELECT p.id, p.sub, p.username, p.email, p.email_verified, p.name, p.claims, p.enabled, p.origin, p.created_at,
 p.updated_at, w.password_hash
FROM person p LEFT JOIN password w ON w.tenant_id = p.tenant_id AND w.user_id = p.id WHERE p.tenant_id = $1 AND
"""
_BY_USERNAME = f"{_FIND} p.username_key = $2"
_BY_EMAIL = f"{_FIND} p.email_key = $2"


@dataclass(frozen=True, slots=True)
class LoginLine:
    """A person, enabled or not, and the hash of their password, where they have one."""

    user: User
    password_hash: str | None = field(repr=False)


async def find_login(tenant_id: UUID, name: str) -> LoginLine | None:
    """The person with this username or address, whatever its case: `users.find_by_identifier`."""
    if not is_identifier(name):
        return None
    key = identifier_key(name)
    row = await database.row(_BY_EMAIL if "@" in key else _BY_USERNAME, tenant_id, key)
    if row is None:
        return None
    return LoginLine(user_of(tenant_id, row), database.as_optional_text(row["password_hash"]))
