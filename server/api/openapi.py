"""The OpenAPI 3.1 document, from the table of routes and the documents that they name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from server.administration import ADMIN_SCOPE

from .documents import documents, members_of, required_of, schema_of
from .idempotency import KEY_PATTERN
from .reading import CURSOR, LIMIT
from .routes import PREFIX
from .shapes import Text
from .table import ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .routes import Route
    from .shapes import Schema

_INTRODUCTION = """\
Everything that the console does. A caller presents an access token of the system tenant whose audience is this API:
`latchkey admin token NAME` prints one, and service accounts get theirs by the client_credentials grant. What is not
there, and what is not yours to see, are both 404."""
_PROBLEM: Schema = {
    "type": "object",
    "description": "Why a request was refused (RFC 9457).",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
        "current": {"type": ["object", "null"], "description": "With 412: what it is now."},
    },
}
_MEANINGS = {
    200: "Done.", 201: "Made.", 204: "Done; there is nothing to say.", 400: "The request could not be understood.",
    401: "No access token, or none that counts.", 403: "The caller's roles do not allow this.",
    404: "Not there, or not the caller's to see.", 409: "Not possible as things are.",
    412: "Changed by somebody since that version: see `current`.", 413: "The body or the query is too long.",
    415: "The body is of another media type.", 422: "The document or a parameter says what it must not.",
    428: "If-Match is missing.", 429: "Too many requests.", 500: "A failure of the server.",
    503: "Something that is needed does not answer at the moment.",
}  # fmt: skip
_VERSION_FIELD = {
    "name": "If-Match", "in": "header", "required": True,
    "description": "The ETag of the state that the caller read, or `*` for whichever there is.",
    "schema": {"type": "string", "pattern": r'^(\*|"[\x21\x23-\x7e]{1,100}")$', "examples": ["*"]},
}  # fmt: skip
_KEY_FIELD = {
    "name": "Idempotency-Key", "in": "header", "required": False,
    "description": "For a day, the same key and the same request get the same answer, and nothing is made twice.",
    "schema": {"type": "string", "pattern": f"^{KEY_PATTERN}$"},
}  # fmt: skip


@lru_cache(maxsize=4)
def openapi_document(public_url: str) -> dict[str, object]:
    """The whole document, for a server at this public URL."""
    paths: dict[str, dict[str, object]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    schemas = {name: schema_of(kind) for name, kind in documents().items() if not name.endswith("Query")}
    pages = {f"{name}Page": _page(name) for name in sorted({kind.__name__ for kind in _paged()})}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Latchkey administration API", "version": "1", "description": _INTRODUCTION},
        "servers": [{"url": f"{public_url}{PREFIX}"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": {**schemas, **pages, "Problem": _PROBLEM},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": f"With the scope `{ADMIN_SCOPE}`."}
            },
        },
    }


def statuses_of(route: Route) -> list[int]:
    """Every status that a route may answer with."""
    found = {route.status if route.answer or route.streams else 204, 400, 401, 403, 413, 429, 500, 503, *route.refusals}
    if "{" in route.path:
        found.add(404)
    if route.body is not None:
        found |= {415, 422}
    if route.paged or route.query is not None:
        found.add(422)
    if route.shows is not None:
        found |= {412, 428}
    if route.creates:
        found |= {409, 422}  # of the Idempotency-Key
    return sorted(found)


def _operation(route: Route) -> dict[str, object]:
    operation: dict[str, object] = {
        "operationId": route.name,
        "tags": [_tag(route)],
        "summary": route.summary,
        "parameters": list(_parameters(route)),
        "responses": {str(status): _response(route, status) for status in statuses_of(route)},
    }
    if route.description:
        operation["description"] = route.description
    if route.permission is not None:
        operation["x-permission"] = route.permission.value
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _reference(route.body)}},
        }
    return operation


def _tag(route: Route) -> str:
    fixed = [part for part in route.segments if not part.startswith("{")]
    return fixed[1] if len(fixed) > 1 and fixed[0] == "tenants" else fixed[0]


def _parameters(route: Route) -> Iterator[object]:
    for name in re.findall(r"{(\w+)}", route.path):
        yield {"name": name, "in": "path", "required": True, "schema": Text(1, 200).schema()}
    if route.paged:
        yield {"name": "limit", "in": "query", "required": False, "schema": LIMIT.schema()}
        yield {"name": "cursor", "in": "query", "required": False, "schema": CURSOR.schema()}
    for name, shape in members_of(route.query).items() if route.query else ():
        required = name in required_of(route.query) if route.query else False
        yield {"name": name, "in": "query", "required": required, "schema": _of_parameter(shape.schema())}
    if route.shows is not None:
        yield _VERSION_FIELD
    if route.creates:
        yield _KEY_FIELD


def _of_parameter(schema: Schema) -> object:
    # A parameter that is null is one that is left out.
    choices = schema.get("anyOf")
    return choices[0] if isinstance(choices, list) else schema


def _response(route: Route, status: int) -> dict[str, object]:
    response: dict[str, object] = {"description": _MEANINGS[status]}
    if status >= 400:  # noqa: PLR2004 - where refusals begin
        return response | {
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        }
    if route.streams:
        return response | {"content": {media_type: {"schema": {"type": "string"}} for media_type in route.streams}}
    if route.answer is None:
        return response
    name = f"{route.answer.__name__}Page" if route.paged else route.answer.__name__
    return response | {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}


def _reference(kind: type) -> Schema:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _paged() -> Iterator[type]:
    yield from (route.answer for route in ROUTES if route.paged and route.answer is not None)


def _page(name: str) -> Schema:
    return {
        "type": "object",
        "description": "A page of a list; `next` is the cursor of the page after it, and null at the end.",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
            "next": {"type": ["string", "null"]},
        },
    }
