"""One request to the API from its path to its response. Every refusal is a problem (RFC 9457), and typed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from server.administration import NotPermitted, check_permitted, get_system_tenant, refused_acts
from server.administration import tenants as tenant_acts
from server.administration.finding import Conflict, version_of
from server.endpoints.wire import JSON, NO_STORE, WireResponse, json_response
from server.kernel.json import dump_json
from server.protocol.errors import MethodNotAllowed, NotFound
from server.protocol.rate_limit_fields import rate_limit_headers

from . import idempotency, limits
from .authentication import authenticate, authenticate_again
from .documents import write
from .limits import Surface
from .openapi import openapi_document
from .problems import problem_response
from .reading import read_body, read_query, read_version
from .routes import PREFIX, Call
from .streams import StreamedResponse, begin
from .table import ROUTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.endpoints.wire import Headers
    from server.kernel.clock import Instant

    from .routes import Answer, Route, Surroundings

MAX_BODY = 256 * 1024
DESCRIPTION = "/api/openapi.json"


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request. `path` is as it was sent, percent-encoded; header names are lower-case."""

    method: str
    path: str
    query: bytes
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    remote_address: str
    public_url: str
    limited: bool
    now: Instant
    surroundings: Surroundings


async def answer(request: ApiRequest) -> WireResponse | StreamedResponse:
    """The response; never raises for what a client or a dependency did, before a stream has begun."""
    fields: Headers = ()
    route: Route | None = None
    try:
        verdict = await limits.count(Surface.API, request.remote_address, request.public_url)
        fields = rate_limit_headers(Surface.API, verdict) if verdict and request.limited else ()
        limits.check(verdict)
        if request.path == DESCRIPTION:
            response: WireResponse | StreamedResponse = _describe(request)
        else:
            route, parameters = find_route(request.method, request.path)
            response = await _admit(request, route, parameters)
    except Conflict as conflict:
        current = write(route.shows(conflict.current)) if route is not None and route.shows else None
        response = problem_response(conflict, current, f'"{version_of(conflict.current)}"')
    except Exception as error:  # noqa: BLE001 - what is no refusal is logged with its trace and answered with 500
        response = problem_response(error)
    return replace(response, headers=response.headers + fields)


def find_route(method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """The route and the parameters in the path; raises NotFound, MethodNotAllowed. HEAD is asked like GET."""
    if not path.startswith(f"{PREFIX}/"):
        raise NotFound("no path of the API")
    segments = [unquote(segment) for segment in path.removeprefix(f"{PREFIX}/").split("/")]
    there = [(route, found) for route in ROUTES if (found := _matched(route, segments)) is not None]
    if not there:
        raise NotFound("no path of the API")
    wanted = "GET" if method == "HEAD" else method
    for route, found in there:
        if route.method == wanted:
            return route, found
    allowed = [route.method for route, _ in there]
    raise MethodNotAllowed(f"{method} at a path of the API", ", ".join(allowed + ["HEAD"] * ("GET" in allowed)))


def _matched(route: Route, segments: list[str]) -> Mapping[str, str] | None:
    if len(route.segments) != len(segments):
        return None
    found: dict[str, str] = {}
    for part, segment in zip(route.segments, segments, strict=True):
        if part.startswith("{") and segment:
            found[part[1:-1]] = segment
        elif part != segment:
            return None
    return found


async def _admit(request: ApiRequest, route: Route, parameters: Mapping[str, str]) -> WireResponse | StreamedResponse:
    """What somebody may not do is audited, and refused."""
    try:
        return await _carry_out(request, route, await _read(request, route, parameters))
    except NotPermitted as refusal:
        await refused_acts.note(refusal, request.now)
        raise


async def _read(request: ApiRequest, route: Route, parameters: Mapping[str, str]) -> Call:
    """Who may not do it is told so before anything that they sent is read."""
    system = await get_system_tenant(request.public_url)
    operator = await authenticate(system, request.public_url, request.headers, request.query, request.now)
    tenant = None
    if route.in_tenant:
        tenant = await tenant_acts.get(operator, parameters["tenant"], request.public_url)
    if route.permission is not None:
        check_permitted(operator, route.permission, tenant.id if tenant else system.id)
    paging, query = read_query(route, request.query)
    return Call(
        operator=operator,
        system=system,
        public_url=request.public_url,
        now=request.now,
        parameters=parameters,
        tenant_named=tenant,
        paging=paging,
        query_read=query,
        body_read=read_body(route, request.headers, request.body),
        version=read_version(route, request.headers),
        surroundings=request.surroundings,
        readmit=partial(authenticate_again, system, request.public_url, request.headers, request.query),
    )


async def _carry_out(request: ApiRequest, route: Route, call: Call) -> WireResponse | StreamedResponse:
    if route.streams:
        return await _stream(request, route, await route.action(call))

    async def act() -> WireResponse:
        return _respond(route, await route.action(call))

    key = request.headers.get("idempotency-key") if route.creates else None
    if key is None:
        return await act()
    idempotency.check_key(key)
    owner = f"{call.operator.actor.kind}:{call.operator.actor.id}"
    asked = b"\n".join((request.path.encode(), request.query, request.body))
    return await idempotency.once(call.system.id, f"{owner}:{key}", asked, act)


def _respond(route: Route, found: Answer) -> WireResponse:
    fields: Headers = NO_STORE
    if found.version is not None:
        fields += ((b"etag", f'"{found.version}"'.encode("ascii")),)
    if found.location is not None:
        fields += ((b"location", f"{PREFIX}{found.location}".encode("ascii")),)
    if found.page is not None:
        document: object = {"items": [write(item) for item in found.page.items], "next": found.page.next_cursor}
    elif found.content is not None:
        document = write(found.content)
    else:
        return WireResponse(204, fields)
    return WireResponse(route.status, JSON + fields, dump_json(document).encode())


async def _stream(request: ApiRequest, route: Route, found: Answer) -> WireResponse | StreamedResponse:
    if found.pieces is None:
        raise TypeError(f"{route.name} streams nothing")
    fields: Headers = ((b"content-type", f"{found.media_type}; charset=utf-8".encode("ascii")), *NO_STORE)
    if request.method == "HEAD":
        return WireResponse(route.status, fields)
    return await begin(route.status, fields, found.pieces)


def _describe(request: ApiRequest) -> WireResponse:
    if request.method not in {"GET", "HEAD"}:
        raise MethodNotAllowed(f"{request.method} at the description", "GET, HEAD")
    return json_response(openapi_document(request.public_url), headers=((b"cache-control", b"max-age=300"),))
