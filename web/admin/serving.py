"""From Quart to a page of the console: who is there is found out, what they may is checked, their form is read.

Another tenant's everything is not there (404); what a role may not do is refused (403), and no page shows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quart import Blueprint, request

from server.administration import NotPermitted, Permission, check_permitted, get_system_tenant, refused_acts
from server.administration import tenants as tenant_acts
from server.administration.finding import Reserved, Unknown
from server.administration.streams import TooManyStreams
from server.kernel import clock
from server.kernel.paging import BadCursor
from server.protocol.errors import AccessDenied, InvalidRequest, MethodNotAllowed, RequestTooLarge
from server.sessions import read_browser
from web.admin.csrf import is_csrf_token
from web.admin.refusals import no_seat_here, not_there, outdated, refused, reserved, too_many_streams
from web.admin.session import find_former, find_seat
from web.admin.sign_in.journey import HeldForm
from web.admin.sign_in.pages import come_back, sign_in, sign_in_again
from web.admin.table import ROWS
from web.admin.visit import PREFIX, ConsoleVisit, Site
from web.localization import choose_language
from web.refusals import register_refusals
from web.requests import accept_language, read_form, respond
from web.security import CSRF_FIELD, is_own_request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from quart import Quart, Response

    from server.endpoints.wire import WireResponse
    from server.settings import Settings
    from web.admin.rows import Row
    from web.admin.visit import Seat
    from web.requests import Form, Stream


def register_console(app: Quart, settings: Settings) -> None:
    """Add every page of the table to the application."""
    console = Blueprint("console", __name__, url_prefix=PREFIX)
    for row in ROWS:
        console.add_url_rule(
            row.path, row.name, _view(settings, row), methods=[row.method], provide_automatic_options=False
        )

    @console.get("/callback")
    async def callback() -> Response:
        return respond(await come_back(await _site(settings), request.query_string))

    console.before_request(_check_method)
    register_refusals(console)
    app.register_blueprint(console)


async def _check_method() -> None:
    if request.method == "HEAD":
        raise MethodNotAllowed("HEAD of a page of the console", allow="GET, POST")


def _view(settings: Settings, row: Row) -> Callable[..., Awaitable[Response]]:
    async def view(**arguments: str) -> Response:
        return respond(await _serve(await _site(settings), row, arguments))

    return view


async def _site(settings: Settings) -> Site:
    system = await get_system_tenant(settings.public_url)
    browser = read_browser(request.headers.get("Cookie"), system.id, secure=settings.is_secure)
    language = choose_language((), accept_language())
    return Site(system, settings.public_url, browser, settings.is_secure, language, clock.now())


async def _serve(site: Site, row: Row, arguments: dict[str, str]) -> WireResponse | Stream:
    is_form = row.method == "POST"
    if is_form:
        _check_own(site)
    # Before a form is read: a stranger's is not, and only who is there may send large ones and files.
    seat = await find_seat(site)
    if seat is None:
        here = request.full_path.removesuffix("?")
        former = await find_former(site) if is_form else None
        return sign_in(site, here) if former is None else await _sent_too_late(site, former, here)
    form = await read_form(row.max_form, takes_files=row.takes_files) if is_form else None
    visit = _visit(site, seat, arguments, form)
    if not seat.operator.memberships:
        return no_seat_here(visit)
    if form is not None and not is_csrf_token(form.get(CSRF_FIELD, ""), seat):
        return outdated(visit)
    return await _admit(visit, row)


async def _admit(visit: ConsoleVisit, row: Row) -> WireResponse | Stream:
    try:
        if row.in_tenant:
            tenant = await tenant_acts.get(visit.operator, visit.arguments["tenant"], visit.site.public_url)
            visit = visit.within(tenant)
        if row.permission is not None:
            check_permitted(visit.operator, row.permission, (visit.tenant_named or visit.site.system).id)
        return await row.action(visit)
    except Unknown:
        return not_there(visit)
    except NotPermitted as refusal:
        await refused_acts.note(refusal, visit.now)
        # Who may not even look does not learn that there is something.
        return refused(visit) if row.in_tenant or row.permission is not Permission.READ else not_there(visit)
    except Reserved as error:
        return reserved(visit, str(error))
    except TooManyStreams as error:
        return too_many_streams(visit, ours=error.ours)
    except BadCursor:
        return not_there(visit)


def _visit(site: Site, seat: Seat, arguments: dict[str, str], form: Form | None) -> ConsoleVisit:
    visit = ConsoleVisit(
        site=site,
        seat=seat,
        tenant_named=None,
        path=request.path,
        arguments=arguments,
        query=request.args,
        partial=request.headers.get("HX-Request") == "true",
    )
    return visit if form is None else visit.with_form(form)


async def _sent_too_late(site: Site, former: UUID, here: str) -> WireResponse:
    try:
        form = await read_form()
    except (InvalidRequest, RequestTooLarge):
        # Too much to be kept, or a file: whoever is signed in again has to choose it anew.
        return sign_in(site, here)
    return await sign_in_again(site, former, HeldForm(here, tuple(form.items(multi=True))))


def _check_own(site: Site) -> None:
    if not is_own_request(request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin"), site.public_url):
        raise AccessDenied("a form of the console was sent from another site")
