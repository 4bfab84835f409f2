"""Bearer tokens on the wire: how a request presents one, and the challenge that refuses it.

RFC 6750 §2 and §3, RFC 9728 §5.1.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from .errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_BEARER = re.compile(r"bearer(?: +(?P<token>[A-Za-z0-9\-._~+/]+=*))?", re.IGNORECASE)
_UNQUOTABLE = re.compile(r"[^\x20-\x7e]")


def bearer_token(authorization: Sequence[str], query: bytes) -> str | None:
    """The one bearer token that a request presents, or None. RFC 6750 §2.1.

    `authorization` holds every Authorization field of the request, `query` its raw query string; the body is never
    looked at. Raises InvalidRequest for two fields, for a field that is malformed and for a token in the URL.
    """
    if any(name == "access_token" for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)):
        raise InvalidRequest("an access token in the URL")
    if len(authorization) > 1:
        raise InvalidRequest("more than one Authorization field")
    if not authorization or authorization[0].strip().partition(" ")[0].lower() != "bearer":
        return None
    match = _BEARER.fullmatch(authorization[0].strip())
    if match is None or match["token"] is None:
        raise InvalidRequest("a malformed Authorization field")
    return match["token"]


def bearer_challenge(
    *,
    error: str | None = None,
    description: str | None = None,
    scope: Iterable[str] = (),
    resource_metadata: str | None = None,
) -> str:
    """The value of a WWW-Authenticate field. RFC 6750 §3, RFC 9728 §5.1.

    Give `error` only when a token was presented: whoever sent none has made no mistake. `scope` is all that the
    operation needs, in one challenge.
    """
    parameters = {
        "error": error,
        "error_description": description,
        "scope": " ".join(scope) or None,
        "resource_metadata": resource_metadata,
    }
    given = ", ".join(f"{name}={_quoted(value)}" for name, value in parameters.items() if value is not None)
    return f"Bearer {given}" if given else "Bearer"


def _quoted(value: str) -> str:
    escaped = _UNQUOTABLE.sub("", value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
