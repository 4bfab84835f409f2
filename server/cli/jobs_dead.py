"""`latchkey jobs dead`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server import tenants
from server.administration import Operator, get_system_tenant, jobs
from server.kernel.paging import MAX_LIMIT, Paging

from .running import in_utc, operating_system_user, run_opened

if TYPE_CHECKING:
    from server.projections import DeadJob
    from server.settings import Settings


@click.command("dead")
def command() -> None:
    """List jobs that were given up, the newest first: id, when, tenant, kind, attempts, what went wrong last."""
    for line in run_opened(find):
        click.echo(line)


async def find(settings: Settings) -> list[str]:
    """Each of them in one line."""
    operator = Operator.at_the_command_line(operating_system_user())
    system = await get_system_tenant(settings.public_url)
    page = await jobs.list_dead(operator, system, Paging(MAX_LIMIT))
    found = [*page.items]
    while page.next_cursor:
        page = await jobs.list_dead(operator, system, Paging(MAX_LIMIT, page.next_cursor))
        found += page.items
    slugs = {tenant.id: tenant.slug for tenant in await tenants.list_tenants(settings.public_url)}
    return [line_of(job, slugs.get(job.tenant_id, "-")) for job in found]


def line_of(job: DeadJob, slug: str) -> str:
    """One job, in one line."""
    return f"{job.id}  {in_utc(job.given_up_at)}  {slug}  {job.kind}  {job.attempts}  {job.error or '-'}"
