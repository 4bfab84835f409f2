"""What is done at its times, by one process of the installation.

A run is noted when it has ended: after a restart the next one comes when it would have come, and one that was cut
off comes again at once. Each process looks by itself, so there is no leader to be lost.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from server.kernel import alone, clock, schedule_runs
from server.kernel.clock import SECOND
from server.kernel.faults import Unavailable
from server.kernel.logs import get_logger

from .policy import wait_until_due

if TYPE_CHECKING:
    from server.kernel.clock import Duration

    from .records import Schedule

log = get_logger(__name__)

LOOK_EVERY = 15 * SECOND  # so soon others take over from a process that is gone
FIRST_LOOK = 3 * SECOND  # a process that starts has better things to do
SPREAD = SECOND  # processes that started together look apart


async def keep(schedule: Schedule) -> None:
    """Run a schedule for as long as the process serves.

    Between runs of its own a process waits by a clock that nobody sets, however the other one jumps.
    """
    wait = FIRST_LOOK
    while True:
        await asyncio.sleep((wait + secrets.randbelow(SPREAD)) / SECOND)
        try:
            wait = schedule.every if await run_if_due(schedule) else await _until_next_look(schedule)
        except Unavailable as fault:
            log.warning("schedule could not be looked at", schedule=schedule.name, why=str(fault))
            wait = LOOK_EVERY


async def run_if_due(schedule: Schedule) -> bool:
    """Run a schedule when its time has come and nobody else does; whether it was run. Raises Unavailable."""
    if await _wait(schedule):
        return False
    has_run = False

    async def run() -> None:
        nonlocal has_run
        # Somebody else may have done it between the look and the lock.
        if not await _wait(schedule):
            has_run = True
            await _run(schedule)

    await alone.run_alone(f"schedule:{schedule.name}", run)
    return has_run


async def _run(schedule: Schedule) -> None:
    started_at, error = clock.now(), None
    try:
        await schedule.run(started_at)
    except Exception as fault:
        log.exception("schedule failed", schedule=schedule.name)
        error = type(fault).__name__
    await schedule_runs.note(schedule.name, started_at=started_at, finished_at=clock.now(), error=error)


async def _until_next_look(schedule: Schedule) -> Duration:
    return min(await _wait(schedule) or LOOK_EVERY, LOOK_EVERY)


async def _wait(schedule: Schedule) -> Duration:
    return wait_until_due(await schedule_runs.find_last_start(schedule.name), schedule.every, clock.now())
