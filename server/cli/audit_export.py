"""`latchkey audit export`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from server.administration import Operator, audit_log
from server.audit import Filters, Format
from server.kernel import clock
from server.kernel.clock import SECOND

from .running import get_tenant, operating_system_user, run_opened, say

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.settings import Settings

MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"])


@click.command("export")
@click.argument("tenant")
@click.option(
    "--format", "form", type=click.Choice([form.value for form in Format]), default="jsonl", show_default=True
)
@click.option("--since", type=MOMENT, help="What was recorded then or later; UTC.")
@click.option("--until", type=MOMENT, help="What was recorded before; UTC.")
@click.option("--event", help="Events of this name only, such as login.failed.")
def command(tenant: str, form: str, since: datetime | None, until: datetime | None, event: str | None) -> None:
    """Print the audit log of a tenant, oldest first, as a stream of any length."""
    filters = Filters(event=event, since=_instant(since), until=_instant(until))

    async def work(settings: Settings) -> int:
        operator = Operator.at_the_command_line(operating_system_user())
        found = await get_tenant(tenant, settings.public_url)
        written = 0
        async for count, text in audit_log.export(operator, found, filters, Format(form), clock.now()):
            click.echo(text, nl=False)
            written += count
            _show(written)
        return written

    say(f"{run_opened(work)} events were written.")


def _show(written: int) -> None:
    """On a terminal; nobody knows how many there will be: to count them takes as long as to write them."""
    if sys.stderr.isatty() and not sys.stdout.isatty():
        click.echo(f"\r{written} events", nl=False, err=True)


def _instant(moment: datetime | None) -> Instant | None:
    return None if moment is None else int(moment.replace(tzinfo=UTC).timestamp()) * SECOND
