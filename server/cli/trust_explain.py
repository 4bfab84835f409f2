"""`latchkey trust explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.administration import Operator, trust_simulator
from server.kernel import clock

from .running import get_tenant, operating_system_user, run_opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.settings import Settings
    from server.trust import Decision


@click.command("explain")
@click.argument("tenant")
@click.argument("redirect_uri")
@click.option("--client", "client_id", help="For this client; else as for one that registered itself just now.")
def command(tenant: str, redirect_uri: str, *, client_id: str | None) -> None:
    """Print the trust decision on a redirect URI: the action, then score, rule and signals."""

    async def work(settings: Settings) -> Decision:
        operator = Operator.at_the_command_line(operating_system_user())
        found = await get_tenant(tenant, settings.public_url)
        return await trust_simulator.simulate(operator, found, redirect_uri, client_id, clock.now())

    for line in explained(run_opened(work)):
        click.echo(line)


def explained(decision: Decision) -> Iterator[str]:
    """A decision, line by line; the first is the action alone."""
    yield decision.action.value
    yield f"score: {decision.score}"
    yield f"reason: {decision.reason.value}"
    yield f"rule: {decision.rule if decision.rule is not None else 'none'}"
    if decision.note is not None:
        yield f"note: {decision.note}"
    yield f"policy version: {decision.policy_version}"
    yield "signals:" if decision.signals else "signals: none"
    for hit in decision.signals:
        yield f"  {hit.weight:+d} {hit.signal.value}"
