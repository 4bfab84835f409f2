"""What one test leaves, the next must not find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise import Tortoise

from server.kernel import cache, database, shared_state

if TYPE_CHECKING:
    from server.settings import Settings


async def empty_everything(settings: Settings) -> None:
    """Empty every table, cache and shared state."""
    async with database.transaction():
        for table in _tables():
            await database.execute(f'DELETE FROM "{table}"')  # noqa: S608 - names of our own tables
    cache.drop_everything()
    await shared_state.close()
    await shared_state.open_shared_state(settings, workers=1)


def _tables() -> list[str]:
    models = Tortoise.apps or {}
    return sorted(model._meta.db_table for app in models.values() for model in app.values())
