"""What the pages of one group have in common, and what each shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.admin import circles
from web.admin.circles import Kind
from web.localization import mark

if TYPE_CHECKING:
    from server.roles import Group
    from web.admin.circles import CircleHead
    from web.admin.groups.forms import GroupForm
    from web.admin.history import HistoryEntry
    from web.admin.visit import ConsoleVisit

GROUPS = Kind("groups", ((mark("Settings"), ""), (mark("Members"), "members")))


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """Name, description and roles, and what was last done to them."""

    head: CircleHead
    form: GroupForm
    history: tuple[HistoryEntry, ...]
    confirm_error: str = ""


def head_of(visit: ConsoleVisit, group: Group, shown: str = "") -> CircleHead:
    """The head of a page; `shown` is the tab's path."""
    return circles.head_of(visit, GROUPS, group, visit.api("groups", group.id), shown)
