"""A real uvicorn with our connections in front of any application, and clients that speak bytes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import uvicorn

from server.serving.connections import Connection
from server.serving.short_connections import State
from tests.support.ports import LOOPBACK
from tests.support.steady_load import Answer, read_answer

PATIENCE = 60  # seconds


class Listening:
    """A server for an application."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        config = uvicorn.Config(
            app,
            interface="asgi3",
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
        )
        self.server = uvicorn.Server(config)
        self.state = State()
        self.server.server_state = self.state
        self.socket = socket.create_server((LOOPBACK, 0))

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection."""
        return await asyncio.open_connection(LOOPBACK, self.socket.getsockname()[1])

    async def ask(self, request: bytes) -> Answer:
        """Send this on a connection of its own; raises EOFError when there is no answer."""
        reader, writer = await self.open()
        try:
            writer.write(request)
            return await read_answer(reader)
        finally:
            writer.close()

    def drain(self) -> None:
        """Tell every connection that the server is about to end."""
        self.state.draining = True
        for connection in list(self.state.connections):
            connection.shutdown()


@asynccontextmanager
async def listening_for(app: Callable[..., Awaitable[None]]) -> AsyncIterator[Listening]:
    """A server as long as the block lasts."""
    made = Listening(app)
    made.server.config.load()
    made.server.lifespan = made.server.config.lifespan_class(made.server.config)
    await made.server.startup([made.socket])
    try:
        yield made
    finally:
        for connection in list(made.state.connections):
            connection.transport.abort()
        for server in made.server.servers:
            server.close()


async def read_to_the_end(reader: asyncio.StreamReader) -> bytes:
    """What is sent until the server closes the connection, gently or not."""
    received = b""
    async with asyncio.timeout(PATIENCE):
        try:
            while chunk := await reader.read(65536):
                received += chunk
        except ConnectionError:
            pass
    return received


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something of which nobody tells."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.01)
