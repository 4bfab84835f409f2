"""Reading a request: its query, its body, the state that its sender saw. RFC 9110 §13.1.1, RFC 8259."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from server.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT, Paging
from server.protocol.json_documents import parse_object

from .documents import Members, members_of, required_of
from .problems import Problem
from .shapes import Fault, Text, Unreadable, Whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .routes import Route

JSON_TYPES = frozenset({"application/json", "application/merge-patch+json"})
LIMIT = Whole(1, MAX_LIMIT)
CURSOR = Text(1, 2000)
_ETAG = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')


def read_query(route: Route, query: bytes) -> tuple[Paging, object | None]:
    """The page that is asked for and the route's own parameters; raises Unreadable for any other."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name in found:
            raise Unreadable(Fault(f"?{name[:100]}", "is given twice"))
        found[name] = value
    paging = Paging()
    if route.paged:
        limit, cursor = found.pop("limit", None), found.pop("cursor", None)
        paging = Paging(
            DEFAULT_LIMIT if limit is None else LIMIT.read_text(limit, "?limit"),
            None if cursor is None else CURSOR.read(cursor, "?cursor"),
        )
    return paging, _read_parameters(route.query, found)


def _read_parameters(kind: type | None, found: Mapping[str, str]) -> object | None:
    shapes = members_of(kind) if kind else {}
    faults = [Fault(f"?{name[:100]}", "is not known here") for name in found if name not in shapes]
    values: dict[str, object] = {}
    for name, shape in shapes.items():
        if name in found:
            try:
                values[name] = shape.read_text(found[name], f"?{name}")
            except Unreadable as error:
                faults.extend(error.faults)
        elif kind and name in required_of(kind):
            faults.append(Fault(f"?{name}", "is required"))
    if faults:
        raise Unreadable(*faults)
    return kind(**values) if kind else None


def read_body(route: Route, headers: Mapping[str, str], body: bytes) -> object | None:
    """The document; raises Problem for another media type, InvalidRequest for what is no JSON, Unreadable."""
    if route.body is None:
        if body:
            raise Problem(400, "unexpected_body", "This takes no body.")
        return None
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in JSON_TYPES:
        raise Problem(415, "unsupported_media_type", "The body must be application/json.")
    return Members(route.body).read(parse_object(body), "")


def read_version(route: Route, headers: Mapping[str, str]) -> str | None:
    """The version that If-Match names; None for `*`. Raises Problem without the field, where it is needed."""
    if route.shows is None:
        return None
    field = headers.get("if-match")
    if field is None:
        raise Problem(428, "version_required", "Say in If-Match which version you read: its ETag, or *.")
    if field.strip() == "*":
        return None
    match = _ETAG.fullmatch(field.strip())
    if match is None:
        raise Problem(400, "bad_request", "If-Match must be one entity tag, or *.")
    # A weak tag never matches (§13.1.1): no version is the empty text.
    return "" if match[1] else match[2]
