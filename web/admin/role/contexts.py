"""What the pages of one role have in common, and what each shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration import Permission
from server.administration.finding import version_of
from web.foreign_text import MAX_LINE_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.roles import Role
    from web.admin.history import HistoryEntry
    from web.admin.listing import ListFrame
    from web.admin.role.forms import GiveForm
    from web.admin.roles.forms import RoleForm
    from web.admin.users.contexts import PersonEntry
    from web.admin.visit import ConsoleVisit

TABS = ((mark("Settings"), ""), (mark("People"), "people"))


@dataclass(frozen=True, slots=True)
class RoleHead:
    """What stands above every page of a role; `tabs` are label, uri, whether it is shown."""

    name: str
    description: str
    uri: str
    list_uri: str
    api_path: str
    version: str
    may_manage: bool
    tabs: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """Name and description, and what was last done to them."""

    head: RoleHead
    form: RoleForm
    history: tuple[HistoryEntry, ...]
    confirm_error: str = ""


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Who has the role, and to whom it is to be given."""

    head: RoleHead
    people: tuple[PersonEntry, ...]
    list: ListFrame
    form: GiveForm
    api_path: str


def head_of(visit: ConsoleVisit, role: Role, shown: str = "") -> RoleHead:
    """The head of a page; `shown` is the tab's path."""
    uri = visit.uri("roles", role.id)
    return RoleHead(
        name=role.name,
        description=plain(role.description, MAX_LINE_LENGTH),
        uri=uri,
        list_uri=visit.uri("roles"),
        api_path=visit.api("roles", role.name),
        version=version_of(role),
        may_manage=visit.may(Permission.MANAGE_USERS),
        tabs=tuple((label, f"{uri}/{path}" if path else uri, path == shown) for label, path in TABS),
    )
