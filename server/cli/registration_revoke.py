"""`latchkey registration revoke`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.administration import Operator, initial_access_tokens
from server.kernel import clock

from .running import get_tenant, operating_system_user, run_opened, say

if TYPE_CHECKING:
    from uuid import UUID

    from server.settings import Settings


@click.command("revoke")
@click.argument("tenant")
@click.argument("token_id", type=click.UUID)
def command(tenant: str, token_id: UUID) -> None:
    """Let nobody register with an initial access token any more; the clients that it brought stay."""
    run_opened(lambda settings: revoke(settings, tenant, token_id))
    say("Nobody registers with this token any more.")


async def revoke(settings: Settings, slug: str, token_id: UUID) -> None:
    """End the token with this id."""
    operator = Operator.at_the_command_line(operating_system_user())
    tenant = await get_tenant(slug, settings.public_url)
    listed = {token.id: token for token in await initial_access_tokens.list_tokens(operator, tenant)}
    if token_id not in listed:
        raise click.ClickException("there is no such initial access token")
    await initial_access_tokens.revoke(operator, tenant, listed[token_id], clock.now())
