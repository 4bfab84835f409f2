"""`latchkey audit checkpoint`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.administration import Operator, audit_log
from server.kernel import clock

from .running import get_tenant, operating_system_user, run_opened

if TYPE_CHECKING:
    from server.settings import Settings


@click.command("checkpoint")
@click.argument("tenant")
def command(tenant: str) -> None:
    """Print a signed checkpoint of all events so far. Keep it where nobody who can write to the database gets at it."""

    async def work(settings: Settings) -> str:
        operator = Operator.at_the_command_line(operating_system_user())
        return await audit_log.checkpoint(operator, await get_tenant(tenant, settings.public_url), clock.now())

    click.echo(run_opened(work))
