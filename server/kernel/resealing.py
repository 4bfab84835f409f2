"""Bringing what is stored sealed under a new master secret, beside processes that read and write it."""

from __future__ import annotations

from . import database, encryption


async def reseal(purpose: str, select: str, update: str) -> int:
    """Seal again what a query finds under the former master secret; how many rows that was. Raises Unsealable.

    `select` gives tenant_id, id and sealed; `update` takes tenant and id, and replaces $3 by $4 where $3 still stands.
    """
    changed = 0
    for row in await database.rows(select):
        sealed = str(row["sealed"])
        if encryption.is_current(sealed):
            continue
        tenant_id, record_id = database.as_uuid(row["tenant_id"]), database.as_uuid(row["id"])
        fresh = encryption.seal(purpose, tenant_id, record_id, encryption.unseal(purpose, tenant_id, record_id, sealed))
        changed += await database.execute(update, tenant_id, record_id, sealed, fresh)
    return changed
