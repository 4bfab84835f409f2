"""What the pages of resources show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.foreign_text import MAX_NAME_LENGTH, plain

if TYPE_CHECKING:
    from server.resources import Resource
    from web.admin.forms import ConfirmForm
    from web.admin.history import HistoryEntry
    from web.admin.listing import ListFrame
    from web.admin.resources.forms import NewResourceForm, ResourceForm
    from web.admin.visit import ConsoleVisit


@dataclass(frozen=True, slots=True)
class ResourceEntry:
    """One resource in the list."""

    name: str
    uri: str
    identifier: str
    scopes: str
    token_format: str


@dataclass(frozen=True, slots=True)
class ResourcesPage:
    """The list."""

    resources: tuple[ResourceEntry, ...]
    list: ListFrame
    tabs: tuple[tuple[str, str, bool], ...]
    create_uri: str | None
    api_path: str


@dataclass(frozen=True, slots=True)
class NewResourcePage:
    """The form of a new one."""

    form: NewResourceForm
    list_uri: str
    api_path: str


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """One resource: which scopes it takes, what its tokens are like, where APIs find everything."""

    name: str
    identifier: str
    issuer: str
    uri: str
    list_uri: str
    api_path: str
    form: ResourceForm
    may_manage: bool
    history: tuple[HistoryEntry, ...]
    confirm: ConfirmForm
    confirm_error: str = ""


def resource_entry(visit: ConsoleVisit, resource: Resource) -> ResourceEntry:
    """One line."""
    return ResourceEntry(
        name=plain(resource.display_name, MAX_NAME_LENGTH),
        uri=visit.uri("resources", resource.id),
        identifier=resource.identifier,
        scopes=" ".join(resource.scopes),
        token_format=resource.token_format.value,
    )
