"""One process at work on the outbox: as many jobs of each kind as that allows, and none left lying at the end."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from server.kernel import clock, outbox, tasks
from server.kernel.clock import SECOND
from server.kernel.faults import Unavailable
from server.kernel.logs import get_logger

from .policy import retry_delay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kernel.outbox import Claim

    from .records import JobKind

log = get_logger(__name__)

POLL_SECONDS = 1.0
GRACE_SECONDS = 4.0  # at the end, for what runs; the process has ten
_FINE = 1 << 16


class Worker:
    """Claims jobs of the kinds that it knows and does them. Others are left for processes that know them."""

    def __init__(self, kinds: Mapping[str, JobKind]) -> None:
        self._kinds = kinds
        self._running: dict[str, set[asyncio.Task[None]]] = {kind: set() for kind in kinds}
        self._news = asyncio.Event()
        self._is_stopping = False
        self._looking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work; without a kind there is nothing to look for."""
        if self._kinds:
            outbox.listen(self._news.set)
            self._looking = tasks.spawn(self._look(), "outbox")

    async def stop(self) -> None:
        """Claim no more, wait a little for what runs, and give the rest back."""
        self._is_stopping = True
        self._news.set()
        outbox.stop_listening(self._news.set)
        if self._looking is not None:
            # Not cancelled: what it is just claiming would wait for its lease to end.
            await asyncio.wait([self._looking], timeout=GRACE_SECONDS)
        running = [task for of_kind in self._running.values() for task in of_kind]
        if running:
            _, late = await asyncio.wait(running, timeout=GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _look(self) -> None:
        while not self._is_stopping:
            self._news.clear()
            try:
                await self._claim_due()
            except Unavailable as fault:
                log.warning("outbox could not be looked at", why=str(fault))
            try:
                await asyncio.wait_for(self._news.wait(), POLL_SECONDS)
            except TimeoutError:
                continue

    async def _claim_due(self) -> None:
        if not await outbox.is_any_due(clock.now()):
            return
        for name, kind in self._kinds.items():
            vacant = kind.concurrency - len(self._running[name])
            if vacant > 0:
                now = clock.now()
                for claim in await outbox.claim_due(name, vacant, now=now, leased_until=now + 2 * kind.time_limit):
                    self._begin(kind, claim)

    def _begin(self, kind: JobKind, claim: Claim) -> None:
        task = tasks.spawn(work_on(kind, claim), f"job {claim.kind}")
        of_kind = self._running[claim.kind]
        of_kind.add(task)
        task.add_done_callback(of_kind.discard)
        task.add_done_callback(lambda _: self._news.set())  # there is room for another


async def work_on(kind: JobKind, claim: Claim) -> None:
    """Do a job that was claimed, and say how it went."""
    if claim.attempts > kind.max_attempts:
        # Every process that tried is gone without a word; perhaps it was the job that ended them.
        await _give_up(claim, "LeaseExpired")
        return
    try:
        async with asyncio.timeout(kind.time_limit / SECOND):
            await kind.run(outbox.read_job(claim))
    except asyncio.CancelledError:
        await outbox.release(claim, clock.now())
        raise
    except Exception as error:
        log.exception("job failed", kind=claim.kind, job=str(claim.id), attempt=claim.attempts)
        await _fail(kind, claim, type(error).__name__)
    else:
        await outbox.complete(claim)


async def _fail(kind: JobKind, claim: Claim, error: str) -> None:
    if claim.attempts >= kind.max_attempts:
        await _give_up(claim, error)
        return
    now = clock.now()
    delay = retry_delay(claim.attempts, secrets.randbelow(_FINE) / _FINE)
    await outbox.retry_at(claim, now + delay, error=error, now=now)


async def _give_up(claim: Claim, error: str) -> None:
    log.error("job was given up", kind=claim.kind, job=str(claim.id), attempts=claim.attempts, error=error)
    await outbox.give_up(claim, error=error, now=clock.now())
