"""What whoever owns the platform may do to background work that was given up: look at it, and have it tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import projections
from server.audit import platform_events
from server.kernel import database, outbox

from .act import note
from .authorise import Permission, check_permitted
from .finding import Unknown, found

if TYPE_CHECKING:
    from uuid import UUID

    from server.kernel.clock import Instant
    from server.kernel.paging import Page, Paging
    from server.projections import DeadJob
    from server.tenants import Tenant

    from .authorise import Operator


async def list_dead(operator: Operator, system: Tenant, paging: Paging) -> Page[DeadJob]:
    """A page of the jobs that were given up, of every tenant, the newest first; raises NotPermitted, BadCursor."""
    check_permitted(operator, Permission.READ, system.id)
    return await projections.list_dead_jobs(paging)


async def revive(operator: Operator, system: Tenant, job_id: UUID, now: Instant) -> None:
    """Have a job that was given up tried again, from the first attempt on; raises NotPermitted, Unknown."""
    check_permitted(operator, Permission.MANAGE_TENANTS, system.id)
    async with database.transaction():
        job = found(await projections.find_dead_job(job_id))
        if not await outbox.revive(job.tenant_id, job.id, now):
            raise Unknown("somebody else was quicker")
        await note(operator, system.id, platform_events.JobRevived(job.id, job.kind, job.tenant_id), now)
