"""Responses that are sent in pieces as they come: exports, and the live tail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration import streams

from .problems import Problem

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from server.endpoints.wire import Headers


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
        await self.rest.aclose()


async def begin(status: int, headers: Headers, pieces: AsyncGenerator[str, None]) -> StreamedResponse:
    """The response once its first piece is there: what refuses it does so before anything was sent.

    Raises Problem when too many are open.
    """
    try:
        first = await anext(pieces, "")
    except streams.TooManyStreams as error:
        title = "As many exports and tails as there may be are open: end one, or come back later."
        fields: Headers = ((b"retry-after", str(streams.RETRY_AFTER).encode("ascii")),)
        raise Problem(503 if error.ours else 429, "too_many_streams", title, fields) from error
    return StreamedResponse(status, headers, first, pieces)
