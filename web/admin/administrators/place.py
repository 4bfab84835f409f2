"""Administrators are looked at from two places: the platform sees all of them, a tenant those that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.administration import tenants as tenant_acts
from server.administration.finding import Unknown
from server.roles import AdminRole
from web.admin.visit import platform_uri
from web.localization import mark

if TYPE_CHECKING:
    from uuid import UUID

    from server.tenants import Tenant
    from web.admin.visit import ConsoleVisit

ROLES = (
    (AdminRole.TENANT_OWNER.value, mark("owner of the tenant: everything in it, its administrators too")),
    (AdminRole.TENANT_ADMIN.value, mark("administrator: everything in the tenant but its administrators")),
    (AdminRole.CLIENT_MANAGER.value, mark("client manager: clients, scopes and resources")),
    (AdminRole.USER_MANAGER.value, mark("user manager: people, groups and roles")),
    (AdminRole.AUDITOR.value, mark("auditor: reads all, changes nothing")),
)
OF_PLATFORM = ((AdminRole.PLATFORM_OWNER.value, mark("owner of the platform: everything, in every tenant")),)


def uri_of(visit: ConsoleVisit, *parts: str | UUID, fresh: str | None = None) -> str:
    """A page of administrators, of the place that this one belongs to."""
    uri = platform_uri if visit.tenant_named is None else visit.uri
    return uri("administrators", *parts, fresh=fresh)


def api_of(visit: ConsoleVisit, *parts: str) -> str:
    """The path of the administration API that is about the same."""
    return visit.api(*parts) if visit.tenant_named is not None else "/".join(["/api/v1", *parts])


async def tenant_of(visit: ConsoleVisit, slug: str | None) -> Tenant | None:
    """The tenant that a form names, which is the page's own where it has one; None: the platform. Raises Unknown."""
    if visit.tenant_named is not None:
        return visit.tenant_named
    if not (slug or "").strip():
        return None
    return await tenant_acts.get(visit.operator, (slug or "").strip(), visit.site.public_url)


def role_of(text: str | None) -> AdminRole:
    """The role that a form names; raises Unknown."""
    try:
        return AdminRole(text or "")
    except ValueError:
        raise Unknown from None
