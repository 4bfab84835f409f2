"""Every page's URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quart import Blueprint, request

from server.protocol.errors import MethodNotAllowed, NotFound
from web import assets
from web.account import logo
from web.account.logout import pages as logout
from web.admin import register_console
from web.landing import landing_page
from web.refusals import register_fallbacks, register_refusals
from web.requests import accept_language, respond

if TYPE_CHECKING:
    from quart import Quart, Response

    from server.settings import Settings

# A GET of these only reads, so a HEAD may do the same.
READING = frozenset({"pages.landing", "pages.static", "pages.tenant_static", "pages.logo"})


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
    pages.get("/t/<slug>/logout", endpoint="show_logout")(logout.show)
    pages.post("/t/<slug>/logout", endpoint="answer_logout")(logout.answer)
    pages.before_request(check_method)
    register_refusals(pages)
    register_fallbacks(pages)
    app.register_blueprint(pages)
    register_console(app, settings)


async def static(name: str, slug: str | None = None) -> Response:  # noqa: ARG001 - the same files for everyone
    """One static file."""
    answer = assets.serve(name, request.headers.get("If-None-Match"))
    if answer is None:
        raise NotFound("a static file that is not there")
    return respond(answer)


async def check_method() -> None:
    """A GET of the logout may end a session: HEAD must not."""
    if request.method == "HEAD" and request.endpoint not in READING:
        raise MethodNotAllowed("HEAD of a page that acts", allow="GET, POST")
