"""The few words of ASGI that the middleware speaks, and a complete reply."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field

Scope = MutableMapping[str, object]
Message = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
# Every framework spells the types of ASGI in its own way; what they have in common is the protocol.
App = Callable[..., Awaitable[None]]

Fields = tuple[tuple[bytes, bytes], ...]

_NO_CONTENT = 204

NO_STORE: Fields = ((b"cache-control", b"no-store"),)


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete response."""

    status: int
    fields: Fields = ()
    body: bytes = field(default=b"", repr=False)


def json_reply(document: Mapping[str, object], status: int = 200, fields: Fields = ()) -> Reply:
    """A reply with a JSON object."""
    body = json.dumps(document, separators=(",", ":")).encode()
    return Reply(status, ((b"content-type", b"application/json"), *fields), body)


async def send_reply(reply: Reply, send: Send, kind: str = "http.response") -> None:
    """Send the whole reply; `kind` is `websocket.http.response` where a handshake is denied."""
    has_content = reply.status != _NO_CONTENT
    length = [(b"content-length", str(len(reply.body)).encode())] if has_content else []
    await send({"type": f"{kind}.start", "status": reply.status, "headers": [*reply.fields, *length]})
    await send({"type": f"{kind}.body", "body": reply.body})


def raw_fields(mapping: Mapping[str, object]) -> list[tuple[bytes, bytes]]:
    """The header fields of a request scope or of a response's start, names in lower case."""
    listed = mapping.get("headers")
    pairs = listed if isinstance(listed, list | tuple) else ()
    return [(bytes(name).lower(), bytes(value)) for name, value in pairs]


def field_values(mapping: Mapping[str, object], name: bytes) -> list[str]:
    """Every value of one field, in order. `name` is in lower case."""
    return [value.decode("latin-1") for given, value in raw_fields(mapping) if given == name]


def text_of(scope: Mapping[str, object], member: str) -> str:
    """A text member of the scope, empty when absent."""
    value = scope.get(member)
    return value if isinstance(value, str) else ""


def query_of(scope: Mapping[str, object]) -> bytes:
    """The raw query string."""
    value = scope.get("query_string")
    return value if isinstance(value, bytes) else b""


def path_of(scope: Mapping[str, object]) -> str:
    """The path below the place where the application is mounted."""
    path, mount = text_of(scope, "path"), text_of(scope, "root_path").rstrip("/")
    if mount and (path == mount or path.startswith(f"{mount}/")):
        return path[len(mount) :] or "/"
    return path or "/"
