"""What arrives on the wire: header fields, the peer behind its proxies, a body that cannot grow without end."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from server.protocol.errors import InvalidRequest, RequestTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .asgi import Receive, Scope

READ_TIMEOUT_SECONDS = 15
# More digits are no number that anybody would send, and longer to read than the body.
_LENGTH = re.compile(r"[0-9]{1,18}")


class ClientGone(Exception):
    """The client closed the connection before its request was complete."""


def read_headers(scope: Scope) -> dict[str, str]:
    """Header fields by lower-case name; one sent twice is joined, Cookie in its own way. RFC 9110 §5.3, 9113 §8.2.3."""
    headers: dict[str, str] = {}
    fields: Iterable[tuple[bytes, bytes]] = scope["headers"]  # type: ignore[assignment]  # given by the ASGI server
    for raw_name, raw_value in fields:
        name = raw_name.decode("latin-1").lower()
        value = raw_value.decode("latin-1")
        separator = "; " if name == "cookie" else ", "
        headers[name] = f"{headers[name]}{separator}{value}" if name in headers else value
    return headers


def peer_of(scope: Scope) -> str:
    """The address of the other end of the connection."""
    client = scope.get("client")
    return str(client[0]) if isinstance(client, tuple | list) and client else ""


async def read_body(receive: Receive, headers: Mapping[str, str], max_body: int) -> bytes:
    """The whole body; raises RequestTooLarge, InvalidRequest when it dawdles, ClientGone."""
    declared = headers.get("content-length", "0")
    if not _LENGTH.fullmatch(declared) or int(declared) > max_body:
        raise RequestTooLarge(f"content-length {declared[:20]} where {max_body} is allowed")
    try:
        async with asyncio.timeout(READ_TIMEOUT_SECONDS):
            return await _collect(receive, max_body)
    except TimeoutError:
        raise InvalidRequest("the body did not arrive in time") from None


async def _collect(receive: Receive, max_body: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        if isinstance(chunk, bytes):
            chunks.append(chunk)
            size += len(chunk)
        if size > max_body:
            raise RequestTooLarge(f"body grew beyond {max_body}")
        if not message.get("more_body"):
            return b"".join(chunks)
