"""A table of the kernel's own tests, and servers that can be killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from server.kernel import database
from tests.support.databases import _postgres, _postgresql_programs, _wait_until_ready
from tests.support.ports import LOOPBACK, free_port, wait_until_open


@pytest.fixture
async def notes(storage: None) -> AsyncIterator[None]:
    """An empty table: note (id, words unique, seen, pinned)."""
    kind = "UUID" if database.is_postgresql() else "CHAR(36)"
    await database.execute("DROP TABLE IF EXISTS note")
    await database.execute(f"CREATE TABLE note (id {kind} PRIMARY KEY, words TEXT UNIQUE, seen BIGINT, pinned BOOLEAN)")
    yield
    await database.execute("DROP TABLE note")


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
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(10)
            self.process = None


@pytest.fixture(scope="module")
def _cluster() -> Iterator[Killable]:
    programs, port = _postgresql_programs(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="latchkey-killable-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user, user)
    data = folder / "data"
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "latchkey", "--auth=trust", "--no-sync"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder)
    server = Killable(_postgres(programs, data, port), port, folder, user, programs)
    yield server
    server.kill()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql(_cluster: Killable) -> Killable:
    """A running PostgreSQL that is not the one of the other tests."""
    if _cluster.process is None:
        _cluster.start()
    return _cluster


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Killable]:
    """A Redis that is not the one of the other tests."""
    port = free_port()
    program = shutil.which("redis-server") or shutil.which("valkey-server") or "redis-server"
    server = Killable([program, "--port", str(port), "--bind", LOOPBACK, "--save", ""], port, tmp_path)
    server.start()
    yield server
    server.kill()
