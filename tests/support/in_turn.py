"""A load balancer without a process of its own."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import httpx2
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.processes import Server


class InTurn(httpx2.AsyncBaseTransport):
    """Hands each request to the next process, as a load balancer does."""

    def __init__(self, servers: tuple[Server, ...]) -> None:
        self.servers: Iterator[Server] = cycle(servers)
        self.wire = httpx2.AsyncHTTPTransport()

    @override
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url.copy_with(port=next(self.servers).port)
        handed_on = httpx2.Request(
            request.method, url, headers=request.headers, stream=request.stream, extensions=request.extensions
        )
        return await self.wire.handle_async_request(handed_on)  # Host stays as it was

    @override
    async def aclose(self) -> None:
        await self.wire.aclose()
