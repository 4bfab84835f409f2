"""Tenants, with their settings, look and domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from server import tenants
from server.administration import Permission
from server.administration import tenants as acts
from server.api.documents import ABSENT, Absent, Duration, Name, Time, document, fill, given
from server.api.problems import InvalidMembers
from server.api.routes import Answer, Call, Route, listed, shown
from server.api.shapes import Text, Whole
from server.projections import TenantFilter
from server.tenants import Mode, PrivateUseSchemes, Registration, RememberConsent, Tenant

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Slug = Annotated[str, Text(1, 63, "acme")]
Host = Annotated[str, Text(4, 253, "auth.acme.test")]


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
    """How a tenant's pages look."""

    primary_color: Annotated[str, Text(7, 7, "#1f6feb")] | None = None
    logo_uri: Annotated[str, Text(1, 2000)] | None = None


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


def show(tenant: DataclassInstance) -> TenantDocument:
    """The document of a tenant."""
    if not isinstance(tenant, Tenant):
        raise TypeError("not a tenant")
    return fill(
        TenantDocument,
        tenant,
        settings=fill(TenantSettings, tenant.settings),
        branding=Branding(**asdict(tenant.branding)),
    )


async def list_tenants(call: Call) -> Answer:
    """The tenants that you administer, by slug."""
    query = call.query(TenantQuery)
    shown_ = TenantFilter(search=query.search, enabled=query.enabled)
    page = await acts.page(call.operator, shown_, call.public_url, call.paging)
    return listed(page, lambda line: fill(TenantItem, line))


async def get_tenant(call: Call) -> Answer:
    """One tenant."""
    return shown(call.tenant, show(call.tenant))


async def create_tenant(call: Call) -> Answer:
    """Make a tenant with keys of its own."""
    body = call.body(NewTenant)
    new = tenants.new_tenant(body.slug, body.display_name, call.public_url, call.now)
    tenant = _edited(new, TenantChange(settings=body.settings, branding=body.branding), call.public_url)
    await acts.establish(call.operator, tenant, call.public_url, call.now)
    return shown(tenant, show(tenant), location=f"/tenants/{tenant.slug}")


async def change_tenant(call: Call) -> Answer:
    """Change a tenant; a domain, and whether it is enabled, are for those who own the platform."""
    body = call.body(TenantChange)
    tenant = await acts.change(
        call.operator,
        call.tenant.slug,
        lambda before: _edited(before, body, call.public_url),
        call.public_url,
        call.now,
        version=call.version,
    )
    return shown(tenant, show(tenant))


async def delete_tenant(call: Call) -> Answer:
    """Remove a tenant that was disabled before, with everything in it but its audit log."""
    await acts.discard(
        call.operator, call.tenant.slug, call.public_url, call.now, system=call.system, version=call.version
    )
    return Answer()


def _edited(tenant: Tenant, body: TenantChange, public_url: str) -> Tenant:
    # Any: each member was read by the shape of its field.
    simple: dict[str, Any] = {name: given(body)[name] for name in ("display_name", "enabled") if name in given(body)}
    tenant = replace(tenant, **simple)
    if not isinstance(body.settings, Absent):
        changed: dict[str, Any] = given(body.settings)
        _check_rate_limits(tenant, changed.get("rate_limits", {}))
        tenant = replace(tenant, settings=replace(tenant.settings, **changed))
    if not isinstance(body.branding, Absent):
        tenant = replace(tenant, branding=tenants.Branding(**asdict(body.branding)))
    if not isinstance(body.domain, Absent):
        tenant = acts.with_domain(tenant, body.domain, public_url)
    return tenant


def _check_rate_limits(tenant: Tenant, limits: Mapping[str, int | None]) -> None:
    of_platform = tenants.PLATFORM_RATE_LIMITED if tenant.slug == tenants.SYSTEM_SLUG else frozenset()
    unknown = sorted(set(limits) - tenants.RATE_LIMITED - of_platform)
    if unknown:
        raise InvalidMembers("rate_limits names an endpoint that has none: " + unknown[0][:50])


ONE = "/tenants/{tenant}"
ROUTES = (
    Route("GET", "/tenants", "listTenants", list_tenants, None, TenantItem, query=TenantQuery, paged=True),
    Route(
        "POST", "/tenants", "createTenant", create_tenant, Permission.MANAGE_TENANTS, TenantDocument, NewTenant,
        status=201, refusals=(409,),
    ),
    Route("GET", ONE, "getTenant", get_tenant, Permission.READ, TenantDocument),
    Route(
        "PATCH", ONE, "changeTenant", change_tenant, Permission.MANAGE_SETTINGS, TenantDocument, TenantChange,
        shows=show, refusals=(409,),
    ),
    Route("DELETE", ONE, "deleteTenant", delete_tenant, Permission.MANAGE_TENANTS, shows=show, refusals=(409,)),
)  # fmt: skip
