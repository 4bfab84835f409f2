"""A tenant: one issuer, its settings and its look."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from server.kernel.clock import DAY, HOUR, MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kernel.clock import Duration, Instant


class Mode(StrEnum):
    """Who signs people in and who issues the tokens."""

    NATIVE = "native"
    BROKER = "broker"
    PASSTHROUGH = "passthrough"


class Registration(StrEnum):
    """Who may register clients by themselves (RFC 7591)."""

    OPEN = "open"
    TOKEN = "token"  # noqa: S105 - the setting's value, not a secret
    OFF = "off"


class RememberConsent(StrEnum):
    """For which clients a person's consent is remembered."""

    ASSURED = "assured"
    ALWAYS = "always"
    NEVER = "never"


class PrivateUseSchemes(StrEnum):
    """Which clients may have redirect URIs with a private-use scheme (RFC 8252 §7.1)."""

    OFF = "off"
    ADMIN = "admin"
    ALL = "all"


class KeepSignedIn(StrEnum):
    """Whether people stay signed in when they close the browser."""

    NEVER = "never"
    OFFERED = "offered"  # they tick it when they sign in
    ALWAYS = "always"


class Origin(StrEnum):
    """Who made a row. `apply --prune` removes only what a manifest made."""

    MANIFEST = "manifest"
    CONSOLE = "console"
    CLI = "cli"
    REGISTRATION = "registration"
    BUILT_IN = "built_in"


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """What a tenant may tune. Durations are in microseconds.

    `refresh_token_lifetime` and `session_lifetime` are idle ones; `…max_lifetime` is absolute.
    """

    access_token_lifetime: Duration = 10 * MINUTE
    id_token_lifetime: Duration = 10 * MINUTE
    refresh_token_lifetime: Duration = 30 * DAY
    refresh_token_max_lifetime: Duration = 180 * DAY
    refresh_grace: Duration = 30 * SECOND
    session_lifetime: Duration = 8 * HOUR
    session_max_lifetime: Duration = 30 * DAY
    keep_signed_in: KeepSignedIn = KeepSignedIn.NEVER  # up to session_max_lifetime, used or not
    shortest_password: int = 8  # characters; of passwords that are set from now on
    login_tries: int = 10  # at one name, before there is a wait
    login_tries_window: Duration = 10 * MINUTE
    login_tries_per_day: int = 60
    registration: Registration = Registration.OPEN
    client_id_metadata_documents: bool = True
    remember_consent: RememberConsent = RememberConsent.ASSURED
    private_use_schemes: PrivateUseSchemes = PrivateUseSchemes.ADMIN
    max_dynamic_clients: int = 10_000
    unused_client_lifetime: Duration = 30 * DAY  # of a client that registered itself
    # Issuer of software statements: its JWK set (RFC 7591 §2.3).
    software_statement_issuers: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    audit_retention: Duration = 365 * DAY
    # How long it is remembered what the trust policy decided, and from which facts: what replay looks at.
    authorization_record_lifetime: Duration = 35 * DAY
    # Endpoint name: requests a minute from one address, None for no limit. What is not named has the default.
    rate_limits: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Branding:
    """How the tenant's pages look, and what they say besides the tenant's name."""

    primary_color: str | None = None  # "#rrggbb"
    logo_uri: str | None = None  # https
    dark_color: str | None = None  # "#rrggbb", where the browser wants dark pages; absent: made from primary_color
    logo: str | None = field(default=None, repr=False)  # a small PNG of our own making, as a data URI; before logo_uri
    login_text: Mapping[str, str] = field(default_factory=dict)  # a sentence on the login page, by language
    support_contact: str | None = None  # an email address, or an https address
    terms_uri: str | None = None  # https
    privacy_uri: str | None = None  # https


@dataclass(frozen=True, slots=True)
class Tenant:
    """One issuer. `issuer` is built from configuration, never from a request."""

    id: UUID
    slug: str
    display_name: str
    issuer: str
    created_at: Instant
    mode: Mode = Mode.NATIVE
    domain: str | None = None
    enabled: bool = True
    settings: TenantSettings = field(default_factory=TenantSettings)
    branding: Branding = field(default_factory=Branding)
