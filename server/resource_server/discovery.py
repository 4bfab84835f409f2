"""What the authorization server says of itself. RFC 8414 §3, OpenID Connect Discovery §4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..protocol.errors import InvalidRequest
from ..protocol.json_documents import parse_object
from .fetching import FetchFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .fetching import Fetched, Fetcher

_OK = 200


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """The two addresses that a resource server needs; None where the server has none."""

    jwks_uri: str | None
    introspection_endpoint: str | None


def metadata_urls(issuer: str) -> tuple[str, ...]:
    """Where an issuer's metadata may stand, in the order in which MCP clients look."""
    parts = urlsplit(issuer)
    origin, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    inserted = [f"{origin}/.well-known/{name}{path}" for name in ("oauth-authorization-server", "openid-configuration")]
    return tuple(dict.fromkeys([*inserted, f"{origin}{path}/.well-known/openid-configuration"]))


async def discover(issuer: str, fetcher: Fetcher) -> ServerFacts:
    """The facts of exactly this issuer. RFC 8414 §3.3.

    Raises FetchFailed when there is no document, ValueError when it is bad or speaks of another issuer.
    """
    for url in metadata_urls(issuer):
        fetched = await fetcher.get(url)
        if fetched.status == _OK:
            return _facts(read_json_object(fetched), issuer)
        if not 400 <= fetched.status < 500:  # noqa: PLR2004 - only "not here" sends us to the next place
            break
    raise FetchFailed("no authorization server metadata")


def read_json_object(fetched: Fetched) -> Mapping[str, object]:
    """The JSON object of an answer. Raises ValueError."""
    try:
        return parse_object(fetched.body)
    except InvalidRequest as error:
        raise ValueError(error.why) from error


def _facts(document: Mapping[str, object], issuer: str) -> ServerFacts:
    if document.get("issuer") != issuer:
        raise ValueError("metadata of another issuer")
    return ServerFacts(
        jwks_uri=_endpoint(document, "jwks_uri", issuer),
        introspection_endpoint=_endpoint(document, "introspection_endpoint", issuer),
    )


def _endpoint(document: Mapping[str, object], name: str, issuer: str) -> str | None:
    value = document.get(name)
    if value is None:
        return None
    # What an https issuer says may not lead to a place where anybody on the way could forge keys.
    allowed = {"https", urlsplit(issuer).scheme}
    if not isinstance(value, str) or urlsplit(value).scheme not in allowed:
        raise ValueError(f"metadata with a bad {name}")
    return value
