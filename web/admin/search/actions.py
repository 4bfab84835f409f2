"""What the palette offers to do. An action is a page with a form; who may not do it is not shown it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration import Permission
from web.localization import mark

if TYPE_CHECKING:
    from web.admin.visit import ConsoleVisit


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do, in English."""

    label: str
    icon: str
    uri: str


ACTIONS = (
    (mark("Create client"), "plus", ("clients", "new"), Permission.MANAGE_CLIENTS),
    (mark("Create user"), "user-plus", ("users", "new"), Permission.MANAGE_USERS),
    (mark("Import users"), "upload", ("users", "import"), Permission.MANAGE_USERS),
)


def actions(visit: ConsoleVisit) -> tuple[Action, ...]:
    """What this person may do in this tenant."""
    return tuple(
        Action(label, icon, visit.uri(*parts)) for label, icon, parts, permission in ACTIONS if visit.may(permission)
    )
