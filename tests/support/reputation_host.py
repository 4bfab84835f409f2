"""A service that knows hosts, over HTTP: says what it is told to say, or falls ill in the way that it is told."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LOOPBACK = "127.0.0.1"


@dataclass(slots=True)
class ReputationHost:
    """What it says, and what it was asked."""

    says: str = "unknown"
    status: str = "200 OK"
    body: bytes | None = None  # instead of an answer
    delay: float = 0  # seconds before it answers
    port: int = 0
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{LOOPBACK}:{self.port}/hosts"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one question."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(int(line[15:]) for line in head.splitlines() if line.lower().startswith("content-length:"))
            self.heads.append(head)
            self.asked.append(json.loads(await reader.readexactly(length))["host"])
            await asyncio.sleep(self.delay)
            body = json.dumps({"reputation": self.says}).encode() if self.body is None else self.body
            writer.write(f"HTTP/1.1 {self.status}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked did not wait
        finally:
            writer.close()


@asynccontextmanager
async def reputation_host(host: ReputationHost) -> AsyncIterator[ReputationHost]:
    """Have it listen on this machine until the block ends."""
    listening = await asyncio.start_server(host.serve, LOOPBACK, host.port)
    host.port = listening.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        listening.close()
