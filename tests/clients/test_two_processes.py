"""One installation, several processes behind one address: no step of a flow depends on who answered the one before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx2
import pytest

from tests.actors import EndUser, RelyingParty
from tests.support.in_turn import InTurn
from tests.support.processes import install, serving
from tests.support.serving import ACME, WEB_CALLBACK, WEB_SECRET
from tests.support.steady_load import ANSWER_WITHIN


@pytest.fixture
async def balanced(
    request: pytest.FixtureRequest, new_migrated_database: Callable[[], Awaitable[str]], tmp_path: Path
) -> AsyncIterator[httpx2.AsyncClient]:
    """Two processes; on SQLite there is but one, by design."""
    processes = 2 if request.config.getoption("--database") == "postgresql" else 1
    installation = await asyncio.to_thread(
        install, tmp_path, database_url=await new_migrated_database(), manifests=[ACME]
    )
    with serving(installation, processes=processes) as servers:
        transport, public_url = InTurn(servers), installation.public_url
        async with httpx2.AsyncClient(transport=transport, base_url=public_url, timeout=ANSWER_WITHIN) as http:
            yield http


async def test_a_flow_goes_on_wherever_it_lands(balanced: httpx2.AsyncClient) -> None:
    issuer = f"{str(balanced.base_url).rstrip('/')}/t/acme"
    client = RelyingParty(balanced, issuer, "webapp", redirect_uri=WEB_CALLBACK, client_secret=WEB_SECRET)
    ada = EndUser(balanced)
    attempt = client.begin(scope="openid profile offline_access")
    tokens = (await client.redeem((await ada.authorize(attempt.url)).answer["code"], attempt)).json()
    refreshed = (await client.refresh(tokens["refresh_token"])).json()
    assert (await client.userinfo(refreshed["access_token"])).json()["name"] == "Ada Lovelace"
    assert (await client.revoke(refreshed["refresh_token"])).status_code == 200
    for _ in range(4):
        assert (await client.userinfo(refreshed["access_token"])).status_code == 401
