"""Two nodes on one PostgreSQL, one of which is cut off from it while the world goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest

from server.kernel.cache import MAX_AGE_SECONDS
from tests.faults.conftest import check, for_a_while, two_nodes, until, with_variables
from tests.support.killable import Killable
from tests.support.ledger import find_blemish
from tests.support.load import GUEST, Node, find_revived, nodes_of, under_load
from tests.support.processes import Installation, Server
from tests.support.proxy import Proxy, proxied


@pytest.fixture(scope="module")
async def road(postgresql: Killable) -> AsyncIterator[Proxy]:
    """The second node's way to PostgreSQL."""
    async with proxied(postgresql.port) as proxy:
        yield proxy


@pytest.fixture(scope="module")
async def servers(postgresql: Killable, installation: Installation, road: Proxy) -> AsyncIterator[tuple[Server, ...]]:
    url = installation.database_url.replace(f":{postgresql.port}/", f":{road.port}/")
    far = with_variables(installation, LATCHKEY_DATABASE_URL=url)
    async with two_nodes(installation, far) as started:
        yield started


@pytest.fixture
async def nodes(servers: tuple[Server, ...]) -> AsyncIterator[tuple[Node, ...]]:
    async with nodes_of(servers) as found:
        yield found


async def published(node: Node) -> httpx2.Response:
    return await node.app.http.get(f"{node.app.issuer}/jwks")


async def test_a_node_that_cannot_reach_postgresql_serves_nothing_old_and_comes_back(
    road: Proxy, servers: tuple[Server, ...], nodes: tuple[Node, ...]
) -> None:
    healthy, partitioned = nodes
    installation = servers[0].installation
    guests = [replace(node.batch, client_id="guest") for node in nodes]
    async with under_load([healthy]) as load:
        token = (await guests[1].token(grant_type="client_credentials")).json()["access_token"]
        assert (await guests[1].introspect(token)).json()["active"]
        before = (await published(partitioned)).json()
        road.swallow()
        disabled = {"tenant": "acme", "clients": [{**GUEST, "enabled": False}]}
        await asyncio.to_thread(installation.run, "keys", "rotate", "acme")
        await asyncio.to_thread(installation.apply, disabled)
        # Longer than a cached record may be served: no answer from here on may know the old keys or the old client.
        await asyncio.sleep(1.5 * MAX_AGE_SECONDS)
        asked = (published(partitioned), guests[1].introspect(token), guests[1].token(grant_type="client_credentials"))
        answers = list(await asyncio.gather(*asked))
        assert [find_blemish(answer) for answer in answers] == [None, None, None]
        assert await partitioned.is_alive()
        assert not load.ledger.unavailable
        road.heal()

        async def guest_is_answered() -> bool:
            answers.append(await guests[1].token(grant_type="client_credentials"))
            return find_blemish(answers[-1]) is not None

        await until(guest_is_answered)
        assert answers[-1].status_code == 401
        assert (await published(partitioned)).json() != before
        for revoked in load.ledger.revoked_tokens[-50:]:
            assert await find_revived(partitioned, revoked) == []
    await check(load, servers, 0)


async def test_connections_to_postgresql_that_are_cut_are_made_anew(
    road: Proxy, servers: tuple[Server, ...], nodes: tuple[Node, ...]
) -> None:
    async with under_load(nodes) as load:
        road.refuse()
        await for_a_while(1)
        road.heal()
        seconds = await load.wait_until_all_work()
        await for_a_while(0.5)
    assert load.ledger.unavailable
    assert not load.ledger.broken
    await check(load, servers, seconds)
