"""Promising webhooks what has been sealed since they were told last, in every tenant."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from server import webhooks
from server.projections import webhooks_behind

if TYPE_CHECKING:
    from server.kernel.clock import Instant

BATCH = 50  # webhooks at a time


async def tell_webhooks(now: Instant) -> None:
    """Go on until every webhook has been promised all, or somebody else is at it."""
    while behind := await webhooks_behind(BATCH):
        promised = await asyncio.gather(*(webhooks.promise(tenant_id, each, now) for tenant_id, each in behind))
        if not any(promised):
            return
