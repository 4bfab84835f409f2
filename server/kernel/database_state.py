"""Shared state in the database, one statement a call. See shared_state.

An expired row counts as absent everywhere; the sweep only gives back its space. Called inside a transaction, a
change is undone with it. Where the clock was set back, a count ends at the latest a lifetime after its next addition.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from . import database
from .clock import now

if TYPE_CHECKING:
    from .clock import Duration

_PUT = """
INSERT INTO shared_state (key, value, count, expires_at) VALUES ($1, $2, 0, $3)
ON CONFLICT (key) DO UPDATE SET value = $2, count = 0, expires_at = $3
"""
_GET = "SELECT value FROM shared_state WHERE key = $1 AND expires_at > $2"
_TAKE = "DELETE FROM shared_state WHERE key = $1 AND expires_at > $2 RETURNING value"
_CLAIM = """
INSERT INTO shared_state (key, value, count, expires_at) VALUES ($1, '', 0, $2)
ON CONFLICT (key) DO UPDATE SET value = '', count = 0, expires_at = $2 WHERE shared_state.expires_at <= $3
"""
_ADD = """
INSERT INTO shared_state (key, value, count, expires_at) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
 count = CASE WHEN shared_state.expires_at > $1 THEN shared_state.count + excluded.count ELSE excluded.count END,
 expires_at = CASE WHEN shared_state.expires_at > $1 AND shared_state.expires_at < excluded.expires_at
  THEN shared_state.expires_at ELSE excluded.expires_at END
RETURNING key, count
"""
_FORGET = "DELETE FROM shared_state WHERE key = $1"
_SWEEP = "DELETE FROM shared_state WHERE expires_at <= $1"


class DatabaseState:
    """The table shared_state."""

    async def put(self, key: str, value: str, ttl: Duration) -> None:
        """See SharedState."""
        await database.execute(_PUT, key, value, now() + ttl)

    async def get(self, key: str) -> str | None:
        """See SharedState."""
        row = await database.row(_GET, key, now())
        return None if row is None else str(row["value"])

    async def take(self, key: str) -> str | None:
        """See SharedState."""
        row = await database.row(_TAKE, key, now())
        return None if row is None else str(row["value"])

    async def claim(self, key: str, ttl: Duration) -> bool:
        """See SharedState."""
        moment = now()
        return await database.execute(_CLAIM, key, moment + ttl, moment) == 1

    async def add(self, key: str, amount: int, ttl: Duration) -> int:
        """See SharedState."""
        return (await self.adjust_each((key, amount, ttl)))[0]

    async def adjust_each(self, *changes: tuple[str, int, Duration]) -> list[int]:
        """See SharedState."""
        moment = now()
        # Whoever locks several rows locks them in one order, so that two never wait for each other.
        parts = [part for key, amount, ttl in sorted(changes) for part in (key, amount, moment + ttl)]
        rows = await database.rows(_adding(len(changes)), moment, *parts)
        counts = {row["key"]: database.as_int(row["count"]) for row in rows}
        return [counts[key] for key, _, _ in changes]

    async def forget(self, key: str) -> None:
        """See SharedState."""
        await database.execute(_FORGET, key)

    async def sweep(self) -> None:
        """Delete what has expired."""
        await database.execute(_SWEEP, now())


@lru_cache(maxsize=10)
def _adding(number: int) -> str:
    """The statement for so many additions; $1 is now."""
    firsts = range(2, 3 * number + 2, 3)
    return _ADD.format(rows=", ".join(f"(${first}, '', ${first + 1}, ${first + 2})" for first in firsts))
