"""Two nodes on one PostgreSQL and one Redis that is killed, that stalls, or that one of them cannot reach."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from tests.faults.conftest import check, for_a_while, two_nodes, until, with_variables
from tests.support.killable import Killable, killable_redis
from tests.support.ledger import find_blemish
from tests.support.load import PATIENCE, Node, find_revived, nodes_of, under_load
from tests.support.ports import LOOPBACK
from tests.support.processes import Installation, Server
from tests.support.proxy import Proxy, proxied

STALL = 6.0  # seconds; longer than Redis is waited for


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killable]:
    with killable_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
async def road(redis: Killable) -> AsyncIterator[Proxy]:
    """The second node's way to Redis."""
    async with proxied(redis.port) as proxy:
        yield proxy


@pytest.fixture(scope="module")
async def servers(installation: Installation, redis: Killable, road: Proxy) -> AsyncIterator[tuple[Server, ...]]:
    async with two_nodes(*(reaching(installation, port) for port in (redis.port, road.port))) as started:
        yield started


def reaching(installation: Installation, port: int) -> Installation:
    url = f"redis://{LOOPBACK}:{port}/0"
    return with_variables(installation, LATCHKEY_REDIS_URL=url, LATCHKEY_RATE_LIMITS="on")


@pytest.fixture
async def nodes(servers: tuple[Server, ...]) -> AsyncIterator[tuple[Node, ...]]:
    async with nodes_of(servers) as found:
        yield found


async def test_redis_that_is_gone_and_comes_back_loses_nothing_acknowledged(
    redis: Killable, servers: tuple[Server, ...], nodes: tuple[Node, ...]
) -> None:
    async with under_load(nodes) as load:
        await asyncio.to_thread(redis.kill)
        await for_a_while(1)
        assert [await node.is_alive() for node in nodes] == [True, True]
        assert (await nodes[0].browser.get(f"{servers[0].url}/readyz")).status_code == 503
        await asyncio.to_thread(redis.start)
        seconds = await load.wait_until_all_work()
        await for_a_while(0.5)
    assert load.ledger.unavailable
    assert not load.ledger.broken
    await check(load, servers, seconds)


async def test_redis_that_stalls_is_not_waited_for_without_end(
    redis: Killable, servers: tuple[Server, ...], nodes: tuple[Node, ...]
) -> None:
    async with under_load(nodes) as load:
        with redis.stalled():
            crowd = [load.ask("crowd", nodes[0].batch.token(grant_type="client_credentials")) for _ in range(80)]
            waiting = asyncio.gather(*crowd)
            await asyncio.sleep(STALL)
            assert [await node.is_alive() for node in nodes] == [True, True]
            async with asyncio.timeout(PATIENCE):
                await waiting
        seconds = await load.wait_until_all_work()
    assert load.ledger.unavailable
    assert not load.ledger.broken
    await check(load, servers, seconds)


async def test_a_revocation_holds_at_a_node_that_cannot_reach_redis(
    road: Proxy, servers: tuple[Server, ...], nodes: tuple[Node, ...]
) -> None:
    healthy, partitioned = nodes
    async with under_load([healthy]) as load:
        road.swallow()
        await for_a_while(1)

        async def is_any_revoked() -> bool:
            return bool(load.ledger.revoked_tokens)

        await until(is_any_revoked)  # callers choose by chance what they do
        assert not load.ledger.unavailable
        refused = await partitioned.app.introspect("anything")
        assert find_blemish(refused) is None
        assert await partitioned.is_alive()
        road.heal()

        async def is_back() -> bool:
            return (await partitioned.app.introspect("anything")).status_code == httpx2.codes.OK

        await until(is_back)
        for token in load.ledger.revoked_tokens[-50:]:
            assert await find_revived(partitioned, token) == []
    await check(load, servers, 0)


async def test_a_node_that_is_cut_off_from_redis_comes_back_by_itself(
    road: Proxy, servers: tuple[Server, ...], nodes: tuple[Node, ...]
) -> None:
    async with under_load(nodes) as load:
        road.refuse()
        await for_a_while(0.5)
        assert (await nodes[1].app.introspect("anything")).status_code == httpx2.codes.SERVICE_UNAVAILABLE
        road.heal()
        seconds = await load.wait_until_all_work()
    assert not load.ledger.broken
    await check(load, servers, seconds)
