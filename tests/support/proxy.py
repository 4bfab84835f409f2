"""A TCP proxy on loopback that a test cuts: the network between a node and what it stands on."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from tests.support.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CHUNK = 65_536


class Proxy:
    """Passes bytes between its own port and another one, until it is told not to."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._passes = asyncio.Event()
        self._passes.set()
        self._refuses = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, LOOPBACK, 0)

    async def close(self) -> None:
        """Hang up on everybody."""
        assert self._server is not None
        self._server.close()
        self._hang_up()

    def swallow(self) -> None:
        """Take connections and bytes, and pass nothing on: packets are dropped, and nobody is told."""
        self._passes.clear()

    def refuse(self) -> None:
        """Reset every connection, and each new one."""
        self._refuses = True
        self._hang_up()

    def heal(self) -> None:
        """Pass bytes again, those that were swallowed included, as TCP does; connections that were cut stay cut."""
        self._refuses = False
        self._passes.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            # Cancelled when the test cuts the connection.
            with suppress(OSError, asyncio.CancelledError):
                await self._join(reader, writer)
        finally:
            writer.close()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._passes.wait()
        if self._refuses:
            return
        there, back = await asyncio.open_connection(LOOPBACK, self._target)
        pumps = [asyncio.create_task(self._pump(*way)) for way in ((reader, back), (there, writer))]
        try:
            # One end is gone: so is the other.
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            back.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._passes.wait()
                writer.write(data)
                await writer.drain()

    def _hang_up(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()


@asynccontextmanager
async def proxied(target: int) -> AsyncIterator[Proxy]:
    """A proxy in front of a port of this machine."""
    proxy = Proxy(target)
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.close()
