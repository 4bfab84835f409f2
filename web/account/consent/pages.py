"""The consent step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import interactions
from server.endpoints.wire import redirect, send_away
from server.interactions import ConsentView, PersonChanged, Refusal, SendTo
from server.kernel import ids
from web.account.consent.contexts import consent_page
from web.account.consent.forms import ConsentForm, Decision
from web.account.error.pages import refusal_page
from web.brand import brand_of
from web.localization import mark
from web.rendering import frame_for, render
from web.requests import cookie_headers, step_uri
from web.security import CSRF_FIELD, csrf_token, is_csrf_token

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.interactions import Visit
    from web.requests import Form

STEP = "consent"

OUTDATED = mark("This page was out of date. Please look at it again before you decide.")
UNDECIDED = mark("Choose Allow or Cancel.")


def show(
    visit: Visit, view: ConsentView, *, form: ConsentForm | None = None, message: str | None = None
) -> WireResponse:
    """Show what is asked; with a form that came back, what was ticked in it and what is wrong."""
    frame = frame_for(brand_of(visit.tenant), view.ui_locales, visit.accept_language)
    page = consent_page(
        view,
        csrf_token(visit, view.handle, STEP),
        frame.language,
        ticked=None if form is None else frozenset(form.scope.data or ()),
        message=message,
    )
    status = 200 if message is None else 422
    return render("account/consent/consent.html", page, frame, status=status, leads_out=True)


async def answer(visit: Visit, handle: str, fields: Form) -> WireResponse:
    """Carry out the person's decision; raises what `interactions.decide` raises, but for PersonChanged."""
    form = ConsentForm(fields)
    complete = form.validate()
    if not is_csrf_token(fields.get(CSRF_FIELD, ""), visit, handle, STEP):
        return await _refuse(visit, handle, form, OUTDATED)
    if not complete:
        return await _refuse(visit, handle, form, UNDECIDED)
    if form.decision.data == Decision.SWITCH_ACCOUNT:
        cookies = await interactions.switch_account(visit, handle)
        return redirect(step_uri(visit, handle), headers=cookie_headers(cookies))
    try:
        return await _decide(visit, handle, form)
    except PersonChanged:
        return redirect(step_uri(visit, handle))


async def _decide(visit: Visit, handle: str, form: ConsentForm) -> WireResponse:
    # The page is not looked up again before: the answer is held to what was shown, not to what would be now.
    person = ids.from_short(form.person.data or "")
    if person is None:
        raise PersonChanged
    outcome = await interactions.decide(
        visit,
        handle,
        person_id=person,
        allow=form.decision.data == Decision.ALLOW,
        ticked=frozenset(form.scope.data or ()),
    )
    match outcome:
        case None:
            return redirect(step_uri(visit, handle))
        case SendTo():
            return send_away(outcome)
        case Refusal():
            return refusal_page(visit, outcome, (form.language.data or "",))


async def _refuse(visit: Visit, handle: str, form: ConsentForm, message: str) -> WireResponse:
    view = await interactions.view(visit, handle)
    if isinstance(view, SendTo):
        return send_away(view)
    if not isinstance(view, ConsentView):
        return redirect(step_uri(visit, handle))
    return show(visit, view, form=form, message=message)
