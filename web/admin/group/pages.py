"""One group: its name, its description and its roles; removing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import groups as acts
from server.administration.finding import Conflict, version_of
from server.kernel.database import AlreadyExists
from server.projections import About
from server.roles import Group
from web.admin.conflict import conflicting, versions
from web.admin.forms import NOT_THE_NAME, TAKEN, ConfirmForm
from web.admin.frame import draw
from web.admin.group.contexts import SettingsPage, head_of
from web.admin.groups.forms import GroupForm, group_form
from web.admin.history import last_changes
from web.admin.notices import done
from web.admin.roles.forms import offer_roles
from web.admin.rows import does, shows

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.visit import ConsoleVisit

EVENTS = ("group.created", "group.updated", "group.member_added", "group.member_removed")


async def settings(visit: ConsoleVisit) -> WireResponse:
    """What it is called, what it is for, and what it gives."""
    group = await _group(visit)
    return await _draw(visit, group, await _filled(visit, group), 200)


async def save(visit: ConsoleVisit) -> WireResponse:
    """Change it; who is in it stays."""
    group = await _group(visit)
    form = GroupForm(visit.form)
    await offer_roles(visit, form.roles, group.roles)
    if not form.validate():
        return await _draw(visit, group, form, 422)
    version = form.version.data or ""
    try:
        await acts.change(visit.operator, visit.tenant, group.id, form.edited, visit.now, version=version)
    except Conflict as conflict:
        current = group_form(conflict.current) if isinstance(conflict.current, Group) else {}
        return conflicting(visit, conflict, head_of(visit, group).name, visit.path, versions(form, current))
    except AlreadyExists:
        form.blame("name", TAKEN)
        return await _draw(visit, group, form, 422)
    return done(visit, visit.path, "saved")


async def remove(visit: ConsoleVisit) -> WireResponse:
    """Remove it; the name has to be typed."""
    group = await _group(visit)
    if not ConfirmForm(visit.form).is_for(group.name):
        return await _draw(visit, group, await _filled(visit, group), 422, confirm_error=NOT_THE_NAME)
    await acts.discard(visit.operator, visit.tenant, group.id, visit.now)
    return done(visit, visit.uri("groups"), "removed")


async def _group(visit: ConsoleVisit) -> Group:
    return await acts.get(visit.operator, visit.tenant, visit.identifier("group"))


async def _filled(visit: ConsoleVisit, group: Group) -> GroupForm:
    form = GroupForm(data={**group_form(group), "version": version_of(group)})
    await offer_roles(visit, form.roles, group.roles)
    return form


async def _draw(
    visit: ConsoleVisit, group: Group, form: GroupForm, status: int, *, confirm_error: str = ""
) -> WireResponse:
    about = About(events=EVENTS, detail=("group_id", str(group.id)))
    history = await last_changes(visit, about, with_people=True)
    page = SettingsPage(head_of(visit, group), form, history, confirm_error)
    return draw(visit, "admin/group/settings.html", page, status=status)


ONE = "/t/<tenant>/groups/<group>"
ROWS = (
    shows(ONE, settings),
    does(ONE, save, Permission.MANAGE_USERS),
    does(f"{ONE}/remove", remove, Permission.MANAGE_USERS),
)
