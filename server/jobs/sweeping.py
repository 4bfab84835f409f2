"""Deleting what has expired, in every tenant at once: small batches, each a transaction of its own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import grants, interactions, sessions, tokens, trust, webhooks
from server.kernel.clock import DAY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from server.kernel.clock import Duration, Instant

BATCH = 500
PAUSE_SECONDS = 0.05  # between batches: whoever waits for a connection or for SQLite's only one comes first


@dataclass(frozen=True, slots=True)
class Sweep:
    """One kind of rows, and how long they stay after they have expired.

    `delete` is given an instant and a limit, deletes no more than that of what expired before, and says how many.
    """

    delete: Callable[[Instant, int], Awaitable[int]]
    kept_for: Duration


# Whatever else comes to expire gets a line here. Clients that registered and were never used have more to be asked:
# reaping.py.
# Interactions go at once, for anybody can begin as many as they like; the rest stays a while, so that a late replay
# is still recognized for what it is.
SWEEPS = (
    Sweep(interactions.sweep, 0),
    Sweep(sessions.sweep, DAY),
    Sweep(grants.sweep, DAY),
    Sweep(tokens.sweep, DAY),
    Sweep(trust.sweep_confirmations, 0),
    Sweep(trust.sweep_authorizations, 0),
    Sweep(webhooks.sweep, 0),
)


async def sweep_expired(now: Instant) -> int:
    """Delete what has expired by now, until nothing is left; how many rows that was."""
    return sum([await _sweep(sweep, now - sweep.kept_for) for sweep in SWEEPS])


async def _sweep(sweep: Sweep, before: Instant) -> int:
    total = 0
    while swept := await sweep.delete(before, BATCH):
        total += swept
        await asyncio.sleep(PAUSE_SECONDS)
    return total
