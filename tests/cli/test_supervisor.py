"""The process that watches, in this one: its workers are real."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from server.serving.supervisor import Supervisor
from tests.support.ports import LOOPBACK
from tests.support.processes import Installation

WITHIN = 180.0  # seconds; generous, since test machines are shared


@pytest.fixture
async def supervisor(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Supervisor]:
    """With the settings of an installation, on a port of its own."""
    for name, value in installation.environment.items():
        monkeypatch.setenv(name, value)
    listener = socket.socket()
    listener.bind((LOOPBACK, 0))
    yield Supervisor(listener, 1, str(tmp_path))
    listener.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN):
        while not condition():  # noqa: ASYNC110 - the world outside tells nobody
            await asyncio.sleep(0.02)


async def test_workers_are_replaced_when_told_and_when_they_die(supervisor: Supervisor) -> None:
    def workers() -> list[int]:
        return [worker.pid for worker in supervisor._workers]

    serving = asyncio.create_task(supervisor.run())
    await until(lambda: len(workers()) == 1)
    first = workers()
    supervisor.replace_workers()
    await until(lambda: workers() != first and len(supervisor._started) == 1)
    second = workers()
    os.kill(second[0], signal.SIGKILL)
    await until(lambda: workers() != second)
    supervisor.stop()
    assert await serving == 0
    assert supervisor._started == set()


async def test_first_worker_that_cannot_start_ends_it(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LATCHKEY_LOG_FORMAT", "xml")
    assert await supervisor.run() == 1
    assert capfd.readouterr().err == "Error: LATCHKEY_LOG_FORMAT: must be text or json\n"


async def test_machine_that_starts_no_process_is_told_in_one_line(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    assert await supervisor.run() == 1
    assert "no process can be started" in capfd.readouterr().err


async def test_a_further_worker_that_cannot_start_yet_ends_nobody(
    supervisor: Supervisor, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    if installation.database_url.startswith("sqlite:"):
        pytest.skip("SQLite has one worker")
    supervisor._wanted = 2
    serving = asyncio.create_task(supervisor.run())
    await until(lambda: len(supervisor._started) == 1)
    monkeypatch.setenv("LATCHKEY_LOG_FORMAT", "xml")  # for whoever is started from now on
    await until(lambda: len(supervisor._started) == 2)
    await until(lambda: len(supervisor._started) == 1)
    assert not serving.done()
    monkeypatch.delenv("LATCHKEY_LOG_FORMAT")
    await until(lambda: len(supervisor._workers) == 2)
    supervisor.stop()
    assert await serving == 0
