"""Every page's URL, and what becomes of a refusal on the way to it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from quart import Blueprint, request

from server import measures
from server.endpoints.wire import ErrorPage
from server.interactions import InteractionGone, Visit
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
from web import assets
from web.account import interaction, logo
from web.account.error.pages import error_page, gone_page
from web.account.logout import pages as logout
from web.landing import landing_page
from web.requests import accept_language, correlation_id, current_visit, respond

if TYPE_CHECKING:
    from quart import Quart, Response
    from werkzeug.exceptions import HTTPException

    from server.endpoints.wire import Headers
    from server.settings import Settings

RETRY_AFTER: Headers = ((b"retry-after", b"5"),)

# A GET of these only reads, so a HEAD may do the same.
READING = frozenset({"pages.landing", "pages.static", "pages.tenant_static", "pages.logo"})

log = get_logger(__name__)


def register_pages(app: Quart, settings: Settings) -> None:
    """Add every page and static file to the application."""
    # A path with "//" is no path of ours. Werkzeug would redirect to a tidier one, built from the Host header.
    app.url_map.merge_slashes = False
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    async def landing() -> Response:
        return respond(landing_page(settings, accept_language()))

    pages.get(f"{assets.URL_PREFIX}<path:name>")(static)
    # A tenant's own domain leads below its path, style sheets included.
    pages.get(f"/t/<slug>{assets.URL_PREFIX}<path:name>", endpoint="tenant_static")(static)
    pages.get("/t/<slug>/logos/<name>", endpoint="logo")(logo.show)
    pages.get("/t/<slug>/interaction/<handle>", endpoint="show_step")(interaction.show)
    pages.post("/t/<slug>/interaction/<handle>", endpoint="answer_step")(interaction.answer)
    pages.get("/t/<slug>/logout", endpoint="show_logout")(logout.show)
    pages.post("/t/<slug>/logout", endpoint="answer_logout")(logout.answer)
    pages.before_request(check_method)
    _register_refusals(pages)
    app.register_blueprint(pages)


def _register_refusals(pages: Blueprint) -> None:
    pages.register_error_handler(OAuthError, on_refusal)
    pages.register_error_handler(InteractionGone, on_gone)
    for fault in (Overloaded, Unavailable):
        pages.register_error_handler(fault, on_overload)
    pages.app_errorhandler(HTTPStatus.NOT_FOUND)(on_unknown_path)
    pages.app_errorhandler(HTTPStatus.METHOD_NOT_ALLOWED)(on_unknown_method)
    pages.app_errorhandler(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)(on_huge_body)
    pages.app_errorhandler(HTTPStatus.INTERNAL_SERVER_ERROR)(on_fault)


async def static(name: str, slug: str | None = None) -> Response:  # noqa: ARG001 - the same files for everyone
    """One static file."""
    answer = assets.serve(name, request.headers.get("If-None-Match"))
    if answer is None:
        raise NotFound("a static file that is not there")
    return respond(answer)


async def check_method() -> None:
    """A GET of a step may end the flow, and one of the logout a session: HEAD must do neither."""
    if request.method == "HEAD" and request.endpoint not in READING:
        raise MethodNotAllowed("HEAD of a page that acts", allow="GET, POST")


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


async def on_gone(_: InteractionGone) -> Response:
    """An interaction that is over, or not this browser's."""
    measures.refused("page", "invalid_request")
    log.info("page refused", code="invalid_request", why="the interaction is gone")
    return respond(
        gone_page(tenant=current_visit().tenant, accept_language=accept_language(), correlation_id=correlation_id())
    )


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
