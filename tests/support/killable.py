"""Servers that a test kills, stalls and starts again: PostgreSQL and Redis on ports of their own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.databases import _postgres, _postgresql_programs, _wait_until_ready
from tests.support.ports import LOOPBACK, free_port, wait_until_open
from tests.support.processes import descendants

if TYPE_CHECKING:
    from collections.abc import Iterator

# What is acknowledged must outlive the server's processes; the machine itself never dies in a test.
_DURABLE = ("--synchronous_commit=on",)


@dataclass(slots=True)
class Killable:
    """A server on a fixed port."""

    command: list[str]
    port: int
    folder: Path
    user: str | None = None
    programs: Path | None = None  # of PostgreSQL, whose port is open before it is ready
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        """Start it and wait until it listens."""
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self.user, cwd=self.folder
        )
        wait_until_open(self.port, self.process)
        if self.programs is not None:
            _wait_until_ready(self.programs, self.port)

    def kill(self) -> None:
        """End it without a goodbye to its clients."""
        if self.process is not None:
            # PostgreSQL takes SIGQUIT for "at once". Redis ignores it where tests were started in the background.
            self.process.send_signal(signal.SIGQUIT if self.programs else signal.SIGKILL)
            self.process.wait(60)
            self.process = None

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """It takes connections, since the kernel does that, and answers nothing."""
        process = self.process
        assert process is not None
        pids = [process.pid, *descendants(process.pid)]
        _signal(pids, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(pids, signal.SIGCONT)


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:  # a backend that had ended in the same moment
            continue


@contextmanager
def killable_postgresql(*options: str) -> Iterator[Killable]:
    """A cluster of its own, not started yet; `options` are `--name=value`."""
    programs, port = _postgresql_programs(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="latchkey-killable-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user, user)
    data = folder / "data"
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "latchkey", "--auth=trust", "--no-sync"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder)
    command = [*_postgres(programs, data, port), *_DURABLE, *options]
    server = Killable(command, port, folder, user, programs)
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def killable_redis(folder: Path) -> Iterator[Killable]:
    """A running Redis that keeps nothing on disk."""
    port = free_port()
    program = shutil.which("redis-server") or shutil.which("valkey-server") or "redis-server"
    server = Killable([program, "--port", str(port), "--bind", LOOPBACK, "--save", ""], port, folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
