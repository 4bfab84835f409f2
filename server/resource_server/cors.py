"""Browsers' clients on other origins: what they may send and see. Never with credentials: a token is all there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .asgi import Reply, field_values, raw_fields, text_of

if TYPE_CHECKING:
    from .asgi import Fields, Message, Scope, Send

# What MCP clients send (protocol revision 2026-07-28 and those before).
_REQUEST_FIELDS = (
    "Authorization",
    "Content-Type",
    "MCP-Protocol-Version",
    "Mcp-Method",
    "Mcp-Name",
    "Mcp-Session-Id",
    "Last-Event-ID",
)


@dataclass(frozen=True, slots=True)
class Cors:
    """Who may call from a browser, with which request fields, and which response fields scripts may read."""

    origins: tuple[str, ...] = ("*",)
    methods: tuple[str, ...] = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    request_fields: tuple[str, ...] = _REQUEST_FIELDS
    response_fields: tuple[str, ...] = ("WWW-Authenticate", "Mcp-Session-Id", "Retry-After")
    max_age_seconds: int = 600


def is_preflight(scope: Scope) -> bool:
    """Whether a browser only asks for permission."""
    asks = field_values(scope, b"access-control-request-method")
    return text_of(scope, "method") == "OPTIONS" and bool(asks) and bool(field_values(scope, b"origin"))


def preflight(cors: Cors, scope: Scope) -> Reply:
    """The answer to a preflight; it needs no token, because browsers send none."""
    if not _is_allowed(cors, scope):
        return Reply(204, _origin(cors, scope))
    allowed = (
        (b"access-control-allow-methods", _joined(cors.methods)),
        (b"access-control-allow-headers", _joined(cors.request_fields)),
        (b"access-control-max-age", str(cors.max_age_seconds).encode()),
    )
    return Reply(204, (*_origin(cors, scope), *allowed))


def opened_to_browsers(cors: Cors, scope: Scope, send: Send) -> Send:
    """A send that adds to every response what its readers in browsers need, unless the application has its own."""
    fields = _origin(cors, scope)
    if _is_allowed(cors, scope):
        fields = (*fields, (b"access-control-expose-headers", _joined(cors.response_fields)))

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = raw_fields(message)
            if all(name != b"access-control-allow-origin" for name, _ in own):
                message = {**message, "headers": [*own, *fields]}
        await send(message)

    return sending


def _is_allowed(cors: Cors, scope: Scope) -> bool:
    return "*" in cors.origins or any(origin in cors.origins for origin in field_values(scope, b"origin"))


def _origin(cors: Cors, scope: Scope) -> Fields:
    if "*" in cors.origins:
        return ((b"access-control-allow-origin", b"*"),)
    given = (origin for origin in field_values(scope, b"origin") if origin in cors.origins)
    named = tuple((b"access-control-allow-origin", origin.encode("latin-1")) for origin in given)[:1]
    # Whoever keeps the answer must not give it to another origin.
    return (*named, (b"vary", b"Origin"))


def _joined(names: tuple[str, ...]) -> bytes:
    return ", ".join(names).encode("ascii")
