"""What an operator may do to tenants."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server import audit, keys, projections, roles, tenants, trust
from server.audit import administration_events as events
from server.kernel import digests, erasing, outbox

from .act import act, changes
from .authorise import Permission, check_permitted, is_permitted
from .finding import Reserved, Unknown, check_not_system, check_version, turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.kernel.clock import Instant
    from server.kernel.outbox import Job
    from server.kernel.paging import Page, Paging
    from server.projections import TenantFilter, TenantLine
    from server.tenants import Tenant

    from .authorise import Operator

# The job that removes what a tenant leaves behind.
ERASURE = "tenant.erase"


async def page(operator: Operator, shown: TenantFilter, public_url: str, paging: Paging) -> Page[TenantLine]:
    """A page of the tenants that the operator administers, by slug; raises BadCursor."""
    return await projections.list_installed(replace(shown, among=operator.administered), public_url, paging)


async def get(operator: Operator, slug: str, public_url: str) -> Tenant:
    """One tenant, enabled or not; raises Unknown, also when the operator has no business there."""
    tenant = await tenants.find_by_slug(slug, public_url)
    if tenant is None or not is_permitted(operator, Permission.READ, tenant.id):
        raise Unknown
    return tenant


async def establish(operator: Operator, tenant: Tenant, public_url: str, now: Instant) -> None:
    """Make a tenant; raises NotPermitted, InvalidTenant, AlreadyExists."""
    check_permitted(operator, Permission.MANAGE_TENANTS, tenant.id)
    check_tenant(tenant, public_url)
    await create(operator, tenant, now)


async def change(
    operator: Operator,
    slug: str,
    edit: Callable[[Tenant], Tenant],
    public_url: str,
    now: Instant,
    *,
    version: str | None = None,
) -> Tenant:
    """Let `edit` change a tenant, unless somebody did since `version`; the tenant as it is now.

    Name, settings and look are for those who manage settings, a domain and being enabled for those who manage
    tenants. Raises Unknown, NotPermitted, Conflict, Reserved, InvalidTenant, AlreadyExists.
    """
    known = await get(operator, slug, public_url)
    check_permitted(operator, Permission.MANAGE_SETTINGS, known.id)
    async with turn(known.id):
        before = await get(operator, slug, public_url)
        check_version(version, before)
        after = edit(before)
        _check_not_reserved(before, after)
        # A look that was taken once stays, until somebody changes it: the rules of colours came later.
        check_tenant(after, public_url, look=after.branding != before.branding)
        if after != before:
            await update(operator, before, after, now)
        return await get(operator, slug, public_url)


async def discard(
    operator: Operator, slug: str, public_url: str, now: Instant, *, system: Tenant, version: str | None = None
) -> None:
    """Remove a disabled tenant; a job removes what it leaves behind, and its audit log stays.

    Raises Unknown, NotPermitted, Conflict, and Reserved for one that is in use.
    """
    known = await get(operator, slug, public_url)
    check_permitted(operator, Permission.MANAGE_TENANTS, known.id)
    check_not_system(known)
    async with turn(system.id), turn(known.id):
        tenant = await get(operator, slug, public_url)
        check_version(version, tenant)
        if tenant.enabled:
            raise Reserved("only a tenant that was disabled before is removed")
        async with act(operator, Permission.MANAGE_TENANTS, tenant.id, events.TenantRemoved(slug), now):
            await roles.remove_memberships_in(system.id, tenant.id)
            await audit.remove_searches_in(system.id, tenant.id)
            await tenants.delete(tenant.id)
            await outbox.enqueue(ERASURE, {}, tenant_id=tenant.id, now=now)


def check_tenant(tenant: Tenant, public_url: str, *, look: bool = True) -> None:
    """Raise InvalidTenant for what no tenant may be; without `look`, whatever its pages look like."""
    tenants.check_slug(tenant.slug)
    tenants.check_display_name(tenant.display_name)
    tenants.check_settings(tenant.settings)
    if look:
        tenants.check_branding(tenant.branding)
    if tenant.domain is not None:
        tenants.check_domain(tenant.domain, public_url)


def with_domain(tenant: Tenant, domain: str | None, public_url: str) -> Tenant:
    """The tenant under another domain, which makes it another issuer: every client must register again."""
    return replace(tenant, domain=domain, issuer=tenants.issuer_of(tenant.slug, domain, public_url))


async def erase(job: Job) -> None:
    """Do the job of kind ERASURE."""
    await erasing.erase(job.tenant_id)


async def create(operator: Operator, tenant: Tenant, now: Instant) -> None:
    """Make a tenant with its keys; raises AlreadyExists when slug or domain are taken."""
    async with act(operator, Permission.MANAGE_TENANTS, tenant.id, events.TenantCreated(tenant.slug), now):
        await tenants.create(tenant, now)
        await keys.ensure_keys(tenant.id, now)


async def update(operator: Operator, before: Tenant, after: Tenant, now: Instant) -> None:
    """Change a tenant; its being enabled, and a domain that it has not verified, need the right to manage tenants."""
    is_grave = before.enabled != after.enabled or not await _has_domain(before, after.domain)
    permission = Permission.MANAGE_TENANTS if is_grave else Permission.MANAGE_SETTINGS
    event = events.TenantUpdated(before.slug, changes(_told(before), _told(after)))
    async with act(operator, permission, before.id, event, now):
        await tenants.update(before.id, before, after, now)


def _check_not_reserved(before: Tenant, after: Tenant) -> None:
    """Raise Reserved for a change of the system tenant, but of its rate limits."""
    if replace(after, settings=replace(after.settings, rate_limits=before.settings.rate_limits)) != before:
        check_not_system(before)


def _told(tenant: Tenant) -> Tenant:
    """The tenant as the audit log tells of it: a logo by its digest."""
    logo = tenant.branding.logo
    return replace(tenant, branding=replace(tenant.branding, logo=logo and digests.sha256(logo).hex()[:16]))


async def _has_domain(tenant: Tenant, domain: str | None) -> bool:
    """Whether the tenant is at this domain already, or has proved that it is at or below one of its own."""
    if domain is None or domain == tenant.domain:
        return domain == tenant.domain
    return trust.registrable_domain(domain) in (await trust.get_standing(tenant.id)).verified_domains
