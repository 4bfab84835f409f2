"""Responses that are sent in pieces as they come: exports, and the live tail.

A bounded number at a time: each holds a connection, some of them for an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .problems import Problem

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from server.endpoints.wire import Headers

MOST = 32  # of one process

_open = 0


@dataclass(frozen=True, slots=True)
class StreamedResponse:
    """A response whose body comes in pieces. It must be closed, also when its reader went away."""

    status: int
    headers: Headers
    first: str
    rest: AsyncGenerator[str, None]

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body."""
        yield self.first.encode()
        async for piece in self.rest:
            yield piece.encode()

    async def close(self) -> None:
        """Let go of what the rest would have needed."""
        _count(-1)
        await self.rest.aclose()


async def begin(status: int, headers: Headers, pieces: AsyncGenerator[str, None]) -> StreamedResponse:
    """The response once its first piece is there: what refuses it does so before anything was sent.

    Raises Problem when too many are open.
    """
    if _open >= MOST:
        raise Problem(503, "too_many_streams", "As many exports and tails as there may be are open.")
    _count(1)
    try:
        first = await anext(pieces, "")
    except BaseException:
        _count(-1)
        raise
    return StreamedResponse(status, headers, first, pieces)


def open_now() -> int:
    """How many this process has open."""
    return _open


def _count(amount: int) -> None:
    global _open  # noqa: PLW0603  one count a process
    _open += amount
