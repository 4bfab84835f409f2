"""`latchkey jobs retry`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.administration import Operator, get_system_tenant, jobs
from server.administration.finding import Unknown
from server.kernel import clock

from .running import operating_system_user, run_opened, say

if TYPE_CHECKING:
    from uuid import UUID

    from server.settings import Settings


@click.command("retry")
@click.argument("job_ids", metavar="JOB_IDS...", type=click.UUID, nargs=-1, required=True)
def command(job_ids: tuple[UUID, ...]) -> None:
    """Have jobs that were given up tried again, from the first attempt on."""
    unknown = run_opened(lambda settings: retry(settings, job_ids))
    revived = f"{len(job_ids) - len(unknown)} will be tried again"
    if unknown:
        raise click.ClickException(f"{revived}; nothing was given up as {', '.join(map(str, unknown))}")
    say(f"{revived}.")


async def retry(settings: Settings, job_ids: tuple[UUID, ...]) -> list[UUID]:
    """Have each of them tried again; those that cannot be."""
    operator = Operator.at_the_command_line(operating_system_user())
    system = await get_system_tenant(settings.public_url)
    unknown = []
    for job_id in job_ids:
        try:
            await jobs.revive(operator, system, job_id, clock.now())
        except Unknown:
            unknown.append(job_id)
    return unknown
