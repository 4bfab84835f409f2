"""What is forgotten when a person or a client is gone.

What was counted stays counted; what was decided is kept for replay, by ids, for as long as the tenant keeps that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.kernel import database

from . import acquaintance_store, history_store, hold_store

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID


async def forget_person(tenant_id: UUID, person_id: UUID) -> None:
    """Forget what a person confirmed, saw and waits for, and where they were."""
    async with database.transaction():
        await history_store.forget_person(tenant_id, person_id)
        await acquaintance_store.forget_acquaintances_of_person(tenant_id, person_id)
        await hold_store.forget_holds_of_person(tenant_id, person_id)


async def forget_clients(tenant_id: UUID, pks: Collection[UUID]) -> None:
    """Forget what was held of clients, with who waited for them, and what anybody saw of them."""
    async with database.transaction():
        await hold_store.forget_holds_of_clients(tenant_id, pks)
        await acquaintance_store.forget_acquaintances_of_clients(tenant_id, pks)
