"""What can lie between a program and PostgreSQL: a pooler that loses notifications, a network that goes silent.

A relay of our own, on the real protocol. https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from tests.support.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOTIFICATION = b"A"


@dataclass(slots=True)
class Wire:
    """A relay to a database; `url` leads through it."""

    url: str
    loses_notifications: bool = False
    flows: asyncio.Event = field(default_factory=asyncio.Event)

    def fall_silent(self) -> None:
        """Carry nothing any more, and close nothing."""
        self.flows.clear()


@asynccontextmanager
async def wire_to(url: str, *, loses_notifications: bool = False) -> AsyncIterator[Wire]:
    """Relay to the database at this URL."""
    host, port = urlsplit(url).hostname or LOOPBACK, urlsplit(url).port or 5432
    wires: list[Wire] = []
    carried: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(host, port)
        (wire,) = wires
        for way in (_ask(wire, reader, up_writer), _answer(wire, up_reader, writer)):
            task = asyncio.ensure_future(way)
            carried.add(task)

    server = await asyncio.start_server(carry, LOOPBACK, 0)
    through = f"{urlsplit(url).username}@{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    wires.append(Wire(urlunsplit(urlsplit(url)._replace(netloc=through, query="sslmode=disable"))))
    wires[0].loses_notifications = loses_notifications
    wires[0].flows.set()
    try:
        yield wires[0]
    finally:
        server.close()
        for task in carried:
            task.cancel()
        await asyncio.gather(*carried, return_exceptions=True)


async def _ask(wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            await wire.flows.wait()
            writer.write(data)
    writer.close()


async def _answer(wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.IncompleteReadError):
        while True:
            kind, length = await reader.readexactly(1), await reader.readexactly(4)
            message = kind + length + await reader.readexactly(int.from_bytes(length) - 4)
            await wire.flows.wait()
            if kind != NOTIFICATION or not wire.loses_notifications:
                writer.write(message)
    writer.close()
