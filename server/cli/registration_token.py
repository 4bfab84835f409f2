"""`latchkey registration token`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.administration import Operator, initial_access_tokens
from server.initial_access_tokens import Template
from server.kernel import clock
from server.kernel.clock import parse_duration
from server.protocol.vocabulary import GrantType, TokenEndpointAuthMethod

from .running import get_tenant, operating_system_user, run_opened

if TYPE_CHECKING:
    from server.kernel.clock import Duration
    from server.settings import Settings


@click.command("token")
@click.argument("tenant")
@click.option("--name", required=True, help="What you call it: for whom it is.")
@click.option("--expires", default="7d", show_default=True, help="How long it is valid, such as 12h or 30d.")
@click.option("--count", type=click.IntRange(min=1), default=1, show_default=True, help="How many clients it is for.")
@click.option("--scope", multiple=True, help="A scope that they may have; any that dynamic clients may, without.")
@click.option(
    "--grant-type",
    multiple=True,
    type=click.Choice([name.value for name in GrantType]),
    default=[GrantType.AUTHORIZATION_CODE.value, GrantType.REFRESH_TOKEN.value],
    show_default=True,
    help="A grant type that they may use.",
)
@click.option(
    "--auth-method",
    multiple=True,
    type=click.Choice([name.value for name in TokenEndpointAuthMethod]),
    help="A way for them to authenticate; any, without.",
)
@click.option("--redirect-host", multiple=True, help="A host that they may redirect to; any, without.")
def command(
    tenant: str,
    *,
    name: str,
    expires: str,
    count: int,
    scope: tuple[str, ...],
    grant_type: tuple[str, ...],
    auth_method: tuple[str, ...],
    redirect_host: tuple[str, ...],
) -> None:
    """Print an initial access token: who holds it may register clients of this kind."""
    template = Template(
        scope=scope or None,
        grant_types=tuple(map(GrantType, grant_type)),
        auth_methods=tuple(map(TokenEndpointAuthMethod, auth_method)) or tuple(TokenEndpointAuthMethod),
        redirect_hosts=redirect_host or None,
    )
    try:
        lifetime = parse_duration(expires)
    except ValueError as error:
        raise click.UsageError(f"--expires: {error}") from None
    click.echo(run_opened(lambda settings: create(settings, tenant, name, template, count=count, lifetime=lifetime)))


async def create(
    settings: Settings, slug: str, name: str, template: Template, *, count: int, lifetime: Duration
) -> str:
    """The text of a new token."""
    operator = Operator.at_the_command_line(operating_system_user())
    tenant, now = await get_tenant(slug, settings.public_url), clock.now()
    return await initial_access_tokens.create(
        operator, tenant, name, template, max_uses=count, valid_until=now + lifetime, now=now
    )
