"""A connection to a client: uvicorn's HTTP/1.1 on llhttp, with bounds on what a client may take. RFC 9112.

Every figure is for one worker. What is bounded here: the head of a request and the time it takes to arrive, a message
as a whole, connections, requests in flight, the time that a client may stand idle or not read its answer. Bodies are
bounded by each endpoint (server.hosting).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .refusing import Refused, refusal
from .short_connections import ShortConnection

if TYPE_CHECKING:
    import asyncio

MAX_CONNECTIONS = 4096
MAX_HEAD_BYTES = 32 * 1024
MAX_FIELDS = 100
MAX_MESSAGE_BYTES = 4 * 1024 * 1024  # with its framing: what a body may be is less
HEAD_SECONDS = 10
IDLE_SECONDS = 75  # longer than reverse proxies keep a connection: then it is they who close it
READ_SECONDS = 30
DRAIN_SECONDS = 2


class Connection(ShortConnection):
    """One connection. Its methods are those that uvicorn and the parser call."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **options)
        self.reading_head = True
        self.head_bytes = 0
        self.message_bytes = 0
        self.refusal: int = HTTPStatus.BAD_REQUEST
        self.head_timer: asyncio.TimerHandle | None = None
        self.read_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for a request, but not for ever."""
        super().connection_made(transport)
        self.head_timer = self.loop.call_later(HEAD_SECONDS, transport.abort)
        if len(self.connections) > MAX_CONNECTIONS:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was waited for."""
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        for timer in (self.head_timer, self.read_timer):
            if timer is not None:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Parse what came, unless it is too much."""
        if self.transport.is_closing():
            return
        self.message_bytes += len(data)
        super().data_received(data)
        # The parser says nothing of a field, a trailer or an address that has no end.
        if self.reading_head and self.message_bytes > MAX_HEAD_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self.message_bytes > MAX_MESSAGE_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif (self.reading_head or self._is_idle()) and self.head_timer is None:
            self.head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self.reading_head = True
        self.head_bytes = 0
        self.message_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Part of the address; raises Refused."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head, or a trailer; raises Refused."""
        self._count(len(name) + len(value))
        if len(self.headers) >= MAX_FIELDS:
            self._raise(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        super().on_header(name, value)

    def on_response_complete(self) -> None:
        """Wait for the next request, of which the beginning may have come already."""
        self.message_bytes = 0
        super().on_response_complete()

    def shutdown(self) -> None:
        """The worker is about to end: finish what is in flight.

        An idle connection lives a moment longer, for its client may be sending a request just now.
        """
        if self._is_idle():
            self.loop.call_later(DRAIN_SECONDS, self._close_idle)
        else:
            self.cycle.keep_alive = False

    def timeout_keep_alive_handler(self) -> None:
        """Close, even if the client never read its answer."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        super().timeout_keep_alive_handler()

    def pause_writing(self) -> None:
        """The client does not read: wait for a while."""
        super().pause_writing()
        self.read_timer = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads."""
        super().resume_writing()
        if self.read_timer is not None:
            self.read_timer.cancel()
            self.read_timer = None

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        """Refuse what could not be parsed, or should not be; `msg` is uvicorn's."""
        self._refuse(self.refusal)

    def _head_is_complete(self) -> None:
        self.reading_head = False
        if self.head_timer is not None:
            self.head_timer.cancel()
            self.head_timer = None

    def _close_idle(self) -> None:
        if self._is_idle():
            self.transport.close()

    def _count(self, size: int) -> None:
        self.head_bytes += size
        if self.head_bytes > MAX_HEAD_BYTES:
            self._raise(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _raise(self, status: int) -> None:
        """Stop the parser, which then has `send_400_response` called."""
        self.refusal = status
        raise Refused(status)

    def _refuse(self, status: int) -> None:
        """Answer and close; but not into the midst of another answer."""
        if not self._is_idle():
            self.transport.abort()
            return
        self.transport.write(refusal(status))
        self.transport.close()
