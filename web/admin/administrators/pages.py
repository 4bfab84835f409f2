"""Administrators of the platform, or of one tenant: listed, given roles, taken them, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission, service_accounts
from server.administration import administrators as acts
from server.administration.finding import Unknown
from server.administration.owners import LastOwner
from server.clients import TooManySecrets
from server.endpoints.wire import redirect
from server.roles import AdminRole, InvalidRole
from web.admin.administrators.choosing import NoTenant, get_tenant, typed_in
from web.admin.administrators.contexts import (
    AdministratorsPage,
    Said,
    administrator_page,
    membership_entry,
    name_of,
)
from web.admin.administrators.forms import NOT_THERE, RoleForm
from web.admin.administrators.place import api_of, role_of, tenant_of, uri_of
from web.admin.forms import NOT_THE_NAME, ConfirmForm
from web.admin.frame import draw
from web.admin.listing import read_list
from web.admin.notices import done
from web.admin.once import keep_once, take_once
from web.admin.rows import does, shows
from web.localization import mark

if TYPE_CHECKING:
    from uuid import UUID

    from server.clients import Client
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

LAST_OWNER = mark("This is the last owner. Somebody else has to be one first.")
TWO_SECRETS = mark("There are two secrets already: remove one first.")

NOTHING_SAID = Said()


async def administrators(visit: ConsoleVisit) -> WireResponse:
    """Who administers, a line for each role."""
    asked, system = read_list(visit), visit.site.system
    found = await acts.page(visit.operator, system, visit.tenant_named, asked.paging)
    may_manage, is_platform = visit.may(Permission.MANAGE_ADMINISTRATORS), visit.tenant_named is None
    page = AdministratorsPage(
        memberships=tuple(membership_entry(visit, line) for line in found.items),
        list=asked.frame(found.next_cursor),
        is_platform=is_platform,
        has_one_owner=is_platform and await acts.count_owners(visit.operator, system) == 1,
        new_uri=uri_of(visit, "new") if may_manage else None,
        new_service_uri=uri_of(visit, "new-service") if may_manage else None,
        api_path=api_of(visit, "administrators"),
    )
    return draw(visit, "admin/administrators/list.html", page, headers=asked.headers)


async def administrator(visit: ConsoleVisit) -> WireResponse:
    """One of them; a secret or password that was made just now is shown once."""
    return await _draw(visit, 200, said=Said(await take_once(visit, visit.query.get("fresh"))))


async def give(visit: ConsoleVisit) -> WireResponse:
    """Give one more role."""
    form, user_id = RoleForm(visit.form).limit_to(visit.tenant_named), visit.identifier("administrator")
    try:
        tenant = await get_tenant(visit, form)
    except NoTenant:
        return await _draw(visit, 422, form)
    # Who is nobody to this place is not drawn into it by their id.
    await acts.get(visit.operator, visit.site.system, visit.tenant_named, user_id)
    role = role_of(form.role.data)
    try:
        await acts.give(visit.operator, visit.site.system, user_id, role, tenant=tenant, now=visit.now)
    except InvalidRole:
        form.blame("role", NOT_THERE)
        return await _draw(visit, 422, form)
    return done(visit, uri_of(visit, user_id), "saved")


async def change(visit: ConsoleVisit) -> WireResponse:
    """Another role in one tenant in the place of this one, or none."""
    user_id, system = visit.identifier("administrator"), visit.site.system
    before, after = role_of(visit.form.get("before")), visit.form.get("role")
    tenant = await tenant_of(visit, visit.form.get("tenant"))
    try:
        if "taken" in visit.form or tenant is None:
            await acts.take(visit.operator, system, user_id, before, tenant=tenant, now=visit.now)
        else:
            pair = (before, role_of(after))
            await acts.change_role(visit.operator, system, user_id, pair, tenant=tenant, now=visit.now)
    except LastOwner:
        return await _draw(visit, 422, said=Said(error=LAST_OWNER))
    except InvalidRole:
        return await _draw(visit, 422, said=Said(error=NOT_THERE))
    is_left = await _is_known(visit, user_id)
    return done(visit, uri_of(visit, user_id) if is_left else uri_of(visit), "saved")


async def add_secret(visit: ConsoleVisit) -> WireResponse:
    """Give a service account one more secret, shown once."""
    user_id = visit.identifier("administrator")
    try:
        secret = await service_accounts.add_secret(visit.operator, visit.site.system, user_id, visit.now)
    except TooManySecrets:
        return await _draw(visit, 422, said=Said(error=TWO_SECRETS))
    return redirect(uri_of(visit, user_id, fresh=await keep_once(visit, secret)))


async def remove_secret(visit: ConsoleVisit) -> WireResponse:
    """Let a secret no longer count."""
    user_id, secret_id = visit.identifier("administrator"), visit.identifier("secret")
    await service_accounts.remove_secret(visit.operator, visit.site.system, user_id, secret_id, visit.now)
    return done(visit, uri_of(visit, user_id), "removed")


async def remove(visit: ConsoleVisit) -> WireResponse:
    """Remove somebody from everything that they administer; the name has to be typed."""
    user_id, system = visit.identifier("administrator"), visit.site.system
    known = await acts.get(visit.operator, system, visit.tenant_named, user_id)
    line = known.held[0]
    if not ConfirmForm(visit.form).is_for(name_of(line)):
        return await _draw(visit, 422, said=Said(confirm_error=NOT_THE_NAME))
    try:
        if line.username is None:
            await service_accounts.discard(visit.operator, system, user_id, visit.now)
        else:
            await acts.discard(visit.operator, system, user_id, visit.now)
    except LastOwner:
        return await _draw(visit, 422, said=Said(error=LAST_OWNER))
    return done(visit, uri_of(visit), "removed")


async def _is_known(visit: ConsoleVisit, user_id: UUID) -> bool:
    try:
        await acts.get(visit.operator, visit.site.system, visit.tenant_named, user_id)
    except Unknown:
        return False
    return True


async def _account(visit: ConsoleVisit, user_id: UUID) -> Client | None:
    """The client of a service account; None for a person, and where the operator manages only some of its roles."""
    try:
        return await service_accounts.get(visit.operator, visit.site.system, user_id)
    except Unknown:
        return None


async def _draw(
    visit: ConsoleVisit, status: int, form: RoleForm | None = None, said: Said = NOTHING_SAID
) -> WireResponse:
    user_id = visit.identifier("administrator")
    known = await acts.get(visit.operator, visit.site.system, visit.tenant_named, user_id)
    account = await _account(visit, user_id) if known.held[0].username is None else None
    form = form or RoleForm(data={"role": AdminRole.TENANT_ADMIN.value, "tenant": typed_in(visit)}).limit_to(
        visit.tenant_named
    )
    page = await administrator_page(visit, known, account, form, said)
    return draw(visit, "admin/administrators/administrator.html", page, status=status)


MANAGE = Permission.MANAGE_ADMINISTRATORS
ROWS = tuple(
    row
    for root in ("", "/t/<tenant>")
    for row in (
        shows(f"{root}/administrators", administrators, MANAGE),
        shows(f"{root}/administrators/<administrator>", administrator, MANAGE),
        does(f"{root}/administrators/<administrator>/roles", give, MANAGE),
        does(f"{root}/administrators/<administrator>/change", change, MANAGE),
        does(f"{root}/administrators/<administrator>/secrets", add_secret, MANAGE),
        does(f"{root}/administrators/<administrator>/secrets/<secret>/remove", remove_secret, MANAGE),
        does(f"{root}/administrators/<administrator>/remove", remove, MANAGE),
    )
)
