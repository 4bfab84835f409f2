"""`latchkey keys rewrap`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.administration import Operator, get_system_tenant, keys
from server.kernel import clock

from .running import operating_system_user, run_opened, say

if TYPE_CHECKING:
    from server.administration.keys import Rewrapped
    from server.settings import Settings


@click.command("rewrap")
def command() -> None:
    """Encrypt again, under the current master secret, what is still under LATCHKEY_SECRET_KEY_PREVIOUS."""
    done = run_opened(rewrap)
    say(f"{done.sealed} keys, chains, webhooks and waiting jobs were brought under the current master secret.")
    if done.client_secrets_left:
        say(
            f"{done.client_secrets_left} client secrets are still under the previous one and come over when they are "
            "used: keep LATCHKEY_SECRET_KEY_PREVIOUS until none is left, or give those clients new secrets."
        )


async def rewrap(settings: Settings) -> Rewrapped:
    """Bring over what can be, and count the rest."""
    operator = Operator.at_the_command_line(operating_system_user())
    system = await get_system_tenant(settings.public_url)
    return await keys.rewrap(operator, system, settings.public_url, clock.now())
