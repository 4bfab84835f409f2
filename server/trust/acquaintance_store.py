"""Queries over what clients were like when people last allowed them something: by that a change is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database, ids, lists
from server.kernel.database import Statement

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from server.kernel.clock import Instant

_SEE = """
INSERT INTO trust_acquaintance (id, tenant_id, person_id, client_pk, metadata_digest, counts, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_id, person_id, client_pk) DO UPDATE SET
 metadata_digest = excluded.metadata_digest, counts = excluded.counts, seen_at = excluded.seen_at
"""
FORGET_PERSON = "DELETE FROM trust_acquaintance WHERE tenant_id = $1 AND person_id = $2"
FORGET_CLIENTS = "DELETE FROM trust_acquaintance WHERE tenant_id = $1 AND client_pk "


def row_of_acquaintance(
    tenant_id: UUID, person_id: UUID, client_pk: UUID, metadata_digest: str, *, counts: bool, now: Instant
) -> Statement:
    """The row that keeps what a person saw of a client, instead of what they saw before; written with a grant.

    `counts`: others may go by it (`trust.counts`).
    """
    return Statement(_SEE, (ids.uuid7(), tenant_id, person_id, client_pk, metadata_digest, counts, now))


async def forget_acquaintances_of_person(tenant_id: UUID, person_id: UUID) -> None:
    """Forget what a person saw."""
    await database.execute(FORGET_PERSON, tenant_id, person_id)


async def forget_acquaintances_of_clients(tenant_id: UUID, pks: Collection[UUID]) -> None:
    """Forget what anybody saw of clients that are gone."""
    await database.execute(FORGET_CLIENTS + lists.among("$2"), tenant_id, lists.as_argument(pks))
