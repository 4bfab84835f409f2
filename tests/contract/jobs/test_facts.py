"""What is told of background work."""

from __future__ import annotations

import pytest

from server.cli.doctor import examine_jobs
from server.kernel import ids, outbox, schedule_runs
from server.kernel.clock import SECOND
from server.projections import JobFacts, ScheduleRun, job_facts
from server.settings import Settings

pytestmark = pytest.mark.usefixtures("storage")

NOW = 1_900_000_000 * SECOND
ACME = ids.uuid7()


async def test_before_anything_happened_there_is_nothing_to_tell() -> None:
    assert await job_facts() == JobFacts((), ())


async def test_the_last_run_of_each_schedule_is_told() -> None:
    await schedule_runs.note("sweep", started_at=NOW, finished_at=NOW + 5, error="LookupError")
    await schedule_runs.note("sweep", started_at=NOW + 10, finished_at=NOW + 20, error=None)
    await schedule_runs.note("keys", started_at=NOW, finished_at=NOW + 1, error="OSError")
    assert (await job_facts()).runs == (
        ScheduleRun("keys", NOW, NOW + 1, "OSError"),
        ScheduleRun("sweep", NOW + 10, NOW + 20, None),
    )


async def test_doctor_counts_dead_letters(settings: Settings) -> None:
    assert await examine_jobs(settings) == "0 are waiting, none was given up"
    for kind in ("mail", "hook"):
        await outbox.enqueue(kind, {}, tenant_id=ACME, now=NOW)
    (claim,) = await outbox.claim_due("mail", 1, now=NOW, leased_until=NOW + SECOND)
    await outbox.give_up(claim, error="LookupError", now=NOW)
    assert await examine_jobs(settings) == "1 are waiting, 1 were given up (mail)"
