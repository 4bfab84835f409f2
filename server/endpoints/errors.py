"""From a typed refusal to its response, once for every endpoint. RFC 6749 §5.2, RFC 6750 §3.

The text on the wire belongs to the class; nothing that was sent is echoed.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from server.protocol.errors import (
    ClientBlocked,
    ClientQuarantined,
    InsufficientScope,
    InvalidClient,
    InvalidToken,
    MethodNotAllowed,
    OAuthError,
    TemporarilyUnavailable,
    TooManyRequests,
)

from .wire import NO_STORE, ErrorPage, json_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .wire import Headers, WireResponse

# How long a client should wait when a dependency failed, in seconds.
RETRY_AFTER = 5
# What people are told apart though the code on the wire is one.
_TOPICS: Mapping[type[OAuthError], str] = {ClientBlocked: "client_blocked", ClientQuarantined: "client_quarantined"}


def error_response(error: OAuthError) -> WireResponse:
    """The JSON refusal, with the challenge or the waiting time that its status asks for."""
    document = {"error": error.code, "error_description": error.description}
    return json_response(document, error.status, NO_STORE + _fields(error))


def error_page(error: OAuthError, ui_locales: tuple[str, ...] = ()) -> ErrorPage:
    """The same refusal for a person. It never challenges: a browser would ask for credentials that nobody has."""
    status = HTTPStatus.BAD_REQUEST if error.status == HTTPStatus.UNAUTHORIZED else error.status
    topic = _TOPICS.get(type(error))
    return ErrorPage(error.code, status, ui_locales=ui_locales, headers=_waiting_time(error), topic=topic)


def _fields(error: OAuthError) -> Headers:
    match error:
        case InvalidClient():
            return ((b"www-authenticate", b'Basic realm="latchkey"'),)
        case InvalidToken() | InsufficientScope():
            return ((b"www-authenticate", f'Bearer error="{error.code}"'.encode("ascii")),)
        case MethodNotAllowed():
            return ((b"allow", error.allow.encode("ascii")),)
        case _:
            return _waiting_time(error)


def _waiting_time(error: OAuthError) -> Headers:
    match error:
        case TooManyRequests():
            return ((b"retry-after", str(error.retry_after).encode("ascii")),)
        case TemporarilyUnavailable():
            return ((b"retry-after", str(RETRY_AFTER).encode("ascii")),)
        case _:
            return ()
