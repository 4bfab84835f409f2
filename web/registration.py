"""Every page's URL, and what becomes of a refusal on the way to it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from quart import Blueprint, request

from server.endpoints.wire import ErrorPage
from server.interactions import InteractionGone, Visit
from server.kernel.database import DatabaseUnavailable
from server.kernel.logs import get_logger
from server.kernel.passwords import Overloaded
from server.protocol.errors import MethodNotAllowed, NotFound, OAuthError, TemporarilyUnavailable
from web import assets
from web.account import interaction
from web.account.error.pages import error_page, gone_page
from web.account.logout import pages as logout
from web.landing import landing_page
from web.requests import accept_language, correlation_id, respond

if TYPE_CHECKING:
    from quart import Quart, Response
    from werkzeug.exceptions import HTTPException

    from server.endpoints.wire import Headers
    from server.settings import Settings

RETRY_AFTER: Headers = ((b"retry-after", b"5"),)

log = get_logger("web")


def register_pages(app: Quart, settings: Settings) -> None:
    """Add every page and static file to the application."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    async def landing() -> Response:
        return respond(landing_page(settings, accept_language()))

    pages.get(f"{assets.URL_PREFIX}<path:name>")(static)
    # A tenant's own domain leads below its path, style sheets included.
    pages.get(f"/t/<slug>{assets.URL_PREFIX}<path:name>", endpoint="tenant_static")(static)
    pages.get("/t/<slug>/interaction/<handle>", endpoint="show_step")(interaction.show)
    pages.post("/t/<slug>/interaction/<handle>", endpoint="answer_step")(interaction.answer)
    pages.get("/t/<slug>/logout", endpoint="show_logout")(logout.show)
    pages.post("/t/<slug>/logout", endpoint="answer_logout")(logout.answer)
    pages.before_request(refuse_head)
    pages.register_error_handler(OAuthError, on_refusal)
    pages.register_error_handler(InteractionGone, on_gone)
    pages.register_error_handler(Overloaded, on_overload)
    pages.register_error_handler(DatabaseUnavailable, on_overload)
    pages.register_error_handler(HTTPStatus.INTERNAL_SERVER_ERROR, on_fault)
    app.register_blueprint(pages)


async def static(name: str, slug: str | None = None) -> Response:  # noqa: ARG001 - the same files for everyone
    """One static file."""
    answer = assets.serve(name, request.headers.get("If-None-Match"))
    if answer is None:
        raise NotFound("a static file that is not there")
    return respond(answer)


async def refuse_head() -> None:
    """A GET of a step may end the flow and a GET of the logout may end a session: HEAD must do neither."""
    if request.method == "HEAD" and request.endpoint not in {"pages.static", "pages.tenant_static", "pages.landing"}:
        raise MethodNotAllowed("HEAD of a page that acts", allow="GET, POST")


async def on_refusal(error: OAuthError) -> Response:
    """A typed refusal: its reason goes to the log, its code to the page."""
    log.info("page refused", code=error.code, why=str(error))
    return _error(ErrorPage(error.code, _page_status(error)))


async def on_gone(_: InteractionGone) -> Response:
    """An interaction that is over."""
    log.info("page refused", code="invalid_request", why="the interaction is gone")
    visit = request.scope["latchkey.visit"]
    return respond(gone_page(tenant=visit.tenant, accept_language=accept_language(), correlation_id=correlation_id()))


async def on_overload(error: Exception) -> Response:
    """Too much to do, or no database: the person may try again."""
    log.warning("page unavailable", why=type(error).__name__)
    busy = TemporarilyUnavailable("overloaded")
    return _error(ErrorPage(busy.code, HTTPStatus.SERVICE_UNAVAILABLE), RETRY_AFTER)


async def on_fault(_: HTTPException) -> Response:
    """A fault of ours; Quart has logged it."""
    return _error(ErrorPage("server_error", HTTPStatus.INTERNAL_SERVER_ERROR))


def _error(page: ErrorPage, headers: Headers = ()) -> Response:
    visit = request.scope.get("latchkey.visit")
    return respond(
        error_page(
            page,
            tenant=visit.tenant if isinstance(visit, Visit) else None,
            accept_language=accept_language(),
            correlation_id=correlation_id(),
            headers=headers,
        )
    )


def _page_status(error: OAuthError) -> int:
    """Error pages have status 400, and 403 when somebody is kept out; the HTTP ones keep theirs."""
    if error.code == "access_denied":
        return HTTPStatus.FORBIDDEN
    return error.status
