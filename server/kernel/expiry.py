"""Deleting what has expired, a small batch at a time, whoever's it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import database

if TYPE_CHECKING:
    from .clock import Instant


def statement(table: str) -> str:
    """The statement that deletes a batch: $1 is the instant, $2 the limit. The table is a constant of a store."""
    oldest = f"SELECT id FROM {table} WHERE expires_at < $1 ORDER BY expires_at LIMIT $2"  # noqa: S608 - a constant
    return f"DELETE FROM {table} WHERE id IN ({oldest})"  # noqa: S608 - a constant


async def delete_expired(table: str, before: Instant, limit: int) -> int:
    """Delete at most `limit` rows that expired before an instant, the oldest first; how many there were.

    Across all tenants: to ask for each of ten thousand what it has would take longer than to delete it. One
    statement that commits by itself, over a table with `id` and an index on `expires_at`.
    """
    return await database.execute(statement(table), before, limit)
