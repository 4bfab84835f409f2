"""What a row of the console's page table is: where a page is found, who may see it, and what draws it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from server.administration import Permission
from server.endpoints.wire import WireResponse
from web.admin.visit import ConsoleVisit
from web.requests import MAX_FORM_BYTES, Stream

OF_TENANT = "/t/<tenant>"

Action = Callable[[ConsoleVisit], Awaitable[WireResponse | Stream]]


@dataclass(frozen=True, slots=True)
class Row:
    """One page, or what one form does. `path` is below /admin; `<tenant>` in it names the tenant.

    Without a permission it is for everybody who administers anything.
    """

    method: str
    path: str
    name: str
    action: Action
    permission: Permission | None
    max_form: int = MAX_FORM_BYTES
    takes_files: bool = False

    @property
    def in_tenant(self) -> bool:
        """Whether the path names a tenant."""
        return self.path.startswith(OF_TENANT)


def shows(path: str, action: Action, permission: Permission | None = Permission.READ) -> Row:
    """A page to look at."""
    return Row("GET", path, _name("show", path, action), action, permission)


def does(path: str, action: Action, permission: Permission | None) -> Row:
    """What a form is sent to."""
    return Row("POST", path, _name("do", path, action), action, permission)


def _name(kind: str, path: str, action: Action) -> str:
    # Blueprints allow no dots in names. What both a tenant and the platform have is drawn by one function.
    module = action.__module__.removeprefix("web.admin.").replace(".", "_")
    place = "tenant" if path.startswith(OF_TENANT) else "platform"
    return f"{kind}_{place}_{module}_{action.__name__}"
