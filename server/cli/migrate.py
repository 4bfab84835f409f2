"""`latchkey migrate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.administration import ensure_system_tenant
from server.kernel import clock, migrations

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
    applied = await migrations.migrate(settings.database_url)
    async with opened(settings):
        await ensure_system_tenant(settings.public_url, clock.now())
    return applied
