"""The redirect step: where the person is about to be sent, when the policy wants that said first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import interactions
from server.endpoints.wire import redirect, send_away
from server.interactions import PersonChanged, RedirectView, SendTo
from web.account.redirect.contexts import CancelledPage, held_page, redirect_page
from web.account.redirect.forms import Decision, RedirectForm
from web.brand import brand_of
from web.localization import mark
from web.rendering import frame_for, render
from web.requests import step_uri
from web.security import CSRF_FIELD, csrf_token, is_csrf_token

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.interactions import HeldView, Visit
    from web.requests import Form

STEP = "redirect"
HELD = "held"  # its form has nothing to say: whoever sends it wants to know how it stands

OUTDATED = mark("This page was out of date. Please look at it again before you decide.")
UNDECIDED = mark("Choose Continue or Cancel.")


def show(visit: Visit, view: RedirectView, message: str | None = None) -> WireResponse:
    """Show where the person is about to go; with what is wrong when a form came back."""
    frame = frame_for(brand_of(visit.tenant), view.ui_locales, visit.accept_language)
    page = redirect_page(view, csrf_token(visit, view.handle, STEP), message)
    status = 200 if message is None else 422
    return render("account/redirect/redirect.html", page, frame, status=status, leads_out=True)


def show_held(visit: Visit, view: HeldView) -> WireResponse:
    """Show what an administrator has to approve first."""
    frame = frame_for(brand_of(visit.tenant), view.ui_locales, visit.accept_language)
    page = held_page(view, csrf_token(visit, view.handle, HELD))
    # Once it is approved, asking again ends at the client.
    return render("account/redirect/held.html", page, frame, leads_out=True)


async def answer(visit: Visit, handle: str, fields: Form) -> WireResponse:
    """Carry out the person's decision; raises InteractionGone."""
    form = RedirectForm(fields)
    complete = form.validate()
    if not is_csrf_token(fields.get(CSRF_FIELD, ""), visit, handle, STEP):
        return await _refuse(visit, handle, OUTDATED)
    if not complete:
        return await _refuse(visit, handle, UNDECIDED)
    try:
        if form.decision.data == Decision.CONTINUE:
            return send_away(await interactions.go_on(visit, handle))
        return await _stay(visit, handle, reports=form.decision.data == Decision.REPORT)
    except PersonChanged:
        return redirect(step_uri(visit, handle))


async def _stay(visit: Visit, handle: str, *, reports: bool) -> WireResponse:
    ui_locales = await interactions.stay(visit, handle, reports=reports)
    frame = frame_for(brand_of(visit.tenant), ui_locales, visit.accept_language)
    return render("account/redirect/cancelled.html", CancelledPage(reports), frame)


async def _refuse(visit: Visit, handle: str, message: str) -> WireResponse:
    view = await interactions.view(visit, handle)
    if isinstance(view, SendTo):
        return send_away(view)
    if not isinstance(view, RedirectView):
        return redirect(step_uri(visit, handle))
    return show(visit, view, message)
