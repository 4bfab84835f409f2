"""What an operator may do to tenants."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server import keys, tenants
from server.audit import administration_events as events

from .act import act, changes
from .authorise import Permission

if TYPE_CHECKING:
    from server.kernel.clock import Instant
    from server.tenants import Tenant

    from .authorise import Operator


def check_tenant(tenant: Tenant, public_url: str) -> None:
    """Raise InvalidTenant for what no tenant may be."""
    tenants.check_slug(tenant.slug)
    tenants.check_display_name(tenant.display_name)
    tenants.check_settings(tenant.settings)
    tenants.check_branding(tenant.branding)
    if tenant.domain is not None:
        tenants.check_domain(tenant.domain, public_url)


def with_domain(tenant: Tenant, domain: str | None, public_url: str) -> Tenant:
    """The tenant under another domain, which makes it another issuer: every client must register again."""
    return replace(tenant, domain=domain, issuer=tenants.issuer_of(tenant.slug, domain, public_url))


async def create(operator: Operator, tenant: Tenant, now: Instant) -> None:
    """Make a tenant with its keys; raises AlreadyExists when slug or domain are taken."""
    async with act(operator, Permission.MANAGE_TENANTS, tenant.id, events.TenantCreated(tenant.slug), now):
        await tenants.create(tenant, now)
        await keys.ensure_keys(tenant.id, now)


async def update(operator: Operator, before: Tenant, after: Tenant, now: Instant) -> None:
    """Change a tenant; a domain or its being enabled needs the right to manage tenants."""
    is_grave = (before.domain, before.enabled) != (after.domain, after.enabled)
    permission = Permission.MANAGE_TENANTS if is_grave else Permission.MANAGE_SETTINGS
    event = events.TenantUpdated(before.slug, changes(before, after))
    async with act(operator, permission, before.id, event, now):
        await tenants.update(before.id, before, after, now)
