"""How much may be asked of others at a time, and how often: of one host, for one tenant, by the installation."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .clock import MINUTE
from .shared_state import shared_state

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

MOST_AT_ONCE = 32
MOST_AT_ONCE_OF_A_HOST = 4
# Requests a minute.
MOST_FOR_A_TENANT = 300
MOST_FOR_A_TENANT_OF_A_HOST = 30
MOST_OF_A_HOST = 120


@dataclass(slots=True)
class Gate:
    """Lets so many through at once, of each host fewer; the others wait, as long as whoever waits has time."""

    everybody: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_AT_ONCE))
    of_host: dict[str, asyncio.Semaphore] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)

    @asynccontextmanager
    async def passed(self, host: str) -> AsyncIterator[None]:
        """Hold a place for a host until the block ends; a slow host fills its own places, not those of others."""
        places = self.of_host.setdefault(host, asyncio.Semaphore(MOST_AT_ONCE_OF_A_HOST))
        self.waiting[host] = self.waiting.get(host, 0) + 1
        try:
            async with places, self.everybody:
                yield
        finally:
            self.waiting[host] -= 1
            if not self.waiting[host]:
                del self.waiting[host], self.of_host[host]


async def is_too_often(tenant_id: UUID, host: str) -> bool:
    """Count one request; whether it is one too many in this minute. Raises StateUnavailable.

    A tenant has a count of its own for each host, so that it does not use up what a host bears from all.
    """
    limits = (
        (f"outbound:tenant:{tenant_id.hex}", MOST_FOR_A_TENANT),
        (f"outbound:tenant:{tenant_id.hex}:{host}", MOST_FOR_A_TENANT_OF_A_HOST),
        (f"outbound:host:{host}", MOST_OF_A_HOST),
    )
    for key, most in limits:
        if await shared_state().add(key[:300], 1, MINUTE) > most:
            return True
    return False
