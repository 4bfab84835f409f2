"""`latchkey migrate`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from server.administration import ensure_system_tenant
from server.kernel import clock, database, migrations
from server.settings import check_new_secret

from .running import opened, run, say

if TYPE_CHECKING:
    from server.settings import Settings


@click.command("migrate")
def command() -> None:
    """Bring the database up to date."""
    for name in run(migrate):
        say(f"migrated {name}")
    say("The database is up to date.")


async def migrate(settings: Settings) -> list[str]:
    """Run pending migrations and make what is built in; the names of the migrations. Safe in several processes."""
    await _check_secret(settings)
    applied = await migrations.migrate(settings.database_url)
    # What is in the database now has come after the check.
    async with opened(replace(settings, secret_is_new=False)):
        await ensure_system_tenant(settings.public_url, clock.now())
    return applied


async def _check_secret(settings: Settings) -> None:
    """Before anything is migrated: a secret that was made just now fits an empty database only. Raises BadSettings."""
    await database.open_database(settings.database_url)
    try:
        await check_new_secret(settings)
    finally:
        await database.close_database()
