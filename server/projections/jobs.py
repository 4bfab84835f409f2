"""How background work is doing: for metrics, `latchkey doctor` and the console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kernel import database
from server.kernel.outbox import JobState

if TYPE_CHECKING:
    from server.kernel.clock import Instant

# Of the platform, so over all tenants.
_COUNTS = """
SELECT kind, state, COUNT(*) AS total, MIN(created_at) AS oldest FROM outbox_job
GROUP BY kind, state ORDER BY kind, state
"""
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
            error=None if row["error"] is None else str(row["error"]),
        )
        for row in await database.rows(_RUNS)
    ]
    return JobFacts(tuple(counts), tuple(runs))
