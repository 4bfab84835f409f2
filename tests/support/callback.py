"""Where a browser comes back to: the loopback listener of a native application (RFC 8252 §7.3)."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ARRIVED = b"<!doctype html><title>Done</title><p>You may close this window."
ARRIVAL_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Callback:
    """A redirect URI that is listened at."""

    url: str
    arrivals: asyncio.Queue[str] = field(default_factory=asyncio.Queue, repr=False)

    async def next(self) -> str:
        """The address with which a browser comes back, or came back already."""
        async with asyncio.timeout(ARRIVAL_TIMEOUT):
            return await self.arrivals.get()


@asynccontextmanager
async def listening() -> AsyncIterator[Callback]:
    """Listen at a redirect URI until the block ends."""
    arrivals: asyncio.Queue[str] = asyncio.Queue()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readline()).decode("latin-1").split()
        path = request[1] if len(request) > 1 else ""
        found = path.startswith("/callback")
        if found:
            arrivals.put_nowait(f"http://{LOOPBACK}:{port}{path}")
        status = b"200 OK" if found else b"404 Not Found"
        length = str(len(ARRIVED)).encode()
        writer.write(
            b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %s\r\nConnection: close\r\n\r\n"
            % (status, length)
            + ARRIVED
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, LOOPBACK, 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield Callback(f"http://{LOOPBACK}:{port}/callback", arrivals)
    finally:
        server.close()
