"""Removing whatever belongs to a tenant that is gone, from every table that has such rows, in small batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise import Tortoise

from . import database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

BATCH = 1000
# What happened stays known, and the job that erases must find itself when it is done.
KEPT = frozenset({
    "audit_event", "audit_unsealed", "audit_chain", "audit_seal", "audit_checkpoint", "audit_day",
    "cache_version", "outbox_job",
})  # fmt: skip


async def erase(tenant_id: UUID) -> int:
    """Delete every row of a tenant but those of its audit log; how many there were. Idempotent.

    Each batch is committed by itself, so that nobody waits for it and a job that is cut off has got on.
    """
    removed = 0
    for table, key in _tables():
        oldest = f"SELECT {key} FROM {table} WHERE tenant_id = $1 LIMIT $2"  # noqa: S608 - names of models
        sql = f"DELETE FROM {table} WHERE tenant_id = $1 AND {key} IN ({oldest})"  # noqa: S608 - the same
        while batch := await database.execute(sql, tenant_id, BATCH):
            removed += batch
    return removed


def _tables() -> Iterator[tuple[str, str]]:
    for models in (Tortoise.apps or {}).values():
        for model in models.values():
            meta = model._meta  # noqa: SLF001 - Tortoise's own name for what it lets others read
            if "tenant_id" in meta.fields_map and meta.db_table not in KEPT:
                yield meta.db_table, meta.db_pk_column
