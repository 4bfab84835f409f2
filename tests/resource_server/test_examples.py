"""The examples, reached with ready tokens; tests/clients signs people in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from examples import mcp_client, mcp_server, quart_api
from server.resource_server import Introspection
from tests.resource_server.issuer import Issuer, claims_for, signed
from tests.resource_server.serving import origin_of, reserved_socket, served


@asynccontextmanager
async def mcp_calls(
    issuer: Issuer, mode: str, **changes: object
) -> AsyncIterator[tuple[Client, list[httpx2.Response]]]:
    """The SDK's client at the notes server with such a token, and every answer that it got."""
    bound = reserved_socket()
    resource = f"{origin_of(bound)}/mcp"
    token = signed(claims_for(issuer.url, resource, **changes))
    answers: list[httpx2.Response] = []

    async def noted(response: httpx2.Response) -> None:
        answers.append(response)

    async with (
        served(mcp_server.protected_notes(resource, issuer.url), bound, "on"),
        httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {token}"}, event_hooks={"response": [noted]}, timeout=60
        ) as http,
        Client(streamable_http_client(resource, http_client=http), mode=mode) as client,
    ):
        yield client, answers


MODES = pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])


@MODES
async def test_tools_know_who_calls(issuer: Issuer, mode: str) -> None:
    async with mcp_calls(issuer, mode, scope="notes:read notes:write") as (client, _):
        assert await mcp_client.call(client, "whoami") == "ada, through notes-cli, may notes:read notes:write"
        assert await mcp_client.call(client, "add_note", text="buy milk") == "kept"
        assert "buy milk" in await mcp_client.call(client, "list_notes")


@MODES
@pytest.mark.checklist("2.6")
async def test_a_tool_that_needs_more_is_answered_with_the_challenge(issuer: Issuer, mode: str) -> None:
    async with mcp_calls(issuer, mode) as (client, answers):
        with pytest.raises(MCPError):
            await client.call_tool("add_note", {"text": "buy milk"})
        challenges = [answer.headers["www-authenticate"] for answer in answers if answer.status_code == 403]
        assert len(challenges) == 1
        assert 'scope="notes:read notes:write"' in challenges[0]


async def test_sessions_of_the_sdk_are_bound_to_their_owner(issuer: Issuer) -> None:
    async with mcp_calls(issuer, "legacy") as (client, answers):
        await mcp_client.call(client, "whoami")
        session = next(answer.headers["mcp-session-id"] for answer in answers if "mcp-session-id" in answer.headers)
        resource = str(answers[0].request.url)
        body = {"jsonrpc": "2.0", "id": 9, "method": "tools/list"}
        fields = {"Accept": "application/json, text/event-stream", "Mcp-Session-Id": session}
        async with httpx2.AsyncClient(headers=fields, timeout=60) as http:
            for subject, status in (("ada", 200), ("eve", 404)):
                token = signed(claims_for(issuer.url, resource, sub=subject))
                answer = await http.post(resource, json=body, headers={"Authorization": f"Bearer {token}"})
                assert answer.status_code == status


async def test_the_api_reads_writes_and_is_healthy(issuer: Issuer) -> None:
    bound = reserved_socket()
    resource = f"{origin_of(bound)}/api"
    reader, writer = (
        {"Authorization": f"Bearer {signed(claims_for(issuer.url, resource, scope=scope))}"}
        for scope in ("notes:read", "notes:read notes:write")
    )
    async with (
        served(quart_api.protected_api(resource, issuer.url), bound, "on") as origin,
        httpx2.AsyncClient(base_url=origin, timeout=60) as http,
    ):
        assert (await http.get("/healthz")).json() == {"ok": True}
        assert (await http.get("/api/notes")).status_code == 401
        assert (await http.post("/api/notes", json={"text": "x"}, headers=reader)).status_code == 403
        assert (await http.post("/api/notes", json={"text": "x"}, headers=writer)).status_code == 201
        assert (await http.get("/api/notes", headers=reader)).json() == ["x"]
        assert (await http.get("/api/whoami", headers=reader)).json()["client_id"] == "notes-cli"


async def test_the_api_may_ask_about_each_token(issuer: Issuer) -> None:
    bound = reserved_socket()
    resource = f"{origin_of(bound)}/api"
    issuer.active["opaque"] = {"active": True, **claims_for(issuer.url, resource)}
    guarded = quart_api.protected_api(resource, issuer.url, Introspection("batch", "change-me"))
    async with served(guarded, bound, "on") as origin, httpx2.AsyncClient(base_url=origin, timeout=60) as http:
        bearer = {"Authorization": "Bearer opaque"}
        assert (await http.get("/api/notes", headers=bearer)).status_code == 200
        issuer.active.clear()
        assert (await http.get("/api/notes", headers=bearer)).status_code == 401
