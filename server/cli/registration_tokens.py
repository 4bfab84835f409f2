"""`latchkey registration tokens`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.administration import Operator, initial_access_tokens
from server.kernel import clock

from .running import get_tenant, in_utc, operating_system_user, run_opened

if TYPE_CHECKING:
    from server.initial_access_tokens import InitialAccessToken
    from server.kernel.clock import Instant
    from server.settings import Settings


@click.command("tokens")
@click.argument("tenant")
def command(tenant: str) -> None:
    """List initial access tokens: id, how it stands, uses, end, name."""
    now = clock.now()
    for token in run_opened(lambda settings: find(settings, tenant)):
        click.echo(line_of(token, now))


async def find(settings: Settings, slug: str) -> tuple[InitialAccessToken, ...]:
    """The tokens of a tenant."""
    operator = Operator.at_the_command_line(operating_system_user())
    return await initial_access_tokens.list_tokens(operator, await get_tenant(slug, settings.public_url))


def line_of(token: InitialAccessToken, now: Instant) -> str:
    """One token, in one line."""
    standing, uses = _standing(token, now), f"{token.uses}/{token.max_uses}"
    return f"{token.id}  {standing:8}  {uses}  {in_utc(token.valid_until)}  {token.name}"


def _standing(token: InitialAccessToken, now: Instant) -> str:
    if token.revoked_at is not None:
        return "revoked"
    if token.valid_until <= now:
        return "expired"
    return "valid" if token.is_valid(now) else "used up"
