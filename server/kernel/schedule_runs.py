"""When each schedule ran last, for all processes and for the time after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import database

if TYPE_CHECKING:
    from .clock import Instant

_FIND = "SELECT started_at FROM schedule_run WHERE name = $1"
_NOTE = """
INSERT INTO schedule_run (name, started_at, finished_at, error) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE SET started_at = $2, finished_at = $3, error = $4
"""


async def find_last_start(name: str) -> Instant | None:
    """When the last run began that came to an end; None: there was none."""
    row = await database.row(_FIND, name)
    return database.as_int(row["started_at"]) if row else None


async def note(name: str, *, started_at: Instant, finished_at: Instant, error: str | None) -> None:
    """Remember a run that ended; `error` is the class of what went wrong."""
    await database.execute(_NOTE, name, started_at, finished_at, error)
