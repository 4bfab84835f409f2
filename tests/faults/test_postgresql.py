"""Two workers under load while one of them is killed, and while PostgreSQL is restarted, stalled, or full."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import asyncpg
import pytest

from tests.faults.conftest import check, for_a_while, until
from tests.support.killable import Killable
from tests.support.ledger import find_blemish
from tests.support.load import PATIENCE, Node, nodes_of, under_load
from tests.support.processes import Installation, Server, descendants, serving

STALL = 13.0  # seconds: longer than any statement is waited for, and until all are answered


@pytest.fixture(scope="module")
def server(installation: Installation) -> Iterator[Server]:
    with serving(installation, "--workers", "2") as (running,):
        yield running


@pytest.fixture
async def nodes(server: Server) -> AsyncIterator[tuple[Node, ...]]:
    async with nodes_of([server]) as found:
        yield found


async def test_a_worker_that_is_killed_is_replaced_and_nothing_acknowledged_is_lost(
    server: Server, nodes: tuple[Node, ...]
) -> None:
    async with under_load(nodes) as load:
        before = descendants(server.process.pid)
        os.kill(before[0], signal.SIGKILL)
        await for_a_while(1)
        seconds = await load.wait_until_all_work()

        async def is_replaced() -> bool:
            return len(set(descendants(server.process.pid)) - {before[0]}) >= len(before)

        await until(is_replaced)
        await for_a_while(1)
    assert load.ledger.unavailable.total() == 0
    await check(load, [server], seconds)


async def test_postgresql_that_is_restarted_loses_nothing_acknowledged(
    postgresql: Killable, server: Server, nodes: tuple[Node, ...]
) -> None:
    async with under_load(nodes) as load:
        await asyncio.to_thread(postgresql.kill)
        await for_a_while(1)
        assert await nodes[0].is_alive()
        assert (await nodes[0].browser.get(f"{server.url}/readyz")).status_code == 503
        for path in ("authorize?client_id=other", "interaction/none"):
            page = await nodes[0].browser.get(f"{nodes[0].app.issuer}/{path}", headers={"accept": "text/html"})
            assert find_blemish(page) is None
        await asyncio.to_thread(postgresql.start)
        seconds = await load.wait_until_all_work()
        await for_a_while(0.5)
    assert load.ledger.unavailable
    assert not load.ledger.broken
    await check(load, [server], seconds)


async def test_postgresql_that_stalls_is_not_waited_for_without_end(
    postgresql: Killable, server: Server, nodes: tuple[Node, ...]
) -> None:
    node = nodes[0]
    async with under_load(nodes) as load:
        with postgresql.stalled():
            ends = time.monotonic() + STALL
            crowd = [load.ask("crowd", node.batch.token(grant_type="client_credentials")) for _ in range(80)]
            waiting = asyncio.gather(*crowd)
            while time.monotonic() < ends or not waiting.done():
                assert await node.is_alive()
                assert time.monotonic() < ends + PATIENCE
                await asyncio.sleep(0.5)
        seconds = await load.wait_until_all_work()
        await for_a_while(0.5)
    assert load.ledger.unavailable
    assert not load.ledger.broken
    await check(load, [server], seconds)


async def test_without_a_free_slot_at_postgresql_every_answer_is_a_503_until_there_is_one(
    postgresql: Killable, server: Server, nodes: tuple[Node, ...]
) -> None:
    async with under_load(nodes) as load:
        strangers = await fill_slots(server.installation.database_url)
        try:
            await for_a_while(1)
            refused = await nodes[0].batch.token(grant_type="client_credentials")
            assert refused.status_code == 503
        finally:
            await asyncio.gather(*(stranger.close() for stranger in strangers))
        seconds = await load.wait_until_all_work()
    assert load.ledger.unavailable
    assert not load.ledger.broken
    await check(load, [server], seconds)


async def fill_slots(url: str) -> list[asyncpg.Connection[asyncpg.Record]]:
    """Take every connection that PostgreSQL has to give, those of the server too."""
    strangers: list[asyncpg.Connection[asyncpg.Record]] = [await asyncpg.connect(url)]
    others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'latchkey'"
    quiet = 0
    for _ in range(1000):
        ended = await strangers[0].fetchval(others)
        gained = await fill(strangers, url)
        # Who was ended leaves the list before it leaves its slot, which the server may be the first to find.
        quiet = 0 if gained or ended else quiet + 1
        if quiet == 5:
            return strangers
        if quiet:
            await asyncio.sleep(0.05)
    raise AssertionError("the server's connections could not be ended")


async def fill(strangers: list[asyncpg.Connection[asyncpg.Record]], url: str) -> int:
    """Take what is free; how many that were."""
    before = len(strangers)
    with suppress(asyncpg.TooManyConnectionsError):
        while True:
            strangers.append(await asyncpg.connect(url))
    return len(strangers) - before
