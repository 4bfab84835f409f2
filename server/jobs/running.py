"""Background work from the start of a process to its end."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from server import audit, keys, tenants
from server.kernel import outbox, tasks
from server.kernel.clock import HOUR, MINUTE, SECOND
from server.kernel.postgresql_statistics import renew_statistics

from .client_documents import refresh_documents
from .policy import CLOCK_TOLERANCE
from .reaping import reap_clients
from .records import Schedule
from .schedule import keep
from .sweeping import sweep_expired
from .telling import tell_webhooks
from .worker import Worker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from server.kernel.clock import Instant

    from .records import JobKind


# With the second by which schedules look apart, what was committed is sealed after three at most.
SEAL_EVERY = 2 * SECOND


async def _correct_outbox(now: Instant) -> None:
    await outbox.correct_clock(now, CLOCK_TOLERANCE)


async def _seal_audit(now: Instant) -> None:
    await audit.seal_new(now)
    await tell_webhooks(now)


async def _renew_statistics(_: Instant) -> None:
    await renew_statistics()


async def _trim_audit(now: Instant) -> None:
    await audit.add_partitions(now)
    await audit.trim(await tenants.list_audit_retentions(), now)


SCHEDULES = (
    Schedule("audit-seal", SEAL_EVERY, _seal_audit),
    Schedule("audit-retention", HOUR, _trim_audit),
    Schedule("keys", MINUTE, keys.rotate_due),
    Schedule("outbox", MINUTE, _correct_outbox),
    Schedule("statistics", 10 * SECOND, _renew_statistics),
    Schedule("sweep", 10 * MINUTE, sweep_expired),
    Schedule("client-documents", HOUR, refresh_documents),
    Schedule("clients", 10 * MINUTE, reap_clients),
)


@asynccontextmanager
async def running(kinds: Mapping[str, JobKind], schedules: Sequence[Schedule] = SCHEDULES) -> AsyncIterator[None]:
    """Do jobs and keep schedules, with everything open, until the block ends; what runs then is finished or given back.

    `kinds` says what is done for each kind that may be enqueued.
    """
    worker = Worker(kinds)
    keeping = [tasks.spawn(keep(schedule), f"schedule {schedule.name}") for schedule in schedules]
    worker.start()
    try:
        yield
    finally:
        for task in keeping:
            task.cancel()  # what is cut off is not noted, and so comes again at once, here or elsewhere
        await worker.stop()
        await asyncio.gather(*keeping, return_exceptions=True)
