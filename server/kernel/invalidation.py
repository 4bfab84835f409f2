"""Telling every process that something cached has changed, stale for one second at most."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from . import cache, database

if TYPE_CHECKING:
    from uuid import UUID


async def changed(tenant_id: UUID, topic: str) -> None:
    """Say that what is cached under a topic of a tenant changed; called in the transaction that changes it."""
    database.after_commit(partial(cache.drop_topic, tenant_id, topic))
