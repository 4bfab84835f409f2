"""What the pages of scopes show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.administration.finding import Unknown
from server.kernel import digests
from server.protocol.claims import CLAIMS_BY_SCOPE
from server.protocol.scopes import IDENTITY_SCOPES
from web.account.consent.contexts import IDENTITY_SENTENCES
from web.foreign_text import MAX_LINE_LENGTH, MAX_NAME_LENGTH, plain
from web.localization import mark

if TYPE_CHECKING:
    from server.projections import ClientLine
    from server.resources import Resource
    from server.scopes import Scope
    from web.admin.forms import ConfirmForm
    from web.admin.history import HistoryEntry
    from web.admin.listing import ListFrame
    from web.admin.scopes.forms import NewScopeForm, ScopeForm
    from web.admin.visit import ConsoleVisit

# Consent says it in a place of its own.
OFFLINE_SENTENCE = mark("Stay connected while nobody is there")


@dataclass(frozen=True, slots=True)
class ScopeEntry:
    """One scope in the list."""

    name: str
    uri: str
    description: str
    optional: bool
    sensitive: bool
    dynamic: bool


@dataclass(frozen=True, slots=True)
class IdentityEntry:
    """A scope of OpenID Connect: its sentence in English, and the claims that it stands for."""

    name: str
    sentence: str
    claims: str


@dataclass(frozen=True, slots=True)
class ScopesPage:
    """The list; `identity` are those that every tenant has."""

    scopes: tuple[ScopeEntry, ...]
    identity: tuple[IdentityEntry, ...]
    list: ListFrame
    tabs: tuple[tuple[str, str, bool], ...]
    create_uri: str | None
    api_path: str


@dataclass(frozen=True, slots=True)
class NewScopePage:
    """The form of a new one."""

    form: NewScopeForm
    list_uri: str
    api_path: str


@dataclass(frozen=True, slots=True)
class Link:
    """Something else that has to do with it."""

    label: str
    uri: str


@dataclass(frozen=True, slots=True)
class ScopePage:
    """One scope: what people read, who may ask, where it counts."""

    name: str
    uri: str
    list_uri: str
    api_path: str
    form: ScopeForm
    may_manage: bool
    clients: tuple[Link, ...]
    has_more_clients: bool
    resources: tuple[Link, ...]
    history: tuple[HistoryEntry, ...]
    confirm: ConfirmForm
    confirm_error: str = ""


def segment_of(name: str) -> str:
    """A name as a part of a path: scopes may have slashes, which paths keep for themselves."""
    return digests.b64url(name.encode())


def name_in(visit: ConsoleVisit) -> str:
    """The scope that the path names; raises Unknown."""
    found = digests.from_b64url(visit.arguments["scope"])
    if found is None or not found.isascii():
        raise Unknown
    return found.decode("ascii")


def scope_uri(visit: ConsoleVisit, name: str) -> str:
    """The page of a scope."""
    return visit.uri("scopes", segment_of(name))


def scope_entry(visit: ConsoleVisit, scope: Scope) -> ScopeEntry:
    """One line."""
    return ScopeEntry(
        name=scope.name,
        uri=scope_uri(visit, scope.name),
        description=plain(scope.description, MAX_LINE_LENGTH),
        optional=scope.optional,
        sensitive=scope.sensitive,
        dynamic=scope.dynamic,
    )


def identity_entries() -> tuple[IdentityEntry, ...]:
    """The scopes of OpenID Connect Core §5.4 and §11, roles and groups."""
    return tuple(
        IdentityEntry(name, IDENTITY_SENTENCES.get(name, OFFLINE_SENTENCE), ", ".join(CLAIMS_BY_SCOPE.get(name, ())))
        for name in IDENTITY_SCOPES
    )


def client_link(visit: ConsoleVisit, line: ClientLine) -> Link:
    """A client that may have the scope."""
    return Link(plain(line.client_name, MAX_NAME_LENGTH) or line.client_id, visit.uri("clients", line.id))


def resource_link(visit: ConsoleVisit, resource: Resource) -> Link:
    """A resource that takes the scope."""
    return Link(plain(resource.display_name, MAX_NAME_LENGTH), visit.uri("resources", resource.id))
