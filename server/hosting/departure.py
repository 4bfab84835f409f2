"""How a response leaves over ASGI."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from server.api import StreamedResponse
    from server.endpoints.wire import WireResponse

    from .asgi import Message, Receive, Send
    from .head import Head


# What ends a field, or hides what follows: RFC 9110 §5.5.
_NEVER_IN_FIELDS = (b"\r", b"\n", b"\0")
_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}".encode("ascii") for status in HTTPStatus}


async def send_response(send: Send, head: Head, response: WireResponse) -> None:
    """Send a complete response; without its body to a HEAD request."""
    headers = _fields(head, response)
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": _body(head, response)})


def message_of(head: Head, response: WireResponse, more: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The same as bytes of HTTP/1.1, with further fields; raises ValueError for a field that would be two."""
    lines = [_STATUS_LINES[response.status]]
    lines += [name + b": " + value for name, value in (*more, *_fields(head, response))]
    text = b"".join(lines)
    if any(character in text for character in _NEVER_IN_FIELDS):
        raise ValueError("a header field with characters that no field has")
    return b"\r\n".join((*lines, b"", _body(head, response)))


def _fields(head: Head, response: WireResponse) -> list[tuple[bytes, bytes]]:
    fields = [*response.headers, *head.common_headers]
    if response.status != HTTPStatus.NO_CONTENT:
        fields.append((b"content-length", str(len(response.body)).encode("ascii")))
    return fields


def _body(head: Head, response: WireResponse) -> bytes:
    return b"" if head.method == "HEAD" else response.body


async def send_stream(receive: Receive, send: Send, head: Head, response: StreamedResponse) -> None:
    """Send a response as its pieces come, until the client goes away."""
    gone = asyncio.create_task(_wait_until_gone(receive))
    try:
        headers = [*response.headers, *head.common_headers]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        async for piece in response.pieces():
            if gone.done():
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        await response.close()


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


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
