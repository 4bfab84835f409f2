"""How background work is doing: for metrics, `latchkey doctor` and the console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server.kernel import database
from server.kernel.outbox import JobState

from .listing import Key, Listing

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.kernel.paging import Page, Paging
    from server.kernel.rows import Row

# Of the platform, so over all tenants.
_COUNTS = """
SELECT kind, state, COUNT(*) AS total, MIN(created_at) AS oldest FROM outbox_job
GROUP BY kind, state ORDER BY kind, state
"""
_DEAD = "SELECT id, tenant_id, kind, attempts, error, created_at, changed_at FROM outbox_job"
_RUNS = "SELECT name, started_at, finished_at, error FROM schedule_run ORDER BY name"


@dataclass(frozen=True, slots=True)
class JobCount:
    """How many jobs of one kind are in one state. What has been done is not there any more."""

    kind: str
    state: JobState
    total: int
    oldest_created_at: Instant


@dataclass(frozen=True, slots=True)
class ScheduleRun:
    """The last finished run of a schedule; `error` is the class of what went wrong."""

    name: str
    started_at: Instant
    finished_at: Instant
    error: str | None


@dataclass(frozen=True, slots=True)
class JobFacts:
    """Jobs that are not over, and what schedules did last."""

    counts: tuple[JobCount, ...]
    runs: tuple[ScheduleRun, ...]

    def total(self, state: JobState) -> int:
        """How many jobs are in a state."""
        return sum(count.total for count in self.counts if count.state is state)


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that was given up; `error` is the class of what went wrong last."""

    id: UUID
    tenant_id: UUID
    kind: str
    attempts: int
    error: str | None
    created_at: Instant
    given_up_at: Instant


async def list_dead_jobs(paging: Paging) -> Page[DeadJob]:
    """A page of the jobs that were given up, of every tenant, the newest first; raises BadCursor."""
    listing = Listing(_DEAD)
    listing.where("state = ?", JobState.DEAD.value)
    return await listing.page((Key("id", "id", UUID),), paging, _dead_job, descending=True)


async def find_dead_job(job_id: UUID) -> DeadJob | None:
    """One of them."""
    row = await database.row(f"{_DEAD} WHERE id = $1 AND state = $2", job_id, JobState.DEAD.value)
    return None if row is None else _dead_job(row)


async def job_facts() -> JobFacts:
    """The facts of this moment, in two queries."""
    counts = [
        JobCount(
            kind=str(row["kind"]),
            state=JobState(str(row["state"])),
            total=database.as_int(row["total"]),
            oldest_created_at=database.as_int(row["oldest"]),
        )
        for row in await database.rows(_COUNTS)
    ]
    runs = [
        ScheduleRun(
            name=str(row["name"]),
            started_at=database.as_int(row["started_at"]),
            finished_at=database.as_int(row["finished_at"]),
            error=database.as_optional_text(row["error"]),
        )
        for row in await database.rows(_RUNS)
    ]
    return JobFacts(tuple(counts), tuple(runs))


def _dead_job(row: Row) -> DeadJob:
    return DeadJob(
        id=database.as_uuid(row["id"]),
        tenant_id=database.as_uuid(row["tenant_id"]),
        kind=str(row["kind"]),
        attempts=database.as_int(row["attempts"]),
        error=database.as_optional_text(row["error"]),
        created_at=database.as_int(row["created_at"]),
        given_up_at=database.as_int(row["changed_at"]),
    )
