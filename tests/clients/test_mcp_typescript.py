"""The TypeScript SDK's two lines of clients under Node, the example MCP server, Latchkey, and a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import cast

import httpx2
import pytest
from playwright.async_api import Browser

from tests.actors import BrowserUser, RelyingParty
from tests.support.node import NodeProgram, node_program
from tests.support.notes_server import NotesServer, notes_server
from tests.support.processes import Server

BRIEF = 1  # seconds that an access token lives
CLOCK_SKEW = 10  # seconds that the MCP server forgives


@pytest.fixture(scope="module")
def notes(server: Server) -> Iterator[NotesServer]:
    with notes_server(server.installation, "typed", access_token_lifetime="10m") as running:
        yield running


@pytest.fixture(scope="module")
def brief_notes(server: Server) -> Iterator[NotesServer]:
    with notes_server(server.installation, "typed-brief", access_token_lifetime=f"{BRIEF}s") as running:
        yield running


@pytest.fixture(params=["mcp_sdk_1.mjs", "mcp_client_2.mjs"], ids=["sdk-1.32", "client-2.4"])
def script(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def ada(chromium: Browser) -> AsyncIterator[BrowserUser]:
    async with BrowserUser.opened(chromium) as user:
        yield user


async def with_person(
    program: NodeProgram, ada: BrowserUser, callback: str, command: str, **facts: object
) -> dict[str, object]:
    """Give a command that needs the person, who says yes to everything."""
    await program.send(command, **facts)
    asked = await program.event("authorize")
    await ada.authorize(str(asked["url"]), callback, tick=True)
    return await program.event("result")


async def ready(program: NodeProgram) -> str:
    return str((await program.event("ready"))["redirectUrl"])


def tokens_of(program: NodeProgram) -> dict[str, str]:
    return cast("dict[str, str]", program.last("tokens")["tokens"])


@pytest.mark.checklist("1a.2")
@pytest.mark.checklist("1a.4")
@pytest.mark.checklist("1a.9")
@pytest.mark.checklist("1b.13")
@pytest.mark.checklist("1e.33")
async def test_a_person_signs_in_and_a_tool_is_called(notes: NotesServer, ada: BrowserUser, script: str) -> None:
    async with node_program(script, notes.url) as program:
        callback = await ready(program)
        result = await with_person(program, ada, callback, "connect")
        client = cast("dict[str, object]", result["client"])
        answer = await program.ask("call", name="whoami", input={})
    assert client["token_endpoint_auth_method"] == "none"
    assert str(client["client_id"]) in str(answer["text"])
    assert "whoami" in cast("list[str]", result["tools"])


@pytest.mark.checklist("1a.8")
@pytest.mark.checklist("1a.10")
async def test_an_expired_access_token_is_renewed_without_the_person(
    brief_notes: NotesServer, ada: BrowserUser, script: str
) -> None:
    async with node_program(script, brief_notes.url) as program:
        await with_person(program, ada, await ready(program), "connect")
        before = tokens_of(program)
        await asyncio.sleep(BRIEF + CLOCK_SKEW + 0.5)
        answer = await program.ask("call", name="whoami", input={})
        after = tokens_of(program)
    assert answer["refused"] is False
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]


@pytest.mark.rfc("7009", "2.1")
async def test_after_a_revocation_the_person_is_asked_again(
    brief_notes: NotesServer, ada: BrowserUser, script: str, http: httpx2.AsyncClient
) -> None:
    async with node_program(script, brief_notes.url) as program:
        callback = await ready(program)
        result = await with_person(program, ada, callback, "connect")
        client = cast("dict[str, str]", result["client"])
        party = RelyingParty(http, brief_notes.issuer, client["client_id"])
        assert (await party.revoke(tokens_of(program)["refresh_token"])).status_code == httpx2.codes.OK
        await asyncio.sleep(BRIEF + CLOCK_SKEW + 0.5)
        answer = await with_person(program, ada, callback, "call", name="whoami", input={})
    assert client["client_id"] in str(answer["text"])


# The SDK's first line renews its token with the scopes it had when it is told to ask for more, so it never asks.
@pytest.mark.parametrize("script", ["mcp_client_2.mjs"], ids=["client-2.4"])
@pytest.mark.checklist("1a.11")
@pytest.mark.checklist("2.5")
@pytest.mark.checklist("2.6")
async def test_a_tool_that_needs_more_asks_the_person_for_it(notes: NotesServer, ada: BrowserUser, script: str) -> None:
    async with node_program(script, notes.url) as program:
        callback = await ready(program)
        await with_person(program, ada, callback, "connect")
        answer = await with_person(program, ada, callback, "call", name="add_note", input={"text": "buy milk"})
        listed = await program.ask("call", name="list_notes", input={})
    assert answer == {"event": "result", "text": "kept", "refused": False}
    assert "buy milk" in str(listed["text"])
