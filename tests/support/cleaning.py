"""What one test leaves, the next must not find."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tortoise import Tortoise

from server.audit import sealing
from server.kernel import cache, database, encryption, rate_limits, shared_state
from server.kernel.clock import DAY
from server.kernel.database import Statement
from server.kernel.memory_state import MemoryState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.settings import Settings


def start_fresh(settings: Settings) -> None:
    """Forget what is counted and kept in memory, other master secrets too; limits are as the settings say."""
    encryption.open_master_secrets(settings.secret_key, settings.secret_key_previous)
    cache.drop_everything()
    if isinstance(shared_state._state, MemoryState):
        shared_state._state = MemoryState()
    rate_limits.open_rate_limits(None, on=settings.rate_limits)


@contextmanager
def sealing_at_once() -> Iterator[None]:
    """Seal what is committed, whoever else writes at the moment: so do the servers of other tests on the same cluster.

    Else an event waits for each transaction that is older than its own, for some seconds.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "PATIENCE", -DAY)
        yield


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
