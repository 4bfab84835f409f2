"""One code and one refresh token, used by many at once against two processes of one installation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest

from tests.actors import Attempt, EndUser, RelyingParty
from tests.support.processes import Server, install, serving

ACME: dict[str, object] = {
    "tenant": "acme",
    "display_name": "Acme",
    "mode": "native",
    "clients": [
        {
            "client_id": "app",
            "client_name": "App",
            "token_endpoint_auth_method": "none",
            "redirect_uris": ["https://app.acme.test/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile",
            "first_party": True,
        }
    ],
    "users": [{"username": "ada", "password": "correct-horse-battery"}],
}


@pytest.fixture
async def servers(
    request: pytest.FixtureRequest, new_migrated_database: Callable[[], Awaitable[str]], tmp_path: Path
) -> AsyncIterator[tuple[Server, ...]]:
    """Two serving processes; on SQLite there is but one, by design, so the parallel requests meet in it."""
    processes = 2 if request.config.getoption("--database") == "postgresql" else 1
    url = await new_migrated_database()
    installation = await asyncio.to_thread(install, tmp_path, database_url=url, manifests=[ACME])
    with serving(installation, processes=processes) as started:
        yield started


@pytest.fixture
async def parties(servers: tuple[Server, ...]) -> AsyncIterator[tuple[RelyingParty, ...]]:
    """The same client, talking to one process each."""
    async with AsyncExitStack() as stack:
        found = []
        for server in servers:
            http = await stack.enter_async_context(httpx2.AsyncClient(headers=server.headers, timeout=30))
            party = RelyingParty(http, f"{server.url}/t/acme", "app", redirect_uri="https://app.acme.test/callback")
            found.append(party)
        yield tuple(found)


@pytest.mark.rfc("6749", "4.1.2")
async def test_twenty_redemptions_of_one_code_give_one_success_and_nothing_that_lasts(
    parties: tuple[RelyingParty, ...],
) -> None:
    code, attempt = await _code(parties[0])
    answers = await asyncio.gather(*(parties[n % len(parties)].redeem(code, attempt) for n in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}
    (won,) = (answer.json() for answer in answers if answer.status_code == 200)
    for party in parties:
        assert (await party.userinfo(won["access_token"])).status_code == 401
        assert (await party.refresh(won["refresh_token"])).json()["error"] == "invalid_grant"


async def test_five_refreshes_at_once_are_all_usable_and_share_one_live_branch(
    parties: tuple[RelyingParty, ...],
) -> None:
    code, attempt = await _code(parties[0])
    first = (await parties[0].redeem(code, attempt)).json()
    answers = await asyncio.gather(*(parties[n % len(parties)].refresh(first["refresh_token"]) for n in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    documents = [answer.json() for answer in answers]
    for document in documents:
        assert (await parties[-1].userinfo(document["access_token"])).status_code == 200
    (current,) = {document["refresh_token"] for document in documents}
    assert (await parties[-1].refresh(current)).status_code == 200


async def _code(party: RelyingParty) -> tuple[str, Attempt]:
    attempt = party.begin(scope="openid profile")
    async with httpx2.AsyncClient(headers=party.http.headers, timeout=30) as browser:
        page = await EndUser(browser).authorize(attempt.url)
    return page.answer["code"], attempt
