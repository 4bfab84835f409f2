"""Answers that the server gives by itself, where it does not let the application be asked."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

RETRY_SECONDS = 1

_BUSY = b'{"error":"temporarily_unavailable","error_description":"The server is busy. Try again in a moment."}'
_BUSY_HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(_BUSY)).encode("ascii")),
    (b"cache-control", b"no-store"),
    (b"retry-after", str(RETRY_SECONDS).encode("ascii")),
    (b"connection", b"close"),
]
_EMPTY_HEADERS = [(b"content-length", b"0"), (b"connection", b"close")]


class Refused(Exception):
    """The request is not worth reading on; `status` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(f"refused with {status}")
        self.status = status


def refusal(status: int) -> bytes:
    """The answer of this status, after which the connection ends; 503 says when to come again."""
    busy = status == HTTPStatus.SERVICE_UNAVAILABLE
    lines = b"".join(b"%b: %b\r\n" % field for field in (_BUSY_HEADERS if busy else _EMPTY_HEADERS))
    return STATUS_LINE[status] + lines + b"\r\n" + (_BUSY if busy else b"")


async def answer_busy(_scope: object, _receive: object, send: Callable[[dict[str, object]], Awaitable[None]]) -> None:
    """503: there is as much to do as memory allows."""
    await send({"type": "http.response.start", "status": 503, "headers": _BUSY_HEADERS})
    await send({"type": "http.response.body", "body": _BUSY})
