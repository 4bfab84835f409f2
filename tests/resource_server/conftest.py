"""An issuer, and an application that any test can protect in its own way."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from server.resource_server import Options, ResourceServer, access_token, find_access_token, require_scopes
from server.resource_server.asgi import App
from tests.resource_server.issuer import RESOURCE_PATH, Issuer, claims_for, signed
from tests.resource_server.serving import origin_of, reserved_socket, served


class Clock:
    """Seconds that a test can move on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


async def whoami(request: Request) -> Response:
    token = access_token(request.scope)
    return JSONResponse({"sub": token.subject, "client": token.client_id, "scope": list(token.scope)})


async def write(request: Request) -> Response:
    require_scopes(request.scope, "notes:write")
    return JSONResponse({"written": True})


async def public(request: Request) -> Response:
    return JSONResponse({"token": find_access_token(request.scope) is not None})


async def headers(request: Request) -> Response:
    return JSONResponse(dict(request.headers))


async def body(request: Request) -> Response:
    return Response(await request.body())


async def session(request: Request) -> Response:
    presented = request.headers.get("mcp-session-id")
    return JSONResponse({"session": presented}, headers={"Mcp-Session-Id": presented or "s-1"})


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    token = find_access_token(websocket.scope)
    await websocket.send_text("nobody" if token is None else token.subject)
    await websocket.close()


def notes_app() -> Starlette:
    verbs = ["GET", "POST", "PUT"]
    return Starlette(
        routes=[
            Route("/mcp", whoami, methods=verbs),
            Route("/mcp/write", write, methods=verbs),
            Route("/mcp/headers", headers),
            Route("/mcp/body", body, methods=verbs),
            Route("/mcp/session", session, methods=verbs),
            Route("/healthz", public),
            WebSocketRoute("/mcp/socket", socket),
        ]
    )


@dataclass
class Protected:
    """A protected application on a port, its issuer, and a client for it."""

    http: httpx2.AsyncClient
    issuer: Issuer
    clock: Clock
    resource: str
    origin: str

    def token(self, **changes: object) -> str:
        return signed(self.claims(**changes))

    def claims(self, **changes: object) -> dict[str, object]:
        return claims_for(self.issuer.url, **{"audience": self.resource, **changes})

    def bearer(self, token: str | None = None, **changes: object) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(**changes) if token is None else token}"}

    async def get(self, token: str | None = None, path: str = RESOURCE_PATH, **changes: object) -> httpx2.Response:
        return await self.http.get(path, headers=self.bearer(token, **changes))


Protect = Callable[..., Awaitable[Protected]]


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    bound = reserved_socket()
    issuer = Issuer(origin_of(bound))
    async with served(issuer.app(), bound):
        yield issuer


@asynccontextmanager
async def protecting(issuer: Issuer, app: App, path: str, settings: dict[str, object]) -> AsyncIterator[Protected]:
    bound, clock = reserved_socket(), Clock()
    resource = origin_of(bound) + path
    options = settings.pop("options", None)
    assert options is None or isinstance(options, Options)
    guarded = ResourceServer(
        app,
        **{  # type: ignore[arg-type] # each test names the settings that it is about
            "resource": resource,
            "issuer": issuer.url,
            "scopes": ("notes:read",),
            "options": replace(options or Options(), clock=clock),
            **settings,
        },
    )
    async with served(guarded, bound, "on") as origin, httpx2.AsyncClient(base_url=origin, timeout=60) as http:
        yield Protected(http, issuer, clock, resource, origin)


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    """An issuer of this test's own."""
    async with issuing() as opened:
        yield opened


@pytest.fixture
async def protect(issuer: Issuer) -> AsyncIterator[Protect]:
    """Protect an application (by default the notes) with these settings and serve it, for this test alone."""
    async with AsyncExitStack() as stack:

        async def protect_it(app: App | None = None, *, path: str = RESOURCE_PATH, **settings: object) -> Protected:
            return await stack.enter_async_context(protecting(issuer, app or notes_app(), path, settings))

        yield protect_it


@pytest.fixture(scope="session")
async def notes() -> AsyncIterator[Protected]:
    """The notes application with default settings, the same for all tests that change nothing."""
    async with issuing() as issuer, protecting(issuer, notes_app(), RESOURCE_PATH, {}) as opened:
        yield opened
