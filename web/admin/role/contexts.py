"""What the pages of one role have in common, and what each shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.admin import circles
from web.admin.circles import Kind
from web.localization import mark

if TYPE_CHECKING:
    from server.roles import Role
    from web.admin.circles import CircleHead
    from web.admin.history import HistoryEntry
    from web.admin.roles.forms import RoleForm
    from web.admin.scopes.contexts import Link
    from web.admin.visit import ConsoleVisit

ROLES = Kind("roles", ((mark("Settings"), ""), (mark("People"), "people")))


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """Name and description, the first groups that give it, and what was last done to it."""

    head: CircleHead
    form: RoleForm
    groups: tuple[Link, ...]
    has_more_groups: bool
    history: tuple[HistoryEntry, ...]
    confirm_error: str = ""


def head_of(visit: ConsoleVisit, role: Role, shown: str = "") -> CircleHead:
    """The head of a page; `shown` is the tab's path."""
    return circles.head_of(visit, ROLES, role, visit.api("roles", role.name), shown)
