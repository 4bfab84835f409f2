"""The roles that a tenant defines: listed with how many have and give them, and made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration import roles as acts
from server.kernel import ids
from server.kernel.database import AlreadyExists
from server.roles import Role
from web.admin.forms import TAKEN
from web.admin.frame import draw
from web.admin.listing import read_list
from web.admin.notices import done
from web.admin.roles.forms import RoleForm
from web.admin.roles.tabs import ROLES, tabs_of
from web.admin.rows import does, shows
from web.foreign_text import MAX_LINE_LENGTH, plain

if TYPE_CHECKING:
    from server.endpoints.wire import WireResponse
    from web.admin.listing import ListFrame
    from web.admin.visit import ConsoleVisit


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """One role in the list."""

    uri: str
    name: str
    description: str
    people: str  # how many have it of their own
    groups: str  # how many give it


@dataclass(frozen=True, slots=True)
class RolesPage:
    """The list."""

    roles: tuple[RoleEntry, ...]
    list: ListFrame
    tabs: tuple[tuple[str, str, bool], ...]
    create_uri: str | None
    api_path: str


@dataclass(frozen=True, slots=True)
class NewRolePage:
    """The form."""

    form: RoleForm
    list_uri: str
    api_path: str


async def roles(visit: ConsoleVisit) -> WireResponse:
    """The roles of a tenant, by name."""
    asked = read_list(visit)
    found = await acts.page(visit.operator, visit.tenant, asked.paging, asked.search)
    people = await acts.count_holders(visit.operator, visit.tenant)
    groups = await acts.count_groups(visit.operator, visit.tenant)
    page = RolesPage(
        roles=tuple(_entry(visit, role, people.get(role.id, 0), groups.get(role.id, 0)) for role in found.items),
        list=asked.frame(found.next_cursor),
        tabs=tabs_of(visit, ROLES),
        create_uri=visit.uri("roles", "new") if visit.may(Permission.MANAGE_USERS) else None,
        api_path=visit.api("roles"),
    )
    return draw(visit, "admin/roles/list.html", page, headers=asked.headers)


async def ask(visit: ConsoleVisit) -> WireResponse:
    """What it shall be called."""
    return _draw_form(visit, RoleForm(), 200)


async def create(visit: ConsoleVisit) -> WireResponse:
    """Define it."""
    form = RoleForm(visit.form)
    if not form.validate():
        return _draw_form(visit, form, 422)
    role = form.edited(Role(ids.uuid7(), "", visit.operator.origin))
    try:
        await acts.define(visit.operator, visit.tenant, role, visit.now)
    except AlreadyExists:
        form.blame("name", TAKEN)
        return _draw_form(visit, form, 422)
    return done(visit, visit.uri("roles", role.id, "people"), "created")


def _draw_form(visit: ConsoleVisit, form: RoleForm, status: int) -> WireResponse:
    page = NewRolePage(form, visit.uri("roles"), visit.api("roles"))
    return draw(visit, "admin/roles/new.html", page, status=status)


def _entry(visit: ConsoleVisit, role: Role, people: int, groups: int) -> RoleEntry:
    return RoleEntry(
        uri=visit.uri("roles", role.id),
        name=role.name,
        description=plain(role.description, MAX_LINE_LENGTH),
        people=visit.language.number(people),
        groups=visit.language.number(groups),
    )


ROWS = (
    shows("/t/<tenant>/roles", roles),
    shows("/t/<tenant>/roles/new", ask, Permission.MANAGE_USERS),
    does("/t/<tenant>/roles/new", create, Permission.MANAGE_USERS),
)
