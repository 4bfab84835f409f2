"""Between Quart and the pages: the visit that hosting made of a request, its form, and the answer."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl

from quart import Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from server.interactions import Visit
from server.kernel import logs
from server.protocol.errors import InvalidRequest, NotFound, RequestTooLarge
from web.security import is_own_request

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from server.endpoints.wire import Headers, WireRequest, WireResponse

FORM = "application/x-www-form-urlencoded"
FORM_WITH_FILES = "multipart/form-data"
MAX_FORM_BYTES = 64 * 1024
MAX_FIELDS = 300
READ_TIMEOUT_SECONDS = 15

Form = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer with status 200 whose body comes piece by piece, for as long as somebody reads it."""

    headers: Headers
    pieces: AsyncGenerator[bytes, None] = field(repr=False)

    @classmethod
    async def begin(cls, headers: Headers, pieces: AsyncGenerator[bytes, None]) -> Self:
        """The answer once its first piece, an empty one, is there: what refuses it does so before anything is sent."""
        await anext(pieces)
        return cls(headers, pieces)


def attachment(name: str, media_type: str) -> Headers:
    """The header fields of a file to be saved under this name, which is ASCII without quotes."""
    return (
        (b"content-type", media_type.encode("ascii")),
        (b"content-disposition", f'attachment; filename="{name}"'.encode("ascii")),
        (b"cache-control", b"no-store"),
    )


def current_visit() -> Visit:
    """The visit of this request; raises NotFound for a page of no tenant."""
    visit = request.scope.get("latchkey.visit")
    if not isinstance(visit, Visit):
        raise NotFound("a tenant's page without a tenant")
    return visit


def correlation_id() -> str:
    """The id under which this request is found in the log; empty when hosting gave none."""
    mark = logs.current_request()
    return mark.correlation_id if mark else ""


def is_from_own_page(visit: Visit) -> bool:
    """Whether this POST comes from a page of this tenant, as far as the browser says."""
    return is_own_request(request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin"), visit.tenant.issuer)


def accept_language() -> str | None:
    """The browser's languages."""
    return request.headers.get("Accept-Language")


async def read_form(max_bytes: int = MAX_FORM_BYTES, *, takes_files: bool = False) -> Form:
    """The fields of a form; raises InvalidRequest for anything else and RequestTooLarge for too much of it.

    What is no UTF-8 becomes a replacement character, which no name, password or scope has. A file becomes a data URI.
    """
    if takes_files and request.mimetype == FORM_WITH_FILES:
        return _with_files(await _read_body(max_bytes))
    if request.mimetype != FORM:
        raise InvalidRequest("a page was sent something else than a form")
    return _parse(await _read_body(max_bytes))


def form_of(arrived: WireRequest) -> Form:
    """The fields of a form that was read already; raises InvalidRequest."""
    if arrived.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise InvalidRequest("a page was sent something else than a form")
    return _parse(arrived.body)


def _parse(body: bytes) -> Form:
    try:
        pairs = parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise InvalidRequest("a form of too many fields") from None
    return MultiDict(pairs)


def _with_files(body: bytes) -> Form:
    # It is in memory as a whole already.
    parser = FormDataParser(
        lambda *_, **__: BytesIO(), max_form_memory_size=len(body), max_form_parts=MAX_FIELDS, silent=False
    )
    try:
        _, fields, files = parser.parse(BytesIO(body), FORM_WITH_FILES, len(body), request.mimetype_params)
    except (ValueError, RequestEntityTooLarge):
        raise InvalidRequest("a form with files that is none, or of too many fields") from None
    form: Form = MultiDict(fields.items(multi=True))
    for name, file in files.items(multi=True):
        form.add(name, _data_uri(file.stream.read()))
    return form


def _data_uri(content: bytes) -> str:
    return f"data:;base64,{base64.b64encode(content).decode('ascii')}" if content else ""


async def _read_body(max_bytes: int) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(READ_TIMEOUT_SECONDS):
            async for chunk in request.body:
                body += chunk
                if len(body) > max_bytes:
                    raise RequestTooLarge("a form of too many bytes")
    except TimeoutError:
        raise InvalidRequest("the form did not arrive in time") from None
    return bytes(body)


def step_uri(visit: Visit, handle: str) -> str:
    """Where the steps of an interaction are drawn."""
    return f"{visit.tenant.issuer}/interaction/{handle}"


def cookie_headers(cookies: tuple[str, ...]) -> Headers:
    """Set-Cookie values as header fields."""
    return tuple((b"set-cookie", cookie.encode("ascii")) for cookie in cookies)


def respond(answer: WireResponse | Stream) -> Response:
    """The answer as Quart sends it."""
    if isinstance(answer, Stream):
        response = Response(answer.pieces)
        response.timeout = None  # it ends by itself, or with the connection
    else:
        response = Response(answer.body, status=answer.status)
    response.headers.clear()
    for name, value in answer.headers:
        response.headers.add(name.decode("ascii"), value.decode("latin-1"))
    return response
