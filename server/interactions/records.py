"""What an end user's flow is made of: a visit, an interaction, and what a step shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from server.protocol.response_modes import authorization_response_url

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.clients import Client, ClientSource
    from server.kernel.clock import Duration, Instant
    from server.protocol.authorization_request import AuthorizationRequest
    from server.sessions import Browser, Session
    from server.tenants import Tenant
    from server.trust import Decision, Signal, TargetKind
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
    accept_language: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session and its enabled person."""

    session: Session
    user: User


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a person allowed on the consent page that showed `shown`."""

    shown: str = field(repr=False)
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Interaction:
    """A person being led from /authorize to its answer, in one browser."""

    id: UUID
    handle: str
    client_pk: UUID | None  # None: the client has yet to be found, after login
    request: AuthorizationRequest
    session_id: UUID | None = None  # of the login made in this interaction
    shown: str | None = field(default=None, repr=False)  # digest of what the step's page showed last
    agreed: Agreed | None = None


@dataclass(frozen=True, slots=True)
class LoginView:
    """The login page's content."""

    handle: str
    username: str
    reauthenticate: bool
    offers_keeping: bool  # the person may stay signed in when they close the browser
    ui_locales: tuple[str, ...]  # as the request asked, best first


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the browser will be sent, as the person should read it."""

    kind: TargetKind
    scheme: str
    host: str  # ASCII, as in the URI; empty for a private-use scheme
    registrable: str  # the part of the host that somebody had to register
    port: int | None  # where it is not the scheme's own, and not on the person's own machine
    differs_from_client: bool  # the client's own site is at another registrable domain
    is_new: bool  # nobody, or hardly anybody, went there before
    is_established: bool  # many did, for a while: of this very place


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
class RedirectView:
    """The destination page's content: where the person is about to be sent, and why that is said first."""

    handle: str
    person: User
    destination: Destination
    client_name: str | None
    verified: bool
    reasons: tuple[Signal, ...]  # why the place is not known to be trustworthy
    ui_locales: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldView:
    """The held page's content: an administrator has to approve first."""

    handle: str
    person: User
    destination: Destination
    client_name: str | None
    verified: bool
    reasons: tuple[Signal, ...]
    too_many: bool  # the person waits for so many clients that this one was not even asked for
    is_mailed: bool  # the person is written to once it is approved
    ui_locales: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SendTo:
    """Leave to send the browser away, with these parameters, to the very place that trust decided on.

    There is no other: without a decision that lets people go there, this cannot be made.
    """

    decision: Decision = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False)

    def __post_init__(self) -> None:
        """Hold whoever made this to the decision."""
        if not self.decision.may_redirect:
            raise AssertionError("nobody is sent where trust does not let them go")

    @property
    def destination_uri(self) -> str:
        """Where to."""
        return authorization_response_url(self.decision.facts.redirect_uri, self.parameters)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The flow ended on a page; nobody is sent anywhere unless they choose `continue_uri`."""

    code: str
    status: int
    continue_uri: str | None = field(default=None, repr=False)
    topic: str | None = None  # what the page says, where the code alone would say too little
    ui_locales: tuple[str, ...] = ()


class PersonChanged(Exception):
    """The page answered was shown to somebody else, or showed something else: the step starts over."""


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
    """A login that succeeded; `cookies` are Set-Cookie values. `send_to` is the client, where no step is left."""

    cookies: tuple[str, ...] = field(repr=False)
    send_to: SendTo | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class TrustedRedirect:
    """A client and one of its own redirect URIs, both found good: the only place its answers may go to.

    Whether people are sent there is for trust to decide: `SendTo`.
    """

    client: Client
    redirect_uri: str
    state: str | None = field(default=None, repr=False)
