"""From host and path to a tenant and the path below its issuer.

RFC 8414 §3.1 puts the well-known part before the issuer's path, OpenID Connect Discovery §4 behind it; both are
understood. A tenant with a domain of its own is found there and nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import tenants

if TYPE_CHECKING:
    from server.settings import Settings
    from server.tenants import Tenant

WELL_KNOWN = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")

_SLUG = r"/t/([a-z0-9][a-z0-9-]{0,62})"
_BELOW = re.compile(_SLUG + "(/.*)", re.DOTALL)
_INSERTED = re.compile(f"({'|'.join(re.escape(path) for path in WELL_KNOWN)}){_SLUG}")


@dataclass(frozen=True, slots=True)
class TenantPath:
    """A path at a tenant, such as `/token`."""

    tenant: Tenant
    path: str


@dataclass(frozen=True, slots=True)
class PlatformPath:
    """A path of the platform itself, such as `/healthz`."""

    path: str


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Nothing is served at this host and path."""


async def resolve(settings: Settings, host: str, path: str) -> TenantPath | PlatformPath | Nowhere:
    """Where a request belongs; `host` is the Host header, or what a trusted proxy said of it."""
    if host.lower() == settings.public_host:
        return await _on_public_host(settings, path)
    tenant = await tenants.find_by_domain(_without_port(host), settings.public_url)
    if tenant is not None and tenant.enabled:
        return TenantPath(tenant, path)
    return Nowhere()


async def _on_public_host(settings: Settings, path: str) -> TenantPath | PlatformPath | Nowhere:
    if below := _BELOW.fullmatch(path):
        slug, rest = below.groups()
    elif inserted := _INSERTED.fullmatch(path):
        rest, slug = inserted.groups()
    elif path.startswith(("/t/", *WELL_KNOWN)):
        return Nowhere()
    else:
        return PlatformPath(path)
    tenant = await tenants.find_by_slug(slug, settings.public_url)
    if tenant is None or not tenant.enabled or tenant.domain is not None:
        return Nowhere()
    return TenantPath(tenant, rest)


def _without_port(host: str) -> str:
    name, _, port = host.lower().rpartition(":")
    return name if name and port.isdecimal() else host.lower()
