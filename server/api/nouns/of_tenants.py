"""Tenants, with their settings, look and domain."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from server import tenants
from server.administration import Permission
from server.administration import tenants as acts
from server.api.documents import Absent, fill, given
from server.api.problems import InvalidMembers
from server.api.routes import Answer, Call, Route, listed, shown
from server.kernel import images
from server.kernel.images import NotAnImage
from server.projections import TenantFilter
from server.tenants import Tenant

from .tenant_documents import (
    Branding,
    NewTenant,
    TenantChange,
    TenantDocument,
    TenantItem,
    TenantQuery,
    TenantSettings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import DataclassInstance


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
    change = TenantChange(settings=body.settings, branding=await _with_own_logo(body.branding))
    tenant = _edited(new, change, call.public_url)
    await acts.establish(call.operator, tenant, call.public_url, call.now)
    return shown(tenant, show(tenant), location=f"/tenants/{tenant.slug}")


async def change_tenant(call: Call) -> Answer:
    """Change a tenant; a domain, and whether it is enabled, are for those who own the platform."""
    body = call.body(TenantChange)
    body = replace(body, branding=await _with_own_logo(body.branding))
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


async def _with_own_logo(branding: Branding | Absent) -> Branding | Absent:
    if isinstance(branding, Absent) or branding.logo is None:
        return branding
    try:
        return replace(branding, logo=await images.redraw(branding.logo))
    except NotAnImage as error:
        raise InvalidMembers("branding.logo is no picture that can be used: " + str(error)) from None


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
    of_platform = tenants.PLATFORM_RATE_LIMITS if tenant.slug == tenants.SYSTEM_SLUG else {}
    unknown = sorted(set(limits) - set(tenants.RATE_LIMITS) - set(of_platform))
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
