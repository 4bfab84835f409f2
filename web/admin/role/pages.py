"""One role: its name and description; removing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import groups as group_acts
from server.administration import roles as acts
from server.administration.finding import Conflict, version_of
from server.kernel.database import AlreadyExists
from server.kernel.paging import Paging
from server.projections import About, GroupFilter
from server.roles import Role
from web.admin.conflict import conflicting, versions
from web.admin.forms import NOT_THE_NAME, TAKEN, ConfirmForm
from web.admin.frame import draw
from web.admin.history import last_changes
from web.admin.notices import done
from web.admin.role.contexts import SettingsPage, head_of
from web.admin.roles.forms import RoleForm, role_form
from web.admin.rows import does, shows
from web.admin.scopes.contexts import Link
from web.foreign_text import MAX_LINE_LENGTH, plain

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

EVENTS = ("role.created", "role.updated")
FIRST = Paging(10)


async def settings(visit: ConsoleVisit) -> WireResponse:
    """What it is called, and what it is for."""
    role = await _role(visit)
    return await _draw(visit, role, _form(role), 200)


async def save(visit: ConsoleVisit) -> WireResponse:
    """Call it otherwise; who has it keeps it."""
    role, form = await _role(visit), RoleForm(visit.form)
    if not form.validate():
        return await _draw(visit, role, form, 422)
    version = form.version.data or ""
    try:
        await acts.change(visit.operator, visit.tenant, role.name, form.edited, visit.now, version=version)
    except Conflict as conflict:
        current = role_form(conflict.current) if isinstance(conflict.current, Role) else {}
        return conflicting(visit, conflict, role.name, visit.path, versions(form, current))
    except AlreadyExists:
        form.blame("name", TAKEN)
        return await _draw(visit, role, form, 422)
    return done(visit, visit.path, "saved")


async def remove(visit: ConsoleVisit) -> WireResponse:
    """Remove it from everybody; the name has to be typed."""
    role = await _role(visit)
    if not ConfirmForm(visit.form).is_for(role.name):
        return await _draw(visit, role, _form(role), 422, confirm_error=NOT_THE_NAME)
    await acts.discard(visit.operator, visit.tenant, role.name, visit.now)
    return done(visit, visit.uri("roles"), "removed")


async def _role(visit: ConsoleVisit) -> Role:
    return await acts.get_by_id(visit.operator, visit.tenant, visit.identifier("role"))


def _form(role: Role) -> RoleForm:
    return RoleForm(data={**role_form(role), "version": version_of(role)})


async def _draw(
    visit: ConsoleVisit, role: Role, form: RoleForm, status: int, *, confirm_error: str = ""
) -> WireResponse:
    history = await last_changes(visit, About(events=EVENTS, detail=("name", role.name)))
    giving = await group_acts.page(visit.operator, visit.tenant, GroupFilter(role_id=role.id), FIRST)
    groups = tuple(Link(plain(group.name, MAX_LINE_LENGTH), visit.uri("groups", group.id)) for group in giving.items)
    has_more = giving.next_cursor is not None
    page = SettingsPage(head_of(visit, role), form, groups, has_more, history, confirm_error)
    return draw(visit, "admin/role/settings.html", page, status=status)


ONE = "/t/<tenant>/roles/<role>"
ROWS = (
    shows(ONE, settings),
    does(ONE, save, Permission.MANAGE_USERS),
    does(f"{ONE}/remove", remove, Permission.MANAGE_USERS),
)
