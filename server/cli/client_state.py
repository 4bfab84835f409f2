"""`latchkey client state`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server import clients
from server.administration import Operator, dynamic_clients
from server.clients import ClientState
from server.kernel import clock

from .running import get_tenant, operating_system_user, run_opened, say

if TYPE_CHECKING:
    from server.settings import Settings


@click.command("state")
@click.argument("tenant")
@click.argument("client_id")
@click.argument("state", type=click.Choice([state.value for state in ClientState]))
@click.option("--scope", multiple=True, help="With promoted: a scope that it may have; what it registered, without.")
@click.option("--reason", default="", help="Why, for the audit.")
def command(tenant: str, client_id: str, state: str, *, scope: tuple[str, ...], reason: str) -> None:
    """Quarantine, block or promote a client that registered itself, or make it active again."""
    run_opened(
        lambda settings: set_state(settings, tenant, client_id, ClientState(state), scope=scope or None, reason=reason)
    )
    say(f"{client_id} is now {state}.")


async def set_state(
    settings: Settings,
    slug: str,
    client_id: str,
    state: ClientState,
    *,
    scope: tuple[str, ...] | None,
    reason: str,
) -> None:
    """Bring a client to another state."""
    operator = Operator.at_the_command_line(operating_system_user())
    tenant = await get_tenant(slug, settings.public_url)
    client = await clients.find(tenant.id, client_id)
    if client is None:
        raise click.ClickException("there is no such client")
    await dynamic_clients.set_state(operator, tenant, client, state, clock.now(), scope=scope, reason=reason)
