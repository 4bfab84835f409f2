"""Groups and roles share a place in the navigation: tabs over both lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.localization import mark

if TYPE_CHECKING:
    from web.admin.visit import ConsoleVisit

GROUPS, ROLES = "groups", "roles"
_TABS = ((mark("Groups"), GROUPS), (mark("Roles"), ROLES))


def tabs_of(visit: ConsoleVisit, shown: str) -> tuple[tuple[str, str, bool], ...]:
    """Label in English, uri, whether it is shown."""
    return tuple((label, visit.uri(path), path == shown) for label, path in _TABS)
