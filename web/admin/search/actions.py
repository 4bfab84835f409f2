"""What the palette offers to do. An action is a page with a form; who may not do it is not shown it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration import Permission
from web.admin.visit import platform_uri
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
    (mark("Edit the trust policy"), "pencil", ("trust", "policy", "edit"), Permission.MANAGE_SETTINGS),
    (mark("Simulate a redirect"), "play", ("trust", "simulator"), Permission.READ),
    (mark("Replay a draft of the trust policy"), "history", ("trust", "replay"), Permission.READ),
    (mark("Create user"), "user-plus", ("users", "new"), Permission.MANAGE_USERS),
    (mark("Import users"), "upload", ("users", "import"), Permission.MANAGE_USERS),
    (mark("Create group"), "users", ("groups", "new"), Permission.MANAGE_USERS),
    (mark("Create role"), "tags", ("roles", "new"), Permission.MANAGE_USERS),
    (mark("Define scope"), "tags", ("scopes", "new"), Permission.MANAGE_CLIENTS),
    (mark("Define resource"), "server", ("resources", "new"), Permission.MANAGE_CLIENTS),
    (mark("Watch events live"), "activity", ("audit", "live"), Permission.READ),
    (mark("Export the audit log"), "download", ("audit", "export"), Permission.READ),
    (mark("Verify the audit log"), "list-checks", ("audit", "chain"), Permission.READ),
    (mark("Create webhook"), "plus", ("webhooks", "new"), Permission.MANAGE_SETTINGS),
)
# Of those who own the platform, wherever they are.
ON_PLATFORM = (
    (mark("Create tenant"), "plus", ("tenants", "new")),
    (mark("Import a manifest"), "upload", ("tenants", "import")),
    (mark("Create administrator"), "user-plus", ("administrators", "new")),
    (mark("Create service account"), "server", ("administrators", "new-service")),
)


def actions(visit: ConsoleVisit) -> tuple[Action, ...]:
    """What this person may do here."""
    found: list[Action] = []
    if visit.tenant_named is not None:
        found += [
            Action(label, icon, visit.uri(*parts))
            for label, icon, parts, permission in ACTIONS
            if visit.may(permission)
        ]
    if visit.operator.owns_platform:
        found += [Action(label, icon, platform_uri(*parts)) for label, icon, parts in ON_PLATFORM]
    return tuple(found)
