"""Clients in browsers, on other origins."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.resource_server import Cors, Options
from tests.resource_server.conftest import Protect, Protected

ORIGIN = {"Origin": "https://app.test"}
PREFLIGHT = {**ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
NEEDED = "Authorization, Content-Type, MCP-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id, Last-Event-ID"


@pytest.mark.checklist("2.12")
@pytest.mark.parametrize("path", ["/mcp", "/mcp/write", "/.well-known/oauth-protected-resource/mcp"])
async def test_a_preflight_is_answered_without_a_token(notes: Protected, path: str) -> None:
    answer = await notes.http.options(path, headers=PREFLIGHT)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-headers"] == NEEDED
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers


async def test_other_options_requests_need_a_token(notes: Protected) -> None:
    assert (await notes.http.options("/mcp", headers=ORIGIN)).status_code == 401


@pytest.mark.checklist("2.12")
async def test_scripts_may_read_challenges_and_answers(notes: Protected) -> None:
    refused = await notes.http.get("/mcp", headers=ORIGIN)
    admitted = await notes.http.get("/mcp", headers={**ORIGIN, **notes.bearer()})
    short = await notes.http.get("/mcp/write", headers={**ORIGIN, **notes.bearer()})
    assert [answer.status_code for answer in (refused, admitted, short)] == [401, 200, 403]
    for answer in (refused, admitted, short):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "WWW-Authenticate" in answer.headers["access-control-expose-headers"]


async def test_only_named_origins_are_let_in_when_some_are_named(protect: Protect) -> None:
    notes = await protect(options=Options(cors=Cors(origins=("https://app.test",))))
    known = await notes.http.options("/mcp", headers=PREFLIGHT)
    assert known.headers["access-control-allow-origin"] == "https://app.test"
    assert known.headers["vary"] == "Origin"
    foreign = await notes.http.options("/mcp", headers={**PREFLIGHT, "Origin": "https://evil.test"})
    assert "access-control-allow-origin" not in foreign.headers
    assert "access-control-allow-headers" not in foreign.headers
    answer = await notes.http.get("/mcp", headers={**notes.bearer(), "Origin": "https://evil.test"})
    assert "access-control-allow-origin" not in answer.headers


async def test_another_layer_may_answer_browsers(protect: Protect) -> None:
    notes = await protect(options=Options(cors=None))
    assert (await notes.http.options("/mcp", headers=PREFLIGHT)).status_code == 401
    assert "access-control-allow-origin" not in (await notes.get()).headers
    document = await notes.http.get("/.well-known/oauth-protected-resource")
    assert "access-control-allow-origin" not in document.headers


async def test_an_application_that_speaks_to_browsers_itself_is_not_talked_over(protect: Protect) -> None:
    async def own(_request: Request) -> Response:
        return Response(headers={"Access-Control-Allow-Origin": "https://own.test"})

    notes = await protect(Starlette(routes=[Route("/mcp", own)]))
    assert (await notes.get()).headers.get_list("access-control-allow-origin") == ["https://own.test"]
