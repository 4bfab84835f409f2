"""Three hundred clients that are slow on purpose, and others who are served all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.faults.conftest import SCALE, check, for_a_while
from tests.support.load import TENANT, nodes_of, under_load
from tests.support.ports import LOOPBACK
from tests.support.processes import Server, install, serving

OF_EACH_KIND = 100
GROWTH = 80 * 1024 * 1024  # bytes that three hundred slow clients may cost
HEAD = b"POST /t/acme/token HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\n"
WHOLE = b"GET /t/acme/.well-known/openid-configuration HTTP/1.1\r\nHost: %s\r\n\r\n"
GIVEN_UP_AFTER = 35  # seconds: 30 for a head, 15 for a body
LONG_RUN = 5  # from this scale on the test stays until the server has given up on them


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(install(tmp_path_factory.mktemp("latchkey"), manifests=[TENANT])) as (running,):
        yield running


@pytest.fixture
async def crowd(server: Server) -> AsyncIterator[list[asyncio.StreamWriter]]:
    """A third never finishes its head, a third its body, and a third asks for much and reads nothing."""
    host = server.headers["host"].encode()
    openings = (HEAD % host, HEAD % host + b"Content-Length: 1000\r\n\r\n", WHOLE % host * 50)
    writers = []
    for opening in openings * OF_EACH_KIND:
        _, writer = await asyncio.open_connection(LOOPBACK, server.port, limit=1)
        writer.write(opening)
        writers.append(writer)
    dripping = asyncio.create_task(drip(writers[::3] + writers[1::3]))
    yield writers
    dripping.cancel()
    for writer in writers:
        writer.transport.abort()


async def drip(writers: list[asyncio.StreamWriter]) -> None:
    while True:
        await asyncio.sleep(1)
        for writer in writers:
            writer.write(b"a")


async def test_slow_clients_keep_nobody_else_waiting(server: Server, crowd: list[asyncio.StreamWriter]) -> None:
    before = server.resident_bytes()
    async with nodes_of([server]) as nodes:
        async with under_load(nodes) as load:
            await for_a_while(2)
            assert await nodes[0].is_alive()
            if SCALE >= LONG_RUN:
                await asyncio.sleep(max(0, GIVEN_UP_AFTER - 2 * SCALE))
            seconds = await load.wait_until_all_work()
        await check(load, [server], seconds)
    assert not load.ledger.unavailable
    assert not load.ledger.broken
    assert server.resident_bytes() - before < GROWTH
    if SCALE >= LONG_RUN:
        slow = crowd[::3] + crowd[1::3]
        assert [writer for writer in slow if not writer.transport.is_closing()] == []
