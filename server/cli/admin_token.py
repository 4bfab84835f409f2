"""`latchkey admin token`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.administration import Operator, administrator_tokens, get_system_tenant
from server.kernel import clock

from .running import get_tenant, operating_system_user, run_opened

if TYPE_CHECKING:
    from server.settings import Settings


@click.command("token")
@click.argument("username")
@click.option("--tenant", help="Limit the token to this tenant.")
def command(username: str, *, tenant: str | None) -> None:
    """Print a bearer token for /api/v1 with an administrator's permissions, good for 15 minutes."""
    click.echo(run_opened(lambda settings: issue(settings, username, tenant)))


async def issue(settings: Settings, username: str, slug: str | None) -> str:
    """The token."""
    system = await get_system_tenant(settings.public_url)
    tenant = await get_tenant(slug, settings.public_url) if slug else None
    operator = Operator.at_the_command_line(operating_system_user())
    return await administrator_tokens.issue_token(operator, system, username, tenant, clock.now())
