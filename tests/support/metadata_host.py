"""An HTTPS host of client documents that answers whatever a test has it answer, good or hostile."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.ports import LOOPBACK

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    Behaviour = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


NAME = "clients.test"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came."""

    path: str
    headers: dict[str, str]


@dataclass(slots=True)
class MetadataHost:
    """Where it is, what it answers by path, and what it was asked."""

    origin: str
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def url(self, path: str) -> str:
        """The address of a path."""
        return self.origin + path

    def publish(self, path: str = "/client.json", *, headers: dict[str, str] | None = None, **members: object) -> str:
        """Publish a client's document, of a public client at loopback unless told otherwise; its address."""
        url = self.url(path)
        document = {
            "client_id": url,
            "client_name": "Documented",
            "redirect_uris": ["http://127.0.0.1:8765/callback"],
            "token_endpoint_auth_method": "none",
            **members,
        }
        content = {name: value for name, value in document.items() if value is not None}
        self.behaviours[path] = answering(json.dumps(content).encode(), headers=headers)
        return url

    def count(self, path: str = "/client.json") -> int:
        """How often a path was asked for."""
        return sum(1 for asked in self.asked if asked.path == path)


def answering(
    body: bytes = b"", *, status: int = 200, media_type: str = "application/json", headers: dict[str, str] | None = None
) -> Behaviour:
    """Answer like this."""
    lines = {"content-type": media_type, "content-length": str(len(body)), **(headers or {})}
    head = f"HTTP/1.1 {status} Answer\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())

    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()

    return behave


def dripping(head: bytes, drops: bytes, seconds: float = 0.05) -> Behaviour:
    """Begin, and then send the same again and again, slowly, without an end."""

    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(drops)
            await writer.drain()
            await asyncio.sleep(seconds)

    return behave


@asynccontextmanager
async def metadata_host(tls: ssl.SSLContext, name: str = NAME) -> AsyncIterator[MetadataHost]:
    """Serve until the block ends."""
    host = MetadataHost("")
    under_way: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        under_way[writer] = asyncio.current_task()
        with suppress(OSError, asyncio.IncompleteReadError):
            asked = _read(await reader.readuntil(b"\r\n\r\n"))
            host.asked.append(asked)
            await host.behaviours.get(asked.path, answering(status=404))(asked, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        del under_way[writer]

    server = await asyncio.start_server(serve, LOOPBACK, 0, ssl=tls)
    host.origin = f"https://{name}:{server.sockets[0].getsockname()[1]}"
    try:
        yield host
    finally:
        server.close()
        # Hung up on, those who drip without an end come to one.
        for writer in under_way:
            writer.transport.abort()
        await asyncio.gather(*filter(None, under_way.values()))


def _read(head: bytes) -> Asked:
    request, *fields = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = (line.split(":", 1) for line in fields)
    return Asked(request.split(" ")[1], {name.lower(): value.strip() for name, value in pairs})


@dataclass(slots=True)
class NamedAddresses:
    """A resolver whose answers a test decides: each call takes the next one, the last one stays."""

    answers: list[Sequence[str]]
    calls: int = 0

    async def resolve(self, host: str, port: int) -> Sequence[str]:  # noqa: ARG002 - whatever the name
        """See Resolver."""
        self.calls += 1
        return self.answers[min(self.calls, len(self.answers)) - 1]

    def close(self) -> None:
        """See Resolver."""
