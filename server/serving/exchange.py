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
_END_OF_HEAD = b"\r\n\r\n"
# So much is kept of each connection.
_LONGEST_KNOWN = 2048


class Nobody:
    """Stands where others wait for the rest of a body."""

    def set(self) -> None:
        """Tell nobody."""


@dataclass(slots=True)
class Exchange:
    """How far things are. All names but the first are uvicorn's, which reads and writes them."""

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


@dataclass(frozen=True, slots=True)
class KnownHead:
    """The head of a short request as it came, and what it means: who asks often sends the same one again and again.

    Known to the connection that sent it alone: what a head means depends on the peer, and it may hold secrets.
    """

    text: bytes
    body_length: int
    request: ShortRequest

    def body_of(self, data: bytes) -> bytes | None:
        """The body, if these bytes are the same head with its body, and nothing else."""
        if len(data) != len(self.text) + self.body_length or not data.startswith(self.text):
            return None
        return data[len(self.text) :]


def known_head(data: bytes, exchange: Exchange) -> KnownHead | None:
    """What is known from these bytes on; None unless they are one request, from its first byte to its last."""
    end = data.find(_END_OF_HEAD) + len(_END_OF_HEAD)
    if end + len(exchange.body) != len(data) or end > _LONGEST_KNOWN or not exchange.keep_alive:
        return None
    return KnownHead(data[:end], len(exchange.body), exchange.request)
