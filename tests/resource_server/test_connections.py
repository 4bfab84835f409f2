"""Sessions, web sockets and lifespan."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from quart import Quart, request
from quart.typing import ResponseReturnValue
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, RejectConnection, TextMessage
from wsproto.events import Request as Upgrade

from server.resource_server import (
    PUBLIC,
    HttpFetcher,
    InsufficientScope,
    Options,
    ResourceServer,
    access_token,
    require_scopes,
)
from server.resource_server.asgi import Message, Receive, Scope, Send
from tests.resource_server.conftest import Protect, Protected, notes_app
from tests.resource_server.serving import origin_of, reserved_socket, served


@pytest.mark.checklist("2.13")
async def test_a_session_belongs_to_the_person_and_client_that_began_it(notes: Protected) -> None:
    begun = await notes.http.post("/mcp/session", headers=notes.bearer())
    session = {"Mcp-Session-Id": begun.headers["mcp-session-id"]}
    own = await notes.http.post("/mcp/session", headers={**notes.bearer(jti="two"), **session})
    assert own.status_code == 200
    assert own.json() == {"session": "s-1"}
    for other in ({"sub": "eve"}, {"client_id": "other"}):
        stolen = await notes.http.post("/mcp/session", headers={**notes.bearer(**other), **session})
        assert stolen.status_code == 404


@pytest.mark.checklist("2.13")
async def test_a_session_is_no_authentication_and_cannot_be_invented(notes: Protected) -> None:
    begun = await notes.http.post("/mcp/session", headers=notes.bearer())
    session = {"Mcp-Session-Id": begun.headers["mcp-session-id"]}
    assert (await notes.http.post("/mcp/session", headers=session)).status_code == 401
    for invented in ("s-1", "s-1.", ".", "s-2" + begun.headers["mcp-session-id"][3:]):
        answer = await notes.http.post("/mcp/session", headers={**notes.bearer(), "Mcp-Session-Id": invented})
        assert answer.status_code == 404


async def test_processes_that_share_a_key_share_sessions(protect: Protect) -> None:
    one = await protect(options=Options(session_key=b"k" * 32))
    two = await protect(options=Options(session_key=b"k" * 32))
    begun = await one.http.post("/mcp/session", headers=one.bearer())
    session = {"Mcp-Session-Id": begun.headers["mcp-session-id"]}
    assert (await two.http.post("/mcp/session", headers={**two.bearer(), **session})).status_code == 200


class Handshake:
    """One web socket handshake, to its first message or its refusal."""

    def __init__(self, origin: str) -> None:
        self.host, port = origin.removeprefix("http://").split(":")
        self.port = int(port)

    async def open(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        connection = WSConnection(ConnectionType.CLIENT)
        fields = [(name.encode(), value.encode()) for name, value in headers.items()]
        writer.write(connection.send(Upgrade(host=self.host, target=path, extra_headers=fields)))
        status, received, text = 0, {}, ""
        while not text and (data := await reader.read(4096)):
            connection.receive_data(data)
            for event in connection.events():
                if isinstance(event, AcceptConnection):
                    status = 101
                elif isinstance(event, RejectConnection):
                    status = event.status_code
                    received = {name.decode().lower(): value.decode() for name, value in event.headers}
                    text = "refused"
                elif isinstance(event, TextMessage):
                    text = str(event.data)
        writer.close()
        return status, received, text


async def test_a_web_socket_opens_with_a_token(notes: Protected) -> None:
    assert await Handshake(notes.origin).open("/mcp/socket", notes.bearer()) == (101, {}, "ada")


async def test_a_web_socket_without_a_token_is_denied_with_the_challenge(notes: Protected) -> None:
    status, headers, _ = await Handshake(notes.origin).open("/mcp/socket", {})
    assert status == 401
    assert headers["www-authenticate"].startswith('Bearer scope="notes:read"')
    status, _, _ = await Handshake(notes.origin).open("/mcp/socket", notes.bearer(scope="other"))
    assert status == 403
    status, _, _ = await Handshake(notes.origin).open(f"/mcp/socket?access_token={notes.token()}", {})
    assert status == 400


async def test_a_server_that_cannot_deny_closes(notes: Protected) -> None:
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    async def send(message: object) -> None:
        sent.append(message)

    async def never(*_: object) -> None:
        raise AssertionError("the application was reached")

    guarded = ResourceServer(never, resource=notes.resource, issuer=notes.issuer.url)
    await guarded({"type": "websocket", "path": "/mcp", "headers": []}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]


async def test_a_public_web_socket_is_the_applications_own_affair(protect: Protect) -> None:
    notes = await protect(routes={"/mcp/socket": PUBLIC})
    status, _, text = await Handshake(notes.origin).open("/mcp/socket", {})
    assert (status, text) == (101, "nobody")


async def test_the_application_starts_and_stops_and_our_connections_close(protect: Protect) -> None:
    lived: list[str] = []

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        lived.append("started")
        yield
        lived.append("stopped")

    fetcher = HttpFetcher()
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    guarded = ResourceServer(
        Starlette(lifespan=lifespan),
        resource="https://notes.test",
        issuer="https://auth.test",
        options=Options(fetcher=fetcher),
    )

    async def receive() -> dict[str, str]:
        return next(messages)

    async def send(_message: object) -> None:
        lived.append("told")

    await guarded({"type": "lifespan"}, receive, send)  # type: ignore[arg-type] # dictionaries of text are messages too
    assert lived == ["started", "told", "stopped", "told"]


async def test_a_quart_application_is_protected_alike(protect: Protect) -> None:
    app = Quart(__name__)

    @app.get("/api/me")
    async def me() -> ResponseReturnValue:
        return {"sub": access_token(request.scope).subject}

    @app.post("/api/notes")
    async def add() -> ResponseReturnValue:
        require_scopes(request.scope, "notes:write")
        return {"added": await request.get_data(as_text=True)}

    api = await protect(app, path="/api")
    assert (await api.http.get("/api/me")).status_code == 401
    assert (await api.get(path="/api/me")).json() == {"sub": "ada"}
    assert (await api.http.post("/api/notes", content="x", headers=api.bearer())).status_code == 403
    scope = "notes:read notes:write"
    added = await api.http.post("/api/notes", content="x", headers=api.bearer(scope=scope))
    assert added.json() == {"added": "x"}


async def test_an_answer_that_has_begun_is_left_to_the_application(protect: Protect) -> None:
    async def late(request: Request) -> StreamingResponse:
        async def lines() -> AsyncIterator[str]:
            yield "begun"
            try:
                require_scopes(request.scope, "notes:write")
            except InsufficientScope:
                yield " but no further"

        return StreamingResponse(lines())

    notes = await protect(Starlette(routes=[Route("/mcp", late)]))
    answer = await notes.get()
    assert answer.status_code == 200
    assert answer.text == "begun but no further"


async def test_an_application_that_fails_in_the_middle_fails_as_ever(notes: Protected) -> None:
    sent: list[object] = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        require_scopes(scope, "notes:write")

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    guarded = ResourceServer(app, resource=notes.resource, issuer=notes.issuer.url)
    headers = [(b"authorization", notes.bearer()["Authorization"].encode())]
    with pytest.raises(InsufficientScope):
        await guarded({"type": "http", "method": "GET", "path": "/mcp", "headers": headers}, receive, send)
    assert sent == ["http.response.start"]


async def test_an_application_behind_nothing_has_no_token() -> None:
    for ask in (access_token, require_scopes):
        with pytest.raises(LookupError, match="no ResourceServer"):
            ask({"type": "http"})


async def test_it_is_a_middleware_as_frameworks_know_them(notes: Protected) -> None:
    bound = reserved_socket()
    resource = origin_of(bound)
    app = notes_app()
    app.add_middleware(ResourceServer, resource=resource, issuer=notes.issuer.url)
    async with served(app, bound, "on") as origin, httpx2.AsyncClient(base_url=origin, timeout=60) as http:
        assert (await http.get("/mcp")).status_code == 401
        bearer = notes.bearer(audience=resource)
        assert (await http.get("/mcp", headers=bearer)).json()["sub"] == "ada"
        assert (await http.get("/mcp/write", headers=bearer)).status_code == 403
        assert (await http.get("/.well-known/oauth-protected-resource")).json()["resource"] == resource
