"""Servers that can be killed, stalled and started again, for the whole program.

`make faults` runs the same tests longer: FAULTS_SCALE multiplies every duration.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.databases import PostgresqlServer
from tests.support.killable import Killable, killable_postgresql, killable_redis
from tests.support.ledger import summary
from tests.support.load import PATIENCE, TENANT, Load
from tests.support.ports import LOOPBACK, free_port
from tests.support.processes import Installation, Server, install, start

SCALE = float(os.environ.get("FAULTS_SCALE", "1"))


async def for_a_while(seconds: float) -> None:
    """Let the load go on; longer in `make faults`."""
    await asyncio.sleep(seconds * SCALE)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Return as soon as it does; TimeoutError when it takes longer than anybody should wait."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110 - nobody says when
            await asyncio.sleep(0.05)


async def check(load: Load, servers: Sequence[Server], seconds: float) -> None:
    """Everything acknowledged holds, every refusal was one that says: try again, and nobody was surprised."""
    print(f"recovered in {seconds:.1f} s: {summary(load.ledger)}")  # noqa: T201 - shown by make faults
    assert await load.audit(servers[0].installation.database_url) == []
    for server in servers:
        assert "endpoint failed" not in server.log()
        assert "background task failed" not in server.log()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Killable]:
    """A running PostgreSQL that is not the one of the other tests."""
    with killable_postgresql("--max_connections=60") as server:
        server.start()
        yield server


@pytest.fixture(scope="session")
async def installation(postgresql: Killable, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A Latchkey on it, which each module serves in its own way."""
    url = await PostgresqlServer(f"postgres://latchkey@{LOOPBACK}:{postgresql.port}/postgres").create_database()
    folder = tmp_path_factory.mktemp("latchkey")
    return await asyncio.to_thread(install, folder, database_url=url, manifests=[TENANT])


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Killable]:
    """A Redis that is not the one of the other tests."""
    with killable_redis(tmp_path) as server:
        yield server


@asynccontextmanager
async def two_nodes(*installations: Installation) -> AsyncIterator[tuple[Server, ...]]:
    """Two processes that are told different things of their surroundings; the first listens at the public URL."""
    first, second = installations
    # In threads: the roads between them are in this process.
    started = [await asyncio.to_thread(start, first), await asyncio.to_thread(start, second, port=free_port())]
    try:
        yield tuple(started)
    finally:
        for server in started:
            await asyncio.to_thread(server.stop)


def with_variables(installation: Installation, **variables: str) -> Installation:
    """The same one, with other variables."""
    return replace(installation, environment={**installation.environment, **variables})
