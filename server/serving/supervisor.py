"""The process that watches: it binds the address, starts workers that share it, and replaces them.

All workers accept from one listening socket, which this process holds open. So a connection that waits to be accepted
is lost neither when a worker dies nor when one is replaced: whoever serves next takes it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from typing import TYPE_CHECKING

from server.kernel import logs

from .processes import Worker

if TYPE_CHECKING:
    import socket

# A dead worker is replaced at once; while its successors do not last, after a time that doubles.
FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 10.0
LASTS_SECONDS = 30.0
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - a folder of a random name is made in it. shm_overview(7)

log = logs.get_logger(__name__)


class Supervisor:
    """Keeps so many workers serving from one listening socket."""

    def __init__(self, listener: socket.socket, workers: int, figures: str) -> None:
        self._listener = listener
        self._figures = figures
        self._wanted = workers
        self._workers: list[Worker] = []
        self._started: set[Worker] = set()
        self._stopping = asyncio.Event()
        self._rolling = asyncio.Event()
        self._replacing = asyncio.Lock()

    async def run(self) -> int:
        """Serve until told to stop; the exit code: 1 when a worker could not start at first."""
        work = asyncio.create_task(self._work())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return 0 if self._stopping.is_set() else work.result()
        finally:
            work.cancel()
            stopping.cancel()
            self._listener.close()
            await asyncio.gather(*(worker.stop() for worker in self._started))

    def obey_signals(self) -> None:
        """SIGTERM and SIGINT stop, SIGHUP replaces the workers."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self.replace_workers)

    def stop(self) -> None:
        """Have all workers finish what is in flight, and end."""
        self._stopping.set()

    def replace_workers(self) -> None:
        """Replace the workers, one after another, each when its successor serves."""
        self._rolling.set()

    async def _work(self) -> int:
        # One first: what is wrong with the settings or the database is said once.
        first = await self._start()
        if first is None:
            return 1
        self._workers.append(first)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._roll())
            group.create_task(self._keep(0))
            await self._fill(group)
        raise AssertionError("unreachable: its tasks never end")

    async def _fill(self, group: asyncio.TaskGroup) -> None:
        """Start the other workers; what keeps one from starting now must not end those that serve."""
        delay = FIRST_DELAY_SECONDS
        while len(self._workers) < self._wanted:
            worker = await self._start()
            if worker is None:
                await asyncio.sleep(delay)
                delay = min(delay * 2, LONGEST_DELAY_SECONDS)
                continue
            self._workers.append(worker)
            group.create_task(self._keep(len(self._workers) - 1))

    async def _keep(self, slot: int) -> None:
        """Replace the worker of a slot whenever it dies."""
        delay = 0.0
        while True:
            worker = self._workers[slot]
            code = await worker.ended()
            if worker is not self._workers[slot]:
                continue  # it was replaced
            log.error("a worker died", pid=worker.pid, exit_code=code)
            delay = 0.0 if time.monotonic() - worker.started_at > LASTS_SECONDS else delay
            while worker is self._workers[slot]:
                await asyncio.sleep(delay)
                delay = min(delay * 2 or FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS)
                await self._replace(slot, worker)

    async def _roll(self) -> None:
        while True:
            await self._rolling.wait()
            self._rolling.clear()
            for slot, old in enumerate(tuple(self._workers)):
                if not await self._replace(slot, old):
                    log.error("a new worker cannot start: the old ones go on")
                    break
                await old.stop()

    async def _replace(self, slot: int, old: Worker) -> bool:
        """Whether a successor serves now, this one or one that came before."""
        async with self._replacing:
            if self._workers[slot] is old and (successor := await self._start()):
                self._workers[slot] = successor
            return self._workers[slot] is not old

    async def _start(self) -> Worker | None:
        """A worker that serves; None when it ended without."""
        try:
            worker = await Worker.start(self._listener, self._wanted, self._figures)
        except OSError as error:
            log.error("no process can be started", why=str(error))  # noqa: TRY400 - it is the machine's affair
            return None
        self._started.add(worker)
        worker.when_ended(lambda: self._started.discard(worker))
        return worker if await worker.is_serving() else None


def supervise(listener: socket.socket, workers: int) -> int:
    """Serve from a bound socket until a signal ends it; the exit code."""

    async def run(figures: str) -> int:
        supervisor = Supervisor(listener, workers, figures)
        supervisor.obey_signals()
        return await supervisor.run()

    with tempfile.TemporaryDirectory(prefix="latchkey-figures-", dir=_memory()) as figures:
        return asyncio.run(run(figures))


def _memory() -> str | None:
    """Where files never wait for a disk, and a read-only root does not matter; None: wherever temporary files go."""
    return SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
