"""The one URL at which a person is led from /authorize to the answer: each request draws the step that is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import interactions, measures
from server.endpoints.wire import redirect, send_away
from server.interactions import ConsentView, HeldView, InteractionGone, LoginView, RedirectView, Refusal, SendTo
from server.kernel.logs import get_logger
from server.protocol.errors import AccessDenied
from web.account.consent import pages as consent
from web.account.error.pages import gone_page, refusal_page
from web.account.login import pages as login
from web.account.redirect import pages as leaving
from web.requests import form_of, step_uri
from web.security import is_own_request

if TYPE_CHECKING:
    from server.endpoints.wire import WireRequest, WireResponse
    from server.interactions import Visit

log = get_logger(__name__)


async def step(request: WireRequest) -> WireResponse:
    """The step that is due, or the way to the client when none is left; of a POST the answer to one step's form."""
    visit = request.visit
    try:
        if request.method == "POST":
            return await _answer(request, visit)
        return await _show(visit, request.segment)
    except InteractionGone:
        measures.refused("interaction", "invalid_request")
        log.info("page refused", code="invalid_request", why="the interaction is gone")
        return gone_page(visit)


async def _answer(request: WireRequest, visit: Visit) -> WireResponse:
    """Carry out what a form says. One that names no step is held to be a login."""
    headers, handle = request.headers, request.segment
    if not is_own_request(headers.get("sec-fetch-site"), headers.get("origin"), visit.tenant.issuer):
        raise AccessDenied("a step's form was sent from another site")
    fields = form_of(request)
    match fields.get("step"):
        case consent.STEP:
            return await consent.answer(visit, handle, fields)
        case leaving.STEP:
            return await leaving.answer(visit, handle, fields)
        case leaving.HELD:
            return redirect(step_uri(visit, handle))
        case _:
            return await login.answer(visit, handle, fields)


async def _show(visit: Visit, handle: str) -> WireResponse:
    view = await interactions.view(visit, handle)
    match view:
        case LoginView():
            return login.show(visit, view)
        case ConsentView():
            return consent.show(visit, view)
        case RedirectView():
            return leaving.show(visit, view)
        case HeldView():
            return leaving.show_held(visit, view)
        case Refusal():
            return refusal_page(visit, view)
        case SendTo():
            return send_away(view)
