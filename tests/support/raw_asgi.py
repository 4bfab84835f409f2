"""A request as an attacker's program would send it: any bytes in any place, past every client library."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping, Sequence

    Message = MutableMapping[str, object]
    Application = Callable[..., Awaitable[None]]

HOST = (b"host", b"127.0.0.1:9000")


@dataclass(frozen=True, slots=True)
class RawRequest:
    """What arrives over ASGI; the path is percent-decoded already."""

    path: str
    method: str = "GET"
    query: bytes = b""
    headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes = b""
    complete: bool = True  # False: the client goes away in the middle of the body
    stalls: bool = False  # it stays, and sends no more


@dataclass(frozen=True, slots=True)
class RawResponse:
    """What was sent back; no status when the client was gone."""

    status: int | None
    headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """The field of this lower-case name."""
        return next((value.decode("latin-1") for key, value in self.headers if key == name.encode()), None)


async def send_raw(app: Application, request: RawRequest) -> RawResponse:
    """Send it; whatever the application raises is raised here."""
    sent: list[Message] = []
    arriving = [{"type": "http.request", "body": request.body, "more_body": request.stalls or not request.complete}]

    async def receive() -> Message:
        if arriving:
            return arriving.pop()
        if request.complete:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(_scope(request), receive, send)
    starts = [message for message in sent if message["type"] == "http.response.start"]
    if not starts:
        return RawResponse(None)
    status, headers = starts[0]["status"], starts[0]["headers"]
    assert isinstance(status, int)
    assert isinstance(headers, list | tuple)
    return RawResponse(status, headers, b"".join(bytes(message.get("body", b"")) for message in sent))  # type: ignore[call-overload]  # ASGI gives bytes


def _scope(request: RawRequest) -> Message:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.path,
        "raw_path": request.path.encode("utf-8", "surrogatepass"),
        "query_string": request.query,
        "root_path": "",
        "headers": [HOST, *request.headers],
        "client": ("127.0.0.1", 40000),
        "server": ("127.0.0.1", 9000),
        "state": {},
    }
