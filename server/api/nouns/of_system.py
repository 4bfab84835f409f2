"""The platform's own work: jobs that were given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from server.administration import Permission, jobs
from server.api.documents import Time, document, fill
from server.api.routes import Answer, Call, Route, listed
from server.api.shapes import Text


@document
@dataclass(frozen=True, slots=True)
class DeadJobDocument:
    """A job that was given up; `error` is the class of what went wrong last."""

    id: UUID
    tenant_id: UUID
    kind: Annotated[str, Text(1, 64)]
    attempts: int
    error: Annotated[str, Text(0, 100)] | None
    created_at: Time
    given_up_at: Time


async def list_dead_jobs(call: Call) -> Answer:
    """The jobs that were given up, of every tenant, the newest first."""
    return listed(await jobs.list_dead(call.operator, call.system, call.paging), lambda job: fill(DeadJobDocument, job))


async def retry_dead_job(call: Call) -> Answer:
    """Have a job that was given up tried again, from the first attempt on."""
    await jobs.revive(call.operator, call.system, call.identifier("job"), call.now)
    return Answer()


DEAD = "/system/jobs/dead"
ROUTES = (
    Route("GET", DEAD, "listDeadJobs", list_dead_jobs, Permission.READ, DeadJobDocument, paged=True),
    Route("POST", f"{DEAD}/{{job}}/retry", "retryDeadJob", retry_dead_job, Permission.MANAGE_TENANTS),
)
