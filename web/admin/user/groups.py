"""The groups that a person is in, and the roles that they have by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import groups as acts
from server.administration import users as user_acts
from server.projections import GroupFilter
from server.roles import InvalidGroup
from web.admin.frame import draw
from web.admin.groups.pages import group_entry
from web.admin.listing import read_list, selected_ids
from web.admin.notices import done
from web.admin.rows import does, shows
from web.admin.user.contexts import GroupsPage, head_of
from web.admin.user.forms import NO_GROUP, GroupsForm

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.users import User
    from web.admin.visit import ConsoleVisit


async def groups(visit: ConsoleVisit) -> WireResponse:
    """What they are in."""
    return await _draw(visit, await _user(visit), GroupsForm(), 200)


async def join(visit: ConsoleVisit) -> WireResponse:
    """Put them into the groups that were typed."""
    user, form = await _user(visit), GroupsForm(visit.form)
    if not form.validate():
        return await _draw(visit, user, form, 422)
    try:
        joined = await acts.join(visit.operator, visit.tenant, user.id, form.names(), visit.now)
    except InvalidGroup:
        form.blame("groups", NO_GROUP)
        return await _draw(visit, user, form, 422)
    return done(visit, visit.uri("users", user.id, "groups"), "saved" if joined else "unchanged")


async def leave(visit: ConsoleVisit) -> WireResponse:
    """Take them out of the groups that were ticked."""
    user = await _user(visit)
    left = await acts.leave(visit.operator, visit.tenant, user.id, selected_ids(visit), visit.now)
    return done(visit, visit.uri("users", user.id, "groups"), "saved" if left else "unchanged")


async def _user(visit: ConsoleVisit) -> User:
    return await user_acts.get(visit.operator, visit.tenant, visit.identifier("user"))


async def _draw(visit: ConsoleVisit, user: User, form: GroupsForm, status: int) -> WireResponse:
    asked = read_list(visit)
    shown = GroupFilter(search=asked.search or None, user_id=user.id)
    found = await acts.page(visit.operator, visit.tenant, shown, asked.paging)
    page = GroupsPage(
        head=head_of(visit, user, "groups"),
        groups=tuple(group_entry(visit, line) for line in found.items),
        list=asked.frame(found.next_cursor),
        form=form,
        api_path=f"{visit.api('groups')}?member={user.id}",
    )
    return draw(visit, "admin/user/groups.html", page, status=status, headers=asked.headers)


ONE = "/t/<tenant>/users/<user>/groups"
ROWS = (
    shows(ONE, groups),
    does(f"{ONE}/join", join, Permission.MANAGE_USERS),
    does(f"{ONE}/leave", leave, Permission.MANAGE_USERS),
)
