"""How people sign in: looked at, and changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration import Permission
from server.kernel.json import dump_json
from web.admin.frame import draw
from web.admin.own_tenant import TenantFrame, filled, save, tenant_frame
from web.admin.rows import does, shows
from web.admin.signing_in.forms import SignInForm, sign_in_form

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The form, and what surrounds it."""

    frame: TenantFrame
    form: SignInForm
    api_body: str


async def show(visit: ConsoleVisit) -> WireResponse:
    """How people sign in."""
    return await _draw(visit, SignInForm(data=filled(visit.tenant, sign_in_form)))


async def change(visit: ConsoleVisit) -> WireResponse:
    """Change how people sign in."""
    form = SignInForm(visit.form)
    saved = await save(visit, form, form.edited, sign_in_form) if form.validate() else None
    return saved or await _draw(visit, form, 422)


async def _draw(visit: ConsoleVisit, form: SignInForm, status: int = 200) -> WireResponse:
    body = dump_json({"settings": sign_in_form(visit.tenant)})
    page = SignInPage(await tenant_frame(visit), form, body)
    return draw(visit, "admin/signing_in/form.html", page, status=status)


PATH = "/t/<tenant>/sign-in"
ROWS = (
    shows(PATH, show),
    does(PATH, change, Permission.MANAGE_SETTINGS),
)
