"""Clients that go on asking, and forgive nothing: what fails is kept, and nothing is tried again.

They speak HTTP/1.1 by hand, since libraries try again behind one's back when a kept connection turns out to be closed.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.support.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

ANSWER_WITHIN = 120.0  # seconds; generous, since test machines are shared
PAUSE = 0.02  # between rounds: steady is not all that a machine can do


class Failed(Exception):
    """A request got no answer, or not the one it should."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(slots=True)
class Client:
    """One connection at a time, kept as long as the server lets it, or a fresh one for each request."""

    port: int
    keeps: bool = True
    host: str = ""
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(self, method: str, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Answer:
        """Ask once; raises Failed when there is no whole answer."""
        reused = "kept" if self._streams else "fresh"
        body = urlencode(form).encode() if form is not None else b""
        fields = {"host": self.host or f"{LOOPBACK}:{self.port}", **headers}
        if form is not None:
            fields |= {"content-type": "application/x-www-form-urlencoded", "content-length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await self._ask(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        except (OSError, EOFError) as error:  # TimeoutError is an OSError
            self.close()
            raise Failed(f"{method} {path} on a {reused} connection: {error!r}") from error

    def close(self) -> None:
        """Disconnect."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _ask(self, request: bytes) -> Answer:
        self._streams = self._streams or await asyncio.open_connection(LOOPBACK, self.port)
        reader, writer = self._streams
        writer.write(request)
        answer = await read_answer(reader)
        if not self.keeps or answer.headers.get("connection") == "close":
            self.close()
        return answer


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """Read one response whose length is told; raises EOFError when it breaks off."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Answer(int(lines[0].split()[1]), headers, body)


@dataclass(slots=True)
class Tally:
    """How many rounds went well, and what went wrong; `ending` ends them."""

    rounds: int = 0
    failures: list[str] = field(default_factory=list)
    ending: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    tasks: list[asyncio.Task[None]] = field(default_factory=list, repr=False)

    async def end(self) -> None:
        """Let everybody finish the round, and no more."""
        self.ending.set()
        await asyncio.gather(*self.tasks)


@asynccontextmanager
async def steady_load(works: Sequence[Callable[[], Awaitable[None]]]) -> AsyncIterator[Tally]:
    """Do each of these over and over, all at the same time, until the block ends; a work may raise Failed."""
    tally = Tally()

    async def repeat(work: Callable[[], Awaitable[None]]) -> None:
        while not tally.ending.is_set():
            try:
                await work()
                tally.rounds += 1
                await asyncio.sleep(PAUSE)
            except Failed as failure:
                tally.failures.append(str(failure))
                return

    tally.tasks = [asyncio.create_task(repeat(work)) for work in works]
    try:
        yield tally
    finally:
        await tally.end()
