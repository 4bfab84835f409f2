"""Making an administrator: a person, whose first password is shown once, or a program, whose secret is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission, service_accounts
from server.administration import administrators as acts
from server.administration.administrators import NewAdministrator
from server.administration.service_accounts import NewServiceAccount
from server.endpoints.wire import redirect
from server.kernel import digests, passwords
from server.kernel.database import AlreadyExists
from server.roles import AdminRole, InvalidRole
from server.users import InvalidUser
from web.admin.administrators.choosing import NoTenant, get_tenant, suggested, typed_in
from web.admin.administrators.contexts import NewAdministratorPage
from web.admin.administrators.forms import NOT_THERE, NewAdministratorForm, NewServiceAccountForm
from web.admin.administrators.place import api_of, role_of, uri_of
from web.admin.frame import draw
from web.admin.once import keep_once
from web.admin.rows import does, shows
from web.admin.user.forms import BAD_USERNAME
from web.localization import mark

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

IS_ONE = mark("Somebody is called like that already. Open them in the list, and give them one more role.")

NewForm = NewAdministratorForm | NewServiceAccountForm


async def ask(visit: ConsoleVisit) -> WireResponse:
    """Who it shall be."""
    return await _draw(visit, NewAdministratorForm(data=_begin(visit)).limit_to(visit.tenant_named), 200)


async def create(visit: ConsoleVisit) -> WireResponse:
    """Make a person an administrator."""
    form = NewAdministratorForm(visit.form).limit_to(visit.tenant_named)
    try:
        tenant = await get_tenant(visit, form)
    except NoTenant:
        return await _draw(visit, form, 422)
    text = digests.random_token(96)
    hashed = await passwords.hash_password(text)
    new = NewAdministrator((form["username"].data or "").strip(), hashed, role_of(form.role.data), tenant)
    try:
        user = await acts.create(visit.operator, visit.site.system, new, visit.now)
    except AlreadyExists:
        form.blame("username", IS_ONE)
    except InvalidUser:
        form.blame("username", BAD_USERNAME)
    except InvalidRole:
        form.blame("role", NOT_THERE)
    else:
        return redirect(uri_of(visit, user.id, fresh=await keep_once(visit, text)))
    return await _draw(visit, form, 422)


async def ask_service(visit: ConsoleVisit) -> WireResponse:
    """Which program it shall be."""
    return await _draw(visit, NewServiceAccountForm(data=_begin(visit)).limit_to(visit.tenant_named), 200)


async def create_service(visit: ConsoleVisit) -> WireResponse:
    """Make a service account."""
    form = NewServiceAccountForm(visit.form).limit_to(visit.tenant_named)
    try:
        tenant = await get_tenant(visit, form)
    except NoTenant:
        return await _draw(visit, form, 422)
    name, reads_only = (form["name"].data or "").strip(), bool(form["reads_only"].data)
    new = NewServiceAccount(name, role_of(form.role.data), tenant, reads_only)
    try:
        client, secret = await service_accounts.create(visit.operator, visit.site.system, new, visit.now)
    except InvalidRole:
        form.blame("role", NOT_THERE)
        return await _draw(visit, form, 422)
    return redirect(uri_of(visit, client.id, fresh=await keep_once(visit, secret)))


def _begin(visit: ConsoleVisit) -> dict[str, str]:
    return {"role": AdminRole.TENANT_ADMIN.value, "tenant": typed_in(visit)}


async def _draw(visit: ConsoleVisit, form: NewForm, status: int) -> WireResponse:
    is_service = isinstance(form, NewServiceAccountForm)
    api_path = api_of(visit, "service-accounts" if is_service else "administrators")
    page = NewAdministratorPage(form, await suggested(visit, form), is_service, visit.path, uri_of(visit), api_path)
    return draw(visit, "admin/administrators/new.html", page, status=status)


MANAGE = Permission.MANAGE_ADMINISTRATORS
ROWS = tuple(
    row
    for root in ("", "/t/<tenant>")
    for row in (
        shows(f"{root}/administrators/new", ask, MANAGE),
        does(f"{root}/administrators/new", create, MANAGE),
        shows(f"{root}/administrators/new-service", ask_service, MANAGE),
        does(f"{root}/administrators/new-service", create_service, MANAGE),
    )
)
