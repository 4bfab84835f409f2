"""What becomes of a refusal on the way to a page: an error page, of the tenant or of the platform."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from quart import request

from server import measures
from server.endpoints.wire import ErrorPage
from server.interactions import Visit
from server.kernel.faults import Unavailable
from server.kernel.logs import get_logger
from server.kernel.passwords import Overloaded
from server.protocol.errors import (
    MethodNotAllowed,
    NotFound,
    OAuthError,
    RequestTooLarge,
    ServerError,
    TemporarilyUnavailable,
)
from web.account.error.pages import error_page
from web.requests import accept_language, correlation_id, respond

if TYPE_CHECKING:
    from quart import Blueprint, Response
    from werkzeug.exceptions import HTTPException

    from server.endpoints.wire import Headers

RETRY_AFTER: Headers = ((b"retry-after", b"5"),)

log = get_logger(__name__)


def register_refusals(pages: Blueprint) -> None:
    """Let every refusal on the way to these pages become an error page."""
    pages.register_error_handler(OAuthError, on_refusal)
    for fault in (Overloaded, Unavailable):
        pages.register_error_handler(fault, on_overload)


def register_fallbacks(pages: Blueprint) -> None:
    """Let what reaches no page at all, or breaks one, become an error page too."""
    pages.app_errorhandler(HTTPStatus.NOT_FOUND)(on_unknown_path)
    pages.app_errorhandler(HTTPStatus.METHOD_NOT_ALLOWED)(on_unknown_method)
    pages.app_errorhandler(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)(on_huge_body)
    pages.app_errorhandler(HTTPStatus.INTERNAL_SERVER_ERROR)(on_fault)


async def on_refusal(error: OAuthError) -> Response:
    """A typed refusal: its reason goes to the log, its code to the page."""
    measures.refused("page", error.code)
    log.info("page refused", code=error.code, why=error.why)
    headers = ((b"allow", error.allow.encode("ascii")),) if isinstance(error, MethodNotAllowed) else ()
    # Who is kept out is told so by 403. A 401 would have a browser ask for credentials that nobody has; everything
    # else keeps the status of its code.
    status = HTTPStatus.FORBIDDEN if error.code == "access_denied" else error.status
    status = HTTPStatus.BAD_REQUEST if status == HTTPStatus.UNAUTHORIZED else status
    return _error(error.code, status, headers)


async def on_overload(error: Exception) -> Response:
    """Too much to do, or no database: the person may try again."""
    measures.refused("page", TemporarilyUnavailable.code)
    log.warning("page unavailable", why=type(error).__name__)
    return _error(TemporarilyUnavailable.code, HTTPStatus.SERVICE_UNAVAILABLE, RETRY_AFTER)


async def on_unknown_path(_: HTTPException) -> Response:
    """A path at which there is nothing."""
    return await on_refusal(NotFound("no page at this path"))


async def on_unknown_method(error: HTTPException) -> Response:
    """A method that a page does not know; werkzeug says which it knows."""
    allowed = sorted(getattr(error, "valid_methods", None) or ("GET",))
    return await on_refusal(MethodNotAllowed("a method that the page does not know", allow=", ".join(allowed)))


async def on_huge_body(_: HTTPException) -> Response:
    """A body that Quart does not even begin to read."""
    return await on_refusal(RequestTooLarge("a body beyond any form"))


async def on_fault(_: HTTPException) -> Response:
    """A fault of ours; Quart has logged it."""
    measures.refused("page", ServerError.code)
    return _error(ServerError.code, HTTPStatus.INTERNAL_SERVER_ERROR)


def _error(code: str, status: int, headers: Headers = ()) -> Response:
    visit = request.scope.get("latchkey.visit")
    return respond(
        error_page(
            ErrorPage(code, status, headers=headers),
            tenant=visit.tenant if isinstance(visit, Visit) else None,
            accept_language=accept_language(),
            correlation_id=correlation_id(),
        )
    )
