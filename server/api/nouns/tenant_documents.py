"""What the API says of a tenant, and what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from server.api.documents import ABSENT, Absent, Duration, Name, Time, document
from server.api.shapes import Text, Whole
from server.tenants import KeepSignedIn, Mode, PrivateUseSchemes, Registration, RememberConsent

Slug = Annotated[str, Text(1, 63, "acme")]
Host = Annotated[str, Text(4, 253, "auth.acme.test")]
Color = Annotated[str, Text(7, 7, "#1f6feb")]
# A data URI with a picture, as it is sent; it is drawn anew, and smaller.
LONGEST_PICTURE = 200_000
Link = Annotated[str, Text(1, 2000)]


@document
@dataclass(frozen=True, slots=True)
class TenantSettings:
    """What a tenant may tune."""

    access_token_lifetime: Duration
    id_token_lifetime: Duration
    refresh_token_lifetime: Duration
    refresh_token_max_lifetime: Duration
    refresh_grace: Duration
    session_lifetime: Duration
    session_max_lifetime: Duration
    keep_signed_in: KeepSignedIn
    shortest_password: int
    login_tries: int
    login_tries_window: Duration
    login_tries_per_day: int
    registration: Registration
    client_id_metadata_documents: bool
    remember_consent: RememberConsent
    private_use_schemes: PrivateUseSchemes
    max_dynamic_clients: int
    unused_client_lifetime: Duration
    software_statement_issuers: Mapping[str, Mapping[str, object]]
    audit_retention: Duration
    authorization_record_lifetime: Duration
    rate_limits: Mapping[str, Annotated[int, Whole(1)] | None]


@document
@dataclass(frozen=True, slots=True)
class SettingsChange:
    """Settings to be changed; what is left out stays."""

    access_token_lifetime: Duration | Absent = ABSENT
    id_token_lifetime: Duration | Absent = ABSENT
    refresh_token_lifetime: Duration | Absent = ABSENT
    refresh_token_max_lifetime: Duration | Absent = ABSENT
    refresh_grace: Duration | Absent = ABSENT
    session_lifetime: Duration | Absent = ABSENT
    session_max_lifetime: Duration | Absent = ABSENT
    keep_signed_in: KeepSignedIn | Absent = ABSENT
    shortest_password: int | Absent = ABSENT
    login_tries: int | Absent = ABSENT
    login_tries_window: Duration | Absent = ABSENT
    login_tries_per_day: int | Absent = ABSENT
    registration: Registration | Absent = ABSENT
    client_id_metadata_documents: bool | Absent = ABSENT
    remember_consent: RememberConsent | Absent = ABSENT
    private_use_schemes: PrivateUseSchemes | Absent = ABSENT
    max_dynamic_clients: int | Absent = ABSENT
    unused_client_lifetime: Duration | Absent = ABSENT
    software_statement_issuers: Mapping[str, Mapping[str, object]] | Absent = ABSENT
    audit_retention: Duration | Absent = ABSENT
    authorization_record_lifetime: Duration | Absent = ABSENT
    rate_limits: Mapping[str, Annotated[int, Whole(1)] | None] | Absent = ABSENT


@document
@dataclass(frozen=True, slots=True)
class Branding:
    """How a tenant's pages look, and what they say."""

    primary_color: Color | None = None
    logo_uri: Link | None = None
    dark_color: Color | None = None
    logo: Annotated[str, Text(1, LONGEST_PICTURE)] | None = None
    login_text: Mapping[str, Annotated[str, Text(1, 300)]] = field(default_factory=dict)
    support_contact: Link | None = None
    terms_uri: Link | None = None
    privacy_uri: Link | None = None


@document
@dataclass(frozen=True, slots=True)
class TenantItem:
    """A tenant in a list."""

    slug: Slug
    display_name: Name
    issuer: Annotated[str, Text(1, 2000)]
    domain: Host | None
    enabled: bool
    created_at: Time


@document
@dataclass(frozen=True, slots=True)
class TenantDocument:
    """A tenant."""

    id: UUID
    slug: Slug
    display_name: Name
    issuer: Annotated[str, Text(1, 2000)]
    mode: Mode
    domain: Host | None
    enabled: bool
    settings: TenantSettings
    branding: Branding
    created_at: Time


@document
@dataclass(frozen=True, slots=True)
class NewTenant:
    """A tenant to be made, with keys of its own; what is left out has its default."""

    slug: Slug
    display_name: Name
    settings: SettingsChange | Absent = ABSENT
    branding: Branding | Absent = ABSENT


@document
@dataclass(frozen=True, slots=True)
class TenantChange:
    """What changes of a tenant; what is left out stays. Another domain is another issuer: clients register again."""

    display_name: Name | Absent = ABSENT
    enabled: bool | Absent = ABSENT
    domain: Host | Absent | None = ABSENT
    settings: SettingsChange | Absent = ABSENT
    branding: Branding | Absent = ABSENT


@document
@dataclass(frozen=True, slots=True)
class TenantQuery:
    """Which tenants."""

    search: Annotated[str, Text(1, 200)] | None = None
    enabled: bool | None = None
