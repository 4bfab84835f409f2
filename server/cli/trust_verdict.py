"""`latchkey trust verdict`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.administration import Operator, trust_verdicts
from server.administration.trust_verdicts import NewVerdict
from server.kernel import clock
from server.trust import Judgement, parse_instant

from .running import get_tenant, operating_system_user, run_opened, say

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.settings import Settings


@click.command("verdict")
@click.argument("tenant")
@click.argument("judgement", type=click.Choice([judgement.value for judgement in Judgement]))
@click.option("--host", help="On this host, over https.")
@click.option("--client", "client_id", help="On this client, at the redirect URI.")
@click.option("--redirect-uri", help="The redirect URI of --client.")
@click.option("--note", help="Why; administrators see it.")
@click.option("--expires", help="An ISO date or time from which on it no longer counts.")
def command(
    tenant: str,
    judgement: str,
    *,
    host: str | None,
    client_id: str | None,
    redirect_uri: str | None,
    note: str | None,
    expires: str | None,
) -> None:
    """Trust or block a host, or a client at a redirect URI; what was held because of it is released."""
    if (host is None) == (client_id is None) or (client_id is None) != (redirect_uri is None):
        raise click.UsageError("give --host, or --client and --redirect-uri")
    wish = NewVerdict(Judgement(judgement), note, _instant(expires))

    async def work(settings: Settings) -> int:
        operator = Operator.at_the_command_line(operating_system_user())
        found = await get_tenant(tenant, settings.public_url)
        if host is not None:
            return await trust_verdicts.judge_host(operator, found, wish, host, clock.now())
        at = (client_id or "", redirect_uri or "")
        return await trust_verdicts.judge_client(operator, found, wish, *at, now=clock.now())

    settled = run_opened(work)
    place, word = (
        host or f"{client_id} at {redirect_uri}",
        "trusted" if wish.judgement is Judgement.TRUST else "blocked",
    )
    say(f"{tenant}: {place} is {word}; {settled} of what was held is settled.")


def _instant(text: str | None) -> Instant | None:
    try:
        return None if text is None else parse_instant(text)
    except ValueError:
        raise click.BadParameter("must be an ISO date or time", param_hint="--expires") from None
