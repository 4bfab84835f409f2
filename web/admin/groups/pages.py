"""The groups of a tenant: listed with what they give and how many are in them, and made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import groups as acts
from server.kernel import ids
from server.kernel.database import AlreadyExists
from server.projections import GroupFilter
from server.roles import Group
from web.admin.forms import TAKEN
from web.admin.frame import draw
from web.admin.groups.forms import GroupForm
from web.admin.listing import read_list
from web.admin.notices import done
from web.admin.roles.forms import offer_roles
from web.admin.roles.tabs import GROUPS, tabs_of
from web.admin.rows import does, shows
from web.foreign_text import MAX_LINE_LENGTH, plain

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from server.projections import GroupLine
    from web.admin.listing import ListFrame
    from web.admin.visit import ConsoleVisit


@dataclass(frozen=True, slots=True)
class GroupEntry:
    """One group in a list."""

    id: str
    uri: str
    name: str
    description: str
    roles: tuple[str, ...]
    people: str  # how many


@dataclass(frozen=True, slots=True)
class GroupsPage:
    """The list."""

    groups: tuple[GroupEntry, ...]
    list: ListFrame
    tabs: tuple[tuple[str, str, bool], ...]
    create_uri: str | None
    api_path: str


@dataclass(frozen=True, slots=True)
class NewGroupPage:
    """The form."""

    form: GroupForm
    list_uri: str
    api_path: str


async def groups(visit: ConsoleVisit) -> WireResponse:
    """The groups of a tenant, by name."""
    asked = read_list(visit)
    shown = GroupFilter(search=asked.search or None)
    found = await acts.page(visit.operator, visit.tenant, shown, asked.paging)
    page = GroupsPage(
        groups=tuple(group_entry(visit, line) for line in found.items),
        list=asked.frame(found.next_cursor),
        tabs=tabs_of(visit, GROUPS),
        create_uri=visit.uri("groups", "new") if visit.may(Permission.MANAGE_USERS) else None,
        api_path=visit.api("groups"),
    )
    return draw(visit, "admin/groups/list.html", page, headers=asked.headers)


async def ask(visit: ConsoleVisit) -> WireResponse:
    """What it shall be called, and give."""
    form = GroupForm()
    await offer_roles(visit, form.roles)
    return _draw_form(visit, form, 200)


async def create(visit: ConsoleVisit) -> WireResponse:
    """Make it."""
    form = GroupForm(visit.form)
    await offer_roles(visit, form.roles)
    if not form.validate():
        return _draw_form(visit, form, 422)
    group = form.edited(Group(ids.uuid7(), "", visit.operator.origin))
    try:
        await acts.define(visit.operator, visit.tenant, group, visit.now)
    except AlreadyExists:
        form.blame("name", TAKEN)
        return _draw_form(visit, form, 422)
    return done(visit, visit.uri("groups", group.id, "members"), "created")


def group_entry(visit: ConsoleVisit, line: GroupLine) -> GroupEntry:
    """One line."""
    return GroupEntry(
        id=ids.to_short(line.id),
        uri=visit.uri("groups", line.id),
        name=plain(line.name, MAX_LINE_LENGTH),
        description=plain(line.description, MAX_LINE_LENGTH),
        roles=line.roles,
        people=visit.language.number(line.members),
    )


def _draw_form(visit: ConsoleVisit, form: GroupForm, status: int) -> WireResponse:
    page = NewGroupPage(form, visit.uri("groups"), visit.api("groups"))
    return draw(visit, "admin/groups/new.html", page, status=status)


ROWS = (
    shows("/t/<tenant>/groups", groups),
    shows("/t/<tenant>/groups/new", ask, Permission.MANAGE_USERS),
    does("/t/<tenant>/groups/new", create, Permission.MANAGE_USERS),
)
