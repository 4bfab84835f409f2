"""The MCP Python SDK's client, the example MCP server, Latchkey, and a person at a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.auth import OAuthFlowError
from playwright.async_api import Browser

from tests.actors import BrowserUser, RelyingParty
from tests.support.callback import Callback
from tests.support.mcp_client import Memory, connected
from tests.support.notes_server import NotesServer, notes_server
from tests.support.processes import Server

BRIEF = 2  # seconds that an access token of the tenant `brief` lives


@pytest.fixture(scope="module")
def notes(server: Server) -> Iterator[NotesServer]:
    with notes_server(server.installation, "notes") as running:
        yield running


@pytest.fixture(scope="module")
def brief_notes(server: Server) -> Iterator[NotesServer]:
    with notes_server(server.installation, "brief", access_token_lifetime=f"{BRIEF}s") as running:
        yield running


@pytest.fixture
async def ada(chromium: Browser, callback: Callback) -> AsyncIterator[BrowserUser]:
    async with BrowserUser.opened(chromium) as user:
        yield user


@pytest.fixture
def memory() -> Memory:
    return Memory()


async def call(client: Client, tool: str, **arguments: str) -> str:
    result = await client.call_tool(tool, arguments)
    text = "\n".join(part.text for part in result.content if part.type == "text")
    assert not result.is_error, text
    return text


def asked(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.mark.checklist("1a.2")
@pytest.mark.checklist("1a.4")
@pytest.mark.checklist("1a.9")
@pytest.mark.checklist("1b.13")
@pytest.mark.checklist("1e.33")
async def test_a_person_signs_in_and_a_tool_is_called(
    notes: NotesServer, ada: BrowserUser, callback: Callback, memory: Memory
) -> None:
    async with connected(notes.url, memory, callback, lambda url: ada.authorize(url, callback.url)) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        answer = await call(client, "whoami")
    assert memory.client is not None
    assert memory.client.token_endpoint_auth_method == "none"
    assert memory.client.client_id in answer
    assert "notes:read" in answer
    assert tools >= {"whoami", "list_notes", "add_note"}
    assert len(memory.authorizations) == 1
    assert asked(memory.authorizations[0])["resource"] == notes.url


@pytest.mark.checklist("1a.8")
@pytest.mark.checklist("1a.10")
async def test_an_expired_access_token_is_renewed_without_the_person(
    brief_notes: NotesServer, ada: BrowserUser, callback: Callback, memory: Memory
) -> None:
    async with connected(brief_notes.url, memory, callback, lambda url: ada.authorize(url, callback.url)) as client:
        await call(client, "whoami")
        before = memory.tokens
        await asyncio.sleep(BRIEF + 0.5)
        await call(client, "whoami")
    assert before is not None
    assert memory.tokens is not None
    assert memory.tokens.access_token != before.access_token
    assert memory.tokens.refresh_token != before.refresh_token
    assert len(memory.authorizations) == 1


@pytest.mark.rfc("7009", "2.1")
async def test_after_a_revocation_the_person_is_asked_again(
    brief_notes: NotesServer, ada: BrowserUser, callback: Callback, memory: Memory, http: httpx2.AsyncClient
) -> None:
    async with connected(brief_notes.url, memory, callback, lambda url: ada.authorize(url, callback.url)) as client:
        await call(client, "whoami")
        assert memory.client is not None
        assert memory.tokens is not None
        party = RelyingParty(http, brief_notes.issuer, memory.client.client_id)
        assert (await party.revoke(str(memory.tokens.refresh_token))).status_code == httpx2.codes.OK
        await asyncio.sleep(BRIEF + 0.5)
        await call(client, "whoami")
    assert len(memory.authorizations) == 2


@pytest.mark.checklist("1a.11")
@pytest.mark.checklist("2.5")
@pytest.mark.checklist("2.6")
async def test_a_tool_that_needs_more_asks_the_person_for_it(
    notes: NotesServer, ada: BrowserUser, callback: Callback, memory: Memory
) -> None:
    async def allow_everything(url: str) -> None:
        await ada.authorize(url, callback.url, tick=True)

    async with connected(notes.url, memory, callback, allow_everything) as client:
        await call(client, "whoami")
        assert await call(client, "add_note", text="buy milk") == "kept"
        assert "buy milk" in await call(client, "list_notes")
    assert "notes:write" not in asked(memory.authorizations[0])["scope"].split()
    assert {"notes:read", "notes:write"} <= set(asked(memory.authorizations[1])["scope"].split())


async def test_a_known_client_needs_no_second_registration(
    notes: NotesServer, ada: BrowserUser, callback: Callback, memory: Memory
) -> None:
    async with connected(notes.url, memory, callback, lambda url: ada.authorize(url, callback.url)) as client:
        first = await call(client, "whoami")
    async with connected(notes.url, memory, callback, lambda url: ada.authorize(url, callback.url)) as client:
        assert await call(client, "whoami") == first
    assert len(memory.authorizations) == 1


@pytest.mark.checklist("1c.19")
@pytest.mark.checklist("1c.20")
async def test_a_person_who_declines_decides_whether_the_client_hears_of_it(
    notes: NotesServer, ada: BrowserUser, callback: Callback, memory: Memory
) -> None:
    async def decline(url: str) -> None:
        await ada.visit(url)
        await ada.log_in()
        await ada.page.wait_for_selector('form[data-step="consent"]')
        await ada.decide("deny")
        await ada.page.wait_for_selector("main[data-error=access_denied]")
        assert callback.arrivals.empty()
        await ada.page.click("[data-continue]")

    with pytest.RaisesGroup(
        pytest.RaisesExc(OAuthFlowError, match="No authorization code"), allow_unwrapped=True, flatten_subgroups=True
    ):
        async with connected(notes.url, memory, callback, decline):
            pytest.fail("connected although the person declined")
    assert memory.tokens is None
