"""Logging out: OpenID Connect RP-Initiated Logout 1.0.

Our own form is told from a client's request by its step: the client's parameters stay in the URL, in both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from quart import request

from server import interactions
from server.endpoints.wire import redirect, send_away
from server.interactions import AskLogout
from server.protocol.errors import AccessDenied
from server.protocol.parameters import parse_query
from web.account.logout.contexts import logged_out_page, logout_page
from web.brand import brand_of
from web.localization import mark
from web.rendering import frame_for, render
from web.requests import cookie_headers, current_visit, is_from_own_page, read_form, respond
from web.security import CSRF_FIELD, csrf_token, is_csrf_token

if TYPE_CHECKING:
    from quart import Response

    from server.endpoints.wire import WireResponse
    from server.interactions import LoggedOut, Visit
    from server.protocol.parameters import Parameters
    from web.rendering import Frame

STEP = "logout"

OUTDATED = mark("This page was out of date. Please try again.")

# What a client may send (§2), to be kept when its POST becomes a GET.
PARAMETERS = ("id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales")


async def show(slug: str) -> Response:  # noqa: ARG001 - hosting resolved the tenant already
    """GET: log out at once with a good hint, else ask."""
    return respond(await _plan(current_visit(), parse_query(request.query_string)))


async def answer(slug: str) -> Response:  # noqa: ARG001 - hosting resolved the tenant already
    """POST: the person's yes; or a client's request, which becomes a GET, for it came without cookies."""
    visit = current_visit()
    fields = await read_form()
    if fields.get("step") != STEP:
        kept = urlencode([(name, value) for name, value in fields.items(multi=True) if name in PARAMETERS])
        return respond(redirect(_own_uri(visit, kept)))
    if not is_from_own_page(visit):
        raise AccessDenied("the logout form was sent from another site")
    parameters = parse_query(request.query_string)
    if not is_csrf_token(fields.get(CSRF_FIELD, ""), visit, STEP, STEP):
        return respond(await _plan(visit, parameters, OUTDATED))
    done = await interactions.log_out(visit, parameters)
    own_uri = _own_uri(visit, request.query_string.decode("ascii"))
    cookies = cookie_headers(done.cookies)
    return respond(redirect(own_uri, headers=cookies) if done.send_to is None else send_away(done.send_to, cookies))


async def _plan(visit: Visit, parameters: Parameters, message: str | None = None) -> WireResponse:
    frame = frame_for(brand_of(visit.tenant), (parameters.get("ui_locales") or "").split(), visit.accept_language)
    plan = await interactions.plan_logout(visit, parameters)
    if not isinstance(plan, AskLogout):
        return _done(plan, frame)
    page = logout_page(plan.person, csrf_token(visit, STEP, STEP), message)
    status = 200 if message is None else 422
    return render("account/logout/logout.html", page, frame, status=status, leads_out=True)


def _done(done: LoggedOut, frame: Frame) -> WireResponse:
    cookies = cookie_headers(done.cookies)
    if done.send_to is not None:
        return send_away(done.send_to, cookies)
    page = logged_out_page(done.continue_uri, blocked=done.blocked)
    leads_out, status = page.continue_uri is not None, 403 if done.blocked else 200
    return render("account/logout/logged_out.html", page, frame, status=status, leads_out=leads_out, headers=cookies)


def _own_uri(visit: Visit, query: str) -> str:
    uri = f"{visit.tenant.issuer}/logout"
    return f"{uri}?{query}" if query else uri
