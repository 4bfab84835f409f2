"""A worker as the process that watches sees it: started, known to serve, ended."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from .agreement import KILL_SECONDS, READY

if TYPE_CHECKING:
    from collections.abc import Callable

LOOK_AGAIN_SECONDS = 0.02
# What a password's hash needs, 19 MB of it, comes in large pages from the one arena of the process, where the next hash
# finds it; `kernel.passwords` says when it goes back to the system. An operator's own variables win. ADR 0036.
MEMORY = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


class Worker:
    """A process that was started just now. It is a program of its own, and so runs the code that is installed now."""

    def __init__(
        self, process: subprocess.Popen[bytes], channel: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    ) -> None:
        self.pid = process.pid
        self.started_at = time.monotonic()
        self._process = process
        self._channel, self._writer = channel  # it ends, too, when this end of the channel is closed
        self._serving: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._ended = asyncio.create_task(self._follow())

    @staticmethod
    async def start(listener: socket.socket, workers: int, figures: str) -> Worker:
        """Start one that will accept connections from a socket, and tell its figures in a folder, that others share."""
        ours, theirs = socket.socketpair()
        with theirs:
            inherited = (listener.fileno(), theirs.fileno())
            # -P: whatever lies in the working directory is no part of the program.
            command = [sys.executable, "-P", "-m", "server.serving.worker", *map(str, (*inherited, workers)), figures]
            try:
                environment = {**MEMORY, **os.environ}
                process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=inherited, env=environment)  # noqa: S603, ASYNC220 - ours, and it does not wait
            except OSError:
                ours.close()
                raise
        return Worker(process, await asyncio.open_connection(sock=ours))

    async def is_serving(self) -> bool:
        """Wait until it serves, or has ended without."""
        return await asyncio.shield(self._serving)

    async def ended(self) -> int:
        """Wait for its end; the exit code, negative for a signal."""
        return await asyncio.shield(self._ended)

    def when_ended(self, then: Callable[[], None]) -> None:
        """Call this once it has ended."""
        self._ended.add_done_callback(lambda _: then())

    async def stop(self) -> None:
        """Let it finish what is in flight, and kill it when it takes too long."""
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(KILL_SECONDS):
                await self.ended()
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self.ended()

    def _signal(self, number: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)

    async def _follow(self) -> int:
        self._serving.set_result(await self._channel.read(1) == READY)
        await self._channel.read()  # until it ends
        while self._process.poll() is None:  # noqa: ASYNC110 - in a moment, and nothing tells when
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        self._writer.close()
        return self._process.returncode
