"""How a response leaves over ASGI."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.endpoints.wire import WireResponse

    from .asgi import Message, Send
    from .head import Head


async def send_response(send: Send, head: Head, response: WireResponse) -> None:
    """Send a complete response; without its body to a HEAD request."""
    complete = head.complete(response)
    headers = list(complete.headers)
    if complete.status != HTTPStatus.NO_CONTENT:
        headers.append((b"content-length", str(len(complete.body)).encode("ascii")))
    await send({"type": "http.response.start", "status": complete.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head.method == "HEAD" else complete.body})


def completing(send: Send, head: Head, tell: Callable[[int], None]) -> Send:
    """A `send` for Quart that adds what every response carries, and tells its status."""

    async def complete(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = message.get("headers")
            headers = list(given) if isinstance(given, list | tuple) else []
            status = message["status"]
            tell(status if isinstance(status, int) else HTTPStatus.OK)
            message = {**message, "headers": [*headers, *head.common_headers]}
        await send(message)

    return complete
