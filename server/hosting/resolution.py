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
class Address:
    """What a request says of a tenant, which may not be there, and the path at it; one of the names is given."""

    slug: str | None
    domain: str | None
    path: str


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
    address = locate(settings, host, path)
    return await find(settings, address) if isinstance(address, Address) else address


def locate(settings: Settings, host: str, path: str) -> Address | PlatformPath | Nowhere:
    """The same, as far as host and path alone tell."""
    if host.lower() != settings.public_host:
        return Address(None, _without_port(host), path)
    if below := _BELOW.fullmatch(path):
        return Address(below[1], None, below[2])
    if inserted := _INSERTED.fullmatch(path):
        return Address(inserted[2], None, inserted[1])
    return Nowhere() if path.startswith(("/t/", *WELL_KNOWN)) else PlatformPath(path)


async def find(settings: Settings, address: Address) -> TenantPath | Nowhere:
    """The tenant at an address; one that is disabled, or has a domain and is looked for elsewhere, is nowhere."""
    if address.slug is not None:
        tenant = await tenants.find_by_slug(address.slug, settings.public_url)
        is_here = tenant is not None and tenant.domain is None
    else:
        tenant = await tenants.find_by_domain(str(address.domain), settings.public_url)
        is_here = True
    return TenantPath(tenant, address.path) if tenant is not None and is_here and tenant.enabled else Nowhere()


def _without_port(host: str) -> str:
    name, _, port = host.lower().rpartition(":")
    return name if name and port.isdecimal() else host.lower()
