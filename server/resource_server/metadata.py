"""The protected resource metadata document and where it stands. RFC 9728."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .asgi import Reply, json_reply, send_reply, text_of
from .cors import is_preflight, opened_to_browsers, preflight

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .asgi import Receive, Scope, Send
    from .cors import Cors

_WELL_KNOWN = "/.well-known/oauth-protected-resource"
_CACHED = ((b"cache-control", b"public, max-age=300"),)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def check_url(url: str, what: str, *, allow_http: bool) -> None:
    """Raises ValueError unless the URL can identify a resource or an issuer over a line that nobody else writes to."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError(f"{what} is an absolute http or https URL, not {url!r}")
    if "?" in url or "#" in url:
        raise ValueError(f"{what} has neither query nor fragment: {url!r}")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not allow_http:
        raise ValueError(f"{what} must be https unless it is on this machine: {url!r}")


def metadata_path(resource: str) -> str:
    """The path of the document: the resource's own path behind the well-known one. RFC 9728 §3.1."""
    path = urlsplit(resource).path
    return _WELL_KNOWN + ("" if path == "/" else path)


def metadata_url(resource: str) -> str:
    """The address of the document, for challenges."""
    parts = urlsplit(resource)
    return f"{parts.scheme}://{parts.netloc}{metadata_path(resource)}"


class MetadataEndpoint:
    """An ASGI application that answers with the document, to anyone.

    The middleware serves it by itself at the resource's well-known path and at the root. Route it by hand where the
    middleware is mounted below a path and never sees those requests.
    """

    def __init__(self, document: Mapping[str, object], resource: str, cors: Cors | None) -> None:
        self.path = metadata_path(resource)
        self.paths = frozenset({self.path, _WELL_KNOWN})
        self._reply = json_reply(document, fields=_CACHED)
        self._cors = cors

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._cors is not None and is_preflight(scope):
            await send_reply(preflight(self._cors, scope), send)
            return
        if self._cors is not None:
            send = opened_to_browsers(self._cors, scope, send)
        is_read = text_of(scope, "method") in {"GET", "HEAD"}
        await send_reply(self._reply if is_read else Reply(405, ((b"allow", b"GET, HEAD, OPTIONS"),)), send)


def metadata_document(resource: str, issuer: str, scopes: tuple[str, ...], name: str | None) -> dict[str, object]:
    """The document: where to get a token for this resource, and which scopes are worth asking for. RFC 9728 §2."""
    document: dict[str, object] = {
        "resource": resource,
        "authorization_servers": [issuer],
        "bearer_methods_supported": ["header"],
    }
    if scopes:
        document["scopes_supported"] = list(scopes)
    if name is not None:
        document["resource_name"] = name
    return document
