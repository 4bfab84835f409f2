"""SQLite on a disk that is full: a real filesystem with a limit, which only root may mount."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import check, for_a_while, until
from tests.support.load import TENANT, nodes_of, under_load
from tests.support.processes import Server, install, serving

DISK_BYTES = 24 * 1024 * 1024
CHUNK = 4096


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a filesystem")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    done = subprocess.run(mounting, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"no filesystem can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
async def server(disk: Path, tmp_path: Path) -> AsyncIterator[Server]:
    url = f"sqlite://{disk / 'latchkey.sqlite3'}"
    installation = await asyncio.to_thread(install, tmp_path / "home", database_url=url, manifests=[TENANT])
    with serving(installation) as (running,):
        yield running


async def test_on_a_full_disk_every_write_is_a_503_until_there_is_room(disk: Path, server: Server) -> None:
    ballast = disk / "ballast"
    async with nodes_of([server]) as nodes:
        async with under_load(nodes) as load:

            async def is_felt() -> bool:
                fill(ballast)
                return bool(load.ledger.unavailable)

            await until(is_felt)
            await for_a_while(1)
            assert await nodes[0].is_alive()
            # What only reads goes on.
            assert (await nodes[0].app.introspect("anything")).json() == {"active": False}
            ballast.unlink()
            seconds = await load.wait_until_all_work()
            await for_a_while(0.5)
        await check(load, [server], seconds)
    assert not load.ledger.broken
    assert server.stop() == 0
    database = sqlite3.connect(disk / "latchkey.sqlite3")
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()


def fill(ballast: Path) -> None:
    """Take what room there is left."""
    with ballast.open("ab", buffering=0) as file:
        try:
            while file.write(b"\0" * CHUNK) == CHUNK:
                continue
        except OSError as error:
            assert error.errno == errno.ENOSPC  # noqa: PT017 - any other failure is the test's own
