"""Queries over the domains of a tenant: claimed by an administrator, in force once verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kernel import database, digests, ids, invalidation

from .store import TOPIC

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Instant

_LIST = """
SELECT domain, challenge, method, author, created_at, verified_at FROM trust_domain WHERE tenant_id = $1 ORDER BY domain
"""
_ADD = """
INSERT INTO trust_domain (id, tenant_id, domain, challenge, author, created_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
_VERIFY = """
UPDATE trust_domain SET verified_at = $4, method = $3 WHERE tenant_id = $1 AND domain = $2 AND verified_at IS NULL
"""
_REMOVE = "DELETE FROM trust_domain WHERE tenant_id = $1 AND domain = $2"


@dataclass(frozen=True, slots=True)
class VerifiedDomain:
    """A registrable domain that a tenant says is its own; `challenge` is what its TXT record must hold."""

    domain: str
    challenge: str
    method: str | None  # dns, administrator; None: not verified
    author: str | None
    created_at: Instant
    verified_at: Instant | None


async def list_domains(tenant_id: UUID) -> tuple[VerifiedDomain, ...]:
    """Every domain, verified or not, by name."""
    return tuple(_domain(row) for row in await database.rows(_LIST, tenant_id))


async def add_domain(tenant_id: UUID, domain: str, *, author: str | None, now: Instant) -> str:
    """Claim a domain and return its challenge; raises AlreadyExists. It does not count before it is verified."""
    challenge = digests.random_token(128)
    await database.execute(_ADD, ids.uuid7(), tenant_id, domain, challenge, author, now)
    return challenge


async def verify_domain(tenant_id: UUID, domain: str, method: str, now: Instant) -> bool:
    """Let a claimed domain count; false when it did already, or there is none."""
    async with database.transaction():
        verified = await database.execute(_VERIFY, tenant_id, domain, method, now)
        await invalidation.changed(tenant_id, TOPIC)
    return verified == 1


async def remove_domain(tenant_id: UUID, domain: str) -> bool:
    """Give a domain up; false when there was none."""
    async with database.transaction():
        removed = await database.execute(_REMOVE, tenant_id, domain)
        await invalidation.changed(tenant_id, TOPIC)
    return removed == 1


def _domain(row: Mapping[str, object]) -> VerifiedDomain:
    return VerifiedDomain(
        domain=str(row["domain"]),
        challenge=str(row["challenge"]),
        method=database.as_optional_text(row["method"]),
        author=database.as_optional_text(row["author"]),
        created_at=database.as_int(row["created_at"]),
        verified_at=database.as_optional_int(row["verified_at"]),
    )
