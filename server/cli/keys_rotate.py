"""`latchkey keys rotate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.administration import Operator, keys
from server.kernel import clock

from .running import get_tenant, operating_system_user, run_opened, say

if TYPE_CHECKING:
    from server.settings import Settings


@click.command("rotate")
@click.argument("tenant")
def command(tenant: str) -> None:
    """Sign with new keys from now on; the old ones stay published until their last tokens have expired."""

    async def work(settings: Settings) -> None:
        operator = Operator.at_the_command_line(operating_system_user())
        await keys.rotate(operator, await get_tenant(tenant, settings.public_url), clock.now())

    run_opened(work)
    say(f"{tenant} signs with new keys.")
