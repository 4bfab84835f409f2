"""The ASGI application in front: it finds the tenant, answers the endpoints itself, and leaves pages to Quart.

Quart's own request cycle costs several times what an endpoint does.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from server import measures
from server.api import StreamedResponse, limits
from server.api.limits import Surface
from server.kernel import logs
from server.protocol.errors import OAuthError

from . import api, arrival, operations, service
from .departure import completing, send_response, send_stream
from .head import check_target, read_head
from .resolution import PlatformPath, TenantPath, resolve
from .short import ShortRequests
from .table import find_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from server.endpoints.wire import WireResponse
    from server.tenants import Tenant

    from .asgi import Application, Receive, Scope, Send
    from .head import Head
    from .operations import Operations
    from .service import Service
    from .table import Endpoint
    from .tracing import Tracing

# Pages that are counted under a name of their own.
PAGES = frozenset({"admin", "api", "logout", "static"})

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """The whole server as one ASGI application; `lifespan` opens and closes what requests need."""

    service: Service
    pages: Application
    lifespan: Callable[[], AbstractAsyncContextManager[None]]
    operations: Operations
    tracing: Tracing | None = None

    @property
    def short_requests(self) -> ShortRequests | None:
        """Who serves short requests without ASGI; None where each request is traced, which is done by ASGI."""
        return ShortRequests(self.service) if self.tracing is None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection as ASGI says."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            if self.tracing is None:
                await self._serve(scope, receive, send)
            else:
                await self.tracing.serve(self._serve, scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self.lifespan():
                await send({"type": "lifespan.startup.complete"})
                await receive()
                self.operations.stop()
        except Exception as error:  # noqa: BLE001 - whatever stops the start, the ASGI server must hear of it
            log.error("failed to start or to stop", why=str(error))  # noqa: TRY400 - one clear line, no stack trace
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = read_head(self.service.settings, scope)
        mark = logs.begin_request(head.correlation_id, head.remote_address, head.headers.get("user-agent"))
        if head.path in operations.PATHS and (told := await self.operations.answer(head, arrival.peer_of(scope))):
            await send_response(send, head, told)
            return
        try:
            check_target(head)
            where = await resolve(self.service.settings, head.host, head.path)
        except OAuthError as error:
            await send_response(send, head, self.service.refuse_unplaced(head, error))
            return
        except service.FAULTS as fault:
            await send_response(send, head, self.service.refuse_unplaced(head, service.as_refusal(fault)))
            return
        mark.tenant_id = where.tenant.id if isinstance(where, TenantPath) else None
        match where:
            case TenantPath(_, path) if endpoint := find_endpoint(path):
                if response := await self._answer(head, receive, endpoint, where):
                    await send_response(send, head, response)
            case TenantPath(tenant, path) if is_page(path):
                scope["latchkey.visit"] = self.service.request_of(head, tenant, head.method).visit
                _rename(scope, tenant, path)
                await self.pages(scope, receive, completing(send, head, telling(path, tenant)))
            case PlatformPath(path):
                await self._serve_platform(scope, head, receive, send, path)
            case _:
                await send_response(send, head, service.not_found("no such host, tenant or path"))

    async def _serve_platform(self, scope: Scope, head: Head, receive: Receive, send: Send, path: str) -> None:
        tell = telling(path, None)
        if not path.startswith("/api/"):
            if f"{path}/".startswith("/admin/") and (refusal := await self._refuse_flood(head)):
                tell(refusal.status)
                await send_response(send, head, refusal)
                return
            await self.pages(scope, receive, completing(send, head, tell))
        elif response := await api.respond(self.service.settings, scope, head, receive):
            tell(response.status)
            if isinstance(response, StreamedResponse):
                await send_stream(receive, send, head, response)
            else:
                await send_response(send, head, response)

    async def _refuse_flood(self, head: Head) -> WireResponse | None:
        """The answer to an address that asks for the console too often; None: it does not."""
        try:
            limits.check(await limits.count(Surface.CONSOLE, head.remote_address, self.service.settings.public_url))
        except OAuthError as error:
            return self.service.refuse_unplaced(head, error)
        except service.FAULTS as fault:
            return self.service.refuse_unplaced(head, service.as_refusal(fault))
        return None

    async def _answer(self, head: Head, receive: Receive, endpoint: Endpoint, where: TenantPath) -> WireResponse | None:
        """The response; None when the client went away."""
        try:
            body = await arrival.read_body(receive, head.headers, endpoint.max_body) if head.has_body else b""
        except arrival.ClientGone:
            return None
        except OAuthError as error:
            return self.service.unread(head, endpoint, where.tenant, error)
        return await self.service.respond(head, endpoint, where, body)


def _rename(scope: Scope, tenant: Tenant, path: str) -> None:
    """Spell the path as Quart knows it; a tenant with its own domain has it at the root."""
    scope["path"] = f"/t/{tenant.slug}{path}"
    scope["raw_path"] = f"/t/{tenant.slug}{path}".encode()


def telling(path: str, tenant: Tenant | None) -> Callable[[int], None]:
    """What counts the response to a page; its first part names it, where that is one of few."""
    began_at, name = perf_counter(), path.split("/", 2)[1]
    endpoint = name if name in PAGES else "page"
    return lambda status: measures.answered(endpoint, tenant, status, began_at)


def is_page(path: str) -> bool:
    """Whether Quart shows something at this path of a tenant."""
    return path == "/logout" or path.startswith(("/logos/", "/static/"))
