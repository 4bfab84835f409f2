"""What an end user's flow is made of: a visit, an interaction, and what a step shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from server.clients import Client, ClientSource
    from server.kernel.clock import Duration, Instant
    from server.protocol.authorization_request import AuthorizationRequest
    from server.sessions import Browser, Session
    from server.tenants import Tenant
    from server.users import User


class InteractionGone(Exception):
    """The interaction is unknown, expired, finished, or belongs to another browser: nothing was changed."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of one browser to one tenant's pages."""

    tenant: Tenant
    browser: Browser = field(repr=False)
    remote_address: str
    secure: bool  # cookies are __Host- and Secure
    limited: bool  # guessing is slowed down
    now: Instant


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session and its enabled person."""

    session: Session
    user: User


@dataclass(frozen=True, slots=True)
class Interaction:
    """A person being led from /authorize to its answer, in one browser."""

    id: UUID
    handle: str
    client_pk: UUID | None  # None: the client has yet to be found, after login
    request: AuthorizationRequest
    session_id: UUID | None = None  # of the login made in this interaction
    shown: str | None = field(default=None, repr=False)  # digest of what the consent page showed


@dataclass(frozen=True, slots=True)
class LoginView:
    """The login page's content."""

    handle: str
    username: str
    reauthenticate: bool
    ui_locales: tuple[str, ...]  # as the request asked, best first


class DestinationKind(StrEnum):
    """The three places a browser can be sent to."""

    HTTPS = "https"
    LOOPBACK = "loopback"
    PRIVATE_USE = "private_use"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the browser will be sent, as the person should read it."""

    kind: DestinationKind
    scheme: str
    host: str  # ASCII, as in the URI; empty for a private-use scheme
    registrable: str  # the part of the host that somebody had to register; empty when there is none
    differs_from_client: bool  # the client's own site is at another registrable domain


@dataclass(frozen=True, slots=True)
class ScopeView:
    """One permission on the consent page."""

    name: str
    description: str | None  # None: a scope of OpenID Connect, for which the page has the sentence
    optional: bool
    sensitive: bool
    new: bool  # not among what was allowed before


@dataclass(frozen=True, slots=True)
class ResourceView:
    """What is reached, and the permissions there."""

    identifier: str  # empty: the tenant itself
    display_name: str
    scopes: tuple[ScopeView, ...]


@dataclass(frozen=True, slots=True)
class ConsentView:
    """The consent page's content."""

    handle: str
    person: User
    destination: Destination
    client_id: str
    client_name: str | None
    verified: bool
    source: ClientSource
    registered_at: Instant
    client_host: str | None
    contacts: tuple[str, ...]
    resources: tuple[ResourceView, ...]
    offline: bool
    duration: Duration | None  # None: until the person signs out
    policy_uri: str | None
    tos_uri: str | None
    ui_locales: tuple[str, ...]  # as the request asked, best first
    logo_uri: str | None = None  # of ours


@dataclass(frozen=True, slots=True)
class SendTo:
    """The flow ended; the browser goes to `location`."""

    location: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The flow ended on a page; nobody is sent anywhere unless they choose `continue_uri`."""

    code: str
    status: int
    continue_uri: str | None = field(default=None, repr=False)


class PersonChanged(Exception):
    """The consent answered was shown to somebody else, or showed something else: the step starts over."""


class LoginRefusal(StrEnum):
    """Why a login was refused, as far as anyone may know."""

    WRONG = "wrong"
    SLOWED_DOWN = "slowed_down"


class LoginRefused(Exception):
    """The credentials were wrong, or too many were tried; `retry_after` is in seconds."""

    def __init__(self, kind: LoginRefusal, retry_after: int = 0) -> None:
        super().__init__(kind)
        self.kind = kind
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A login that succeeded; `cookies` are Set-Cookie values."""

    cookies: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class TrustedRedirect:
    """A client and one of its own redirect URIs, both found good: the only place its answers may go to."""

    client: Client
    redirect_uri: str
    state: str | None = field(default=None, repr=False)
