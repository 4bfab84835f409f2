"""The one URL at which a person is led from /authorize to the answer: each request draws the step that is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import interactions
from server.endpoints.wire import redirect, send_away
from server.interactions import ConsentView, HeldView, LoginView, RedirectView, Refusal, SendTo
from server.protocol.errors import AccessDenied
from web.account.consent import pages as consent
from web.account.error.pages import refusal_page
from web.account.login import pages as login
from web.account.redirect import pages as leaving
from web.requests import current_visit, is_from_own_page, read_form, respond, step_uri

if TYPE_CHECKING:
    from quart import Response

    from server.endpoints.wire import WireResponse
    from server.interactions import Visit


async def show(slug: str, handle: str) -> Response:  # noqa: ARG001 - hosting resolved the tenant already
    """GET: the step that is due, or the way to the client when none is left."""
    return respond(await _show(current_visit(), handle))


async def answer(slug: str, handle: str) -> Response:  # noqa: ARG001 - hosting resolved the tenant already
    """POST: the form of one step. A form that names no step is held to be a login."""
    visit = current_visit()
    if not is_from_own_page(visit):
        raise AccessDenied("a step's form was sent from another site")
    fields = await read_form()
    match fields.get("step"):
        case consent.STEP:
            return respond(await consent.answer(visit, handle, fields))
        case leaving.STEP:
            return respond(await leaving.answer(visit, handle, fields))
        case leaving.HELD:
            return respond(redirect(step_uri(visit, handle)))
        case _:
            return respond(await login.answer(visit, handle, fields))


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
