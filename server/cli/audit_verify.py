"""`latchkey audit verify`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.administration import Operator, audit_log
from server.kernel import ids
from server.kernel.clock import SECOND

from .running import get_tenant, operating_system_user, run_opened, say

if TYPE_CHECKING:
    from server.audit import Verified
    from server.settings import Settings


@click.command("verify")
@click.argument("tenant")
@click.option(
    "--checkpoint",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was printed earlier and kept elsewhere: only against one does a cut tail show.",
)
def command(tenant: str, checkpoint: Path | None) -> None:
    """Check every event, seal and checkpoint of a tenant; exit code 1 names the first broken link."""
    exported = None if checkpoint is None else checkpoint.read_text("utf-8", errors="replace")

    async def work(settings: Settings) -> Verified:
        operator = Operator.at_the_command_line(operating_system_user())
        found = await get_tenant(tenant, settings.public_url)
        # Drawn only on a terminal.
        bar = click.progressbar(length=1, label="Verifying", file=sys.stderr, hidden=not sys.stderr.isatty())

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        with bar:
            return await audit_log.verify(operator, found, exported, show)

    _tell(run_opened(work))


def _tell(verified: Verified) -> None:
    if verified.trimmed_before is not None:
        day = datetime.fromtimestamp(ids.made_at(verified.trimmed_before) / SECOND, UTC).date()
        say(f"Retention has taken what was recorded before {day}.")
    say(
        f"The chain holds: {verified.events} events in {verified.seals} seals from number {verified.first_number}, "
        f"{verified.checkpoints} checkpoints. {verified.unsealed} events wait to be sealed."
    )
