"""What one test leaves, the next must not find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise import Tortoise

from server.kernel import cache, database, encryption, rate_limits, shared_state
from server.kernel.database import Statement
from server.kernel.memory_state import MemoryState

if TYPE_CHECKING:
    from server.settings import Settings


def start_fresh(settings: Settings) -> None:
    """Forget what is counted and kept in memory, other master secrets too; limits are as the settings say."""
    encryption.open_master_secrets(settings.secret_key, settings.secret_key_previous)
    cache.drop_everything()
    if isinstance(shared_state._state, MemoryState):
        shared_state._state = MemoryState()
    rate_limits.open_rate_limits(None, on=settings.rate_limits)


async def empty_tables() -> None:
    """Delete every row, in one transaction and one turn at the database, for each one asked for takes its time."""
    deletions = [f'DELETE FROM "{table}"' for table in _tables()]  # noqa: S608 - names of our own tables
    if database.is_postgresql():
        await database.execute(f"DO $$ BEGIN {'; '.join(deletions)}; END $$")
    else:
        await database.write(*(Statement(deletion, ()) for deletion in deletions))


def _tables() -> list[str]:
    models = Tortoise.apps or {}
    return sorted(model._meta.db_table for app in models.values() for model in app.values())
