"""uvicorn's connection, with a way of its own for short requests: read and answered as a whole. ADR 0036."""

from __future__ import annotations

from abc import abstractmethod
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from server.hosting import Dispatcher
from server.kernel import logs

from .exchange import Exchange, known_head
from .parsing import Parser, head_without_offer
from .refusing import answer_busy

if TYPE_CHECKING:
    import asyncio

    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from server.hosting import ShortRequests

    from .exchange import KnownHead

MAX_IN_FLIGHT = 1024  # requests of a worker that are being answered

log = logs.get_logger(__name__)


class State(ServerState):
    """What the connections of a worker share: uvicorn's, and whether the worker is about to end."""

    def __init__(self) -> None:
        super().__init__()
        self.draining = False


class ShortConnection(HttpToolsProtocol):
    """One connection. Its methods are those that uvicorn and the parser call."""

    server_state: State
    transport: asyncio.Transport

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **options)
        self.parser = Parser(self)
        self.answer_app = self.app
        self.short_requests = self.app.short_requests if isinstance(self.app, Dispatcher) else None
        self.exchange: Exchange | None = None  # a short request that is being read
        self.known_head: KnownHead | None = None
        self.between_messages = True
        self.kept_head = b""  # of a request that offers another protocol

    def data_received(self, data: bytes) -> None:
        """Begin with what is known already, or parse what came."""
        if self._begin_known(data):
            return
        before, is_beginning = self.cycle, self.between_messages
        super().data_received(data)
        exchange: object = self.cycle
        is_whole = is_beginning and self.between_messages and exchange is not before
        if is_whole and isinstance(exchange, Exchange):
            self.known_head = known_head(data, exchange)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self.between_messages = False

    def on_headers_complete(self) -> None:
        """Let the application answer, or say that there is too much to do; raises Refused."""
        if self.parser.should_upgrade():
            self._keep_head()
            return
        if exchange := self._short_exchange():
            self.exchange = self.cycle = exchange  # type: ignore[assignment]  # it is what uvicorn needs of a cycle
            return
        self._head_is_complete()
        self.app = self.answer_app if len(self.tasks) < MAX_IN_FLIGHT else answer_busy
        super().on_headers_complete()
        if self.server_state.draining:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Begin to answer what was only read until now."""
        if self.parser.should_upgrade():
            return
        super().on_message_complete()
        self.between_messages = True
        exchange, self.exchange = self.exchange, None
        if exchange is not None and self.short_requests is not None:
            self._begin(self.short_requests, exchange)

    def take_head(self) -> bytes:
        """See Offered."""
        head, self.kept_head = self.kept_head, b""
        return head

    @abstractmethod
    def _head_is_complete(self) -> None:
        """The head of a request is there or, of a short one, all of it."""

    @abstractmethod
    def _raise(self, status: int) -> None:
        """Stop the parser, and refuse with this status."""

    @abstractmethod
    def _refuse(self, status: int) -> None:
        """Answer with this status, and close."""

    def _begin_known(self, data: bytes) -> bool:
        """Whether this is a request whose head this connection has sent before, and which is begun now.

        The parser hears nothing of it: it is between two messages, and stays there.
        """
        if self.short_requests is None or self.known_head is None or not self.between_messages:
            return False
        body = self.known_head.body_of(data) if self._may_begin() else None
        if body is None:
            return False
        self._unset_keepalive_if_required()
        request, keep_alive = self.known_head.request.again(), not self.server_state.draining
        exchange = Exchange(request, keep_alive=keep_alive, body=body, more_body=False)
        self.cycle = exchange  # type: ignore[assignment]  # see on_headers_complete
        self._begin(self.short_requests, exchange)
        return True

    def _short_exchange(self) -> Exchange | None:
        """What begins with this head, where the application answers it as a whole and nobody is before it."""
        if self.short_requests is None or not self._may_begin() or self.expect_100_continue:
            return None
        if self.parser.get_http_version() != "1.1":
            return None
        path, _, query = self.url.partition(b"?")
        if not self.url.isascii() or b"%" in path or b"#" in self.url:
            return None
        self.scope["method"] = self.parser.get_method().decode("ascii")
        self.scope["path"] = path.decode("ascii")
        self.scope["query_string"] = query
        request = self.short_requests.read(self.scope)  # type: ignore[arg-type]  # a TypedDict of what ASGI says
        keep_alive = self.parser.should_keep_alive() and not self.server_state.draining
        return Exchange(request, keep_alive=keep_alive) if request else None

    def _keep_head(self) -> None:
        """Leave a head that offers another protocol alone, since it comes again without the offer; raises Refused."""
        method, version = self.parser.get_method(), self.parser.get_http_version()
        if method == b"CONNECT":  # offers nothing, and means nothing here
            self._raise(HTTPStatus.BAD_REQUEST)
        self.kept_head = head_without_offer(method, self.url, version, self.headers)

    def _may_begin(self) -> bool:
        """Whether a request can be answered at once, and nobody is before it."""
        return self._is_idle() and not self.flow.write_paused and len(self.tasks) < MAX_IN_FLIGHT

    def _begin(self, requests: ShortRequests, exchange: Exchange) -> None:
        self._head_is_complete()
        if len(self.tasks) >= MAX_IN_FLIGHT:  # others may have come between its head and its end
            exchange.response_complete = True
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        task = self.loop.create_task(self._answer(requests, exchange))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _answer(self, requests: ShortRequests, exchange: Exchange) -> None:
        try:
            response = await requests.respond(exchange.request, exchange.body)
            message = exchange.complete(response, self.server_state.default_headers)
        except Exception:
            log.exception("a request was not answered")
            exchange.response_complete = True
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR)
            return
        if exchange.disconnected or self.transport.is_closing():
            return
        self.transport.write(message)
        if not exchange.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _is_idle(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request, which uvicorn's type denies
        return cycle is None or cycle.response_complete
