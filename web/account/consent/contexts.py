"""What the consent page shows. The clients' own words are cleaned here, before any template sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.clients import ClientSource
from server.kernel import ids
from web.account.place import Place, place_of
from web.foreign_text import MAX_NAME_LENGTH, host_of, plain
from web.localization import mark

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from server.interactions import ConsentView, ResourceView, ScopeView
    from web.localization import Language

OFFLINE_ACCESS = "offline_access"

# The sentences of OpenID Connect Core §5.4, of roles and groups; every other scope brings its tenant's description.
IDENTITY_SENTENCES = {
    "openid": mark("Know who you are"),
    "profile": mark("See your profile, such as your name and picture"),
    "email": mark("See your email address"),
    "address": mark("See your postal address"),
    "phone": mark("See your phone number"),
    "roles": mark("See which roles you have here"),
    "groups": mark("See which groups you belong to here"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    token: str  # sent back, so that nobody answers for somebody else
    name: str
    username: str


@dataclass(frozen=True, slots=True)
class ForeignLink:
    """A link of the client's, shown as the host it leads to."""

    label: str
    uri: str
    host: str


@dataclass(frozen=True, slots=True)
class Application:
    """The client as the person should see it."""

    name: str
    verified: bool
    registered: str
    host: str | None
    contact: str | None
    links: tuple[ForeignLink, ...]
    described_by: str | None = None  # the host of the document in which it describes itself
    logo_uri: str | None = None  # an image of ours


@dataclass(frozen=True, slots=True)
class Permission:
    """One scope; without a text of its own it is shown by its name."""

    name: str
    text: str | None  # the tenant's words
    sentence: str | None  # ours, to be translated
    optional: bool
    ticked: bool
    new: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """One resource, or the tenant itself, and what is asked of it; sensitive permissions apart."""

    title: str
    identifier: str
    plain: tuple[Permission, ...]
    sensitive: tuple[Permission, ...]


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """The consent page. Messages are in English; the template translates them."""

    csrf: str = field(repr=False)
    person: Person
    place: Place
    application: Application
    reaches: tuple[Reach, ...]
    offline: bool
    duration: str | None
    message: str | None = None


def consent_page(
    view: ConsentView,
    csrf: str,
    language: Language,
    *,
    ticked: AbstractSet[str] | None = None,
    message: str | None = None,
) -> ConsentPage:
    """The page; `ticked` are the optional scopes left on when a form came back."""
    return ConsentPage(
        csrf=csrf,
        person=Person(
            ids.to_short(view.person.id),
            plain(view.person.name or view.person.username, MAX_NAME_LENGTH),
            plain(view.person.username, MAX_NAME_LENGTH),
        ),
        place=place_of(view.destination),
        application=_application(view, language),
        reaches=tuple(_reach(resource, ticked) for resource in view.resources),
        offline=view.offline,
        duration=None if view.duration is None else language.duration(view.duration),
        message=message,
    )


def _application(view: ConsentView, language: Language) -> Application:
    links = (
        _link(mark("Terms of use"), view.tos_uri),
        _link(mark("Privacy policy"), view.policy_uri),
    )
    return Application(
        name=plain(view.client_name, MAX_NAME_LENGTH),
        verified=view.verified,
        registered=language.date(view.registered_at),
        host=view.client_host,
        contact=next(filter(None, (plain(contact, MAX_NAME_LENGTH) for contact in view.contacts)), None),
        links=tuple(link for link in links if link is not None),
        described_by=view.client_host if view.source is ClientSource.METADATA_DOCUMENT else None,
        logo_uri=view.logo_uri,
    )


def _link(label: str, uri: str | None) -> ForeignLink | None:
    host = host_of(uri)
    return ForeignLink(label, uri, host) if uri and host else None


def _reach(resource: ResourceView, ticked: AbstractSet[str] | None) -> Reach:
    # Staying connected is said in a section of its own.
    asked = [scope for scope in resource.scopes if scope.name != OFFLINE_ACCESS]
    return Reach(
        title=plain(resource.display_name, MAX_NAME_LENGTH),
        identifier=plain(resource.identifier),
        plain=_permissions((scope for scope in asked if not scope.sensitive), ticked),
        sensitive=_permissions((scope for scope in asked if scope.sensitive), ticked),
    )


def _permissions(scopes: Iterable[ScopeView], ticked: AbstractSet[str] | None) -> tuple[Permission, ...]:
    return tuple(
        Permission(
            name=scope.name,
            text=plain(scope.description) or None,
            sentence=IDENTITY_SENTENCES.get(scope.name) if not scope.description else None,
            optional=scope.optional,
            # What is sensitive and optional is for the person to switch on.
            ticked=not scope.sensitive if ticked is None else scope.name in ticked,
            new=scope.new,
        )
        for scope in scopes
    )
