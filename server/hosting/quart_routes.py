"""The same endpoints as routes of a Quart application, for whoever embeds them in one of their own."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from quart import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from server.kernel import logs
from server.protocol.errors import OAuthError, RequestTooLarge

from . import service as services
from .head import check_target, read_head
from .resolution import WELL_KNOWN, TenantPath, resolve
from .table import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from quart import Quart

    from server.endpoints.wire import WireResponse

    from .asgi import Scope
    from .head import Head
    from .service import Service
    from .table import Endpoint

# Every method reaches the endpoint, which refuses the wrong ones itself.
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def register_endpoints(app: Quart, service: Service) -> None:
    """Register the whole table, below `/t/<slug>` and in the path-inserted spelling of the metadata."""
    for endpoint in ENDPOINTS:
        spellings = [f"/t/<slug>{endpoint.path.replace('{', '<').replace('}', '>')}"]
        if endpoint.path in WELL_KNOWN:
            spellings.append(f"{endpoint.path}/t/<slug>")
        for spelling in spellings:
            app.add_url_rule(
                spelling, spelling, _view(service, endpoint), methods=METHODS, provide_automatic_options=False
            )


def _view(service: Service, endpoint: Endpoint) -> Callable[..., Awaitable[Response]]:
    async def view(**_: str) -> Response:  # the path as a whole says which tenant, and whatever else it says
        head = read_head(service.settings, cast("Scope", request.scope))
        mark = logs.begin_request(head.correlation_id, head.remote_address)
        try:
            check_target(head)
        except OAuthError as error:
            return _response(head, service.refuse_unplaced(head, error))
        where = await resolve(service.settings, head.host, head.path)
        if not isinstance(where, TenantPath):
            return _response(head, services.not_found("no such host or tenant"))
        mark.tenant_id = where.tenant.id
        body = await _read_body(endpoint)
        if body is None:
            refusal = service.unread(head, endpoint, where.tenant, RequestTooLarge("body beyond its bound"))
            return _response(head, refusal)
        return _response(head, await service.respond(head, endpoint, where, body))

    return view


async def _read_body(endpoint: Endpoint) -> bytes | None:
    """The body; None when it is larger than the endpoint, or Quart, takes."""
    try:
        body = await request.get_data(cache=False, as_text=False, parse_form_data=False)
    except RequestEntityTooLarge:
        return None
    return body if len(body) <= endpoint.max_body else None


def _response(head: Head, answer: WireResponse) -> Response:
    complete = head.complete(answer)
    response = Response(complete.body, complete.status)
    response.headers.clear()
    response.headers.extend((name.decode("latin-1"), value.decode("latin-1")) for name, value in complete.headers)
    if complete.status != HTTPStatus.NO_CONTENT:
        response.headers["content-length"] = str(len(complete.body))
    return response
