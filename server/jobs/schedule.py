"""When background work runs. Every process runs all of it; each step is safe beside itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import grants, interactions, keys, sessions, tenants, tokens
from server.kernel import clock, tasks
from server.kernel.clock import DAY, HOUR, MINUTE
from server.kernel.shared_state import shared_state

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.settings import Settings
    from server.tenants import Tenant

# Expired rows are kept a while, so that a late replay is still recognized for what it is.
KEPT_FOR = DAY
EVERY = 10 * MINUTE


def start(settings: Settings) -> None:
    """Start what runs for as long as the process serves."""

    async def run() -> None:
        now = clock.now()
        # Of many processes one does the round; each step is harmless when two do.
        if await shared_state().claim(f"jobs:round:{now // EVERY}", HOUR):
            await keys.rotate_due(now)
            for tenant in await tenants.list_tenants(settings.public_url):
                await sweep(tenant, now)

    _ = tasks.every(EVERY, run, "housekeeping")


async def sweep(tenant: Tenant, now: Instant) -> None:
    """Delete what has expired at one tenant; interactions at once, for anybody can begin as many as they like."""
    await interactions.sweep(tenant.id, now)
    for sweep_slice in (sessions.sweep, grants.sweep, tokens.sweep):
        await sweep_slice(tenant.id, now - KEPT_FOR)
