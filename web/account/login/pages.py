"""The login step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import interactions
from server.endpoints.wire import redirect, send_away
from server.interactions import LoginRefusal, LoginRefused, LoginView, SendTo
from web.account.login.contexts import OUTDATED, SLOWED_DOWN, WRONG, LoginPage, login_page, refused_login_page
from web.account.login.forms import LoginForm
from web.brand import brand_of
from web.rendering import frame_for, render
from web.requests import cookie_headers, step_uri
from web.security import CSRF_FIELD, csrf_token, is_csrf_token

if TYPE_CHECKING:
    from server.endpoints.wire import Headers, WireResponse
    from server.interactions import Visit
    from web.requests import Form

STEP = "login"


def show(visit: Visit, view: LoginView) -> WireResponse:
    """Ask for a name and a password."""
    return _draw(visit, view, login_page(view, csrf_token(visit, view.handle, STEP)))


async def answer(visit: Visit, handle: str, fields: Form) -> WireResponse:
    """Sign a person in and go on, or say what was wrong; raises what `interactions.log_in` raises."""
    form = LoginForm(fields)
    complete = form.validate()
    if not is_csrf_token(fields.get(CSRF_FIELD, ""), visit, handle, STEP):
        return await _refuse(visit, handle, form, OUTDATED)
    if not complete:
        return await _refuse(visit, handle, form, None)
    try:
        logged_in = await interactions.log_in(
            visit, handle, form.username.data or "", form.password.data or "", keep=bool(form.keep.data)
        )
    except LoginRefused as refused:
        if refused.kind is LoginRefusal.SLOWED_DOWN:
            return await _refuse(visit, handle, form, SLOWED_DOWN, ((b"retry-after", b"%d" % refused.retry_after),))
        return await _refuse(visit, handle, form, WRONG)
    cookies = cookie_headers(logged_in.cookies)
    if logged_in.send_to is not None:
        return send_away(logged_in.send_to, headers=cookies)
    return redirect(step_uri(visit, handle), headers=cookies)


async def _refuse(
    visit: Visit, handle: str, form: LoginForm, message: str | None, headers: Headers = ()
) -> WireResponse:
    view = await interactions.view(visit, handle)
    if isinstance(view, SendTo):
        return send_away(view)
    if not isinstance(view, LoginView):
        return redirect(step_uri(visit, handle))
    page = refused_login_page(view, csrf_token(visit, handle, STEP), form, message)
    return _draw(visit, view, page, status=422, headers=headers)


def _draw(visit: Visit, view: LoginView, page: LoginPage, *, status: int = 200, headers: Headers = ()) -> WireResponse:
    frame = frame_for(brand_of(visit.tenant), view.ui_locales, visit.accept_language)
    return render("account/login/login.html", page, frame, status=status, leads_out=True, headers=headers)
