"""ASGI applications on loopback ports, served by uvicorn in this process."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import uvicorn

from tests.support.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from server.resource_server.asgi import App


def reserved_socket() -> socket.socket:
    """A bound socket; whoever needs its address before the application exists can have it."""
    reserved = socket.socket()
    reserved.bind((LOOPBACK, 0))
    return reserved


def origin_of(bound: socket.socket) -> str:
    """The origin that the socket serves."""
    return f"http://{LOOPBACK}:{bound.getsockname()[1]}"


@asynccontextmanager
async def served(app: App, bound: socket.socket, lifespan: str = "auto") -> AsyncIterator[str]:
    """The application served on that socket; its origin."""
    config = uvicorn.Config(app, log_level="error", lifespan=lifespan, ws="wsproto", timeout_graceful_shutdown=1)  # type: ignore[arg-type] # a plain string is one of its literals
    server = uvicorn.Server(config)
    with bound:
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        while not server.started:
            assert not serving.done(), "the application did not start"
            await asyncio.sleep(0.005)
        try:
            yield origin_of(bound)
        finally:
            server.should_exit = True
            await serving
