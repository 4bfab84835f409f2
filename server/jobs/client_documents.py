"""Keeping what clients say of themselves current, so that running grants outlive only hosts that are really gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import clients, interactions
from server.kernel import tasks
from server.kernel.clock import DAY

if TYPE_CHECKING:
    from server.kernel.clock import Instant

# Nobody relies on a copy as old as this.
KEPT_FOR = 9 * DAY
AT_ONCE = 8


async def refresh_documents(now: Instant) -> None:
    """Ask again for the documents of the clients that are stored anywhere, and forget what nobody relies on."""
    described = await clients.list_described()
    await tasks.for_each(lambda client: interactions.refresh_document(*client, now), described, AT_ONCE)
    await clients.sweep_documents(now - KEPT_FOR)
