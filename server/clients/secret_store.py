"""Queries over single secrets: removed, and brought under the current master secret."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from server.kernel import database, invalidation

from .policy import current_fingerprint, digest_each, digest_secret, is_under_current_key
from .store import TOPIC

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from .records import Client

_REMOVE = "DELETE FROM client_secret WHERE tenant_id = $1 AND client_pk = $2 AND id = $3"
_REPLACE_DIGEST = "UPDATE client_secret SET digest = $4 WHERE tenant_id = $1 AND id = $2 AND digest = $3"
_COUNT_FORMER = "SELECT count(*) AS total FROM client_secret WHERE tenant_id = $1 AND substr(digest, 1, 8) <> $2"


async def remove_secret(tenant_id: UUID, pk: UUID, secret_id: UUID) -> bool:
    """Remove one secret of a client; false when there was none."""
    async with database.transaction():
        removed = await database.execute(_REMOVE, tenant_id, pk, secret_id)
        await invalidation.changed(tenant_id, TOPIC)
    return removed == 1


async def bring_over(tenant_id: UUID, client: Client, candidates: Iterable[str]) -> None:
    """Store secrets that were just presented under the current master secret; no query where they are already."""
    former = [secret for secret in client.secrets if not is_under_current_key(secret)]
    for secret, candidate in product(former, candidates):
        if secret.digest in digest_each(tenant_id, candidate):
            async with database.transaction():
                await database.execute(
                    _REPLACE_DIGEST, tenant_id, secret.id, secret.digest, digest_secret(tenant_id, candidate)
                )
                await invalidation.changed(tenant_id, TOPIC)


async def count_former_secrets(tenant_id: UUID) -> int:
    """How many secrets are still under another than the current master secret."""
    row = await database.row(_COUNT_FORMER, tenant_id, current_fingerprint())
    return database.as_int(row["total"]) if row else 0
