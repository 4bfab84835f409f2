"""A short request and its answer, as uvicorn's connection sees them: in place of its own cycle of ASGI messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.hosting import message_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.endpoints.wire import WireResponse
    from server.hosting import ShortRequest

_CLOSE = (b"connection", b"close")


class Nobody:
    """Stands where others wait for the rest of a body."""

    def set(self) -> None:
        """Tell nobody."""


@dataclass(slots=True)
class Exchange:
    """How far things are. The names that follow the first two are uvicorn's, which reads and writes them."""

    request: ShortRequest
    keep_alive: bool
    body: bytes = b""
    more_body: bool = True
    disconnected: bool = False
    response_complete: bool = False
    message_event: Nobody = field(default_factory=Nobody)

    def complete(self, response: WireResponse, fields: Iterable[tuple[bytes, bytes]]) -> bytes:
        """The response on the wire, with the server's own fields; it says whether the connection ends with it."""
        self.response_complete = True
        return message_of(self.request.head, response, fields if self.keep_alive else (*fields, _CLOSE))
