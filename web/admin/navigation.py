"""The left navigation: every group and page in the order in which it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.admin.visit import PREFIX, uri_in
from web.localization import mark

if TYPE_CHECKING:
    from web.admin.visit import ConsoleVisit


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the navigation; `path` is below the tenant, or below /admin for what is the platform's.

    `also` is another path whose pages belong to it.
    """

    label: str
    icon: str
    path: str
    also: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as one page shows it."""

    label: str
    icon: str
    uri: str
    current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Some items under a heading; the first group has none."""

    label: str | None
    items: tuple[Item, ...]


# Who may read a tenant may see all of its pages; what they may change is another matter.
OF_TENANT: tuple[tuple[str | None, tuple[Entry, ...]], ...] = (
    (
        None,
        (
            Entry(mark("Overview"), "gauge", ""),
            Entry(mark("Clients"), "app-window", "clients"),
        ),
    ),
    (
        mark("Trust"),
        (
            Entry(mark("Inbox"), "inbox", "trust/inbox"),
            Entry(mark("Policy"), "list-checks", "trust/policy"),
            Entry(mark("Simulator"), "play", "trust/simulator"),
            Entry(mark("Replay"), "history", "trust/replay"),
            Entry(mark("Origins"), "globe", "trust/origins"),
        ),
    ),
    (
        mark("People"),
        (Entry(mark("Users"), "users", "users"), Entry(mark("Groups and roles"), "user-round", "groups", "roles")),
    ),
    (
        mark("Access"),
        (
            Entry(mark("Scopes and resources"), "tags", "scopes", "resources"),
            Entry(mark("Consents"), "handshake", "consents"),
            Entry(mark("Sessions"), "monitor-smartphone", "sessions"),
        ),
    ),
    (
        mark("Signing in"),
        (
            Entry(mark("Sign-in"), "log-in", "sign-in"),
            Entry(mark("Consent and branding"), "palette", "branding"),
        ),
    ),
    (
        mark("Tenant"),
        (
            Entry(mark("Keys"), "key-round", "keys"),
            Entry(mark("Audit"), "scroll-text", "audit"),
            Entry(mark("Webhooks"), "webhook", "webhooks"),
            Entry(mark("Settings"), "settings", "settings", "administrators"),
        ),
    ),
)
OF_PLATFORM = (
    Entry(mark("Tenants"), "building-2", "tenants"),
    Entry(mark("Administrators"), "user-cog", "administrators"),
    Entry(mark("System"), "activity", "system"),
)


def navigation(visit: ConsoleVisit) -> tuple[Group, ...]:
    """The navigation of a page: the tenant's part only within one, the platform's for those who own it."""
    groups: list[Group] = []
    if visit.tenant_named is not None:
        for label, entries in OF_TENANT:
            slug = visit.tenant.slug
            groups.append(Group(label, tuple(_item(visit, entry, uri_in(slug)) for entry in entries)))
    if visit.operator.owns_platform:
        platform = tuple(_item(visit, entry, PREFIX) for entry in OF_PLATFORM)
        groups.append(Group(mark("Platform"), platform))
    return tuple(groups)


def _item(visit: ConsoleVisit, entry: Entry, root: str) -> Item:
    uri = f"{root}/{entry.path}" if entry.path else root
    is_below = any(f"{visit.path}/".startswith(f"{root}/{path}/") for path in (entry.path, entry.also) if path)
    return Item(entry.label, entry.icon, uri, current=visit.path == uri or is_below)
