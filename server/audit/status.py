"""How far a tenant's chain has come, for whoever looks after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kernel import ids

from . import chain_store as store

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant


@dataclass(frozen=True, slots=True)
class ChainStatus:
    """What is known of a chain without looking at its events."""

    seals: int  # the number of the last seal
    events: int  # that are sealed
    last_sealed_at: Instant | None
    last_checkpoint_at: Instant | None
    checkpoint: int  # the number of the seal that it follows
    kept_since: Instant | None  # retention has taken what was recorded before
    unsealed: int  # that wait to be sealed


async def chain_status(tenant_id: UUID) -> ChainStatus:
    """How far a chain has come; all of it zero where nothing has been sealed yet. Four queries at most."""
    head = await store.find_head(tenant_id)
    unsealed = await store.count_unsealed(tenant_id)
    if head is None:
        return ChainStatus(0, 0, None, None, 0, None, unsealed)
    seals = await store.list_seals(tenant_id, head.number - 1, 1)
    checkpoint = await store.find_last_checkpoint(tenant_id)
    return ChainStatus(
        seals=head.number,
        events=head.position,
        last_sealed_at=seals[0].sealed_at if seals else None,
        last_checkpoint_at=checkpoint[1] if checkpoint else None,
        checkpoint=checkpoint[0] if checkpoint else 0,
        kept_since=ids.made_at(head.trimmed_before) if head.trimmed_before else None,
        unsealed=unsealed,
    )
